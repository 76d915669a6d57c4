# An unset variable under set -u, in a function, line 5, that the top level calls.
set -u

report() {
  echo "station: $station"
}

report
