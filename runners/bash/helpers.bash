# The functions that a program can use, and the messages to the warden. See start.bash for the descriptors.
#
# A helper is a subshell: it sets options, variables and traps as it needs them and leaves no trace in the program's
# shell, at the price of a fork. Its variables begin with _ because a name that the program made readonly is readonly
# in a subshell too. What a helper needs is read again by a shell to which the program has exported the helper alone.
source "${BASH_SOURCE[0]%/*}/json.bash"

eval '
save_result() (
  { declare -F __glovebox_calm || source "'"${BASH_SOURCE[0]}"'"; __glovebox_calm; } >/dev/null 2>&1
  __glovebox_save_result "$@"
)
report_progress() (
  { declare -F __glovebox_calm || source "'"${BASH_SOURCE[0]}"'"; __glovebox_calm; } >/dev/null 2>&1
  __glovebox_report_progress "$@"
)'

# save_result NAME VALUE keeps a value as a named result; save_result VALUE keeps it as "result". A VALUE of - or none
# at all is read from standard input. The last one of a name counts.
__glovebox_save_result() {
  case $# in
    0) __glovebox_save result - ;;
    1) __glovebox_save result "$1" ;;
    2) __glovebox_save "$1" "$2" ;;
    *) __glovebox_complain save_result "takes a name and a value, not $# arguments" ;;
  esac
}

# report_progress FRACTION [MESSAGE]: 0 to 1, or a percentage above 1 up to 100, or an empty word if it is unknown.
__glovebox_report_progress() {
  if (($# < 1 || $# > 2)); then
    __glovebox_complain report_progress "takes a fraction and a message, not $# arguments"
    return
  fi
  if ! __glovebox_fraction "$1"; then
    __glovebox_complain report_progress "fraction must be from 0 to 1, or a percentage up to 100, not '$1'"
    return
  fi
  _fraction=$REPLY REPLY=null
  (($# == 1)) || __glovebox_quote "${2:0:4000}"
  __glovebox_write "{\"type\":\"progress\",\"fraction\":$_fraction,\"message\":$REPLY}"
}

# Undoes what the program may have set and what would disturb a helper.
__glovebox_calm() {
  set -f +enuvxCET
  shopt -u nocasematch
  trap - DEBUG ERR RETURN
  trap '' PIPE # whose reader is gone
  IFS=$' \t\n' LC_ALL=C
}

# Speaks as a command of Bash does, of the place where the program called the helper.
__glovebox_complain() {
  local _level=1
  while [[ ${BASH_SOURCE[_level]%/*} == "${BASH_SOURCE[0]%/*}" ]]; do ((_level++)); done
  printf '%s: line %s: %s: %s\n' "${BASH_SOURCE[_level]}" "${BASH_LINENO[_level - 1]}" "$1" "$2" >&2
  return 2
}

# FRACTION as a number of JSON from 0 to 1.
__glovebox_fraction() {
  local _whole _decimals
  REPLY=null
  [[ -n $1 ]] || return 0
  [[ $1 =~ ^([0-9]{1,3})?(\.([0-9]{0,15}))?$ && $1 != . ]] || return
  printf -v _whole %03d $((10#0${BASH_REMATCH[1]}))
  _decimals=${BASH_REMATCH[3]}
  while [[ $_decimals == *0 ]]; do _decimals=${_decimals%0}; done
  case $_whole$_decimals in
    000* | 001) REPLY=${_whole:2}.${_decimals}0 ;;
    100 | 0*) REPLY=${_whole:0:1}.${_whole:1}$_decimals ;;
    *) return 1 ;;
  esac
}

__glovebox_save() {
  _name=${1:0:1000}
  _name=${_name//[$'\x80'-$'\xbf']/} # so that its length is that in characters
  if [[ -z ${1//[[:space:]]/} || $1 == *[[:cntrl:]]* || ${#_name} -gt 200 ]]; then
    __glovebox_complain save_result "name must have 1 to 200 printable characters, not '${1:0:80}'"
    return
  fi
  __glovebox_quote "$1"
  _name=$REPLY _value=$2
  [[ $2 != - ]] || _value=$(cat)
  _message="{\"type\":\"result\",\"name\":$_name,\"value\":"
  if __glovebox_value "$_value"; then
    __glovebox_write "$_message$REPLY}"
  else
    __glovebox_quote "${_value:0:2000}"
    __glovebox_write "$_message{\"\$type\":\"string\",\"repr\":$REPLY,\"length\":${#_value}}}"
    __glovebox_quote "result $1 is too large for one message; only a description of it was kept"
    __glovebox_write "{\"type\":\"warning\",\"message\":$REPLY}"
  fi
}

# The JSON of a value in REPLY; fails if it is too large for one message.
__glovebox_value() {
  ((${#1} < 8384512)) || return
  if __glovebox_is_json "$1"; then REPLY=$1; else __glovebox_quote "$1"; fi
  ((${#REPLY} < 8384512))
}

# Writes one message. Other processes of the program may be writing too, so the byte in the pipe is taken first and put
# back afterwards. Whoever is killed in between has left a broken message: then nobody writes any more.
__glovebox_write() {
  local LC_ALL=C
  printf -v REPLY '\\x%02x' $((${#1} >> 24)) $((${#1} >> 16 & 255)) $((${#1} >> 8 & 255)) $((${#1} & 255))
  {
    [[ -p /dev/fd/13 ]] && read -r -N 1 -t 30 -u 14 _turn || return 0
    printf "$REPLY%s" "$1" >&13
    printf x >&14
  } 2>/dev/null
}
