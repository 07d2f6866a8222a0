#!/bin/bash
# Stop the API server alone (`up.sh api-server` starts it again); the rest of the cluster runs on without it.
set -euo pipefail
cd "${MC_CLUSTER:-/var/tmp/mission-control-cluster}"
pid=$(awk '$2 == "api-server" {print $1}' pids)
kill -KILL "$pid"
# A dead process that nobody has reaped yet still takes signals: its state says that it is one.
while grep -qs '^State:.[^Z]' "/proc/$pid/status"; do sleep 0.05; done
sed -i '/ api-server$/d' pids
