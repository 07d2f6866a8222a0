"""What several sources tell, in one catalog."""

from __future__ import annotations

from mc_host.catalog.intake import Intake, merge_plugins
from mc_host.catalog.items import CatalogItem
from mc_host.catalog.store import Catalog
from mc_host.resources import ConnectionResource, ConnectionSpec, PluginResource, PluginSpec


def item(number: int, source: str = "s", name: str = "") -> CatalogItem:
    return CatalogItem(
        id=f"00000000-0000-4000-8000-{number:012d}", name=name or f"item-{number:03d}", type="T", source=source
    )


def plugin(name: str, origin: str, namespace: str = "ops") -> PluginResource:
    return PluginResource(id=origin, name=name, namespace=namespace, spec=PluginSpec(source=name), origin=origin)


def connection(name: str) -> ConnectionResource:
    return ConnectionResource(id=name, name=name, namespace="", spec=ConnectionSpec(type="postgres"), origin="x")


def shown(catalog: Catalog) -> list[str]:
    return [one.name for one in catalog.list_page(lambda _: True).items]


def test_changes_keep_the_lists_order_whether_few_or_many() -> None:
    catalog = Catalog()
    intake = Intake(catalog, lambda _: None)
    intake.update_items("s", [item(number) for number in range(0, 400, 2)])  # many: sorted anew
    assert shown(catalog) == [f"item-{number:03d}" for number in range(0, 400, 2)]
    intake.update_items("s", [item(7), item(5), item(2, name="zzz")], [item(0).id])  # few: put in place
    expected = sorted(["item-005", "item-007", "zzz", *(f"item-{n:03d}" for n in range(4, 400, 2))])
    assert shown(catalog) == expected
    assert catalog.get(item(2).id).name == "zzz" and catalog.find(item(0).id) is None


def test_removal_of_what_is_unknown_or_of_another_source_changes_nothing() -> None:
    catalog = Catalog()
    intake = Intake(catalog, lambda _: None)
    intake.replace_items("a", [item(1, "a")])
    intake.update_items("b", [item(2, "b")], [item(1).id, item(9).id])
    assert shown(catalog) == ["item-001", "item-002"]
    intake.replace_items("a", [])
    assert shown(catalog) == ["item-002"]


def test_problems_are_kept_by_source() -> None:
    intake = Intake(Catalog(), lambda _: None)
    intake.report_problems("b", ["two"])
    intake.report_problems("a", ["one"])
    assert intake.list_problems() == [("a", "one"), ("b", "two")]
    intake.report_problems("b", [])
    assert intake.list_problems() == [("a", "one")]


def test_plugins_of_several_sources_are_merged_and_a_name_in_two_is_an_error_naming_both() -> None:
    intake = Intake(Catalog(), lambda _: None)
    intake.replace_plugins("plugins:x", [plugin("pg", "cluster x/ops/pg"), plugin("jvm", "cluster x/ops/jvm")])
    assert intake.plugins_changed.is_set()
    intake.plugins_changed.clear()
    intake.replace_plugins("directory", [plugin("pg", "pg.yaml")])
    merged, problems = intake.merge_plugins()
    assert [one.origin for one in merged] == ["pg.yaml", "cluster x/ops/jvm"]
    assert problems == ["plugin ops/pg is declared by pg.yaml and by cluster x/ops/pg: the first runs"]
    intake.plugins_changed.clear()
    intake.replace_plugins("directory", [plugin("pg", "pg.yaml")])
    assert not intake.plugins_changed.is_set()  # nothing new
    assert merge_plugins({}) == ([], [])


def test_connections_of_all_sources_are_told_together_and_only_when_they_change() -> None:
    told: list[list[str]] = []
    intake = Intake(Catalog(), lambda connections: told.append([one.name for one in connections]))
    for source, names in (("b", ["two"]), ("a", ["one"]), ("b", ["two"]), ("b", [])):
        intake.replace_connections(source, [connection(name) for name in names])
    assert told == [["two"], ["one", "two"], ["one"]]
