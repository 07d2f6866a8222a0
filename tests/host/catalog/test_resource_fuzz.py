"""Resources from a stranger: whatever a YAML file or a cluster says, it is a resource or a refusal of ours."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mc_host.connections.references import parse_declared, parse_reference
from mc_host.resources import API_GROUP, PluginResource, parse_resource
from mc_wire.errors import InvalidParams

TEXT = st.one_of(st.text(max_size=12), st.sampled_from(["", "connection://a/b", "latest", "sha256:", "*", "\0"]))
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT)
JSON = st.recursive(
    LEAF,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=8,
)
SPEC_KEYS = st.sampled_from(
    [
        *("source", "version", "checksum", "address", "hostGRPCAddress", "caCert", "selector", "connections"),
        *("sqlConnection", "audit", "properties", "env", "type", "url", "username", "password", "certificate"),
        *("subjects", "actions", "roles", "deny", "issuer", "audiences", "tags", "labels", "config"),
    ]
)
DOCUMENT = st.fixed_dictionaries(
    {
        "apiVersion": st.just(f"{API_GROUP}/v1"),
        "kind": st.sampled_from(["Plugin", "Connection", "ConfigItem", "Permission", "Issuer"]),
    },
    optional={
        "metadata": st.one_of(JSON, st.fixed_dictionaries({"name": TEXT, "namespace": TEXT, "uid": TEXT})),
        "spec": st.one_of(JSON, st.dictionaries(SPEC_KEYS, JSON, max_size=6)),
    },
)


@given(document=st.one_of(DOCUMENT, JSON))
def test_resource_is_read_or_refused(document: Any) -> None:
    with suppress(InvalidParams):
        found = parse_resource(document, Path("x.yaml"))
        if isinstance(found, PluginResource):
            declared = parse_declared(found.spec)
            for reference in (*declared.types.values(), *declared.labels.values(), *declared.kinds.values()):
                with suppress(InvalidParams):
                    parse_reference(reference, "ns")
