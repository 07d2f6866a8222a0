"""One policy rule: whom it means, which actions, which objects; read from YAML resources and from CSV lines."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import msgspec

from mc_host.catalog.items import CatalogItem
from mc_host.catalog.selectors import Selector, parse_selector
from mc_host.resources import PermissionResource
from mc_wire.errors import InvalidParams
from mc_wire.model import JSON

EVERYTHING = "*"
CONNECTION_SCHEME = "connection://"
_LIST_KEYS = ("types", "statuses")


@dataclass(frozen=True)
class ObjectPattern:
    """What a rule covers: everything, connections by name, or the items of a selector."""

    text: str
    selector: Selector | None = None

    def covers_item(self, item: CatalogItem | None) -> bool:
        """Is this item meant? Without an item (a global operation) only the pattern for everything is."""
        if self.text == EVERYTHING:
            return True
        return item is not None and self.selector is not None and self.selector.matches(item)

    def covers_connection(self, reference: str) -> bool:
        """Is the connection `connection://namespace/name` meant?"""
        if self.text == EVERYTHING:
            return True
        return self.selector is None and fnmatchcase(reference, _literal(self.text))


@dataclass(frozen=True)
class Rule:
    """One line of a policy; a denial wins over every grant."""

    subject: str
    action: str
    target: ObjectPattern
    is_denied: bool = False


@dataclass(frozen=True)
class Membership:
    """Whoever is `member` also is `role`."""

    member: str
    role: str


@dataclass
class PolicyText:
    """Rules and memberships as they were read."""

    rules: list[Rule] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)


def action_matches(pattern: str, action: str) -> bool:
    """Is `action` meant? Part by part, so that `invoke:postgres:*` stays with that plugin; a lone `*` means all."""
    if pattern == EVERYTHING:
        return True
    wanted, given = pattern.split(":", 2), action.split(":", 2)
    return len(wanted) == len(given) and all(
        fnmatchcase(part, _literal(want)) for want, part in zip(wanted, given, strict=True)
    )


def _literal(pattern: str) -> str:
    return pattern.replace("[", "[[]").replace("?", "[?]")  # only `*` is special


def parse_object(text: str) -> ObjectPattern:
    """Return what `*`, `connection://ns/name`, `key=value;…` or a JSON selector covers. Raises: InvalidParams."""
    text = text.strip()
    if text == EVERYTHING or text.startswith(CONNECTION_SCHEME):
        return ObjectPattern(text)
    if text.startswith("{"):
        try:
            selector = msgspec.json.decode(text, type=dict[str, JSON])
        except msgspec.MsgspecError as exc:
            raise InvalidParams(f"object {text!r} is not a JSON selector: {exc}") from exc
    else:
        selector = _parse_pairs(text)
    return _selector_pattern(selector)


def _selector_pattern(selector: dict[str, JSON]) -> ObjectPattern:
    parsed = parse_selector(selector)
    if not parsed.conditions:
        raise InvalidParams("a selector without conditions covers nothing here; write * for everything")
    return ObjectPattern(msgspec.json.encode(selector, order="sorted").decode(), parsed)


def _parse_pairs(text: str) -> dict[str, JSON]:
    selector: dict[str, JSON] = {}
    for pair in text.split(";"):
        key, equals, value = pair.partition("=")
        if not equals or not value.strip():
            raise InvalidParams(f"object {text!r}: expected *, connection://…, a JSON selector or key=value")
        name = key.strip()
        selector[name] = value.strip().split(",") if name in _LIST_KEYS else value.strip()
    return selector


def _check_action(action: str) -> str:
    text = action.strip()
    if text != EVERYTHING and (":" not in text or not all(text.split(":", 2))):
        raise InvalidParams(f"action {action!r} must be * or look like catalog:read, invoke:<plugin>:<operation>")
    return text


def parse_permission(resource: PermissionResource) -> PolicyText:
    """Return the rules of a Permission resource. Raises: InvalidParams."""
    spec = resource.spec
    targets = [ObjectPattern(text) for text in spec.connections]
    if spec.selector is not None:
        targets.append(_selector_pattern(spec.selector))
    if any(not text.startswith(CONNECTION_SCHEME) for text in spec.connections):
        raise InvalidParams("spec.connections must look like connection://<namespace>/<name>")
    targets = targets or [ObjectPattern(EVERYTHING)]
    actions = [_check_action(action) for action in spec.actions]
    text = PolicyText()
    for subject in _names(spec.subjects):
        text.rules += [Rule(subject, action, target, spec.deny) for action in actions for target in targets]
        text.memberships += [Membership(subject, role) for role in _names(spec.roles)]
    if not text.rules and not text.memberships:
        raise InvalidParams("spec needs subjects, and actions or roles")
    return text


def _names(names: Iterable[str]) -> list[str]:
    stripped = [name.strip() for name in names]
    if not all(stripped):
        raise InvalidParams("a subject or role is empty")
    return stripped


def parse_csv(text: str) -> PolicyText:
    """Return the rules of `p, subject, action, object[, deny]` and `g, member, role` lines. Raises: InvalidParams."""
    found = PolicyText()
    lines = (line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    for number, row in enumerate(csv.reader(lines, skipinitialspace=True, strict=True), start=1):
        fields = [one.strip() for one in row]
        match fields:
            case ["p", subject, action, target] | ["p", subject, action, target, ("allow" | "deny")] if subject:
                is_denied = fields[-1] == "deny" and len(fields) == 5
                found.rules.append(Rule(subject, _check_action(action), parse_object(target), is_denied))
            case ["g", member, role] if member and role:
                found.memberships.append(Membership(member, role))
            case _:
                raise InvalidParams(f"policy line {number} cannot be read: {', '.join(fields)[:200]}")
    return found
