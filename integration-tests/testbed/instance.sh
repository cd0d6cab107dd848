# Turns a fresh mount and network namespace into an instance, and keeps it.
# Argument: the directory that holds the files of the instance.
set -eu
files=$1

# /run first: the copy of /etc lives there.
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/etc /run/dbus /run/systemd/network
cp -a /etc/. /run/etc
mount --bind /run/etc /etc
cp "$files/machine-id" /etc/machine-id
rm -rf /etc/systemd/network /etc/systemd/networkd.conf /etc/systemd/networkd.conf.d
mkdir -p /etc/systemd/network /etc/systemd/networkd.conf.d
cp "$files/networkd.conf" /etc/systemd/networkd.conf.d/10-ec2-net.conf

# The sysfs of this network namespace. Read-only, because networkd takes a writable one
# for the sign of a running udev and waits for it.
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs /sys

# None of the host's network files. On a host with a merged /usr the last is the first.
for directory in /usr/local/lib/systemd/network /usr/lib/systemd/network /lib/systemd/network; do
    [ -d "$directory" ] || continue
    [ "$directory" = "$(readlink -f "$directory")" ] || continue
    mount -t tmpfs -o mode=0755 tmpfs "$directory"
done
cp "$files/80-ec2.network" /usr/lib/systemd/network/80-ec2.network

# A new namespace inherits the host's values of some of these.
echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range
for setting in ipv6/conf/all/disable_ipv6 ipv6/conf/default/disable_ipv6; do
    echo 0 >/proc/sys/net/$setting
done
for setting in ipv6/conf/all/accept_ra ipv6/conf/default/accept_ra; do
    echo 1 >/proc/sys/net/$setting
done
ip link set lo up

echo ready >&2
exec sleep infinity
