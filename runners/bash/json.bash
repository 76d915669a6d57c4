# JSON in Bash alone. Each function expects LC_ALL=C, in which a character is a byte, and no globbing; those that make
# something leave it in REPLY. Replacing in a long string takes Bash quadratic time, so texts are worked on in pieces.

# $1 as a JSON text. What is not UTF-8 becomes U+FFFD.
__glovebox_quote() {
  local -a _pieces _done=()
  local _piece IFS=
  __glovebox_cut "$1"
  for _piece in "${_pieces[@]}"; do
    __glovebox_repair "$_piece"
    REPLY=${REPLY//'\'/'\\'}
    REPLY=${REPLY//'"'/'\"'}
    [[ $REPLY != *[$'\x01'-$'\x1f']* ]] || __glovebox_escape_controls
    _done+=("$REPLY")
  done
  REPLY="\"${_done[*]}\""
}

# Cuts $1 into _pieces between two characters.
__glovebox_cut() {
  local _incomplete=$'([\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})$'
  local _block _piece _tail _rest= _position _offset
  _pieces=()
  for ((_position = 0; _position < ${#1}; _position += 65536)); do
    _block=${1:_position:65536}
    for ((_offset = 0; _offset < ${#_block}; _offset += 2048)); do
      _piece=$_rest${_block:_offset:2048} _rest=
      _tail=${_piece: -3}
      [[ ${_tail:-$_piece} =~ $_incomplete ]] && _rest=${BASH_REMATCH[0]} _piece=${_piece%"${BASH_REMATCH[0]}"}
      _pieces+=("$_piece")
    done
  done
  _pieces+=("$_rest")
}

__glovebox_repair() {
  local _valid=$'^([\x01-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]'
  _valid+=$'|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}'
  _valid+=$'|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*'
  local _rest=$1
  REPLY=$1
  [[ $1 == *[$'\x80'-$'\xff']* ]] || return 0
  REPLY=
  while [[ $_rest =~ $_valid ]]; do
    REPLY+=${BASH_REMATCH[0]} _rest=${_rest:${#BASH_REMATCH[0]}}
    [[ -n $_rest ]] || break
    REPLY+=$'\xef\xbf\xbd' _rest=${_rest:1}
  done
}

__glovebox_escape_controls() {
  local _code _character _escape
  REPLY=${REPLY//$'\n'/'\n'}
  REPLY=${REPLY//$'\t'/'\t'}
  REPLY=${REPLY//$'\r'/'\r'}
  [[ $REPLY == *[$'\x01'-$'\x1f']* ]] || return 0
  for ((_code = 1; _code < 32; _code++)); do
    printf -v _escape '\\u%04x' "$_code"
    printf -v _character '%b' "\\x${_escape: -2}"
    REPLY=${REPLY//"$_character"/"$_escape"}
  done
}

# Whether $1 is JSON that a reader takes for exactly what it says: strict grammar, Unicode, at most 64 levels, numbers
# that a double holds, no key "$type" (which marks descriptions).
__glovebox_is_json() {
  case $1 in
    true | false | null) return ;;
    *[\"{[]*) ;;
    *) __glovebox_is_number "$1" && return ;;
  esac
  [[ $1 =~ ^[[:space:]]*[\"\{\[tfn0-9-] ]] && __glovebox_is_utf8 "$1" && __glovebox_has_grammar "$1"
}

__glovebox_is_utf8() {
  local -a _pieces
  local _piece
  [[ $1 == *[$'\x80'-$'\xff']* ]] || return 0
  __glovebox_cut "$1"
  for _piece in "${_pieces[@]}"; do
    __glovebox_repair "$_piece"
    [[ $REPLY == "$_piece" ]] || return
  done
}

__glovebox_is_number() {
  [[ $1 =~ ^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?$ ]] || return
  [[ -n ${BASH_REMATCH[2]}${BASH_REMATCH[3]} || ${#BASH_REMATCH[1]} -lt 16 ]] && return
  [[ ${#BASH_REMATCH[1]} -eq 16 && ! ${BASH_REMATCH[1]} > 9007199254740991 ]]
}

# Texts are checked as they are found and stand as a single " among the tokens. The state is what may come next: v a
# value, k a key, and the signs themselves.
__glovebox_has_grammar() {
  local -a _texts _tokens
  local _next=v _stack= _token IFS=$' \t\n\r' _index=0
  __glovebox_take_texts "$1" || return
  _tokens=($REPLY)
  for _token in "${_tokens[@]}"; do
    case $_next$_token in
      *v*'{') _stack+=o _next='k}' ;;
      *v*'[') _stack+=a _next='v]' ;;
      *:*:) _next=v ;;
      *,*,) [[ $_stack == *o ]] && _next=k || _next=v ;;
      *'}'*'}' | *']'*']') _stack=${_stack%?} _next=e ;;
      *k*'"') __glovebox_is_mark "${_texts[_index++]}" && return 1 || _next=: ;;
      *v*'"')
        _next=e
        ((_index++))
        ;;
      *v*) [[ $_token =~ ^(true|false|null)$ ]] || __glovebox_is_number "$_token" || return; _next=e ;;
      *) return 1 ;;
    esac
    ((${#_stack} <= 64)) || return
    [[ $_next != e ]] || case $_stack in
      *o) _next=',}' ;;
      *a) _next=',]' ;;
    esac
  done
  [[ -z $_stack && $_next == e ]]
}

# Whether a text as it stands in JSON is the key that marks descriptions, perhaps spelled with escapes.
__glovebox_is_mark() {
  local _key=$1 _pair
  for _pair in '0024 $' '0074 t' '0079 y' '0070 p' '0065 e'; do _key=${_key//"\u${_pair% *}"/"${_pair#* }"}; done
  [[ $_key == '$type' ]]
}

# Moves the texts of $1 into _texts; REPLY has the rest of it, with spaces around all signs.
__glovebox_take_texts() {
  local -a _parts _outside _text
  local IFS='"' _position=0 _piece
  _parts=($1' ')
  _outside=("${_parts[0]}")
  for ((_position = 1; _position < ${#_parts[@]}; _position += 2)); do
    _text=("${_parts[_position]}")
    while __glovebox_ends_in_escape "${_parts[_position]}"; do _text+=("${_parts[++_position]}"); done
    __glovebox_is_text "${_text[*]}" || return
    _texts+=("${_text[*]}")
    ((_position + 1 < ${#_parts[@]})) || return
    _outside+=("${_parts[_position + 1]}")
  done
  __glovebox_spread "${_outside[*]}"
}

# Whether the quote behind $1 is part of the text.
__glovebox_ends_in_escape() {
  local _backslashes=${1##*[!\\]}
  ((${#_backslashes} % 2))
}

__glovebox_spread() {
  local -a _pieces _done=()
  local _piece _sign IFS=
  __glovebox_cut "$1"
  for _piece in "${_pieces[@]}"; do
    for _sign in '"' '{' '}' '[' ']' : ,; do _piece=${_piece//"$_sign"/" $_sign "}; done
    _done+=("$_piece")
  done
  REPLY=${_done[*]}
}

# Whether $1 may stand between quotes.
__glovebox_is_text() {
  local -a _segments
  local IFS='\' _position _pair=
  [[ $1 != *[$'\x01'-$'\x1f']* ]] || return
  [[ $1 == *'\'* ]] || return 0
  _segments=($1.)
  for ((_position = 1; _position < ${#_segments[@]}; _position++)); do
    case $_pair${_segments[_position]} in
      '') ((_position++)) ;; # two backslashes
      [\"/bfnrt]*) ;;
      u[dD][89abAB][0-9a-fA-F][0-9a-fA-F]) _pair=+ ;;
      +u[dD][c-fC-F][0-9a-fA-F][0-9a-fA-F]*) _pair= ;;
      u[dD][89a-fA-F]*) return 1 ;;
      u[0-9a-fA-F][0-9a-fA-F][0-9a-fA-F][0-9a-fA-F]*) ;;
      *) return 1 ;;
    esac
  done
  [[ -z $_pair ]]
}
