"""A17: levels on a labelled corpus, line by line and as a source's reader learns them."""

from __future__ import annotations

import random
from pathlib import Path

from mc_kubernetes_logs.engine.levels import BY_NAME, CONTINUED, LevelReader, find_level

CORPUS = Path(__file__).parent / "golden" / "levels.tsv"


def labelled() -> list[tuple[str, str, bytes]]:
    """Return (format, level, line) of the corpus."""
    rows = []
    for line in CORPUS.read_bytes().splitlines():
        format, level, text = line.split(b"\t", 2)
        rows.append((format.decode(), level.decode(), text.replace(b"\\t", b"\t").replace(b"\\e", b"\x1b")))
    return rows


def test_a17_levels_of_the_corpus_are_right() -> None:
    rows = labelled()
    assert len(rows) >= 500
    wrong = [row for row in rows if find_level(row[2]).level != BY_NAME[row[1]]]
    assert len(wrong) <= len(rows) * 0.02, wrong[:10]
    assert not [row for row in wrong if row[1] == "unknown" and find_level(row[2]).level == BY_NAME["error"]]


def test_a17_levels_learnt_from_a_source_are_those_found_line_by_line() -> None:
    random.seed(17)
    by_format: dict[str, list[bytes]] = {}
    for format, _, text in labelled():
        by_format.setdefault(format, []).append(text)
    for format, texts in by_format.items():
        lines = [b" " * 31 + text for text in random.choices(texts, k=3000)]
        reader, told = LevelReader(), []
        for at in range(0, len(lines), 97):
            told += reader.read(lines[at : at + 97], 31)
        wrong = [
            line
            for line, level in zip(lines, told, strict=True)
            if level not in (find_level(line[31:]).level, CONTINUED)
        ]
        assert len(wrong) <= len(lines) * 0.01, (format, wrong[:5])


def test_stack_traces_go_on_with_their_head() -> None:
    java = [b"ERROR boom", b"java.lang.Error: x", b"\tat a.B(B.java:1)", b"\t... 5 more", b"Caused by: y", b"INFO next"]
    python = [b"ERROR:root:boom", b"Traceback (most recent call last):", b'  File "a.py", line 1, in <module>',
              b"    x()", b"ValueError: x", b"INFO:root:next"]  # fmt: skip
    go = [b"panic: boom", b"goroutine 1 [running]:", b"\t/src/main.go:7 +0x1d", b"INFO next"]
    for lines, joined in ((java, "+++"), (python, "++++"), (go, "++")):
        told = LevelReader().read([b" " * 31 + line for line in lines], 31)
        shown = b"".join(told).decode()
        assert joined in shown and shown[-1] == "i", (lines, shown)
