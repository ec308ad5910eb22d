#!/bin/sh
# Makes the root file system that all nodes share. Runs in mount and PID namespaces of its own, so that whatever a package's
# installation starts or mounts ends with it. Usage: make-base.sh DIR MIRROR "PACKAGES" RELEASE POSTGRESQL_MAJOR
set -eu
root=$1 mirror=$2 packages=$3 release=$4 major=$5
say() { echo "lab: $*"; }

mount --make-rprivate /
say "debootstrap of $release from $mirror"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,ca-certificates "$release" "$root" "$mirror"

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
# Nothing may be started here: a chroot's PostgreSQL would run on the host.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
# Only an unclean end of the host could lose anything, and the base is made anew then.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/lab"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"

say "installing $packages"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 LANG=C.UTF-8
chroot "$root" apt-get -q update
# shellcheck disable=SC2086 # a list of words
chroot "$root" apt-get -q -y install --no-install-recommends $packages

say "preparing units and settings"
chroot "$root" systemctl -q disable etcd.service postgresql.service isc-dhcp-server.service ssh.service named.service \
  apache2.service tftpd-hpa.service conserver-server.service nfs-ganesha.service nfs-client.target rpcbind.service rpcbind.socket
# "manual": the unit postgresql@MAJOR-main can be started, but nothing starts it at boot.
echo manual >"$root/etc/postgresql/$major/main/start.conf"
chroot "$root" systemctl -q mask console-getty.service getty@tty1.service systemd-pstore.service e2scrub_reap.service \
  e2scrub_all.timer fstrim.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer dev-hugepages.mount
echo 'LANG=C.UTF-8' >"$root/etc/default/locale"
# The journal survives a power-off, and no line of a fault is dropped for being one of many.
mkdir -p "$root/etc/systemd/journald.conf.d" "$root/var/log/journal"
cat >"$root/etc/systemd/journald.conf.d/lab.conf" <<'EOF'
[Journal]
Storage=persistent
SystemMaxUse=128M
RateLimitIntervalSec=0
EOF

rm -f "$root/usr/sbin/policy-rc.d" "$root/etc/machine-id" "$root/var/lib/dbus/machine-id"
: >"$root/etc/resolv.conf"
chroot "$root" apt-get clean
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/cache/debconf/*-old "$root"/var/log/*.log \
  "$root"/var/log/apt "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
umount "$root/proc" "$root/sys"
