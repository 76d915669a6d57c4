/** What every attack in Bash begins with. Its first argument says how much to take; without it nothing is taken. */
const preludeBash = String.raw`
amount=${"$"}{1:-0}

say() {
  local text=${"$"}{2//[$'\\"\n\t\r']/ }
  printf '{"%s":"%s"}\n' "$1" "$text"
}

# What came of a command that ended with the status $1 and printed $2: "ok", or the name of its error.
error_name() {
  case $2 in
    *'Operation not permitted'* | *'ust be superuser'* | *'must be root'* | *'only root can'*) printf EPERM ;;
    *'Permission denied'* | *'permission denied'*) printf EACCES ;;
    *'No such file or directory'*) printf ENOENT ;;
    *'No such device or address'*) printf ENXIO ;;
    *'No such process'*) printf ESRCH ;;
    *'Not a directory'*) printf ENOTDIR ;;
    *'Is a directory'*) printf EISDIR ;;
    *'Read-only file system'*) printf EROFS ;;
    *'Invalid cross-device link'*) printf EXDEV ;;
    *'Device or resource busy'* | *'target is busy'*) printf EBUSY ;;
    *'Invalid argument'*) printf EINVAL ;;
    *'File too large'*) printf EFBIG ;;
    *'No space left on device'*) printf ENOSPC ;;
    *'Too many open files'*) printf EMFILE ;;
    *'Resource temporarily unavailable'*) printf EAGAIN ;;
    *'Function not implemented'*) printf ENOSYS ;;
    *'Connection refused'*) printf ECONNREFUSED ;;
    *'Network is unreachable'*) printf ENETUNREACH ;;
    *'Address family not supported'*) printf EAFNOSUPPORT ;;
    *'command not found'*) printf 'no such command' ;;
    *)
      if (($1 == 0)); then printf ok
      elif (($1 > 128)); then printf 'SIG%s' "$(kill -l $(($1 - 128)))"
      else printf '%s' "status $1: $2"
      fi
      ;;
  esac
}

# Notes what came of a command, which is run in a subshell. A line of shell goes behind eval.
trial() {
  local name=$1 text
  shift
  text=$( ("$@") 2>&1 >/dev/null </dev/null)
  say "$name" "$(error_name $? "$text")"
}

peek() {
  if [[ -d $1 ]]; then ls "$1/" >/dev/null; else head -c 65536 <"$1" >/dev/null; fi
}

listing() {
  local names
  names=$(LC_ALL=C ls -A "$1" 2>&1) || { error_name 1 "$names"; return; }
  printf '%s' "${"$"}{names//$'\n'/ }"
}
`;

export function programBash(body: string): string {
  return `${preludeBash}\n${body}\n`;
}
