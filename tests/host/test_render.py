"""Answers as people see them in a terminal: columns worth their width, clicky documents, plain JSON."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from mc_host.cli.render import draw, draw_bytes, find_node
from mc_host.cli.render_inline import strip_tags
from mc_host.cli.render_text import bytes_text, cell_text, duration_text, title_of
from mc_wire.model import JSON

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let local time be UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def drawn(value: JSON, capsys: Capture, monkeypatch: pytest.MonkeyPatch, width: int = 120) -> list[str]:
    """Return the lines that `draw` prints at a width."""
    monkeypatch.setenv("COLUMNS", str(width))
    draw(value)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines()]


def session(pid: int, **changes: JSON) -> dict[str, JSON]:
    """Return a row of the postgres plugin's `sessions-list`."""
    row: dict[str, JSON] = {
        "pid": pid,
        "user": "checkout",
        "database": "shop",
        "applicationName": f"checkout-web-{pid}",
        "clientAddr": "127.0.0.1/32",
        "state": "idle in transaction",
        "waitEventType": "Lock",
        "waitEvent": "transactionid",
        "waitDescription": "Waiting for a transaction to finish",
        "queryStart": f"2026-01-02T03:04:{pid % 60:02}.030850Z",
        "backendStart": "2026-01-02T03:00:00Z",
        "durationMs": 65_000 + pid,
        "stateAgeMs": 12,
        "backendType": "client backend",
        "queryId": "2800308901962295548",
        "blockedBy": [5931, 5932],
        "blocks": [5914, 5918, 5920],
        "xactAgeMs": 65_000,
        "canSignal": True,
        "visible": True,
        "ssl": False,
        "query": "update stock set count = count - 1 where product_id = 42 and warehouse = 'north' and count > 0",
    }
    return row | changes


