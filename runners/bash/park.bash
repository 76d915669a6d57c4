# Waits for the task and becomes the program; the BASH_ENV of a parked interpreter. See start.bash. Of what is defined
# here nothing is left when the program runs.
source "${BASH_SOURCE[0]%/*}/helpers.bash"

# Whether this interpreter can take over the variables NAME=VALUE as one that starts would.
__glovebox_can_take_over() {
  local pair
  for pair; do
    [[ $pair =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] || return
    case ${pair%%=*} in
      # Bash gives these a meaning or a value of its own when it starts.
      BASH* | DIRSTACK | ENV | EPOCH* | EUID | FUNC* | GROUPS | HOST* | IFS | LINENO | MACHTYPE | OLDPWD) return 1 ;;
      OPT* | OSTYPE | PIPESTATUS | POSIX* | PPID | PS4 | PWD | RANDOM | SECONDS | SHELLOPTS | SHLVL) return 1 ;;
      SRANDOM | UID | _) return 1 ;;
      # The C library reads these.
      LANGUAGE | LC_* | LD_* | MALLOC_* | GLIBC_TUNABLES) return 1 ;;
      LANG) [[ $pair == LANG=C.UTF-8 ]] || return ;;
    esac
  done
}

__glovebox_take_over() {
  local __glovebox_pair
  for __glovebox_pair; do export "$__glovebox_pair"; done
}

# Becomes `bash FILE ARGUMENTS` with exactly the variables of the task, whose words are given. There are no helpers in
# the POSIX mode, in which Bash does not read BASH_ENV.
__glovebox_begin_with() {
  local count=$2 pair begin=$__glovebox_begin
  local -a variables=("${@:3+count}")
  for pair in "${variables[@]}"; do
    case $pair in
      BASH_ENV=*) variables+=("__GLOVEBOX_$pair") ;;
      POSIXLY_CORRECT=* | SHELLOPTS=*posix*) begin= ;;
    esac
  done
  exec /usr/bin/env -i "${variables[@]}" ${begin:+"BASH_ENV=$begin"} "$BASH" "$1" "${@:3:count}"
}

(__glovebox_write '{"type":"parked"}')
read -r -u 3 __glovebox_words || exit 0
exec 3<&-
mapfile -d '' -t __glovebox_words <"$GLOVEBOX_JOB/task.words"
: >"$GLOVEBOX_JOB/task.words" # Bash cannot remove a file, and starting a program that can would take longer than this
set -- "${__glovebox_words[@]}"
unset BASH_ENV GLOVEBOX_JOB __glovebox_words

__glovebox_begin=${BASH_SOURCE[0]%/*}/begin.bash
__glovebox_can_take_over "${@:3+$2}" || __glovebox_begin_with "$@"
__glovebox_take_over "${@:3+$2}"
[[ $1 == "$0" ]] || BASH_ENV=$__glovebox_begin exec "$BASH" "$1" "${@:3:$2}"
set -- "${@:3:$2}"
unset -v __glovebox_begin BASH_REMATCH
unset -f __glovebox_can_take_over __glovebox_take_over __glovebox_begin_with
SECONDS=0
: "$BASH" # what $_ is when a script begins
