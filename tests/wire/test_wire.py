"""Handshake line, broker, error table and owned tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mc_wire import errors
from mc_wire.background import Background
from mc_wire.broker import BrokerInbox, BrokerOutbox, BrokerTimeout, encode_announcement
from mc_wire.handshake import Handshake, HandshakeError, format_line, parse_line


def test_handshake_line_round_trip() -> None:
    there = Handshake(network="unix", address="/tmp/plugin1/s")
    assert format_line(there) == "1|1|unix|/tmp/plugin1/s|grpc|"
    assert parse_line("1|1|unix|/tmp/plugin1/s|grpc|\n") == there
    assert parse_line("1|1|tcp|127.0.0.1:5|grpc").target == "127.0.0.1:5"
    assert format_line(there, multiplex_asked=True).endswith("|false")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("hello", "Unrecognized remote plugin message: 'hello'"),
        ("2|1|unix|/s|grpc", "incompatible core API version"),
        ("1|7|unix|/s|grpc", "incompatible API version with plugin: plugin has '7', host has 1"),
        ("1|1|unix|/s", 'unsupported plugin protocol "netrpc". Supported: [grpc]'),
        ("1|1|udp|x|grpc", "unknown address type"),
    ],
)
def test_handshake_that_cannot_be_followed_says_why(line: str, text: str) -> None:
    with pytest.raises(HandshakeError) as caught:
        parse_line(line)
    assert text in str(caught.value)


@given(st.text())
def test_handshake_parser_never_breaks_on_any_text(line: str) -> None:
    with suppress(HandshakeError):
        parse_line(line)


async def test_broker_hands_out_an_announcement_once_whichever_side_is_first() -> None:
    inbox = BrokerInbox()
    waiting = asyncio.create_task(inbox.address_of(1))
    await asyncio.sleep(0)
    await inbox.read(_messages(encode_announcement(1, "unix", "/a"), encode_announcement(2, "unix", "/b")))
    assert (await waiting).address == "/a"
    assert (await inbox.address_of(2)).address == "/b"
    with pytest.raises(BrokerTimeout, match="timeout waiting for connection info"):
        await inbox.address_of(2, timeout_s=0.01)


async def test_broker_outbox_starts_at_1_and_ends_on_close() -> None:
    outbox = BrokerOutbox()
    assert [outbox.allocate(), outbox.allocate()] == [1, 2]
    outbox.announce(1, "unix", "/a")
    outbox.close()
    assert [message async for message in outbox.messages()] == [encode_announcement(1, "unix", "/a")]


async def _messages(*messages: bytes) -> AsyncIterator[bytes]:
    for message in messages:
        yield message


def _all_errors(kind: type[errors.OperationError] = errors.OperationError) -> list[type[errors.OperationError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in _all_errors(child))]


@pytest.mark.parametrize("kind", [one for one in _all_errors() if one is not errors.ForeignError])
def test_every_error_survives_the_wire(kind: type[errors.OperationError]) -> None:
    sent = kind("what failed", hint="what to do", field="name", left_out=None)
    received = errors.decode_error(sent.code, sent.message, errors.encode_error(sent))
    assert (received.code, received.http_status) == (sent.code, sent.http_status)
    assert (received.message, received.hint, received.facts) == ("what failed", "what to do", {"field": "name"})
    import grpc

    assert kind.grpc_status in grpc.StatusCode.__members__


def test_unknown_code_of_a_foreign_plugin_is_kept_and_answers_500() -> None:
    received = errors.decode_error("QUOTA", "too much", b"not json")
    assert (errors.code_of(received), received.http_status, received.message) == ("QUOTA", 500, "too much")


async def test_background_logs_a_failure_once_and_cancels_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    background = Background()

    async def fails() -> None:
        raise ValueError("broken")

    background.spawn(fails(), name="fails")
    sleeper = background.spawn(asyncio.sleep(60), name="sleeps")
    await asyncio.sleep(0)
    await background.aclose()
    assert sleeper.cancelled()
    assert [record.task for record in caplog.records] == ["fails"]  # type: ignore[attr-defined]  # our extra
    with pytest.raises(RuntimeError, match="its owner is closed"):
        background.spawn(asyncio.sleep(0), name="late")
