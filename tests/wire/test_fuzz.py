"""Bytes from a stranger: every decoder answers with a struct or a refusal of ours, whatever it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mc_wire import codec, detect, documented, released, stdio
from mc_wire.broker import BrokerInbox, BrokerTimeout
from mc_wire.errors import OperationError
from mc_wire.model import Caller, Contract, Invocation, Manifest, Operation, Tab

MANIFEST = Manifest(
    name="p",
    version="1",
    tabs=(Tab(name="T", icon="i", path="/"),),
    operations=(Operation(name="o", params_schema={"type": "object", "properties": {"a": {"type": "string"}}}),),
    ui_port=8080,
)
INVOCATION = Invocation(operation="o", params=b"{}", item_id="i", caller=Caller(user_id="u", permissions=("a", "b")))
SEEDS = [
    documented.encode_manifest(MANIFEST),
    released.encode_manifest(MANIFEST),
    documented.encode_invocation(INVOCATION),
    released.encode_invocation(INVOCATION),
]
DECODERS: list[Callable[[bytes], object]] = [
    lambda data: detect.manifest_contract(data),
    lambda data: detect.decode_manifest(data, Contract.DOCUMENTED),
    lambda data: detect.decode_manifest(data, Contract.RELEASED),
    detect.field_six_names,
    detect.invocation_contract,
    detect.decode_invocation,
    detect.decode_item_query,
    codec.decode_registration,
    codec.decode_settings,
    codec.decode_operations,
    codec.decode_health,
    codec.decode_outcome,
    codec.decode_log,
    codec.decode_item,
    codec.decode_item_page,
    codec.decode_connection,
    codec.decode_artifact,
    codec.decode_nested,
    documented.decode_connection_query,
    stdio.decode_chunk,
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Real messages with a few bytes changed, cut or repeated: they get further into a decoder than noise does."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1)) if data else 0
        match draw(st.sampled_from(["set", "cut", "insert"])):
            case "set" if data:
                data[at] = draw(st.integers(0, 255))
            case "cut":
                del data[at:]
            case _:
                data[at:at] = draw(st.binary(max_size=8))
    return bytes(data)


@pytest.mark.parametrize("decode", DECODERS)
@given(data=st.one_of(damaged(), st.binary(max_size=200)))
def test_decoder_never_breaks_on_any_bytes(decode: Callable[[bytes], object], data: bytes) -> None:
    with suppress(OperationError):
        decode(data)


@given(messages=st.lists(st.one_of(damaged(), st.binary(max_size=60)), max_size=5))
def test_broker_survives_any_announcement(messages: list[bytes]) -> None:
    async def read() -> None:
        async def stream() -> object:
            for message in messages:
                yield message

        inbox = BrokerInbox()
        with suppress(OperationError):
            await inbox.read(stream())  # type: ignore[arg-type]
        with suppress(BrokerTimeout):
            await inbox.address_of(1, timeout_s=0)

    asyncio.run(read())
