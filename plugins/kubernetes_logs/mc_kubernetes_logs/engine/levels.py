"""Which level a line has, and whether it goes on with the line before (a stack trace)."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from typing import Any

import msgspec

TRACE, DEBUG, INFO, WARN, ERROR, FATAL, UNKNOWN, CONTINUED = b"t", b"d", b"i", b"w", b"e", b"f", b"u", b"+"
ORDER = (TRACE, DEBUG, INFO, WARN, ERROR, FATAL, UNKNOWN)
NAMES = {TRACE: "trace", DEBUG: "debug", INFO: "info", WARN: "warn", ERROR: "error", FATAL: "fatal", UNKNOWN: "unknown"}
BY_NAME = {name: level for level, name in NAMES.items()}
_WORDS = {
    TRACE: "trace trce finest finer verbose",
    DEBUG: "debug dbug dbg fine debug1 debug2 debug3 debug4 debug5",
    INFO: "info information informational notice log config ok",
    WARN: "warn warning wrn",
    ERROR: "error err fail failure severe eror",
    FATAL: "fatal critical crit panic emerg emergency alert dpanic",
}
_LEVELS = {word.encode(): level for level, words in _WORDS.items() for word in words.split()}
_SYSLOG = (FATAL, FATAL, FATAL, ERROR, WARN, INFO, INFO, DEBUG)
_HEAD_BYTES = 160  # a level stands in front of the message, and words further on are part of what is said

_JSON_KEY = re.compile(
    rb'"(?:log\.level|@?level|lvl|severity|levelname|level_name|log_?level|severity_text|severityText)"'
    rb'\s*:\s*(?:"([A-Za-z]+)|(\d+))'
)
_LOGFMT_KEY = re.compile(rb'(?:^|[\s,{])(?:level|lvl|severity|loglevel|log\.level)=(?:"?([A-Za-z]+)|"?(\d+))')
_KLOG = re.compile(rb"[IWEF]\d{4} \d\d:\d\d:\d\d")
_KLOG_LETTERS = {b"I": INFO, b"W": WARN, b"E": ERROR, b"F": FATAL}
_SYSLOG_PRIORITY = re.compile(rb"<(\d{1,3})>")
_UPPER = re.compile(
    rb"(?<![^\s\[(|<,;*])(TRACE|DEBUG[1-5]?|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|PANIC|EMERG"
    rb"|ALERT|LOG|FINE|FINER|FINEST|CONFIG|VERBOSE)(?![^\s\])|>:,;*\[-]|-[A-Za-z])"
)
_BRACKETED = re.compile(
    rb"[\[<(](trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg|panic)[\]>)]", re.I
)
_LEADING = re.compile(
    rb"[\d\-/:T.,Z+ \[\]]*(trace|trce|debug|dbug|info|notice|warn|warning|error|err|fail|fatal|critical|crit|panic"
    rb"|severe)(?::|\]|\t| - | \|)",
    re.I,
)
_TYPED_ERROR = re.compile(rb"(?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*(?:Error|Exception): |Exception in thread ")
_ANSI = re.compile(rb"\x1b\[[0-9;]*m")
_CONTINUES = (
    b"Traceback (most recent call last)", b"Caused by: ", b"Suppressed: ", b"... ", b"During handling of the above",
    b"The above exception was the direct cause", b"stack traceback:", b"created by ",
)  # fmt: skip


class Found(msgspec.Struct):
    """A level and where its word stands; `key` is what stands before it in a structured line."""

    level: bytes
    start: int = -1
    key: bytes = b""


_NOTHING = Found(UNKNOWN)


def find_level(text: bytes) -> Found:
    """Return the level that a message states, UNKNOWN for none."""
    if b"\x1b" in text[:_HEAD_BYTES]:
        return Found(_find_plain(_ANSI.sub(b"", text)).level)
    return _find_plain(text)


def _find_plain(text: bytes) -> Found:
    if text[:1] == b"{":
        return _find_by_key(_JSON_KEY, text) or _NOTHING
    if _KLOG.match(text):
        return Found(_KLOG_LETTERS[text[:1]], 0)
    if text[:1] == b"<" and (priority := _SYSLOG_PRIORITY.match(text)):
        return Found(_SYSLOG[int(priority[1]) & 7])
    head = text[:_HEAD_BYTES]
    if b"=" in text and (found_key := _find_by_key(_LOGFMT_KEY, text)):
        return found_key
    for pattern in (_UPPER, _BRACKETED, _LEADING):
        word = pattern.match(head) if pattern is _LEADING else pattern.search(head)
        if word is not None:
            return Found(_LEVELS[word[1].lower()], word.start(1))
    return Found(ERROR) if _TYPED_ERROR.match(head) else _NOTHING


def _find_by_key(pattern: re.Pattern[bytes], text: bytes) -> Found | None:
    found = pattern.search(text)
    if found is None:
        return None
    if found[2]:
        level = _numeric(int(found[2]))
        return Found(level, found.start(2), found[0][: found.start(2) - found.start()])
    level = _LEVELS.get(found[1].lower(), UNKNOWN)
    return Found(level, found.start(1), found[0][: found.start(1) - found.start()])


def _numeric(value: int) -> bytes:
    """Pino and bunyan count from 10 to 60, syslog and GELF from 7 down to 0."""
    if value < 8:
        return _SYSLOG[value]
    return ORDER[min(max(value // 10 - 1, 0), 5)]


_MANY = 16
_CANDIDATE = (
    rb"(?i:level|lvl|severity|trace|trce|verbose|debug|dbug|dbg|info|notice|warn|wrn|err|eror|fail|severe|fatal|crit"
    rb"|panic|emerg|alert|exception|goroutine)|FINE|LOG|CONFIG|\n[IWEF]\d{4} |\n<\d"
)


@cache
def _candidate_search() -> Any:
    import re2

    return re2.compile(_CANDIDATE).search


def _find_candidates(texts: list[bytes]) -> set[int]:
    """Return the positions of the texts in which a level may be found."""
    block, search = b"\n" + b"\n".join(texts), _candidate_search()
    ends = list(accumulate(len(text) + 1 for text in texts))
    found: set[int] = set()
    at = 0
    while (hit := search(block, at)) is not None:
        where = bisect_right(ends, hit.end() - 1)
        if where >= len(texts):
            break
        found.add(where)
        at = ends[where]
    return found


_WIDTH = 7  # the byte before a word, the word's first five, and one more: enough to tell all apart
_MAX_LEARNT = 512


class LevelReader:
    """Levels of one source's lines. Where the last level stood is tried first: most logs have one layout."""

    def __init__(self) -> None:
        self._at = -1
        self._key = b""
        self._learnt: dict[bytes, bytes] = {}
        self._has_head = False
        self._in_trace = False

    def read(self, lines: list[bytes], skip: int) -> list[bytes]:
        """Return a level for each line; the message starts at `skip`."""
        get = self._learnt.get
        levels: list[bytes | None] | None = None
        if self._key:
            key, n = self._key, len(self._key)
            levels = [get(line[(i := line.find(key, skip)) + n - 1 : i + n + 6]) for line in lines]
        elif self._at >= 0:
            a, b = skip + self._at - 1, skip + self._at + _WIDTH - 1
            levels = [get(line[a:b]) for line in lines]
        if levels is None:
            levels = [None] * len(lines)
        if None in levels:
            return self._fill(levels, lines, skip)
        self._has_head, self._in_trace = True, False
        return levels  # type: ignore[return-value]  # no None is left

    def _fill(self, levels: list[bytes | None], lines: list[bytes], skip: int) -> list[bytes]:
        if levels.count(None) > _MANY:
            return self._fill_many(levels, lines, skip)
        filled: list[bytes] = []
        for level, line in zip(levels, lines, strict=True):
            if level is None:
                level = self._read_one(line, skip)
            else:
                self._has_head, self._in_trace = True, False
            filled.append(level)
        return filled

    def _fill_many(self, levels: list[bytes | None], lines: list[bytes], skip: int) -> list[bytes]:
        """As `_fill`, but lines without any word that could make a level are found together."""
        unsure = [at for at, level in enumerate(levels) if level is None]
        texts = [lines[at][skip:] for at in unsure]
        candidates = _find_candidates(texts)
        is_candidate = dict.fromkeys(unsure, False) | {unsure[at]: True for at in candidates}
        filled: list[bytes] = []
        for at, level in enumerate(levels):
            if level is not None:
                self._has_head, self._in_trace = True, False
            elif is_candidate[at]:
                level = self._read_one(lines[at], skip)
            elif self._continues(lines[at][skip:]):
                level = CONTINUED
            else:
                self._has_head, level = True, UNKNOWN
            filled.append(level)
        return filled

    def _read_one(self, line: bytes, skip: int) -> bytes:
        text = line[skip:]
        if self._continues(text):
            return CONTINUED
        found = find_level(text)
        self._has_head = True
        if found.start >= 0 and found.level is not UNKNOWN:
            self._learn(found, line, skip)
        return found.level

    def _continues(self, text: bytes) -> bool:
        if not self._has_head:
            return False
        first = text[:1]
        if first in (b" ", b"\t"):
            return bool(text.strip())
        if text.startswith(_CONTINUES):
            self._in_trace = text.startswith((b"Traceback", b"Caused by", b"During", b"The above"))
            return True
        if text.startswith(b"goroutine ") and text.endswith(b":"):
            return True
        if self._in_trace and text:
            self._in_trace = False  # `ValueError: x` ends a Python trace
            return find_level(text).level in (UNKNOWN, ERROR) and _TYPED_ERROR.match(text + b": ") is not None
        return first in (b"}", b")", b"]") and len(text) < 4

    def _learn(self, found: Found, line: bytes, skip: int) -> None:
        is_other = found.key != self._key or (not found.key and found.start != self._at)
        if is_other or len(self._learnt) >= _MAX_LEARNT:
            self._learnt.clear()
        self._key, self._at = found.key, found.start
        start = line.find(found.key, skip) + len(found.key) if found.key else skip + found.start
        if len(line) >= start + 4 and start == skip + found.start:
            self._learnt[line[start - 1 : start + _WIDTH - 1]] = found.level
