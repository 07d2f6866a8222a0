#!/bin/bash
# Put an image made of local files into the cluster's containerd.
# usage: load_image.sh NAME:TAG [--cmd ARG...] -- SOURCE=PATH...   (see image.py)
set -euo pipefail
state=${MC_CLUSTER:-/var/tmp/mission-control-cluster}
archive=$(mktemp --suffix=.tar)
trap 'rm -f "$archive"' EXIT
python3 "$(dirname "$0")/image.py" "$archive" "$@"
ctr -a "$state/run/containerd.sock" -n k8s.io images import "$archive" > /dev/null
