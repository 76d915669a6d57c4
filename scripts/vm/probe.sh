#!/usr/bin/env bash
# What this machine offers a sandbox: bubblewrap, a cgroup v2 subtree of one's own, limits that hold.
# Exits non-zero if something that a full sandbox needs is missing. A stand-in for the tests in run.sh; it moves
# every process of its cgroup to a child, so give it a cgroup of its own:
#
#   systemd-run --user --scope -p Delegate=yes scripts/vm/probe.sh
set -uo pipefail

own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
failed=0

# show NAME COMMAND...: prints whether the command succeeds, and what it says.
show() {
  local name=$1 said status=0
  shift
  said=$("$@" 2>&1) || status=1
  printf '%-46s %-4s %s\n' "$name" "$([ $status -eq 0 ] && echo yes || echo no)" "$(tr '\n' ' ' <<<"$said")"
  return $status
}

# need NAME COMMAND...: the same for what must succeed.
need() { show "$@" || failed=1; }

sandbox() {
  bwrap --unshare-all --uid 0 --gid 0 --cap-add ALL --clearenv --die-with-parent --proc /proc --dev /dev --tmpfs /tmp \
    --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 "$@"
}

inner_sandbox() {
  sandbox unshare --mount --pid --fork --net --ipc --uts \
    sh -c 'mount -t tmpfs t /tmp && mount -t proc p /proc && echo "process $$"'
}

write() { echo "$2" >"$1"; }

# A cgroup hands the memory controller to children only while no process is in it. It does hand on pids and cpu,
# but then its children take no process: nothing is handed on before the top is empty.
empty_top() {
  local process
  mkdir -p "$own/supervisor" || return
  while [ -n "$(<"$own/cgroup.procs")" ]; do
    while read -r process; do
      write "$own/supervisor/cgroup.procs" "$process" 2>/dev/null || [ ! -e "/proc/$process" ] || return
    done <"$own/cgroup.procs"
  done
}

# limited FILE=VALUE... -- COMMAND...: runs the command in a new child cgroup with these settings.
limited() {
  local group=$own/probe status
  mkdir "$group" || return
  while [ "$1" != -- ]; do
    write "$group/${1%%=*}" "${1#*=}" || return
    shift
  done
  shift
  { (write "$group/cgroup.procs" "$BASHPID" && exec "$@"); } 2>/dev/null
  status=$?
  echo "status $status, peak $(<"$group/memory.peak"), $(paste -sd ' ' "$group/memory.events"), pids $(<"$group/pids.events")"
  write "$group/cgroup.kill" 1
  until rmdir "$group" 2>/dev/null; do sleep 0.05; done
}

too_much_memory_is_killed() {
  limited memory.max=64M memory.swap.max=0 memory.oom.group=1 -- python3 -c 'bytearray(200 << 20)' |
    tee /dev/stderr | grep -q 'status 137.*oom_kill [1-9]'
}

too_many_processes_are_refused() {
  limited pids.max=4 -- bash -c 'for i in 1 2 3 4 5 6; do sleep 0.1 & done; wait' |
    tee /dev/stderr | grep -q 'pids max [1-9]'
}

need 'all capabilities in bubblewrap' sandbox grep CapEff /proc/self/status
need 'namespaces, tmpfs, /proc inside of it' inner_sandbox
need 'own cgroup can be written' test -w "$own/cgroup.procs"
need 'own cgroup can have children' mkdir -p "$own/supervisor"
show 'memory for children, processes in the top' write "$own/cgroup.subtree_control" +memory
need 'all processes move to a child' empty_top
for controller in memory pids cpu; do
  need "$controller for children, no process in the top" write "$own/cgroup.subtree_control" "+$controller"
done
for file in memory.{max,peak,oom.group,events,swap.max} pids.{max,peak,events} cpu.max cgroup.{kill,freeze}; do
  need "$file" test -e "$own/supervisor/$file"
done
need 'memory.max kills what exceeds it' too_much_memory_is_killed
need 'pids.max refuses what exceeds it' too_many_processes_are_refused
exit $failed
