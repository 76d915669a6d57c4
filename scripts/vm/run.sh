#!/usr/bin/env bash
# Runs a command in a Debian 12 guest with systemd and cgroup v2, once for each kind of user.
#
#   npm run test:vm                                              the limit and escape tests
#   GLOVEBOX_VM_COMMAND=scripts/vm/probe.sh npm run test:vm      what the guest offers a sandbox
#
# Needs a Debian host, root, and 5 GiB of disk. Nothing is downloaded but Debian's packages; delete the folder to get
# newer ones. Against the host, measured: starting a process takes 35 times as long, bubblewrap 27, Python 20, Node 6.
#
#   GLOVEBOX_VM_DIR            where images and logs are kept     $HOME/.cache/glovebox-vm
#   GLOVEBOX_VM_COMMAND        shell command of each stage        the limit and escape tests
#   GLOVEBOX_VM_STAGES         which stages, see guest.sh         root tester bare
#   GLOVEBOX_VM_SECONDS        time limit of the guest            5400
#   GLOVEBOX_VM_STAGE_SECONDS  time limit of a stage (status 143)   an equal share of the above
#   GLOVEBOX_VM_PACKAGES       more Debian packages for the guest
#   GLOVEBOX_VM_MIRROR         Debian mirror                      the one apt uses on the host
#   GLOVEBOX_TEST_SLOWNESS     factor for time limits in tests    15
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export GLOVEBOX_VM_DIR=${GLOVEBOX_VM_DIR:-$HOME/.cache/glovebox-vm}
export GLOVEBOX_VM_COMMAND=${GLOVEBOX_VM_COMMAND:-npx vitest run --configLoader runner --project sandbox --project escape limits escape}
export GLOVEBOX_VM_STAGES=${GLOVEBOX_VM_STAGES:-root tester bare}
export GLOVEBOX_TEST_SLOWNESS=${GLOVEBOX_TEST_SLOWNESS:-15}
seconds=${GLOVEBOX_VM_SECONDS:-5400}
read -ra stages <<<"$GLOVEBOX_VM_STAGES"
# Two minutes stay for booting and switching off.
export GLOVEBOX_VM_STAGE_SECONDS=${GLOVEBOX_VM_STAGE_SECONDS:-$(((seconds - 120) / ${#stages[@]}))}

say() { printf 'vm: %s\n' "$*"; }

# step NAME COMMAND...: runs the command, says how long it took, and returns its status.
step() {
  local name=$1 started=$SECONDS status=0
  shift
  "$@" || status=$?
  say "$name took $((SECONDS - started)) s"
  return "$status"
}

install_tools() {
  local need missing=()
  for need in qemu-system-x86_64:qemu-system-x86 debootstrap:debootstrap mkfs.ext4:e2fsprogs; do
    command -v "${need%%:*}" >/dev/null || missing+=("${need#*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing from Debian: ${missing[*]}"
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# The last line a test runner ends with, or else the last line at all.
summary_of() {
  awk -v stage="$1" '
    $1 == "@@" { inside = $2 == "begin" && $3 == stage; next }
    inside && /^ *Tests  / { tests = $0 }
    inside && NF { last = $0 }
    END { line = tests == "" ? last : tests; sub(/^ +/, "", line); print line }
  ' "$GLOVEBOX_VM_DIR/stages.log"
}

# Prints the closing table; fails if a stage failed or has no end.
report() {
  local stage status took failed=0
  printf '\n%-8s %-12s %8s  %s\n' stage 'exit status' seconds summary
  for stage in "${stages[@]}"; do
    read -r status took < <(awk -v stage="$stage" '$1 == "@@" && $2 == "end" && $3 == stage { print $4, $5 }' \
      "$GLOVEBOX_VM_DIR/stages.log") || { status=unfinished took=-; }
    [ "$status" = 0 ] || failed=1
    printf '%-8s %-12s %8s  %s\n' "$stage" "$status" "$took" "$(summary_of "$stage")"
  done
  return $failed
}

if [ "$(id -u)" -ne 0 ]; then
  say "building the guest needs root (debootstrap, chroot)" >&2
  exit 2
fi
mkdir -p "$GLOVEBOX_VM_DIR"
exec 9>"$GLOVEBOX_VM_DIR/lock"
if ! flock --nonblock 9; then
  say "another run uses $GLOVEBOX_VM_DIR; set GLOVEBOX_VM_DIR to run a second one" >&2
  exit 2
fi

install_tools
step image nice -n 10 "$here/build-image.sh"
booted=0
step guest setpriv --pdeathsig TERM "$here/boot.sh" "$seconds" || booted=$?
if [ "$booted" -ne 0 ]; then
  say "the guest ended with status $booted (124: time limit); its console is in $GLOVEBOX_VM_DIR/console.log" >&2
fi
report || exit 1
exit "$booted"
