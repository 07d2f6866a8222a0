"""Run the plugin: the host starts it as a child process, `--serve` makes it stand by itself."""

from mc_kubernetes_logs.http_side import install
from mc_kubernetes_logs.plugin import KubernetesLogsPlugin
from mc_sdk import serve

install()
serve(KubernetesLogsPlugin())
