"""Which items a selector means, as a table; what cannot be evaluated is refused, never ignored."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.selectors import parse_selector, tag_condition, word_condition
from mc_wire.errors import InvalidParams
from mc_wire.model import JSON

APP = CatalogItem(
    id="a",
    name="checkout-db",
    type="PostgreSQL::Database",
    source="directory",
    namespace="shop",
    health="healthy",
    status="Running",
    labels={"app": "checkout", "tier": ""},
    tags={"cluster": "eu"},
    haystack="checkout-db\npostgresql::database\nshop\napp=checkout",
)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"name": "", "types": []}, True),
        ({"name": "checkout-db"}, True),
        ({"name": "check*"}, True),
        ({"name": "*-db,other"}, True),
        ({"name": "*"}, True),
        ({"name": "check"}, False),
        ({"name": "!checkout-db"}, False),
        ({"name": "!other"}, True),
        ({"name": "check*,!checkout-db"}, False),
        ({"name": "checkout[-]db"}, False),
        ({"namespace": "shop"}, True),
        ({"namespace": "default"}, False),
        ({"types": ["PostgreSQL::*"]}, True),
        ({"types": ["Kubernetes::Pod", "PostgreSQL::Database"]}, True),
        ({"types": ["Kubernetes::Pod"]}, False),
        ({"types": ["!Kubernetes::*"]}, True),
        ({"statuses": ["Running"]}, True),
        ({"statuses": ["Failed"]}, False),
        ({"health": "healthy,warning"}, True),
        ({"health": "unhealthy"}, False),
        ({"agent": "all"}, True),
        ({"agent": "self"}, True),
        ({"agent": "other"}, False),
        ({"labelSelector": "app=checkout"}, True),
        ({"labelSelector": "app==checkout,tier"}, True),
        ({"labelSelector": "app!=checkout"}, False),
        ({"labelSelector": "missing!=x"}, True),
        ({"labelSelector": "app in (cart, checkout)"}, True),
        ({"labelSelector": "app notin (cart,checkout)"}, False),
        ({"labelSelector": "!tier"}, False),
        ({"labelSelector": "!missing"}, True),
        ({"tagSelector": "cluster=eu"}, True),
        ({"tagSelector": "cluster=us"}, False),
        ({"fieldSelector": "type=PostgreSQL::Database,status!=Failed"}, True),
        ({"fieldSelector": "labels.app=cart"}, False),
        ({"search": "Checkout postgres"}, True),
        ({"search": "type=PostgreSQL::* shop"}, True),
        ({"search": "cart"}, False),
        ({"id": "b"}, False),
        ({"limit": 5, "cache": "no-cache", "includeDeleted": True}, True),
    ],
)
def test_selector_means_the_item(selector: dict[str, JSON], expected: bool) -> None:
    assert parse_selector(selector).matches(APP) is expected


@pytest.mark.parametrize(
    "selector",
    [
        {"type": "x"},
        {"scope": "x"},
        {"name": 1},
        {"types": "PostgreSQL::Database"},
        {"types": [1]},
        {"labelSelector": "a in b"},
        {"labelSelector": "a in (b"},
        {"labelSelector": "a)b"},
        {"labelSelector": "=b"},
        {"labelSelector": "a > 1"},
        {"fieldSelector": "spec.x=1"},
        {"search": "a | b"},
        {"search": "config.x=1"},
    ],
)
def test_what_cannot_be_evaluated_is_refused(selector: dict[str, JSON]) -> None:
    with pytest.raises(InvalidParams):
        parse_selector(selector)


@given(st.text(max_size=40), st.sampled_from(["labelSelector", "tagSelector", "fieldSelector", "search", "name"]))
def test_any_text_is_parsed_or_refused(text: str, key: str) -> None:
    with suppress(InvalidParams):
        parse_selector({key: text}).matches(APP)


def test_search_as_typed_takes_every_character_literally() -> None:
    assert word_condition("app=checkout SHOP")(APP)
    assert not word_condition("a|b")(APP)
    assert word_condition("")(APP)


@pytest.mark.parametrize(
    ("tag", "is_meant"),
    [
        ("cluster=eu", True),
        ("cluster=e*", True),
        ("cluster=us", False),
        ("cluster=", False),
        ("cluster", True),
        ("lust=eu", False),
        ("app=checkout", True),
        ("app=check", False),
    ],
)
def test_tag_is_looked_for_among_labels_and_tags(tag: str, is_meant: bool) -> None:
    assert tag_condition(tag)(APP) is is_meant
