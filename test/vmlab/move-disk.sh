#!/bin/sh
# Makes a virtual machine's disk of what a node of the lab of namespaces wrote, on top of the image's root. Runs in a mount namespace of its own.
# Usage: move-disk.sh IMAGE_ROOT NODE_UPPER WORK DISK
set -eu
image=$1 upper=$2 work=$3 disk=$4

mount --make-rprivate /
mkdir -p "$work"
mount -t overlay vmlab-move -o "ro,lowerdir=$upper:$image,redirect_dir=follow" "$work"
rm -f "$disk"
truncate -s 8G "$disk"
mkfs.ext4 -q -F -d "$work" -E assume_storage_prezeroed=1 -L vmlab "$disk"
umount "$work"
rmdir "$work"
