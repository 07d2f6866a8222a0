"""Which build this is."""

from __future__ import annotations

from mc_sdk.version import read_build

BUILD = read_build("mc_kubernetes_logs", "mission-control-plugin-kubernetes-logs")
