"""What a watch knows: pure bookkeeping of objects seen, so that a new list after a hole can say what it hid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from mc_kube.errors import ApiStatus, Ask, parse_status, status_error
from mc_wire.errors import OperationError, TargetError


class ChangeKind(StrEnum):
    """What happened to an object."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Change:
    """One object's change. `object` is None for a deletion that nobody told us of; copy it to keep it."""

    kind: ChangeKind
    uid: str
    namespace: str
    name: str
    object: msgspec.Raw | None = None


@dataclass(frozen=True)
class Changes:
    """Changes in order, as many as arrived at once."""

    changes: Sequence[Change]


@dataclass(frozen=True)
class Listed:
    """The list is complete: everything known is now as the API server has it.

    After a hole (`is_first` false) states between the two lists were never seen: objects may have come and gone.
    """

    is_first: bool
    count: int
    added: int = 0
    modified: int = 0
    removed: int = 0
    reason: str = ""
    unseen_s: float = 0.0
    """From the last sign of life until the new list."""


@dataclass(frozen=True)
class Interrupted:
    """The API server does not answer; what is known stays as it was, and is asked for again in `retry_s`."""

    error: OperationError
    retry_s: float


@dataclass(frozen=True)
class Resumed:
    """The watch goes on where it was interrupted; nothing was lost."""

    after_s: float


@dataclass(frozen=True)
class Following:
    """The first stream after a list is open: from now on changes arrive as they happen."""


WatchEvent = Changes | Listed | Following | Interrupted | Resumed


class _Meta(msgspec.Struct):
    uid: str = ""
    name: str = ""
    namespace: str = ""
    resource_version: str = msgspec.field(default="", name="resourceVersion")


class _Object(msgspec.Struct):
    metadata: _Meta = msgspec.field(default_factory=_Meta)


class _Line(msgspec.Struct):
    type: str
    object: msgspec.Raw


_OBJECT = msgspec.json.Decoder(_Object)
_LINE = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True)
class _Known:
    namespace: str
    name: str
    version: str


class WatchState:
    """The objects of one watch by uid, and the version it goes on from."""

    def __init__(self, ask: Ask) -> None:
        self.resource_version = ""
        self.has_bookmarks = False
        self._ask = ask
        self._known: dict[str, _Known] = {}
        self._listed: set[str] = set()
        self._counts = dict.fromkeys(ChangeKind, 0)
        self._is_first = True

    def begin_list(self) -> None:
        """Start a list, forgetting one that was begun and not ended."""
        self._listed = set()
        self._counts = dict.fromkeys(ChangeKind, 0)

    def take_page(self, objects: Sequence[msgspec.Raw]) -> list[Change]:
        """Return what a page of the list shows that was not known. Raises: TargetError for what is no list."""
        changes = []
        for raw in objects:
            try:
                meta = _OBJECT.decode(raw).metadata
            except msgspec.MsgspecError as exc:
                raise TargetError(f"the list of {self._ask.resource} holds something that is no object") from exc
            self._listed.add(meta.uid)
            known = self._known.get(meta.uid)
            if known is None or known.version != meta.resource_version:
                changes.append(self._note(ChangeKind.MODIFIED if known else ChangeKind.ADDED, meta, raw))
        for change in changes:
            self._counts[change.kind] += 1
        return changes

    def end_list(self, resource_version: str, reason: str, unseen_s: float) -> tuple[list[Change], Listed]:
        """Return the objects that are in the list no more, and the summary."""
        missing = [uid for uid in self._known if uid not in self._listed]
        gone = [self._forget(uid) for uid in missing]
        listed = Listed(
            is_first=self._is_first,
            count=len(self._known),
            added=self._counts[ChangeKind.ADDED],
            modified=self._counts[ChangeKind.MODIFIED],
            removed=len(gone),
            reason="" if self._is_first else reason,
            unseen_s=0.0 if self._is_first else unseen_s,
        )
        self._is_first, self._listed, self.resource_version = False, set(), resource_version
        return gone, listed

    def take_line(self, line: bytes) -> Change | None:
        """Return the change that a line of the watch tells, None for a bookmark or what is known already.

        Raises: ResourceExpired and whatever else an ERROR event says; TargetError for a line that is none.
        """
        try:
            event = _LINE.decode(line)
            if event.type == "ERROR":
                raise status_error(_read_status(event.object), self._ask)
            meta = _OBJECT.decode(event.object).metadata
        except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
            raise TargetError(f"the watch on {self._ask.resource} sent something that is no event") from exc
        self.resource_version = meta.resource_version or self.resource_version
        if event.type == "BOOKMARK":
            self.has_bookmarks = True
            return None
        if event.type == ChangeKind.DELETED:
            self._known.pop(meta.uid, None)
            return Change(ChangeKind.DELETED, meta.uid, meta.namespace, meta.name, event.object)
        known = self._known.get(meta.uid)
        if known is not None and known.version == meta.resource_version:
            return None
        return self._note(ChangeKind.MODIFIED if known else ChangeKind.ADDED, meta, event.object)

    def _note(self, kind: ChangeKind, meta: _Meta, raw: msgspec.Raw) -> Change:
        self._known[meta.uid] = _Known(meta.namespace, meta.name, meta.resource_version)
        return Change(kind, meta.uid, meta.namespace, meta.name, raw)

    def _forget(self, uid: str) -> Change:
        known = self._known.pop(uid)
        return Change(ChangeKind.DELETED, uid, known.namespace, known.name)


def _read_status(raw: msgspec.Raw) -> ApiStatus:
    return parse_status(bytes(raw))
