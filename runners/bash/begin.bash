# Brings the helpers to an interpreter that was started for its program; its BASH_ENV. See start.bash. They are read
# when one is called, because that takes nearly as long as starting Bash.
eval 'save_result() { { source "'"${BASH_SOURCE[0]%/*}"'/helpers.bash"; } 2>/dev/null; save_result "$@"; }'
eval 'report_progress() { { source "'"${BASH_SOURCE[0]%/*}"'/helpers.bash"; } 2>/dev/null; report_progress "$@"; }'
unset BASH_ENV
if [[ -v __GLOVEBOX_BASH_ENV ]]; then
  export BASH_ENV=$__GLOVEBOX_BASH_ENV
  unset __GLOVEBOX_BASH_ENV
  [[ ! -r $BASH_ENV ]] || source "$BASH_ENV"
fi
: "$BASH"
