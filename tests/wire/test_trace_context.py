"""What counts as a trace context, by the vectors of the W3C specification."""

from __future__ import annotations

import pytest

from mc_wire.trace_context import TraceContext, read_trace, start_trace

TRACE = "0af7651916cd43dd8448eb211c80319c"
VALID = f"00-{TRACE}-b7ad6b7169203331-01"


def test_valid_context_is_handed_on_as_it_is() -> None:
    found = read_trace(VALID, "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE")
    assert found.trace_id == TRACE
    assert found.items() == (("traceparent", VALID), ("tracestate", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"))
    assert read_trace(f"01-{TRACE}-b7ad6b7169203331-01-what-the-future-holds").trace_id == TRACE


@pytest.mark.parametrize(
    "parent",
    [
        "",
        f"ff-{TRACE}-b7ad6b7169203331-01",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-b7ad6b7169203331-01",
        f"{VALID}-more",
        f"{VALID}\n",
        f"00-{TRACE}-b7ad6b7169203331",
        "x" * 10_000,
    ],
)
def test_invalid_context_counts_as_none(parent: str) -> None:
    assert read_trace(parent, "a=b") == TraceContext()
    assert read_trace(parent).items() == ()


def test_state_that_could_break_a_header_is_dropped() -> None:
    assert read_trace(VALID, "a=b\r\nx: y").items() == (("traceparent", VALID),)


def test_started_trace_is_a_valid_one() -> None:
    started = start_trace()
    assert read_trace(started.parent) == started
    assert start_trace() != started
