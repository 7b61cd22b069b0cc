#!/bin/sh
# PID 1 of the virtual machine: makes what an init makes, runs /command, says its exit code, and switches the machine off.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
# As systemd mounts it on a node.
mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
echo '+cpuset +cpu +io +memory +pids' >/sys/fs/cgroup/cgroup.subtree_control
ip link set lo up
echo 'vm-command-begins'
sh /command
echo "vm-exit-code $?"
echo 1 >/proc/sys/kernel/printk
sleep 0.2
echo o >/proc/sysrq-trigger
sleep 60
