"""The formats that `postProcess.parse` knows; each fills a record in place and leaves what it does not match."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from mc_kubernetes_logs.parsers.record import Record
from mc_sdk import JSON

_PAIR = re.compile(r'([A-Za-z_][\w.\-/]*)=(?:"([^"]*)"|(\S*))(?:\s+|$)')
_KLOG = re.compile(r"([IWEF])\d{4} \d{2}:\d{2}:\d{2}\.\d+\s+\d+ ([^\]\s]+:\d+)\] ?(.*)", re.S)
_KLOG_SEVERITY = {"I": "info", "W": "warning", "E": "error", "F": "fatal"}
_SYSLOG = re.compile(
    r"(?:<(\d{1,3})>)?([A-Z][a-z]{2} +\d{1,2} \d{2}:\d{2}:\d{2}) (\S+) ([^\s\[:]+)(?:\[(\d+)\])?: (.*)", re.S
)
_SYSLOG_SEVERITY = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")
_SYNONYMS: Mapping[str, str] = {
    "msg": "message", "message": "message", "level": "severity", "severity": "severity", "source": "source",
    "caller": "source", "logger": "source", "host": "host", "hostname": "host",
}  # fmt: skip


def parse_json(record: Record) -> None:
    """Take the members of a JSON object; of synonyms the first one named here wins."""
    try:
        found = msgspec.json.decode(record.message)
    except (msgspec.DecodeError, UnicodeError):
        return
    if not isinstance(found, dict):
        return
    taken: set[str] = set()
    for name, field in _SYNONYMS.items():
        if name in found and field not in taken:
            taken.add(field)
            setattr(record, field, _text(found[name]))
    record.labels |= {name: _text(value) for name, value in found.items() if name not in _SYNONYMS}


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def parse_logfmt(record: Record) -> None:
    """Take the leading pairs."""
    pairs = leading_pairs(record.message)
    _take_pairs(record, pairs)


def leading_pairs(text: str) -> dict[str, str]:
    """Return the `key=value` pairs at the start of a text."""
    pairs: dict[str, str] = {}
    at = 0
    while (pair := _PAIR.match(text, at)) is not None:
        pairs[pair[1]] = pair[2] if pair[2] is not None else pair[3]
        at = pair.end()
    return pairs


def _take_pairs(record: Record, pairs: Mapping[str, str]) -> None:
    for name in ("message", "msg"):
        if name in pairs:
            record.message = pairs[name]
    record.severity = pairs.get("level", record.severity)
    record.labels |= {name: value for name, value in pairs.items() if name not in ("msg", "message", "level")}


def parse_klog(record: Record) -> None:
    """Take severity, place, quoted message and pairs of a klog line."""
    found = _KLOG.fullmatch(record.message)
    if found is None:
        return
    record.severity, record.source = _KLOG_SEVERITY[found[1]], found[2]
    rest = found[3]
    quoted = re.match(r'"((?:[^"\\]|\\.)*)"\s*', rest)
    if quoted is not None:
        record.message = quoted[1].replace('\\"', '"')
        record.labels |= leading_pairs(rest[quoted.end() :])
        return
    pairs = leading_pairs(rest)
    if pairs:
        record.labels |= pairs
    else:
        record.message = rest


def parse_syslog(record: Record) -> None:
    """Take priority, host, program and text of a BSD syslog line."""
    found = _SYSLOG.fullmatch(record.message)
    if found is None:
        return
    if found[1]:
        record.severity = _SYSLOG_SEVERITY[int(found[1]) & 7]
    record.host, record.source, record.message = found[3], found[4], found[6]
    if found[5]:
        record.labels["pid"] = found[5]


def parse_any(record: Record) -> None:
    """Recognise the format of one line; plain text is left alone."""
    text = record.message
    if text.startswith("{"):
        parse_json(record)
    elif _KLOG.fullmatch(text):
        parse_klog(record)
    elif text.startswith("<") and _SYSLOG.fullmatch(text):
        parse_syslog(record)
    elif len(leading_pairs(text)) >= 2:
        parse_logfmt(record)


PARSERS: dict[str, Callable[[Record], None]] = {
    "json": parse_json,
    "logfmt": parse_logfmt,
    "klogfmt": parse_klog,
    "syslog": parse_syslog,
    "autodetect": parse_any,
}
