#!/bin/bash
# Stop the API server alone (`up.sh api-server` starts it again); the rest of the cluster runs on without it.
set -euo pipefail
. "$(dirname "$0")/processes.sh"
cd "${MC_CLUSTER:-/var/tmp/mission-control-cluster}"
kill_and_wait api-server
