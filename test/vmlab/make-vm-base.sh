#!/bin/sh
# Makes the disk that all virtual machines start from: the lab's base root file system, and a kernel of its own. Runs in mount and PID
# namespaces of its own. Usage: make-vm-base.sh LAB_BASE DIR FILES "PACKAGES" "DROPPED" MIRROR; leaves disk.raw, root, vmlinuz, initrd.img
# and ssh-key in DIR.
set -eu
lab_base=$1 dir=$2 files=$3 packages=$4 dropped=$5 mirror=$6
root=$dir/root
say() { echo "vmlab: $*"; }

mount --make-rprivate /
say "copying the lab's base"
cp -a --reflink=auto "$lab_base" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
# The initrd needs what finds the root disk, and nothing else: under emulation every megabyte of it costs time.
mkdir -p "$root/etc/initramfs-tools/conf.d"
printf 'MODULES=list\nCOMPRESS=gzip\n' >"$root/etc/initramfs-tools/conf.d/vmlab.conf"
printf 'virtio_pci\nvirtio_blk\nvirtio_net\next4\n' >"$root/etc/initramfs-tools/modules"

say "installing $packages from $mirror"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 LANG=C.UTF-8
chroot "$root" apt-get -q update
# shellcheck disable=SC2086 # a list of words
chroot "$root" apt-get -q -y install --no-install-recommends $packages
modules=$(echo "$root"/lib/modules/*)
for each in $dropped; do rm -rf "$modules/kernel/$each"; done
chroot "$root" depmod "${modules##*/}"
chroot "$root" update-initramfs -c -k "${modules##*/}" >/dev/null

say "preparing units and settings"
cp -a "$files/vmlab-setup" "$root/usr/local/sbin/vmlab-setup"
cp "$files/vmlab-setup.service" "$root/etc/systemd/system/vmlab-setup.service"
cp "$files/hosts" "$root/etc/hosts"
chroot "$root" systemctl -q enable vmlab-setup.service ssh.service
chroot "$root" systemctl -q disable nfs-server.service nfs-client.target nfs-blkmap.service rpcbind.service rpcbind.socket \
  open-iscsi.service iscsid.socket iscsid.service rtslib-fb-targetctl.service
# Cold-plugging loads dozens of drivers, which takes half of an emulated boot. Those that are needed are in the initrd; others are loaded when
# they are used.
chroot "$root" systemctl -q mask systemd-udev-trigger.service systemd-udev-settle.service serial-getty@ttyS0.service \
  systemd-logind.service drbd.service
rm -f "$root"/etc/modules-load.d/* "$root"/usr/lib/modules-load.d/*
chroot "$root" systemctl -q set-default multi-user.target
# On a busy host an emulated daemon takes minutes to start, and is well.
mkdir -p "$root/etc/systemd/system.conf.d"
printf '[Manager]\nDefaultTimeoutStartSec=900\n' >"$root/etc/systemd/system.conf.d/vmlab.conf"
install -d -m 700 "$root/root/.ssh"
ssh-keygen -q -t ed25519 -N '' -C vmlab -f "$dir/ssh-key"
install -m 600 "$dir/ssh-key.pub" "$root/root/.ssh/authorized_keys"
# Only the lab's own network reaches it; a session without PAM starts in a tenth of the time.
printf 'UsePAM no\nUseDNS no\nPermitRootLogin prohibit-password\nMaxStartups 100\nMaxSessions 100\n' >"$root/etc/ssh/sshd_config.d/vmlab.conf"
echo '/dev/vda / ext4 defaults 0 0' >"$root/etc/fstab"
# The lab's base trusts its host's disk; here a package must survive a power cut like everything else.
rm -f "$root/etc/dpkg/dpkg.cfg.d/lab"

rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/machine-id"
: >"$root/etc/machine-id"
: >"$root/etc/resolv.conf"
chroot "$root" apt-get clean
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/log/apt "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
umount "$root/proc" "$root/sys"

say "making the disk"
mv "$root"/boot/vmlinuz-* "$dir/vmlinuz"
mv "$root"/boot/initrd.img-* "$dir/initrd.img"
chmod 644 "$dir/vmlinuz"
truncate -s 8G "$dir/disk.raw"
mkfs.ext4 -q -F -d "$root" -E assume_storage_prezeroed=1 -L vmlab "$dir/disk.raw"
# "root" stays: the disk of a machine that moves here from the lab of namespaces is made of it.
