"""What an operator can set for the kubernetes-logs plugin."""

from __future__ import annotations

from typing import Literal

from mc_sdk import PluginSettings, setting


class LogsSettings(PluginSettings):
    """Settings from the environment at start and from the plugin resource's properties later."""

    max_sources: int = setting(500, env="KUBERNETES_LOGS_MAX_SOURCES", at_least=1, at_most=5000)
    """Containers that one stream follows at once; more are named in a notice."""
    snapshot_bytes: int = setting(
        48 * 1024 * 1024, env="KUBERNETES_LOGS_SNAPSHOT_BYTES", at_least=1024, at_most=60 * 1024 * 1024
    )
    """Largest answer of one snapshot; the rest is left out and named in a notice."""
    use_in_cluster: bool = setting(False, env="KUBERNETES_LOGS_USE_IN_CLUSTER")
    """Use the plugin's own service account for items that have no connection. A denied connection never leads there."""
    compatibility: Literal["newest", "seed"] = setting("newest", env="KUBERNETES_LOGS_COMPATIBILITY")
    """`seed`: `logs` over HTTP follows by default and always answers SSE, as the release of May 2026 did."""
    rights_check_s: float = setting(15.0, env="KUBERNETES_LOGS_RIGHTS_CHECK_S", at_least=0.2, at_most=300.0)
    """Seconds between two looks whether an open stream may still read."""
