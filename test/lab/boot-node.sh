#!/bin/sh
# Turns into a node's systemd. Runs in fresh mount, UTS, IPC, PID and cgroup namespaces and in the node's network namespace.
# Usage: boot-node.sh BASE NODE_DIR HOST_NAME. All mounts are private to the node and go with it.
set -eu
base=$1 dir=$2 name=$3 root=$2/root

mount --make-rprivate /
hostname "$name"
# A disk in image files: what is full, or hangs, is then this node's and not the host's. A new one begins as what it replaces.
upper=$dir/upper work=$dir/work
volume() { # IMAGE MOUNT_POINT OLD_CONTENTS
  mkdir -p "$2" && mount -o loop "$dir/volumes/$1" "$2"
  if [ -d "$2/lost+found" ]; then rmdir "$2/lost+found" && cp -a "$3/." "$2/"; fi
}
if grep -qs ' / ' "$dir/volumes/list"; then
  volume 0.img "$dir/disk" "$dir/empty"
  if [ ! -d "$dir/disk/work" ]; then cp -a "$upper" "$dir/disk/upper" && mkdir "$dir/disk/work"; fi
  upper=$dir/disk/upper work=$dir/disk/work
fi
# redirect_dir: without it a rename of a directory that comes from the base fails with EXDEV (data directories are set aside so).
mount -t overlay "lab-$name" -o "lowerdir=$base,upperdir=$upper,workdir=$work,redirect_dir=on" "$root"
cd "$root"
if [ -e "$dir/volumes/list" ]; then
  while read -r image path _; do
    if [ "$path" = / ]; then continue; fi
    mkdir -p "$root$path" "$dir/old" && mount --bind "$root$path" "$dir/old"
    volume "$image" "$root$path" "$dir/old"
    umount "$dir/old"
  done <"$dir/volumes/list"
fi

# The kernel's global settings belong to the host: read-only, save the network's, which are the namespace's own.
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,rw proc/sys/net
# Each power-on is a boot of its own, though the kernel's boot id is the host's.
mount --bind "$dir/boot-id" proc/sys/kernel/random/boot_id
# A node that resets itself by sysrq must never reset the host. (What it wrote can be read in the node's directory.)
if [ -e proc/sysrq-trigger ]; then mount --bind "$dir/sysrq" proc/sysrq-trigger; fi

mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755,nosuid,nodev,size=256m tmpfs run
if [ "$upper" != "$dir/upper" ]; then mkdir run/lab-root-volume && mount --bind "$dir/disk" run/lab-root-volume; fi
mount -t tmpfs -o mode=1777,nosuid,nodev,size=512m tmpfs tmp
mount -t tmpfs -o mode=755,nosuid,size=4m tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5,nosuid,noexec devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev,size=512m tmpfs dev/shm
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr

pivot_root . mnt
cd /
umount -l /mnt
# The clock, the modules and the hardware are the host's.
exec env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  setpriv --bounding-set -sys_time,-sys_module,-sys_rawio \
  /lib/systemd/systemd systemd.unit=multi-user.target