def test_b9_sessions_at_120_columns_show_what_one_asks_for(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn([session(5914), session(5916, user="reporting")], capsys, monkeypatch)
    head = lines[0]
    for title in ("pid", "user", "state", "duration", "wait event", "blocked by", "query"):
        assert title in head, head
    assert head.rstrip().endswith("query") and "5931, 5932" in lines[1] and "1 m 11 s" in lines[1]
    assert "update stock" in lines[1]
    assert all(len(line) <= 120 for line in lines)
    left_out = " ".join(lines[3:])
    assert "not shown for lack of width:" in left_out
    for title in ("query start", "backend start", "query id", "can signal", "wait description"):
        assert title in left_out and title not in head


def test_name_state_duration_and_query_outlive_the_rest(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    head = drawn([session(7), session(8, user="app")], capsys, monkeypatch, 80)[0]
    assert [title for title in ("pid", "user", "state", "duration", "query") if title not in head] == []
    assert "wait" not in head


def test_own_id_is_whole_or_not_there(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    own = "9677154b-9a10-5d10-b6eb-77e0c0ffee00"
    rows = [{"id": own, "name": f"svc-{at}", "health": "healthy", "labels": {"app": "x"}} for at in range(2)]
    assert own in drawn(rows, capsys, monkeypatch, 60)[1]
    assert drawn(rows, capsys, monkeypatch, 40)[1].split() == ["svc-0", "healthy", "app=x"]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_table_fits_and_names_what_is_missing(width: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = drawn([session(7), session(8)], capsys, monkeypatch, width)
    assert all(len(line) <= width for line in lines)
    text = " ".join(lines)
    assert "state" in text and "query start" in text


def test_name_comes_first_and_moments_late(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"at": "2026-01-02T03:04:05Z", "sizeBytes": 15611571, "name": "shop", "n": 1}]
    head, row = drawn(rows, capsys, monkeypatch)
    assert head.split() == ["name", "size", "n", "at"]
    assert row.split() == ["shop", "14.9", "MB", "1", "2026-01-02", "03:04:05"]


def test_columns_that_somebody_chose_stay_as_they_are(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"columns": [{"name": "placedAt"}, {"name": "sizeBytes"}, {"name": "name"}], "rows": [["x", 2048, "a"]]}
    assert [line.split() for line in drawn(value, capsys, monkeypatch)] == [
        ["placedAt", "sizeBytes", "name"],
        ["x", "2048", "a"],
    ]


def test_b9_document_bare_node_and_data_are_told_apart() -> None:
    node = {"kind": "text", "text": "a"}
    assert find_node({"version": 1, "metadata": {}, "node": node}) == node
    assert find_node(node) == node
    assert find_node({"version": 1, "node": {"kind": "brand-new"}}) == {"kind": "brand-new"}
    assert find_node({"kind": "Pod", "spec": {}}) is None
    assert find_node([node]) is None


NODES: list[tuple[JSON, list[str]]] = [
    ({"kind": "text", "text": "a ", "children": [{"kind": "text", "text": "b"}]}, ["a b"]),
    ({"kind": "link", "text": "docs", "href": "https://x.test"}, ["docs (https://x.test)"]),
    ({"kind": "link-command", "command": "get", "args": ["pods"]}, ["get pods"]),
    ({"kind": "icon", "unicode": "★", "iconify": "mdi:star"}, ["★"]),
    ({"kind": "list", "items": ["a", "b"]}, ["• a", "• b"]),
    ({"kind": "list", "ordered": True, "items": ["a", "b"]}, ["1. a", "2. b"]),
    ({"kind": "list", "inline": True, "items": ["a", "b"]}, ["a, b"]),
    ({"kind": "map", "fields": [{"name": "startTime", "value": "x"}]}, ["start time:  x"]),
    ({"kind": "heading", "level": 2, "content": "Title"}, ["Title"]),
    ({"kind": "badge", "badgeLabel": "build", "badgeValue": "ok", "badgeColor": "green"}, ["[build ok]"]),
    ({"kind": "code", "language": "sql", "source": "select 1\nfrom t"}, ["select 1", "from t"]),
    ({"kind": "collapsed", "label": "More", "content": {"kind": "text", "text": "in"}}, ["More", "  in"]),
    ({"kind": "footnotes", "items": [{"id": "1", "content": "n"}, {"id": " "}]}, ["[1] n"]),
    ({"kind": "button", "label": "Go", "href": "/x"}, ["[Go] /x"]),
    ({"kind": "html", "html": "<p>safe <b>words</b><script>x()</script></p>"}, ["safe words"]),
    ({"kind": "comment", "text": "aside"}, ["aside"]),
    ({"kind": "hologram", "depth": 3}, ["kind: hologram", "depth: 3"]),
    ({"kind": "table", "columns": [], "rows": []}, ["no data"]),
    (
        {
            "kind": "stacktrace",
            "exceptionClass": "E",
            "message": "m",
            "frames": [{"functionName": "f", "file": "a.py"}],
        },
        ["E: m", "  at f (a.py)"],
    ),
]


@pytest.mark.parametrize(("node", "lines"), NODES, ids=[f"{node['kind']}-{at}" for at, (node, _) in enumerate(NODES)])
def test_b9_each_kind_of_node_is_drawn(
    node: JSON, lines: list[str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drawn({"version": 1, "node": node}, capsys, monkeypatch) == lines


def test_b9_admonition_says_its_weight_in_words(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    node = {"kind": "admonition", "severity": "danger", "label": "Hot", "content": "do not touch"}
    text = "\n".join(drawn(node, capsys, monkeypatch, 40))
    assert "danger: Hot" in text and "do not touch" in text


def test_b9_tables_and_trees_of_a_document(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = {"podName": {"kind": "text", "text": "a"}, "cpu": {"kind": "text", "text": "12"}}
    table = {
        "kind": "table",
        "columns": [{"name": "podName"}, {"name": "cpu", "unit": "%"}],
        "rows": [{"cells": cells}],
    }
    tree = {"kind": "tree", "roots": [{"id": "r", "label": "top", "children": [{"label": "leaf"}]}]}
    lines = drawn([{"kind": "map", "fields": [{"name": "t", "value": table}]}, tree], capsys, monkeypatch)
    assert lines[0].split() == ["pod", "name", "cpu"] and lines[1].split() == ["a", "12", "%"]
    assert lines[2:] == ["top", "└── leaf"]


def test_rows_of_structs_are_cards(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    card = {"kind": "map", "fields": [{"name": "name", "value": "cart"}]}
    lines = drawn({"kind": "table", "columns": [{"name": "x"}], "rows": [{"cells": {"x": card}}]}, capsys, monkeypatch)
    assert lines == ["1: name=cart", "  name:  cart"]


def test_no_document_commands_the_terminal_or_has_no_end(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    node: dict[str, JSON] = {"kind": "text", "text": "\x1b[2Jend\x07"}
    for _ in range(200):
        node = {"kind": "collapsed", "label": "\x1b]0;x\x07", "content": node}
    assert "\x1b" not in "".join(drawn(node, capsys, monkeypatch, 500))


def test_b9_json_stays_verbatim(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    raw = b'{"version" : 1,"node":{"kind":"text","text":"a"}}\n'
    draw_bytes(raw, as_json=True)
    assert capfdbinary.readouterr().out == raw


@pytest.mark.parametrize(
    ("key", "title"),
    [("stateAgeMs", "state age"), ("size_bytes", "size"), ("blockedBy", "blocked by"), ("SSL", "SSL"), ("ms", "ms")],
)
def test_keys_are_said_in_words(key: str, title: str) -> None:
    assert title_of(key) == title


def test_figures_carry_the_unit_of_their_key() -> None:
    assert [cell_text(1536, key) for key in ("sizeBytes", "ageMs", "count")] == ["1.5 KB", "1.5 s", "1536"]
    assert [duration_text(ms) for ms in (-1, 8, 3400, 65_000, 7_500_000, 273_600_000)] == [
        *("0 ms", "8 ms", "3.4 s", "1 m 05 s", "2 h 05 m", "3 d 04 h")
    ]
    assert [bytes_text(count) for count in (0, 1024**2, -2048, 5e15)] == ["0 B", "1.0 MB", "-2.0 KB", "4.4 PB"]
    assert [cell_text(value) for value in (99.99931165, 0.00012, True, None)] == ["99.999", "0.00012", "true", ""]


def test_lists_in_cells_are_short() -> None:
    assert cell_text([1, "a"]) == "1, a"
    assert cell_text([{"name": "id", "type": "int"}, {"name": "n"}]) == "id, n"
    assert cell_text([{"a": 1}]) == '[{"a":1}]'
    assert cell_text({"app": "x", "n": 1}) == "app=x, n=1"


def test_markup_is_its_words() -> None:
    assert strip_tags("<ul><li>a<li>b</ul><style>x</style>&amp;\x1b") == "a\nb&\ufffd"
