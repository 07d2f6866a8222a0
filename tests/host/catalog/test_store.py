"""Order, pages and replacement of the catalog."""

from __future__ import annotations

import pytest

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.store import Catalog
from mc_wire.errors import InvalidParams, NotFound


def row(number: int, source: str = "s") -> CatalogItem:
    """Return an item whose id and name follow from its number."""
    return CatalogItem(id=f"00000000-0000-4000-8000-{number:012}", name=f"n{number:03}", type="T", source=source)


def everything(item: CatalogItem) -> bool:
    """Match every item."""
    return True


def test_b2_pages_cover_all_items_once_in_order() -> None:
    catalog = Catalog()
    catalog.replace_source("s", [row(number) for number in reversed(range(25))])
    names, cursor = [], ""
    for size in (10, 10, 5):
        page = catalog.list_page(everything, 10, cursor)
        assert (len(page.items), page.total) == (size, 25)
        names += [item.name for item in page.items]
        cursor = page.next_cursor
    assert cursor == "" and names == [f"n{number:03}" for number in range(25)]


def test_page_goes_on_where_it_was_when_items_come_and_go() -> None:
    catalog = Catalog()
    catalog.replace_source("s", [row(number) for number in range(0, 20, 2)])
    first = catalog.list_page(everything, 5)
    catalog.replace_source("s", [row(number) for number in range(20) if number != 8])  # 8 was the cursor's item
    second = catalog.list_page(everything, 5, first.next_cursor)
    assert [item.name for item in second.items] == ["n009", "n010", "n011", "n012", "n013"]


def test_replacing_one_source_leaves_the_others() -> None:
    catalog = Catalog()
    catalog.replace_source("b", [row(1, "b")])
    catalog.replace_source("a", [row(2, "a")])
    catalog.replace_source("b", [row(3, "b")])
    assert [item.name for item in catalog.list_page(everything).items] == ["n002", "n003"]
    assert catalog.find(row(1).id) is None


def test_lookup_by_id() -> None:
    catalog = Catalog()
    catalog.replace_source("s", [row(1)])
    assert catalog.get(row(1).id.upper()).name == "n001"
    with pytest.raises(NotFound):
        catalog.get(row(2).id)
    with pytest.raises(InvalidParams, match="config_id must be a UUID"):
        catalog.get("../x")


@pytest.mark.parametrize("cursor", ["!", "AAAA", "WzFd", "é"])
def test_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidParams, match="cursor"):
        Catalog().list_page(everything, 1, cursor)
