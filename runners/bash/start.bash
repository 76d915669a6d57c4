# The Bash runner: what is started while the sandbox is made, with the file that programs usually are as its argument.
#
# Theory of operation. A script that is sourced has another $0, another FUNCNAME and a `return` of its own; so the
# program is not sourced. Bash reads the file that BASH_ENV names before it opens its script, and there (park.bash)
# it waits: it becomes an interpreter that was started as `bash /workspace/main.sh` and gets to its script late.
# The task decides what follows:
#
#   - the program is that file: park.bash sets the variables and the arguments and ends, and Bash opens its script;
#   - it is another file, or its environment has variables that Bash reads only when it starts: the process becomes
#     `bash FILE ARGUMENTS`, whose BASH_ENV (begin.bash) brings the helpers. That costs what starting Bash costs.
#
# This stage gives the interpreter an environment of which all is known, and descriptors away from those that scripts
# choose for themselves:
#
#   13  takes the messages
#   14  a pipe with one byte in it: who holds the byte may write a message
main=$1
exec 13>&4 4>&- 14<> <(:)
wait $! # a child that has ended and that nobody waited for counts as a process
printf x >&14
exec /usr/bin/env -i BASH_ENV="${BASH_SOURCE[0]%/*}/park.bash" LANG=C.UTF-8 \
  GLOVEBOX_JOB="${GLOVEBOX_JOB:-/glovebox}" "$BASH" "$main"
