#!/bin/bash
# Stop what up.sh started, by process id, newest first, and remove its pods' processes, mounts and interfaces.
. "$(dirname "$0")/processes.sh"
state=${MC_CLUSTER:-/var/tmp/mission-control-cluster}
[ -f "$state/pids" ] || exit 0
cd "$state" || exit 1

containers() { ctr -a run/containerd.sock -n k8s.io "$@" 2> /dev/null; }
alive() { while read -r pid _; do is_alive "$pid" && return 0; done < pids; return 1; }

# The kubelet first, or it starts again what is killed below.
awk '$2 == "kubelet" {print $1}' pids | xargs -r kill -KILL 2> /dev/null
for task in $(containers tasks ls -q); do containers tasks kill -s SIGKILL "$task"; done
for _ in $(seq 50); do [ -n "$(containers tasks ls | awk 'NR > 1 && $3 == "RUNNING"')" ] || break; sleep 0.1; done
for task in $(containers tasks ls -q); do containers tasks rm -f "$task" > /dev/null; done
tac pids | while read -r pid _; do kill "$pid" 2> /dev/null; done
for _ in $(seq 50); do alive || break; sleep 0.1; done
while read -r pid _; do kill -KILL "$pid" 2> /dev/null; done < pids
# What containerd started for a container outlives it: recognised by our socket in its own command line.
for line in /proc/[0-9]*/cmdline; do
  if { tr '\0' ' ' < "$line"; } 2> /dev/null | grep -q "containerd-shim.*$state/run/containerd.sock"; then
    kill -KILL "$(basename "$(dirname "$line")")" 2> /dev/null
  fi
done
grep -o "$state/[^ ]*" /proc/mounts | sort -r | while read -r mount; do umount -l "$mount" 2> /dev/null; done
for interface in mct-node mct-cni0; do ip link del "$interface" 2> /dev/null; done
rm -rf pids etcd kubelet pod-logs run containerd
