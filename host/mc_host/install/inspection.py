"""Starts a plugin binary only to ask for its manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mc_host.config import HostConfig
from mc_host.install.layout import find_binary
from mc_host.manifests import ManifestCache
from mc_host.supervisor.instance import StartError, open_instance
from mc_host.supervisor.output import OutputLog
from mc_wire.detect import scan_fields
from mc_wire.errors import InvalidParams, OperationError
from mc_wire.handshake import ENV_CONTRACT
from mc_wire.model import Contract, Manifest

_WIRE_TYPES = {0: "VARINT", 1: "I64", 2: "LEN", 5: "I32"}


@dataclass(frozen=True)
class Inspection:
    """What a plugin said of itself, and how long it took."""

    manifest: Manifest
    contract: Contract
    data: bytes
    handshake_s: float
    registered_s: float


async def inspect_binary(config: HostConfig, binary: Path) -> Inspection:
    """Return a binary's manifest. Raises: InvalidParams, with what it said instead of starting."""
    # The author may force a layout; it is the one variable of ours that a plugin reads.
    forced = config.environ.get(ENV_CONTRACT, "")
    env = {ENV_CONTRACT: forced} if forced else {}
    output = OutputLog(binary.name, binary.name, config.log_tail)
    try:
        async with open_instance(config, binary.name, binary, env, output, None) as instance:
            await instance.stop()
            return Inspection(
                instance.manifest,
                instance.contract,
                instance.manifest_bytes,
                instance.handshake_s,
                instance.registered_s,
            )
    except StartError as exc:
        raise InvalidParams(str(exc)) from exc


def raw_fields(data: bytes) -> Iterator[str]:
    """Yield a line per field of the manifest's top level."""
    for number, wire, payload in scan_fields(data):
        yield f"field {number} {_WIRE_TYPES.get(wire, wire)} {len(payload)} bytes {payload[:40].hex()}"


async def refresh(config: HostConfig, sources: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Cache the manifest of each plugin; returns what went wrong by name (empty: nothing)."""
    cache = ManifestCache(config.cache_dir)
    problems = {}
    for name, (source, version) in sources.items():
        try:
            binary = find_binary(config.plugin_root, source, version)
            found = await inspect_binary(config, binary)
            cache.write_local(name, found.manifest, binary)
            problems[name] = ""
        except (OperationError, OSError) as exc:
            problems[name] = str(exc)
    return problems
