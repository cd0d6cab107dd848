# Boots a root file system as an instance, and stays until it is off.
# Arguments: the image, the directory that keeps what the instance changes, the name of the machine.
set -eu
image=$1 changes=$2 name=$3

mkdir -p "$changes/upper" "$changes/work" "$changes/root" "$changes/cgroup"
mount -t overlay -o "lowerdir=$image,upperdir=$changes/upper,workdir=$changes/work" overlay "$changes/root"

# The instance's udev needs the network devices of this network namespace, and systemd the control groups of the host.
mount --rbind /sys/fs/cgroup "$changes/cgroup"
umount -l /sys
mount -t sysfs sysfs /sys
mount --rbind "$changes/cgroup" /sys/fs/cgroup

# PID 1 listens to udev only where there is one, and looks for its socket when it starts: on a real machine, where /dev
# is a devtmpfs, it need not be there yet.
start='mkdir /run/udev && : >/run/udev/control && exec /sbin/init'

# Without a registration at machined and a scope of its own, neither of which the host may have; with all capabilities,
# or networkd's own conditions fail; and with a writable sysfs, which is what tells networkd that there is a udev.
export SYSTEMD_NSPAWN_API_VFS_WRITABLE=1
exec systemd-nspawn --quiet --register=no --keep-unit --directory="$changes/root" --machine="$name" \
    --capability=all --console=pipe --resolv-conf=off --timezone=off --kill-signal=SIGRTMIN+3 /bin/sh -c "$start"
