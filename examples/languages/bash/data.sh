# A parameter is the variable PARAM_FACTOR, the data is JSON in INPUT_DATA; save_result puts values into the record.
set -euo pipefail

# Two patterns for the two fields of this data: Bash has no parser of JSON.
station_pattern='"station": *"([^"]*)"'
readings_pattern='"readings": *\[([^]]*)\]'
[[ $INPUT_DATA =~ $station_pattern ]]
station=${BASH_REMATCH[1]}
[[ $INPUT_DATA =~ $readings_pattern ]]
IFS=', ' read -ra readings <<<"${BASH_REMATCH[1]}"

total=0
largest=0
for reading in "${readings[@]}"; do
  scaled=$((PARAM_FACTOR * reading))
  total=$((total + scaled))
  largest=$((scaled > largest ? scaled : largest))
done
echo "$station: $total"

save_result station "$station"
save_result total "$total"
save_result largest "$largest"
