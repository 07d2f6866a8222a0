"""Policies: what a rule means, denial first, nothing by mistake, and lists that agree with single decisions."""

from __future__ import annotations

import csv
import time

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mc_host.access.policy import Policy
from mc_host.access.rules import action_matches, parse_csv, parse_object, parse_permission
from mc_host.catalog.items import CatalogItem
from mc_host.resources import PermissionResource, PermissionSpec
from mc_host.subjects import Subject, plugin_subject
from mc_wire.errors import InvalidParams

ANN, BOB = Subject("ann", "ann@example.org", ("shop",)), Subject("bob")


def item(name: str = "a", namespace: str = "shop", kind: str = "Test::Thing") -> CatalogItem:
    """Return an item."""
    return CatalogItem(id=name, name=name, type=kind, source="t", namespace=namespace)


def policy(text: str) -> Policy:
    """Return the policy of CSV lines."""
    return Policy([parse_csv(text)])


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("catalog:read", "catalog:read", True),
        ("catalog:*", "catalog:update", True),
        ("catalog:read", "catalog:update", False),
        ("invoke:postgres:*", "invoke:postgres:query", True),
        ("invoke:postgres:*", "invoke:postgres2:query", False),
        ("invoke:postgres:*", "invoke:postgres", False),
        ("invoke:*:stats", "invoke:golang:stats", True),
        ("invoke:*", "invoke:postgres:query", False),
        ("invoke:p:session-*", "invoke:p:session-cancel", True),
        ("invoke:p:[ab]", "invoke:p:a", False),
        ("*", "plugin-role:p:write", True),
        ("catalog:read", "catalog:read:more", False),
    ],
)
def test_action_matches_part_by_part(pattern: str, action: str, expected: bool) -> None:
    assert action_matches(pattern, action) is expected


def test_grant_is_for_its_subject_action_and_object_only() -> None:
    found = policy("p, ann, catalog:read, namespace=shop")
    assert found.allows(ANN, "catalog:read", item())
    assert not found.allows(BOB, "catalog:read", item())
    assert not found.allows(ANN, "catalog:update", item())
    assert not found.allows(ANN, "catalog:read", item(namespace="bank"))
    assert not found.allows(ANN, "catalog:read", None)


@pytest.mark.parametrize("name", ["ann", "email:ann@example.org", "group:shop", "*", "role:reader"])
def test_user_is_meant_by_id_email_group_role_and_star(name: str) -> None:
    found = policy(f"p, {name}, catalog:read, *\ng, group:shop, role:all\ng, role:all, role:reader")
    assert found.allows(ANN, "catalog:read", item())


def test_star_means_users_and_no_plugin() -> None:
    found = policy("p, *, *, *")
    assert found.allows(BOB, "catalog:read", None)
    assert not found.allows(plugin_subject("default/p"), "catalog:read", item())
    assert policy("p, plugin:*, catalog:read, *").allows(plugin_subject("default/p"), "catalog:read", item())


def test_denial_wins_over_every_grant_in_any_order() -> None:
    for text in (
        "p, *, catalog:read, *\np, group:shop, catalog:read, namespace=bank, deny",
        "p, group:shop, catalog:read, namespace=bank, deny\np, ann, *, *, allow",
    ):
        found = policy(text)
        assert found.allows(ANN, "catalog:read", item())
        assert not found.allows(ANN, "catalog:read", item(namespace="bank"))


def test_connections_are_granted_by_name() -> None:
    found = policy("p, plugin:default/p, connection:read, connection://prod/*\np, plugin:default/p, *, namespace=x")
    plugin = plugin_subject("default/p")
    assert found.allows_connection(plugin, "connection:read", "connection://prod/db")
    assert not found.allows_connection(plugin, "connection:read", "connection://dev/db")
    assert not found.allows_connection(plugin_subject("default/other"), "connection:read", "connection://prod/db")


