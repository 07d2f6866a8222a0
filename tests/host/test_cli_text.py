"""Text in, text out: params by schema, and JSON as tables and trees."""

from __future__ import annotations

import click
import pytest

from mc_host.cli.follow import follow
from mc_host.cli.params import build_params, coerce, parse_pairs
from mc_host.cli.render import draw, draw_bytes, printable
from mc_host.manifests import CachedOperation
from mc_wire.model import JSON


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        ("6060", {"type": "integer"}, 6060),
        ("6060", {"type": ["integer", "null"]}, 6060),
        ("6060", {"anyOf": [{"type": "null"}, {"type": "integer"}]}, 6060),
        ("1.5", {"type": "number"}, 1.5),
        ("yes", {"type": "boolean"}, True),
        ("False", {"type": "boolean"}, False),
        ("a, b", {"type": "array", "items": {"type": "string"}}, ["a", "b"]),
        ("1,2", {"type": "array", "items": {"type": "integer"}}, [1, 2]),
        ('["a,b"]', {"type": "array"}, ["a,b"]),
        ('{"a":1}', {"type": "object"}, {"a": 1}),
        ("6060", {"type": "string"}, "6060"),
        ("6060", {}, "6060"),
        ("a=b", {"enum": ["a=b"]}, "a=b"),
    ],
)
def test_b4_parameter_is_typed_by_its_schema(text: str, schema: dict[str, JSON], expected: JSON) -> None:
    assert coerce("p", text, schema) == expected


@pytest.mark.parametrize(
    ("text", "kind"), [("x", "integer"), ("1.5", "integer"), ("x", "number"), ("maybe", "boolean"), ("[", "object")]
)
def test_text_of_another_type_is_refused_with_the_name(text: str, kind: str) -> None:
    with pytest.raises(click.ClickException, match=f'parameter "p" must be of type {kind}'):
        coerce("p", text, {"type": kind})


def test_pairs_keep_equal_signs_and_lists_grow() -> None:
    assert parse_pairs(["a=b=c", "d="]) == [("a", "b=c"), ("d", "")]
    operation = CachedOperation(name="o", schema={"properties": {"l": {"type": "array"}}, "required": []})
    assert build_params(operation, [("l", "a"), ("l", "b"), ("x", "1")]) == {"l": ["a", "b"], "x": "1"}


def drawn(value: JSON, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what `draw` prints."""
    draw(value)
    return capsys.readouterr().out


def test_list_of_objects_is_a_table_without_empty_columns(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    rows = [{"pid": 7, "user": "app", "wait": None}, {"pid": 1234, "user": "su", "tags": [1]}]
    lines = [line.rstrip() for line in drawn(rows, capsys).splitlines()]
    assert lines == [" pid  user  tags", "   7  app", "1234  su    1"]


def test_wide_table_names_what_it_leaves_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    text = drawn([{f"column{n}": "x" * 8 for n in range(6)}], capsys)
    assert "column2" in text and "not shown for lack of width: " in text


def test_columns_and_rows_are_a_table_and_the_rest_a_map(capsys: pytest.CaptureFixture[str]) -> None:
    value = {
        "columns": [{"name": "id", "type": "INT4"}, {"name": "t"}],
        "rows": [[1, "a"], {"id": 2, "t": None}],
        "n": 2,
    }
    lines = [line.rstrip() for line in drawn(value, capsys).splitlines()]
    assert lines == ["id  t", " 1  a", " 2", "n:  2"]


def test_object_is_a_map_with_tables_and_trees(capsys: pytest.CaptureFixture[str]) -> None:
    text = drawn({"name": "db", "parts": [{"a": 1}], "tree": {"x": {"y": [1, 2]}}, "none": {}}, capsys)
    assert text.splitlines()[0].split() == ["name:", "db"] and "└── 2" in text and "none:" in text


def test_bytes_are_verbatim_with_json_and_drawn_without(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    draw_bytes(b'{"a" :1}', as_json=True)
    assert capfdbinary.readouterr().out == b'{"a" :1}'


def test_data_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    text = drawn([{"q": "\x1b[2Jselect\n1\x07", "m": "[red]x[/red]"}], capsys)
    assert "\x1b" not in text and "\x07" not in text and "[red]x[/red]" in text
    assert printable("a\nb\x9b", keep_lines=True) == "a\nb\ufffd"


def test_stream_is_drawn_as_tables_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        b'{"type":"set","columns":[{"name":"id"},{"name":"t"}]}\n',
        b'[1,"a"]\n',
        b"[2,null]\n",
        b'{"type":"end","rowCount":2,"notices":[]}\n',
    ]
    follow(lines, as_json=False)
    text = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert text == ["id  t", " 1  a", " 2", "type=end  rowCount=2"]


def test_stream_that_fails_ends_with_its_error(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = [b"[1]\n", b'{"error":"no \\"x\\"","code":"invalid"}\n']
    for as_json, printed in ((False, b"1\n"), (True, b"".join(lines))):
        with pytest.raises(click.ClickException, match=r'no "x" \(invalid\)'):
            follow(lines, as_json=as_json)
        assert capfdbinary.readouterr().out == printed


def test_following_a_log_prints_each_record_once() -> None:
    from mc_host.cli.plugin import _after

    first, second, third = ({"at": at, "message": "x"} for at in "123")
    assert _after([first, second], []) == [first, second]
    assert _after([first, second, third], [first, second]) == [third]
    assert _after([first, second], [first, second]) == []
    assert _after([third], [first, second]) == [third]
