"""Rows as JSON: caps on cells and bytes."""

from __future__ import annotations

import json

from mc_sql.results import CellCap, Column, RowCollector, encode_rows


def test_rows_are_lines_of_json() -> None:
    assert encode_rows([(1, "a\nb", None), (True, 1.5, "é")]) == '[1,"a\\nb",null]\n[true,1.5,"é"]\n'.encode()


def test_a_cell_is_cut_between_characters() -> None:
    cap = CellCap(5)
    assert [cap.cut("ééé"), cap.cut("abcde"), cap.cut("abcdef")] == ["éé", "abcde", "abcde"]
    assert cap.cut_count == 2


def test_rows_are_collected_until_the_bytes_are_used_up() -> None:
    rows = RowCollector([Column(name="a"), Column(name="a")], as_arrays=False, budget_bytes=20)
    assert rows.rows() is None
    assert rows.add([(1, 2)])
    assert not rows.add([(1, 2), (1, 3), (1, 4)])
    assert json.loads(bytes(rows.rows() or b"")) == [{"a": 2}, {"a": 2}]
    assert rows.count == 2
    kept_twice = RowCollector([Column(name="a"), Column(name="a")], as_arrays=True, budget_bytes=100)
    kept_twice.add([(1, 2)])
    assert json.loads(bytes(kept_twice.rows() or b"")) == [[1, 2]]