def test_resource_grants_what_it_lists() -> None:
    spec = PermissionSpec(subjects=("ann",), actions=("catalog:read", "invoke:p:*"), selector={"types": ["Test::*"]})
    found = Policy([parse_permission(PermissionResource(id="1", name="n", namespace="", spec=spec, origin="f"))])
    assert found.allows(ANN, "invoke:p:x", item()) and not found.allows(ANN, "invoke:p:x", item(kind="Other"))


@pytest.mark.parametrize(
    "line",
    [
        "p, ann, catalog:read",
        "p, ann, catalog, *",
        "p, ann, catalog:read, nonsense",
        "p, ann, catalog:read, {}",
        'p, ann, catalog:read, "{""nmae"": ""x""}"',
        "p, ann, catalog:read, *, maybe",
        "p, , catalog:read, *",
        "g, ann",
        "q, ann, catalog:read, *",
        "p, ann, catalog:read, namespace=",
    ],
)
def test_line_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(InvalidParams):
        parse_csv(line)


def test_unknown_field_of_a_permission_is_refused_rather_than_ignored() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"subjects": ["ann"], "actions": ["*"], "objects": {"configs": []}}, PermissionSpec)


def test_json_selector_and_pairs_mean_the_same() -> None:
    pairs = parse_object("namespace=shop;types=Test::*,Other")
    quoted = parse_object('{"namespace": "shop", "types": ["Test::*", "Other"]}')
    assert pairs.text == quoted.text and pairs.covers_item(item()) and not pairs.covers_item(item(namespace="x"))


RULES = st.builds(
    lambda who, act, what, effect: f"p, {who}, {act}, {what}, {effect}",
    st.sampled_from(["ann", "bob", "*", "group:shop", "role:r"]),
    st.sampled_from(["catalog:read", "catalog:*", "*", "invoke:p:*"]),
    st.sampled_from(["*", "namespace=shop", "namespace=bank", "types=Test::*", "namespace=shop;types=Other"]),
    st.sampled_from(["allow", "deny"]),
)
ITEMS = st.builds(
    item, st.sampled_from("abc"), st.sampled_from(["shop", "bank", ""]), st.sampled_from(["Test::Thing", "Other"])
)


@settings(max_examples=150, deadline=None)
@given(rules=st.lists(RULES, max_size=6), items=st.lists(ITEMS, min_size=1, max_size=4), is_member=st.booleans())
def test_list_selector_and_single_decision_always_agree(
    rules: list[str], items: list[CatalogItem], is_member: bool
) -> None:
    found = policy("\n".join([*rules, *(["g, ann, role:r"] if is_member else [])]))
    for subject in (ANN, BOB):
        selector = found.selector(subject, "catalog:read")
        assert [selector(one) for one in items] == [found.allows(subject, "catalog:read", one) for one in items]


def test_roles_in_a_circle_end() -> None:
    found = policy("g, ann, role:a\ng, role:a, role:b\ng, role:b, role:a\np, role:b, catalog:read, *")
    assert found.allows(ANN, "catalog:read", item()) and not found.allows(BOB, "catalog:read", item())


@settings(max_examples=300, deadline=None)
@given(
    st.text()
    | st.lists(st.sampled_from(["p", "g", "ann", "catalog:read", "*", "{", '"', "=", ";", "deny"])).map(", ".join)
)
def test_any_policy_text_is_read_or_refused(text: str) -> None:
    try:
        found = policy(text)
    except (InvalidParams, csv.Error):
        return
    found.allows(ANN, "catalog:read", item())


def test_ten_thousand_items_are_filtered_in_no_time() -> None:
    lines = [f"p, ann, catalog:read, namespace=ns{n}" for n in range(20)]
    found = policy("\n".join([*lines, "p, ann, catalog:read, name=secret*, deny"]))
    items = [item(f"i{n}", f"ns{n % 200}") for n in range(10_000)]
    selector = found.selector(ANN, "catalog:read")
    started = time.perf_counter()
    assert sum(map(selector, items)) == 1000
    assert time.perf_counter() - started < 1.0  # a tenth of that when nothing else runs
