"""A plugin's stderr line by line: levels, hclog entries, pieces of long lines."""

from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mc_host.supervisor.output import LINE_BYTES, TRACE, OutputLog, parse_line, split_lines
from mc_wire.model import JSON

STAMP = '"@timestamp":"2026-11-25T07:00:00.000000Z"'


@pytest.mark.parametrize(
    ("line", "level", "message", "fields"),
    [
        ("plain", logging.DEBUG, "plain", {}),
        ("[INFO] up", logging.INFO, "up", {}),
        ("[WARN]  late", logging.WARNING, "late", {}),
        ("[ERROR] x", logging.ERROR, "x", {}),
        ("[TRACE] x", TRACE, "x", {}),
        ("[OTHER] x", logging.DEBUG, "[OTHER] x", {}),
        ('{"@level":"info","@message":"m","a":1}', logging.INFO, "m", {"a": 1}),
        (f'{{"@level":"error","@message":"m",{STAMP},"b":"c"}}', logging.ERROR, "m", {"b": "c"}),
        ('{"@level":"warn"}', logging.WARNING, "", {}),
        ('{"@level":"odd","@message":"m"}', logging.DEBUG, '{"@level":"odd","@message":"m"}', {}),
        ('{"@message":"m"}', logging.DEBUG, '{"@message":"m"}', {}),
        ('{"@level":1,"@message":2}', logging.DEBUG, '{"@level":1,"@message":2}', {}),
        ('{"@level":"info","@timestamp":"yesterday"}', logging.DEBUG, '{"@level":"info","@timestamp":"yesterday"}', {}),
        ('{"@level":"info","@timestamp":5}', logging.DEBUG, '{"@level":"info","@timestamp":5}', {}),
        ("{not json", logging.DEBUG, "{not json", {}),
    ],
)
def test_line_becomes_a_record(line: str, level: int, message: str, fields: dict[str, JSON]) -> None:
    assert parse_line(line) == (level, message, fields)


@given(st.text(max_size=60))
def test_any_line_becomes_a_record(line: str) -> None:
    parse_line(line)
    parse_line("{" + line)


def test_panic_turns_everything_after_it_into_errors() -> None:
    output = OutputLog("p", "p", 10)
    for line in (b"fine", b"panic: boom", b"goroutine 1"):
        output.take(line)
    assert [record.level for record in output.tail] == ["debug", "error", "error"]
    assert output.last_lines(2) == "panic: boom | goroutine 1"


async def test_long_line_comes_in_pieces_and_the_next_one_whole() -> None:
    stream = asyncio.StreamReader(limit=2**20)
    stream.feed_data(b"short\n" + b"x" * (2 * LINE_BYTES + 5) + b"\nnext\nlast")
    stream.feed_eof()
    found = [(len(line), is_piece) async for line, is_piece in split_lines(stream)]
    assert found == [(5, False), (LINE_BYTES, True), (LINE_BYTES, True), (5, True), (4, False), (4, False)]


def test_tail_keeps_the_newest() -> None:
    output = OutputLog("p", "p", 2)
    for number in range(5):
        output.take(str(number).encode())
    assert [record.message for record in output.tail] == ["3", "4"]
