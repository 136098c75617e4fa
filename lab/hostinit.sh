#!/bin/sh
# The first process of a lab host: makes the namespaces it was started in look like a
# machine, and becomes systemd (or the host's one program). Started by up.sh as PID 1; ROOT is the mounted overlay.
#   hostinit.sh ROOT NAME CGROUP
set -eu
root="$1" name="$2" cgroup="$3"

if [ "${4:-}" != inside ]; then
  # Into the cgroup first, then into a cgroup namespace whose root it is.
  echo 0 >"$cgroup/cgroup.procs"
  exec unshare --cgroup -- "$0" "$root" "$name" "$cgroup" inside
fi

hostname "$name"
cd "$root"

mount -t proc -o nosuid,nodev,noexec proc proc
# Settings of the whole machine are read-only; those of the network are the host's own.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,rw proc/sys/net
if [ -e proc/sysrq-trigger ]; then
  mount --bind proc/sysrq-trigger proc/sysrq-trigger
  mount -o remount,bind,ro proc/sysrq-trigger
fi
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
# Version 2 only: with anything else systemd would use the machine's own hierarchies.
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 sys/fs/cgroup

mount -t tmpfs -o mode=755,nosuid,size=1m dev dev
mkdir dev/pts dev/shm dev/net dev/mqueue
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m shm dev/shm
mount -t mqueue mqueue dev/mqueue
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mknod -m 666 dev/net/tun c 10 200
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o mode=755,nosuid,nodev,size=64m run run

mkdir -p .oldroot
pivot_root . .oldroot
cd /
umount -l /.oldroot
rmdir /.oldroot

# A host of one program brings it along.
init=/lib/systemd/systemd
[ ! -e /lab-init ] || init=/lab-init

# No host can set the machine's clock, load into its kernel or read its log away.
exec setpriv --bounding-set -sys_time,-sys_module,-sys_rawio,-syslog -- \
  /usr/bin/env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$init"
