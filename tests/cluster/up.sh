#!/bin/bash
# Start a real one-node Kubernetes cluster on this machine: etcd, API server, controller manager, scheduler, containerd, kubelet.
# usage: up.sh                  everything, from scratch; prints the path of an admin's kubeconfig
#        up.sh api-server       the API server again, after stop_api_server.sh
# Needs root, Go (see build.sh) and Debian's etcd-server containerd runc containernetworking-plugins iptables
# busybox-static openssl curl, which it installs where they are missing. State and logs: $MC_CLUSTER.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/processes.sh"
state=${MC_CLUSTER:-/var/tmp/mission-control-cluster}
server=https://127.0.0.1:16443
node_ip=10.99.0.1 # the kubelet refuses a loopback address for its node: a bridge of our own carries this one
bin=$("$here/build.sh")

main() {
  mkdir -p "$state"/{pki,log}
  cd "$state"
  if [ "${1:-}" = api-server ]; then
    start_api_server
    # These wait up to minutes between two tries; tests that come next need service accounts and running pods at once.
    kill_and_wait controller-manager
    kill_and_wait scheduler
    kill_and_wait kubelet
    start_controllers
    start_kubelet
    await 60 "the node" node_is_ready
    return
  fi
  install_packages
  "$here/down.sh"
  mkdir -p "$state"/{etcd,cni,containerd,kubelet,run}
  : > pids
  make_certificates
  write_kubeconfig
  start etcd etcd --data-dir etcd --unsafe-no-fsync --listen-client-urls http://127.0.0.1:12379 \
    --advertise-client-urls http://127.0.0.1:12379 --listen-peer-urls http://127.0.0.1:12380 \
    --initial-advertise-peer-urls http://127.0.0.1:12380 --initial-cluster default=http://127.0.0.1:12380
  start_api_server
  start_controllers
  start_containerd
  start_kubelet
  await 60 "the node" node_is_ready
  await 60 "the default service account" api_get /api/v1/namespaces/default/serviceaccounts/default
  echo "$state/admin.kubeconfig"
}

start() { # name command…: in a session of its own, its process id kept for down.sh
  local name=$1
  shift
  setsid "$@" > "log/$name.log" 2>&1 < /dev/null &
  echo "$! $name" >> pids
}

await() { # seconds what command…
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" > /dev/null 2>&1; do
    [ "$SECONDS" -lt "$until" ] || { echo "$what did not come up; see $state/log" >&2; exit 1; }
    sleep 0.2
  done
}

api_get() { curl -sf --max-time 5 --cacert pki/ca.crt --cert pki/admin.crt --key pki/admin.key "$server$1"; }
node_is_ready() { api_get /api/v1/nodes/node-1 | tr -d ' \n' | grep -q '"reason":"KubeletReady"'; }

install_packages() {
  local command missing=
  for command in etcd containerd runc iptables busybox openssl curl; do
    command -v "$command" > /dev/null || missing=1
  done
  [ -d /usr/lib/cni ] || missing=1
  [ -n "$missing" ] || return 0
  { apt-get update -q
    apt-get install -y -q etcd-server containerd runc containernetworking-plugins iptables busybox-static openssl curl
  } > "$state/log/apt.log" 2>&1
}

certificate() { # name subject alternative-names
  [ ! -f "pki/$1.crt" ] || return 0
  openssl req -newkey rsa:2048 -nodes -keyout "pki/$1.key" -out "pki/$1.csr" -subj "$2" 2> /dev/null
  openssl x509 -req -in "pki/$1.csr" -CA pki/ca.crt -CAkey pki/ca.key -CAcreateserial -days 365 \
    -out "pki/$1.crt" -extfile <(printf 'subjectAltName=%s' "$3") 2> /dev/null
}

make_certificates() {
  [ -f pki/sa.key ] || openssl genrsa -out pki/sa.key 2048 2> /dev/null
  [ -f pki/ca.crt ] || openssl req -x509 -newkey rsa:2048 -nodes -days 365 -keyout pki/ca.key -out pki/ca.crt \
    -subj /CN=mission-control-cluster 2> /dev/null
  certificate server /CN=kube-apiserver IP:127.0.0.1,IP:10.97.0.1,DNS:localhost,DNS:kubernetes.default.svc
  certificate admin /O=system:masters/CN=admin DNS:admin
}

