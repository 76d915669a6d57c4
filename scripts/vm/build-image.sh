#!/usr/bin/env bash
# Builds what the guest boots from, below $GLOVEBOX_VM_DIR. Called by run.sh, which sets the variables.
#
#   root/        the Debian file system, kept between builds     stamp: packages and mirror
#   root.ext4    the same as an image, with the kernel beside    stamp: the above, this file, the host's node
#   tree.ext4    the project as it stands, made anew each time
#
# A stamp is written last, so an interrupted build is repeated rather than believed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$here/../.." && pwd)
dir=${GLOVEBOX_VM_DIR:-$HOME/.cache/glovebox-vm}
root=$dir/root
suite=bookworm

base_packages=(systemd-sysv dbus dbus-user-session udev libpam-systemd)
packages=(
  linux-image-cloud-amd64 zstd
  bubblewrap libseccomp2 uidmap gcc libc6-dev sudo iproute2 procps git ca-certificates libstdc++6
  python3 python3-numpy python3-pandas python3-scipy python3-matplotlib python3-seaborn python3-openpyxl
)
read -ra extra_packages <<<"${GLOVEBOX_VM_PACKAGES:-}"
packages+=("${extra_packages[@]}")

say() { printf 'image: %s\n' "$*"; }

# The archive the host itself installs from, by its label (`Debian`, `Debian-Security`).
host_archive() {
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' |
    awk -v label="$1" '$1 == label { print $2; exit }'
}

# Runs a command inside the root file system. Mounts and processes end with it, however it ends.
in_root() {
  unshare --mount --pid --fork --mount-proc="$root/proc" \
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

install_packages() {
  local mirror=$1 security=$2
  say "debootstrap $suite from $mirror"
  rm -rf --one-file-system "$root"
  debootstrap --variant=minbase --include="$(IFS=,; echo "${base_packages[*]}")" "$suite" "$root" "$mirror"

  {
    echo "deb $mirror $suite main"
    echo "deb $mirror $suite-updates main"
    [ -z "$security" ] || echo "deb $security $suite-security main"
  } >"$root/etc/apt/sources.list"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
  # No service starts while packages are installed.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"

  say "apt-get install ${packages[*]}"
  in_root apt-get update -q
  in_root apt-get install -q -y --no-install-recommends "${packages[@]}"
  in_root apt-get clean
  rm -rf "$root/usr/sbin/policy-rc.d" "$root"/var/lib/apt/lists/*
}

# The host's node and npm, so that native modules built on the host load in the guest.
copy_node() {
  local npm
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  rm -rf "$root/usr/local/lib/node_modules"
  mkdir -p "$root/usr/local/lib/node_modules"
  install -m 755 "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
  cp -a "$npm" "$root/usr/local/lib/node_modules/npm"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
}

# `tester` has subordinate uids, `bare` has none. Lingering starts both user managers at boot.
add_users() {
  local user
  mkdir -p "$root/var/lib/systemd/linger"
  for user in tester bare; do
    in_root id "$user" >/dev/null 2>&1 || in_root useradd --create-home --shell /bin/bash "$user"
    touch "$root/var/lib/systemd/linger/$user"
  done
  echo tester:200000:65536 | tee "$root/etc/subuid" >"$root/etc/subgid"
}

configure() {
  echo glovebox-vm >"$root/etc/hostname"
  printf '127.0.0.1 localhost glovebox-vm\n::1 localhost\n' >"$root/etc/hosts"
  printf '%s\n' 'LABEL=glovebox-root / ext4 defaults 0 0' 'LABEL=glovebox-tree /opt/glovebox ext4 defaults 0 0' \
    >"$root/etc/fstab"
  mkdir -p "$root/opt/glovebox"
  cat >"$root/etc/systemd/system/glovebox-vm.service" <<'UNIT'
[Unit]
Description=Glovebox tests
Wants=user@1000.service user@1001.service
After=user@1000.service user@1001.service
SuccessAction=poweroff
FailureAction=poweroff

[Service]
Type=oneshot
ExecStart=/bin/bash /opt/glovebox/scripts/vm/guest.sh
StandardOutput=journal+console
TimeoutStartSec=infinity

[Install]
WantedBy=multi-user.target
UNIT
  in_root systemctl enable glovebox-vm.service
  in_root systemctl set-default multi-user.target
  in_root systemctl mask getty@tty1.service serial-getty@ttyS0.service systemd-timesyncd.service \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer
}

# make_image DIRECTORY IMAGE LABEL: a sparse image with 1 GiB to spare.
make_image() {
  local mebibytes
  mebibytes=$(($(du -sm "$1" | cut -f1) * 5 / 4 + 1024))
  rm -f "$2"
  truncate -s "${mebibytes}M" "$2"
  mkfs.ext4 -q -L "$3" -O ^has_journal -m 0 -d "$1" "$2"
}

build_root() {
  local mirror security packages_stamp image_stamp
  mirror=${GLOVEBOX_VM_MIRROR:-$(host_archive Debian)}
  security=$(host_archive Debian-Security)
  if [ -z "$mirror" ]; then
    say "apt knows no Debian archive here; set GLOVEBOX_VM_MIRROR" >&2
    exit 2
  fi
  packages_stamp="$mirror $security $suite ${base_packages[*]} ${packages[*]}"
  if [ "$(cat "$dir/root.stamp" 2>/dev/null)" != "$packages_stamp" ]; then
    rm -f "$dir/root.stamp" "$dir/image.stamp"
    install_packages "$mirror" "$security"
    echo "$packages_stamp" >"$dir/root.stamp"
  fi
  image_stamp="$packages_stamp $(node --version) $(sha256sum <"${BASH_SOURCE[0]}")"
  if [ "$(cat "$dir/image.stamp" 2>/dev/null)" = "$image_stamp" ]; then
    say "root.ext4 is current"
    return
  fi
  rm -f "$dir/image.stamp"
  copy_node
  add_users
  configure
  say "writing root.ext4"
  make_image "$root" "$dir/root.ext4" glovebox-root
  cp "$(find "$root/boot" -name 'vmlinuz-*' | sort -V | tail -1)" "$dir/vmlinuz"
  cp "$(find "$root/boot" -name 'initrd.img-*' | sort -V | tail -1)" "$dir/initrd.img"
  echo "$image_stamp" >"$dir/image.stamp"
}

# Tracked files, new files that are not ignored, dependencies and build results; nothing else that git ignores.
build_tree() {
  local tree=$dir/tree
  say "writing tree.ext4"
  rm -rf --one-file-system "$tree"
  mkdir -p "$tree/.vm"
  cd "$project"
  {
    git ls-files -z --cached --others --exclude-standard
    find . \( -name .git -prune \) -o \( \( -name node_modules -o -name dist \) -prune -print0 \)
  } | { tar -c --null --verbatim-files-from --files-from=- --ignore-failed-read --owner=root --group=root || [ $? -eq 1 ]; } |
    tar -x -C "$tree"
  local name
  for name in GLOVEBOX_VM_COMMAND GLOVEBOX_VM_STAGES GLOVEBOX_VM_STAGE_SECONDS GLOVEBOX_TEST_SLOWNESS; do
    printf '%s=%q\n' "$name" "${!name}"
  done >"$tree/.vm/settings"
  make_image "$tree" "$dir/tree.ext4" glovebox-tree
}

mkdir -p "$dir"
build_root
build_tree
