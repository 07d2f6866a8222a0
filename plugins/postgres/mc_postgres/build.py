"""Which build this is."""

from __future__ import annotations

from mc_sdk.version import read_build

BUILD = read_build("mc_postgres", "mission-control-plugin-postgres")