write_kubeconfig() {
  cat > admin.kubeconfig << YAML
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "$server", certificate-authority: $state/pki/ca.crt}}]
users: [{name: admin, user: {client-certificate: $state/pki/admin.crt, client-key: $state/pki/admin.key}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
YAML
}

start_api_server() {
  start api-server "$bin/kube-apiserver" --etcd-servers=http://127.0.0.1:12379 --bind-address=127.0.0.1 \
    --secure-port=16443 --service-cluster-ip-range=10.97.0.0/16 --allow-privileged=true \
    --tls-cert-file=pki/server.crt --tls-private-key-file=pki/server.key --client-ca-file=pki/ca.crt \
    --authorization-mode=Node,RBAC --service-account-key-file=pki/sa.key \
    --service-account-signing-key-file=pki/sa.key --service-account-issuer=https://kubernetes.default.svc \
    --kubelet-client-certificate=pki/admin.crt --kubelet-client-key=pki/admin.key \
    --kubelet-preferred-address-types=InternalIP
  await 90 "the API server" api_get /readyz
}

start_controllers() {
  # Tests take the API server away for a minute: the node must not count as lost for that, which takes minutes to heal.
  start controller-manager "$bin/kube-controller-manager" --kubeconfig=admin.kubeconfig --secure-port=0 \
    --service-account-private-key-file=pki/sa.key --root-ca-file=pki/ca.crt --leader-elect=false \
    --node-monitor-grace-period=10m
  start scheduler "$bin/kube-scheduler" --kubeconfig=admin.kubeconfig --leader-elect=false --secure-port=0
}

start_containerd() {
  cat > containerd.toml << TOML
version = 2
root = "$state/containerd"
state = "$state/run/containerd"
[grpc]
  address = "$state/run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "test.local/busybox:1"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$state/cni"
TOML
  cat > cni/10-bridge.conflist << JSON
{"cniVersion": "0.4.0", "name": "test", "plugins": [
 {"type": "bridge", "bridge": "mct-cni0", "isGateway": true, "ipMasq": false,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.98.0.0/16"}]], "routes": []}},
 {"type": "loopback"}]}
JSON
  start containerd containerd --config containerd.toml
  await 30 containerd ctr -a run/containerd.sock version
  # busybox serves as the pods' sandbox too; no registry is asked for anything
  "$here/load_image.sh" test.local/busybox:1 --cmd /bin/busybox sleep 2147483647 -- \
    "$(command -v busybox)=/bin/busybox" \
    $(printf 'link=bin/%s:busybox ' sh sleep cat seq date echo ls tar ps kill yes head nc mkdir rm wget false true)
  # this machine's own userland: a pod that mounts /usr and /lib runs python3, a JVM or a Go program
  "$here/load_image.sh" test.local/empty:1 --cmd /bin/sh -- \
    link=bin:usr/bin link=lib:usr/lib link=lib64:usr/lib64 link=sbin:usr/sbin
}

start_kubelet() {
  if ! ip link show mct-node > /dev/null 2>&1; then
    ip link add mct-node type bridge
    ip addr add "$node_ip/32" dev mct-node
    ip link set mct-node up
  fi
  cat > kubelet.yaml << YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $node_ip
port: 11250
healthzPort: 0
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: $state/pki/ca.crt}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
containerRuntimeEndpoint: unix://$state/run/containerd.sock
podLogsDir: $state/pod-logs
resolvConf: ""
oomScoreAdj: 0
imageMinimumGCAge: 100h
imageGCHighThresholdPercent: 100
evictionHard: {nodefs.available: "1%", imagefs.available: "1%", memory.available: "50Mi", nodefs.inodesFree: "1%"}
YAML
  start kubelet "$bin/kubelet" --config=kubelet.yaml --kubeconfig=admin.kubeconfig --root-dir="$state/kubelet" \
    --hostname-override=node-1 --node-ip="$node_ip"
}

main "$@"
