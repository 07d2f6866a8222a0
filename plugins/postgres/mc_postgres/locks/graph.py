"""From lock rows to who hangs below whom: a graph of blockers, made a forest in which each session stands once.

A *hard* blocker holds a lock that conflicts; a *queue* blocker only asked earlier. A session hangs below its deepest
hard blocker, so that the waiters of one lock are a flat list; without a hard one, below the first in its queue.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mc_postgres.locks.rows import TreeLockRow

Key = int | str
"""A pid, or the virtual transaction of a prepared one."""

CONFLICTS: Mapping[str, frozenset[str]] = {
    mode: frozenset(f"{name}Lock" for name in others.split())
    for mode, others in {
        "AccessShareLock": "AccessExclusive",
        "RowShareLock": "Exclusive AccessExclusive",
        "RowExclusiveLock": "Share ShareRowExclusive Exclusive AccessExclusive",
        "ShareUpdateExclusiveLock": "ShareUpdateExclusive Share ShareRowExclusive Exclusive AccessExclusive",
        "ShareLock": "RowExclusive ShareUpdateExclusive ShareRowExclusive Exclusive AccessExclusive",
        "ShareRowExclusiveLock": (
            "RowExclusive ShareUpdateExclusive Share ShareRowExclusive Exclusive AccessExclusive"
        ),
        "ExclusiveLock": (
            "RowShare RowExclusive ShareUpdateExclusive Share ShareRowExclusive Exclusive AccessExclusive"
        ),
        "AccessExclusiveLock": (
            "AccessShare RowShare RowExclusive ShareUpdateExclusive Share ShareRowExclusive Exclusive AccessExclusive"
        ),
    }.items()
}
"""The manual's table of lock modes that exclude each other."""


@dataclass
class Waiter:
    """A session that waits: for what, and who is in its way."""

    wants: TreeLockRow
    hard: list[Key] = field(default_factory=list)
    queue: list[Key] = field(default_factory=list)


@dataclass
class Forest:
    """Each key's parent and depth; roots have neither an entry in `parents`."""

    parents: dict[Key, Key]
    depths: dict[Key, int]
    cycles: list[list[Key]]


def find_waiters(rows: Sequence[TreeLockRow]) -> dict[Key, Waiter]:
    """Return the waiting sessions with their blockers, told apart into hard ones and those ahead in the queue."""
    holders: dict[tuple[object, ...], list[TreeLockRow]] = {}
    for row in rows:
        if row.granted:
            holders.setdefault(row.target, []).append(row)
    waiters: dict[Key, Waiter] = {}
    for row in rows:
        if row.granted or row.pid is None or row.pid in waiters:
            continue
        waiter = waiters[row.pid] = Waiter(row)
        excluded = CONFLICTS.get(row.mode, frozenset())
        conflicting = [one for one in holders.get(row.target, ()) if one.mode in excluded]
        holding = {key_of(one) for one in conflicting}
        for blocker in dict.fromkeys(row.blockers or ()):
            if blocker > 0 and blocker != row.pid:
                (waiter.hard if blocker in holding else waiter.queue).append(blocker)
        if 0 in (row.blockers or ()):
            waiter.hard += sorted({one for one in holding if isinstance(one, str)})
    return waiters


def key_of(row: TreeLockRow) -> Key:
    """Return who a lock row belongs to."""
    return row.pid if row.pid is not None else row.virtual_transaction or "?"


def grow_forest(waiters: Mapping[Key, Waiter]) -> Forest:
    """Return the forest; sessions that wait for each other in a ring are reported as cycles, cut at the lowest key."""
    forest = Forest({}, {}, [])
    edges: dict[Key, list[Key]] = {key: waiter.hard or first_in_queue(key, waiters) for key, waiter in waiters.items()}
    for key in {blocker for blockers in edges.values() for blocker in blockers} - waiters.keys():
        forest.depths[key] = 1
    open_edges = {key: {one for one in blockers if one in waiters} for key, blockers in edges.items()}
    followers: dict[Key, list[Key]] = {}
    for key, blockers in open_edges.items():
        for blocker in blockers:
            followers.setdefault(blocker, []).append(key)
    ready = deque(key for key, blockers in open_edges.items() if not blockers)
    while len(forest.depths.keys() & waiters.keys()) < len(waiters):
        if not ready:
            cut = cut_cycle(edges, waiters.keys() - forest.depths.keys(), forest)
            edges[cut], ready = [], deque([cut])
        key = ready.popleft()
        if key in forest.depths:
            continue
        place(key, edges[key], forest)
        for follower in followers.get(key, ()):
            open_edges[follower].discard(key)
            if not open_edges[follower]:
                ready.append(follower)
    return forest


def place(key: Key, blockers: Sequence[Key], forest: Forest) -> None:
    """Hang one session below its deepest blocker."""
    known = [one for one in blockers if one in forest.depths]
    if not known:
        forest.depths[key] = 1
        return
    parent = max(known, key=lambda one: forest.depths[one])
    forest.parents[key] = parent
    forest.depths[key] = forest.depths[parent] + 1


def first_in_queue(key: Key, waiters: Mapping[Key, Waiter]) -> list[Key]:
    """Return the one of a session's queue blockers that has itself the fewest of them ahead: who asked first."""
    queue = waiters[key].queue
    if not queue:
        return []
    return [min(queue, key=lambda one: len(waiters[one].queue) if one in waiters else 0)]


def cut_cycle(edges: Mapping[Key, Sequence[Key]], left: Iterable[Key], forest: Forest) -> Key:
    """Note a ring among the sessions that are left, and return the one to be shown on top."""
    remaining = set(left)
    key = min(remaining, key=str)
    seen: list[Key] = []
    while key not in seen:
        seen.append(key)
        key = next(one for one in edges[key] if one in remaining)
    ring = seen[seen.index(key) :]
    forest.cycles.append(sorted(ring, key=str))
    return min(ring, key=str)
