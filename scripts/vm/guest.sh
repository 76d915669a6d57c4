#!/usr/bin/env bash
# Runs in the guest, as root, started by glovebox-vm.service: runs the command once for each stage.
# Everything goes to the second serial port. Lines that begin with `@@` are read by run.sh:
#
#   @@ begin STAGE
#   @@ end STAGE STATUS SECONDS
#
# root    in a scope like that of a login shell: in user-0.slice, with the cpu controller, not delegated
# tester  in a delegated scope of the user's own manager; has subordinate uids
# bare    the same without subordinate uids
#
# Where a unit is neither a login session nor delegated, systemd's OOMPolicy is `stop`: the first program killed for
# memory in any cgroup below it ends the whole unit. Hence the policy of root's scope.
set -uo pipefail

port=/dev/ttyS1
project=/opt/glovebox
source "$project/.vm/settings"
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 NO_COLOR=1
export GLOVEBOX_NO_INSTALL=1 GLOVEBOX_TEST_SLOWNESS

facts='
  cgroup=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
  echo "kernel       $(uname -r), $(nproc) processors, systemd $(systemctl --version | awk "NR == 1 { print \$2 }")"
  echo "identity     $(id)"
  echo "subuids      $(grep "^$(id -un):" /etc/subuid || echo none)"
  echo "bubblewrap   $(bwrap --version)"
  echo "node         $(node --version), $(python3 --version)"
  echo "cgroup       $(cat /proc/self/cgroup)"
  echo "controllers  $(cat "$cgroup/cgroup.controllers")"
  echo "owner        $(stat -c "%U %a" "$cgroup"), cgroup.procs $(stat -c "%U %a" "$cgroup/cgroup.procs")"
'

# as_stage STAGE COMMAND...: replaces this shell by the command, as the stage's user and in its cgroup.
as_stage() {
  local stage=$1 uid
  local scope=(--scope --quiet --collect --unit "glovebox-$1" -p "RuntimeMaxSec=$GLOVEBOX_VM_STAGE_SECONDS")
  shift
  if [ "$stage" = root ]; then
    exec systemd-run "${scope[@]}" --slice user-0.slice -p OOMPolicy=continue -p CPUWeight=100 "$@"
  fi
  uid=$(id -u "$stage")
  exec setpriv --reuid "$stage" --regid "$stage" --init-groups \
    env HOME="/home/$stage" USER="$stage" LOGNAME="$stage" XDG_RUNTIME_DIR="/run/user/$uid" \
    systemd-run --user "${scope[@]}" -p Delegate=yes "$@"
}

# Ends what the stage left in its scope, and names it.
sweep() {
  local scope process
  scope=$(find /sys/fs/cgroup -type d -name "glovebox-$1.scope")
  [ -n "$scope" ] || return
  find "$scope" -name cgroup.procs -exec cat {} + | while read -r process; do
    echo "left behind: $(ps -o pid=,user=,args= -p "$process")"
  done
  echo 1 >"$scope/cgroup.kill"
}

run_stage() {
  local stage=$1 log=/var/log/glovebox-$1.log started=$SECONDS status runner
  echo "@@ begin $stage" >$port
  # Each stage has the tree as its user's own checkout.
  chown -R "$stage:" "$project"
  cd "$project" || return
  # A file stands between the command and the port: a process left behind cannot hold up the next stage.
  : >"$log"
  (as_stage "$stage" bash -c "$facts"$'\n'"$GLOVEBOX_VM_COMMAND") </dev/null >>"$log" 2>&1 &
  runner=$!
  tail -n +1 -f --pid="$runner" "$log" >$port
  wait "$runner"
  status=$?
  echo "@@ end $stage $status $((SECONDS - started))" >$port
  sweep "$stage" >$port
}

stty -F $port raw -echo
for stage in $GLOVEBOX_VM_STAGES; do
  run_stage "$stage"
done
