#!/usr/bin/env bash
# Boots the guest of build-image.sh and waits until it has switched itself off.
#
#   boot.sh SECONDS    exit status: qemu's own; 124 when the time is over
#
# $GLOVEBOX_VM_DIR/console.log is the guest's console, stages.log what guest.sh writes.
# Software emulation only, even where /dev/kvm exists: nested KVM can hang at the first instruction.
set -euo pipefail

seconds=$1
dir=${GLOVEBOX_VM_DIR:-$HOME/.cache/glovebox-vm}

# Both disks are snapshots: what the guest writes is gone when qemu ends, and root.ext4 can be used again.
qemu=(
  qemu-system-x86_64 -accel 'tcg,thread=multi' -cpu max -m 4G -smp 2
  -nographic -monitor none -no-reboot -nic none
  -kernel "$dir/vmlinuz" -initrd "$dir/initrd.img"
  -append "root=LABEL=glovebox-root rw console=ttyS0 panic=-1 mitigations=off"
  -drive "file=$dir/root.ext4,if=virtio,format=raw,snapshot=on"
  -drive "file=$dir/tree.ext4,if=virtio,format=raw,snapshot=on"
  -serial "file:$dir/console.log"
  -serial "file:$dir/stages.log"
)

: >"$dir/console.log"
: >"$dir/stages.log"
TMPDIR=$dir nice -n 10 setpriv --pdeathsig TERM timeout --kill-after=10 "$seconds" "${qemu[@]}" </dev/null &
guest=$!
trap 'kill "$guest" 2>/dev/null || true' EXIT
tail -n +1 -f --pid="$guest" "$dir/stages.log"
wait "$guest"
