"""A whole policy: casbin decides on single objects, and the same rules become one selector for lists."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mc_host.access.rules import ObjectPattern, PolicyText, Rule, action_matches
from mc_host.catalog.items import CatalogItem
from mc_host.catalog.selectors import Predicate
from mc_host.subjects import Subject

if TYPE_CHECKING:
    from casbin import Enforcer

_MODEL = """
[request_definition]
r = sub, act, obj

[policy_definition]
p = sub, act, obj, eft

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = holds(r.sub, p.sub) && means(r.act, p.act) && covers(r.obj, p.obj)
"""
_MAX_KEPT = 4096


@dataclass(frozen=True)
class _Asker:
    """A subject with every name and role that a rule may mean them by."""

    names: frozenset[str]


@dataclass(frozen=True, eq=False)
class _Target:
    """What is asked for: an item, a connection, or (neither) the host at large."""

    item: CatalogItem | None = None
    connection: str = ""

    def is_covered(self, pattern: ObjectPattern) -> bool:
        """Is it what `pattern` covers?"""
        return pattern.covers_connection(self.connection) if self.connection else pattern.covers_item(self.item)


class Policy:
    """Immutable; a changed policy is a new object, so nothing cached outlives it."""

    def __init__(self, texts: Iterable[PolicyText]) -> None:
        self._rules = [rule for text in texts for rule in text.rules]
        self._memberships = [one for text in texts for one in text.memberships]
        self._patterns = {rule.target.text: rule.target for rule in self._rules}
        self._enforcer = self._build() if self._rules else None
        self._askers: OrderedDict[Subject, _Asker] = OrderedDict()
        self._decisions: OrderedDict[tuple[int, str, _Asker], tuple[CatalogItem | None, bool]] = OrderedDict()
        self._lists: OrderedDict[tuple[str, _Asker], Predicate] = OrderedDict()

    @property
    def is_empty(self) -> bool:
        """Is there no rule at all?"""
        return not self._rules

    def _build(self) -> Enforcer:
        import casbin

        logging.getLogger("casbin").setLevel(logging.ERROR)  # it warns of every refusal, which is ours to report
        model = casbin.Model()
        model.load_model_from_text(_MODEL)
        enforcer = casbin.Enforcer(model)
        enforcer.add_function("holds", lambda asker, name: name in asker.names)
        enforcer.add_function("means", lambda action, pattern: action_matches(pattern, action))
        enforcer.add_function("covers", lambda target, text: target.is_covered(self._patterns[text]))
        for rule in self._rules:
            enforcer.add_policy(rule.subject, rule.action, rule.target.text, "deny" if rule.is_denied else "allow")
        for one in self._memberships:
            enforcer.add_grouping_policy(one.member, one.role)
        return enforcer

    def allows(self, subject: Subject, action: str, item: CatalogItem | None) -> bool:
        """May the subject do this on the item (None: on no item in particular)?"""
        if self._enforcer is None:
            return False
        key = (id(item), action, self._asker(subject))
        known = self._decisions.get(key)
        if known is None or known[0] is not item:  # an id may have been another item's before
            known = (item, bool(self._enforcer.enforce(key[2], action, _Target(item))))
            _keep(self._decisions, key, known)
        return known[1]

    def allows_connection(self, subject: Subject, action: str, reference: str) -> bool:
        """May the subject do this with the connection `connection://namespace/name`?"""
        if self._enforcer is None:
            return False
        return bool(self._enforcer.enforce(self._asker(subject), action, _Target(connection=reference)))

    def selector(self, subject: Subject, action: str) -> Predicate:
        """Return what tells of item after item whether the subject may do this on it: the same answer, fast."""
        key = (action, self._asker(subject))
        found = self._lists.get(key)
        if found is None:
            rules = [r for r in self._rules if r.subject in key[1].names and action_matches(r.action, action)]
            found = _combine(rules)
            _keep(self._lists, key, found)
        return found

    def _asker(self, subject: Subject) -> _Asker:
        known = self._askers.get(subject)
        if known is None:
            own = _names_of(subject)
            roles = {role for name in own for role in self._roles_of(name)}
            known = _Asker(frozenset(own | roles))
            _keep(self._askers, subject, known)
        return known

    def _roles_of(self, name: str) -> list[str]:
        return list(self._enforcer.get_implicit_roles_for_user(name)) if self._enforcer else []


def _names_of(subject: Subject) -> set[str]:
    if subject.is_plugin:
        return {subject.user_id, "plugin:*"}
    names = {subject.user_id, "*", *(f"group:{group}" for group in subject.groups)}
    return names | {f"email:{subject.email}"} if subject.email else names


def _combine(rules: list[Rule]) -> Predicate:
    allowed = _any_of([rule.target for rule in rules if not rule.is_denied])
    denied = _any_of([rule.target for rule in rules if rule.is_denied])
    if denied is None:
        return allowed or _nothing
    if allowed is None:
        return _nothing
    wanted, refused = allowed, denied
    return lambda item: wanted(item) and not refused(item)


def _any_of(targets: list[ObjectPattern]) -> Predicate | None:
    unique = {target.text: target for target in targets}
    if "*" in unique:
        return lambda _: True
    checks: list[Callable[[CatalogItem], bool]] = [
        target.selector.matches for target in unique.values() if target.selector is not None
    ]
    if not checks:
        return None
    return checks[0] if len(checks) == 1 else lambda item: any(check(item) for check in checks)


def _nothing(_: CatalogItem) -> bool:
    return False


def _keep(table: OrderedDict, key: object, value: object) -> None:  # type: ignore[type-arg]  # three tables, one rule
    table[key] = value
    while len(table) > _MAX_KEPT:
        table.popitem(last=False)
