"""Query strings to an operation's params."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest

from mc_sdk import InvalidParams, Struct
from mc_sdk.params import convert_query


class Wanted(Struct, forbid_unknown_fields=True):
    """One param of each kind."""

    names: Annotated[list[str], msgspec.Meta(max_length=3)] = msgspec.field(default_factory=list)
    ids: list[int] | None = None
    either: list[str] | str = ""
    limit: int = 0


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([], Wanted()),
        ([("names", "a")], Wanted(names=["a"])),
        ([("Names", "a"), ("Names", "b")], Wanted(names=["a", "b"])),
        ([("ids", "1")], Wanted(ids=[1])),
        ([("either", "a")], Wanted(either="a")),
        ([("either", "a"), ("either", "b")], Wanted(either=["a", "b"])),
        ([("limit", "1"), ("limit", "2")], Wanted(limit=2)),
    ],
)
def test_a_name_may_repeat_where_a_param_takes_an_array(query: list[tuple[str, str]], expected: Wanted) -> None:
    assert convert_query(query, Wanted) == expected


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(InvalidParams, match="ids"):
        convert_query([("ids", "x")], Wanted)
