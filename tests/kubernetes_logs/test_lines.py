"""A16, A6, A21: odd lines, patterns, and what is told of each line once."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mc_kubernetes_logs.engine.batches import take_piece
from mc_kubernetes_logs.engine.cutting import LINE_LIMIT_BYTES, LineCutter
from mc_kubernetes_logs.engine.filters import RowFilter, SourceFilter
from mc_kubernetes_logs.engine.formats import Format, make_format
from mc_kubernetes_logs.engine.patterns import compile_patterns
from mc_kubernetes_logs.engine.recent import Recent
from mc_kubernetes_logs.engine.sources import Source
from mc_kubernetes_logs.engine.stamps import shift, split_stamp
from mc_sdk import InvalidParams
from tests.kubernetes_logs.scene import Scene

SOURCE = Source(0, "test", "web-1", "uid", "main")


def render(raw: bytes, format: Format, block_bytes: int = 65536, rows: RowFilter | None = None) -> bytes:
    """Return what a stream tells of raw bytes."""
    cutter, recent, accepts = LineCutter(), Recent(), SourceFilter(rows or RowFilter(), with_levels=format.has_levels)
    out = []
    pieces = [piece for at in range(0, len(raw), block_bytes) for piece in cutter.feed(raw[at : at + block_bytes])]
    for piece in [*pieces, *cutter.end()]:
        batch = take_piece(piece, recent)
        lines, levels = accepts.apply(batch) if batch.lines else ([], [])
        if lines:
            out.append(format.rows(SOURCE, lines, levels, {}))
    return b"".join(out)


def stamped(texts: list[bytes], step_s: float = 0.001) -> bytes:
    stamp = b"2026-11-22T10:00:00.000000001Z"
    lines = []
    for text in texts:
        lines.append(stamp + b" " + text)
        stamp = shift(stamp, step_s)
    return b"\n".join(lines) + b"\n"


def compact_texts(raw: bytes, block_bytes: int = 65536) -> list[str]:
    rows = render(raw, make_format("ndjson", is_compact=True), block_bytes).splitlines()
    return [json.loads(row)[3] for row in rows]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (b"plain", "plain"),
        (b"", ""),
        (b"carriage\r", "carriage"),
        (b"two\r\r", "two"),
        (b"nul \x00 here", "nul \x00 here"),
        (b"bad \xff\xfe bytes", "bad \ufffd\ufffd bytes"),
        (b"del \x7f here", "del \x7f here"),
        (b'quote " and \\ and \\n', 'quote " and \\ and \\n'),
        ("café ☃".encode(), "café ☃"),
        (b"2026-11-22T10:00:00.000000009Z embedded", "2026-11-22T10:00:00.000000009Z embedded"),
        (b"\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
    ],
)
def test_a16_lines_are_shown_as_they_are(text: bytes, shown: str) -> None:
    for block_bytes in (7, 65536):
        assert compact_texts(stamped([b"before", text, b"after"]), block_bytes) == ["before", shown, "after"]


def test_a16_lines_without_a_final_newline_are_shown() -> None:
    assert compact_texts(stamped([b"a", b"b"])[:-1]) == ["a", "b"]


@pytest.mark.parametrize("size", [LINE_LIMIT_BYTES + 1, 1 << 20, 16 << 20])
def test_a16_lines_beyond_the_limit_are_cut_and_counted(size: int) -> None:
    raw = stamped([b"before", b"x" * size, b"after"])
    for block_bytes in (65536, len(raw)):
        cutter = LineCutter()
        pieces = [p for at in range(0, len(raw), block_bytes) for p in cutter.feed(raw[at : at + block_bytes])]
        [cut] = [piece for piece in pieces if piece.cut]
        assert len(cut.block) + cut.cut == size + 31 and len(cut.block) == LINE_LIMIT_BYTES
        assert len(compact_texts(raw, block_bytes)) == 3


async def test_a16_files_say_how_much_of_a_line_is_missing(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "short", "x" * (1 << 20), "after")
    words = f" … [{(1 << 20) + 31 - LINE_LIMIT_BYTES} bytes cut]"
    for asked in ({"prefix": "true"}, {"prefix": "true", "timestamps": False}, {"format": "csv"}):
        lines = (await scene.invoke("log-download", **asked))["content"].splitlines()
        assert [line.endswith(words) for line in lines[-3:]] == [False, True, False], asked


async def test_a16_lines_that_are_cut_say_how_much_is_missing(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "a", b"x" * (1 << 20), "b")
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: len(f.rows) == 3)
        assert follow.rows[1][4]["cut"] == (1 << 20) + 31 - LINE_LIMIT_BYTES
        assert follow.texts[2] == "b"


async def test_a16_lines_of_the_kubelet_about_a_missing_log_are_a_gap(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write_raw("web-1", [b"unable to retrieve container logs for containerd://abc\n"])
    async with scene.following(backlog=-1) as follow:
        await follow.read(lambda f: f.told("gap", cause="unavailable"))
        assert not follow.rows


@given(st.lists(st.binary(max_size=40).map(lambda text: text.replace(b"\n", b"")), min_size=1, max_size=30),
       st.integers(1, 100))  # fmt: skip
def test_a16_lines_in_any_blocks_are_the_same(texts: list[bytes], block_bytes: int) -> None:
    shown = [text.rstrip(b"\r").decode("utf-8", "replace") for text in texts]
    assert compact_texts(stamped(texts), block_bytes) == shown


@given(st.text(alphabet="0123456789", min_size=9, max_size=9), st.sampled_from(["Z", "+05:30", "-08:00"]))
def test_stamps_become_utc_with_nine_digits(fraction: str, zone: str) -> None:
    stamp, rest = split_stamp(f"2026-11-22T10:00:00.{fraction.rstrip('0') or '0'}{zone} hello".encode())
    assert rest == b"hello" and len(stamp) == 30 and stamp.endswith(f".{fraction}Z".encode())


# -- patterns


def test_a6_grep_finds_what_grep_finds(tmp_path: Path) -> None:
    random.seed(6)
    texts = [f"GET /orders/{n} HTTP/1.1 {random.choice([200, 200, 200, 500])} {n}".encode() for n in range(20000)]
    raw, file = stamped(texts), tmp_path / "log"
    file.write_bytes(b"\n".join(texts) + b"\n")
    for pattern in (" 500 ", "orders/1[0-9]+5 ", "^GET /orders/7", " 500 [0-9]*9$", "nothing like it"):
        found = subprocess.run(["grep", "-E", pattern, file], capture_output=True, check=False).stdout
        rows = RowFilter(grep=compile_patterns([pattern], field="grep"))
        assert render(raw, make_format("text", prefix=False, timestamps=False), rows=rows) == found, pattern


def test_a6_grep_does_not_match_stamps() -> None:
    rows = RowFilter(grep=compile_patterns(["2026-11-22"], field="grep"))
    raw = stamped([b"plain", b"of 2026-11-22", b"plain"])
    assert render(raw, make_format("text", prefix=False, timestamps=False), rows=rows) == b"of 2026-11-22\n"


async def test_a21_redos_pattern_is_linear_and_a_bad_one_is_named(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", "a" * 100_000 + "!")
    assert await scene.invoke("logs", grep="(a+)+$") == []
    with pytest.raises(InvalidParams, match="grep: ") as caught:
        await scene.invoke("logs", grep="(a")
    assert caught.value.facts["field"] == "grep"
    for params in ({"grep": "(?=x)"}, {"level": "loud"}, {"since": "yesterday"}, {"cursor": "%%%"}, {"exclude": "["}):
        with pytest.raises(InvalidParams):
            async with scene.following(**params):
                pass


async def test_filters_by_level_keep_traces_with_their_head(scene: Scene) -> None:
    await scene.put_pod("web-1")
    trace = ["ERROR it broke", "java.lang.IllegalStateException: x", "\tat a.b.C(C.java:1)", "Caused by: y", "\tat d.e"]
    await scene.api.logs.write("web-1", "INFO fine", *trace, "INFO fine again")
    async with scene.following(backlog=-1, level=">=error") as follow:
        await follow.read(lambda f: len(f.rows) >= 5)
        assert [row[2] for row in follow.rows if row[3] != trace[1]] == ["e", "+", "+", "+"]
        assert follow.texts == trace


async def test_filters_by_time_and_head(scene: Scene) -> None:
    await scene.put_pod("web-1")
    await scene.api.logs.write("web-1", *(f"line {n}" for n in range(300)))
    rows = await scene.invoke("logs", since="2026-11-22T10:00:01.5Z", until="2026-11-22T10:00:02Z")
    assert rows[0]["line"] == "line 149" and rows[-1]["line"] == "line 198"
    assert len(await scene.invoke("logs", tailLines=50, head=7)) == 7
