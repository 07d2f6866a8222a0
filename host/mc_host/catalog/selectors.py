"""Which items a selector means. Parsing refuses what this host cannot evaluate; a selector never widens by mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mc_host.catalog.items import CatalogItem
from mc_host.patterns import matches_patterns, split_patterns
from mc_wire.errors import InvalidParams
from mc_wire.model import JSON

Predicate = Callable[[CatalogItem], bool]

_FIELDS: Mapping[str, Callable[[CatalogItem], str]] = {
    "id": lambda item: item.id,
    "name": lambda item: item.name,
    "namespace": lambda item: item.namespace,
    "type": lambda item: item.type,
    "health": lambda item: item.health,
    "status": lambda item: item.status,
    "source": lambda item: item.source,
}
_TEXT_KEYS = ("id", "name", "namespace", "health")
_LIST_KEYS = {"types": "type", "statuses": "status"}
_INERT_KEYS = ("cache", "limit", "includeDeleted")  # how to fetch, not what to match
_ANY_AGENT, _OWN_AGENT = ("", "all"), ("self", "local")
_TERM = re.compile(r"^(?P<key>[\w.:/-]+)\s*(?P<op>!=|==|=|\s+in\s+|\s+notin\s+)\s*(?P<value>.*)$", re.DOTALL)
_BARE = re.compile(r"^!?[\w.:/-]+$")


@dataclass(frozen=True)
class Selector:
    """A parsed selector; without conditions it means every item."""

    conditions: tuple[Predicate, ...] = ()

    def matches(self, item: CatalogItem) -> bool:
        """Is `item` meant?"""
        return all(condition(item) for condition in self.conditions)


def parse_selector(selector: Mapping[str, JSON]) -> Selector:
    """Return the selector of a ResourceSelector object. Raises: InvalidParams, naming the key."""
    conditions: list[Predicate] = []
    for key, value in selector.items():
        if value is None or value == "" or value == []:
            continue
        if key in _TEXT_KEYS:
            conditions.append(_pattern_condition(key, split_patterns([_text(key, value)])))
        elif key in _LIST_KEYS:
            conditions.append(_pattern_condition(_LIST_KEYS[key], split_patterns(_texts(key, value))))
        elif key == "agent":
            conditions.extend(_agent_condition(_text(key, value)))
        elif key == "labelSelector":
            conditions.extend(_map_conditions(key, _text(key, value), lambda item: item.labels))
        elif key == "tagSelector":
            conditions.extend(_map_conditions(key, _text(key, value), lambda item: item.tags))
        elif key == "fieldSelector":
            conditions.extend(_field_conditions(key, _text(key, value)))
        elif key == "search":
            conditions.extend(_search_conditions(_text(key, value)))
        elif key not in _INERT_KEYS:
            known = sorted((*_TEXT_KEYS, *_LIST_KEYS, *_INERT_KEYS, "agent", "search"))
            raise InvalidParams(f"selector key {key!r} is not supported", field=key, known=known)
    return Selector(tuple(conditions))


def parse_query(query: Mapping[str, str], *, types: Sequence[str], tags: Sequence[str]) -> Predicate:
    """Return what tells whether an item is among those that a list's filters name. Raises: InvalidParams.

    `query` may have namespace, health, labelSelector, tagSelector and search.
    """
    keys = ("namespace", "health", "labelSelector", "tagSelector")
    selector = parse_selector({"types": list(types), **{key: query.get(key, "") for key in keys}})
    conditions = [*selector.conditions, word_condition(query.get("search", "")), *map(tag_condition, tags)]
    return lambda item: all(condition(item) for condition in conditions)


def word_condition(text: str) -> Predicate:
    """Return the condition of free search as people type it: every word occurs somewhere in the item."""
    words = text.casefold().split()
    return lambda item: all(word in item.haystack for word in words)


def tag_condition(text: str) -> Predicate:
    """Return the condition of `key=value` among labels or tags, `*` in the value; a bare `key` means any value."""
    name, is_valued, value = text.strip().partition("=")
    patterns = (value.strip(),) if is_valued else ("*",)

    def is_tagged(item: CatalogItem) -> bool:
        found = (item.tags.get(name), item.labels.get(name))
        return any(one is not None and matches_patterns(patterns, one) for one in found)

    return is_tagged


def _text(key: str, value: JSON) -> str:
    if not isinstance(value, str):
        raise InvalidParams(f"selector key {key!r} must be text, got {value!r}", field=key)
    return value


def _texts(key: str, value: JSON) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InvalidParams(f"selector key {key!r} must be a list of texts, got {value!r}", field=key)
    return value


def _pattern_condition(field: str, patterns: tuple[str, ...]) -> Predicate:
    read = _FIELDS[field]
    return lambda item: matches_patterns(patterns, read(item))


def _agent_condition(agent: str) -> list[Predicate]:
    if agent in _ANY_AGENT:
        return []
    wanted = "" if agent in _OWN_AGENT else agent
    return [lambda item: item.agent_id == wanted]


def split_terms(key: str, text: str) -> list[str]:
    """Return the comma-separated terms of a label selector; commas inside `in (…)` do not separate."""
    terms, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth < 0 or depth > 1:
            raise InvalidParams(f"{key}: unbalanced parentheses in {text!r}", field=key)
        if char == "," and depth == 0:
            terms.append(text[start:at])
            start = at + 1
    if depth:
        raise InvalidParams(f"{key}: unbalanced parentheses in {text!r}", field=key)
    terms.append(text[start:])
    return [term.strip() for term in terms if term.strip()]


def _map_conditions(key: str, text: str, read: Callable[[CatalogItem], dict[str, str]]) -> list[Predicate]:
    return [_map_condition(key, term, read) for term in split_terms(key, text)]


def _map_condition(key: str, term: str, read: Callable[[CatalogItem], dict[str, str]]) -> Predicate:
    if _BARE.match(term):
        name, is_wanted = term.lstrip("!"), not term.startswith("!")
        return lambda item: (name in read(item)) is is_wanted
    name, negated, values = _split_term(key, term)
    # Kubernetes' rule: a missing label satisfies != and notin.
    return lambda item: (read(item).get(name) in values) is not negated


def _split_term(key: str, term: str) -> tuple[str, bool, frozenset[str]]:
    found = _TERM.match(term)
    if not found:
        raise InvalidParams(f"{key}: cannot read {term!r}", field=key)
    operator, value = found["op"].strip(), found["value"].strip()
    if operator in ("in", "notin"):
        if not (value.startswith("(") and value.endswith(")")):
            raise InvalidParams(f"{key}: {operator} needs a list in parentheses, got {term!r}", field=key)
        values = frozenset(part.strip() for part in value[1:-1].split(","))
    else:
        values = frozenset([value])
    return found["key"], operator in ("!=", "notin"), values


def _field_conditions(key: str, text: str) -> list[Predicate]:
    return [_field_condition(key, term) for term in split_terms(key, text)]


def _field_condition(key: str, term: str) -> Predicate:
    name, negated, values = _split_term(key, term)
    if name in _FIELDS:
        read = _FIELDS[name]
        patterns = tuple(values)
        return lambda item: matches_patterns(patterns, read(item)) is not negated
    prefix, _, rest = name.partition(".")
    if prefix in ("labels", "tags") and rest:
        return lambda item: ((item.labels if prefix == "labels" else item.tags).get(rest) in values) is not negated
    raise InvalidParams(f"{key}: field {name!r} is not supported", field=key)


def _search_conditions(text: str) -> list[Predicate]:
    """Words and `field=value` terms, blank separated; other operators are refused rather than ignored."""
    conditions: list[Predicate] = []
    for term in text.split():
        if "=" in term:
            conditions.append(_field_condition("search", term))
        elif any(char in term for char in "()|<>\"'"):
            raise InvalidParams(f"search: cannot read {term!r}", field="search")
        else:
            conditions.append(word_condition(term))
    return conditions
