"""The forest of waiting sessions as the nodes that a page draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from mc_postgres.locks.graph import CONFLICTS, Forest, Key, Waiter, find_waiters, grow_forest, key_of
from mc_postgres.locks.rows import BackendRow, Held, LockNode, PreparedRow, TreeLockRow, WaitingFor

MAX_NODES = 2000
MAX_HELD = 20
IDLE_IN_TRANSACTION = "idle in transaction"


def build_tree(
    rows: Sequence[TreeLockRow], backends: Iterable[BackendRow], prepared: Iterable[PreparedRow], min_wait_ms: int
) -> tuple[list[LockNode], list[list[int]], int]:
    """Return the roots (most blocked first), the rings of pids, and how many sessions wait."""
    waiters = find_waiters(rows)
    forest = grow_forest(waiters)
    by_pid = {backend.pid: backend for backend in backends}
    nodes = make_nodes(rows, waiters, forest, by_pid, prepared)
    if min_wait_ms:
        keep_long_waits(nodes, forest, min_wait_ms)
    roots = [nodes[key] for key in forest.depths if key in nodes and key not in forest.parents]
    for key in sorted(forest.parents, key=lambda one: -forest.depths[one]):
        if key in nodes and forest.parents[key] in nodes:
            nodes[forest.parents[key]].blocked_count += nodes[key].blocked_count + 1
    for key, parent in forest.parents.items():
        if key in nodes and parent in nodes:
            nodes[parent].children.append(nodes[key])
    for node in nodes.values():
        node.children.sort(key=lambda child: -(child.wait_ms or 0))
    roots = [root for root in roots if root.children or root.waiting_for is not None]
    roots.sort(key=lambda root: (-root.blocked_count, root.pid))
    rings = [[one for one in ring if isinstance(one, int)] for ring in forest.cycles]
    return roots, rings, len(waiters)


def keep_long_waits(nodes: dict[Key, LockNode], forest: Forest, min_wait_ms: int) -> None:
    """Drop the sessions that have not waited long, unless one that has hangs below them."""
    kept: set[Key] = set()
    for key, node in nodes.items():
        if (node.wait_ms or 0) >= min_wait_ms:
            at: Key | None = key
            while at is not None and at not in kept:
                kept.add(at)
                at = forest.parents.get(at)
    for key in nodes.keys() - kept:
        del nodes[key]


def make_nodes(
    rows: Sequence[TreeLockRow],
    waiters: Mapping[Key, Waiter],
    forest: Forest,
    backends: Mapping[int, BackendRow],
    prepared: Iterable[PreparedRow],
) -> dict[Key, LockNode]:
    """Return a node per session of the forest."""
    gids = gid_by_transaction(rows, prepared)
    held = held_by(rows, waiters)
    nodes = {}
    for key in forest.depths:
        waiter = waiters.get(key)
        node = prepared_node(gids.get(key)) if isinstance(key, str) else backend_node(key, backends.get(key), waiter)
        node.holding = held.get(key, [])[:MAX_HELD]
        node.is_root = key not in forest.parents
        if waiter is not None:
            parent = forest.parents.get(key)
            node.blocked_by = tuple(one for one in (*waiter.hard, *waiter.queue) if isinstance(one, int))
            node.edge = "" if parent is None else "hard" if parent in waiter.hard else "queue"
        nodes[key] = node
    return nodes


def backend_node(pid: int, row: BackendRow | None, waiter: Waiter | None) -> LockNode:
    """Return the node of a session; one that ended meanwhile has its pid only."""
    node = LockNode(
        pid=pid,
        kind=kind_of(row),
        holding=[],
        last_query=False,
        blocked_count=0,
        is_root=False,
        can_signal=False,
        visible=True,
        blocked_by=(),
        children=[],
    )
    if waiter is not None:
        node.waiting_for = describe(waiter.wants)
    if row is None:
        node.note = "ended meanwhile"
        return node
    is_idle = (row.state or "").startswith("idle")
    node.user, node.database, node.application_name = row.user, row.database, row.application_name or None
    node.client_addr, node.state, node.backend_start = row.client_addr, row.state, row.backend_start
    node.xact_age_ms, node.query_age_ms, node.state_age_ms = row.xact_age_ms, row.query_age_ms, row.state_age_ms
    node.query, node.last_query = row.query, is_idle
    node.can_signal, node.visible = bool(row.can_signal), row.visible
    if is_idle and row.xact_age_ms is not None:
        node.note = f"last query, transaction open for {spell_age(row.xact_age_ms)}"
    if waiter is not None:
        since = waiter.wants.waited_since
        node.wait_ms = int((row.now - since).total_seconds() * 1000) if since else row.state_age_ms
        node.wait_ms = max(0, node.wait_ms or 0)
    return node


def prepared_node(row: PreparedRow | None) -> LockNode:
    """Return the node of a prepared transaction."""
    return LockNode(
        pid=0,
        prepared_gid=row.gid if row else "",
        kind="prepared",
        user=row.owner if row else None,
        database=row.database if row else None,
        xact_age_ms=row.age_ms if row else None,
        note=f"prepared {spell_age(row.age_ms)} ago, in no session" if row else "prepared, in no session",
        holding=[],
        last_query=False,
        blocked_count=0,
        is_root=True,
        can_signal=False,
        visible=True,
        blocked_by=(),
        children=[],
    )


def gid_by_transaction(rows: Iterable[TreeLockRow], prepared: Iterable[PreparedRow]) -> dict[str, PreparedRow]:
    """Return the prepared transactions by the virtual transaction of their locks."""
    by_xid = {row.xid: row for row in prepared}
    return {
        str(key_of(row)): by_xid[row.transaction_id]
        for row in rows
        if row.pid is None and row.transaction_id is not None and row.transaction_id in by_xid
    }


def held_by(rows: Iterable[TreeLockRow], waiters: Mapping[Key, Waiter]) -> dict[Key, list[Held]]:
    """Return for each session the locks that another one waits for."""
    wanted: dict[tuple[object, ...], set[str]] = {}
    for waiter in waiters.values():
        wanted.setdefault(waiter.wants.target, set()).add(waiter.wants.mode)
    held: dict[Key, list[Held]] = {}
    for row in rows:
        if row.granted and not CONFLICTS.get(row.mode, frozenset()).isdisjoint(wanted.get(row.target, ())):
            lock = Held(lock_type=row.lock_type, mode=row.mode, relation=row.relation)
            held.setdefault(key_of(row), []).append(lock)
    return held


def describe(row: TreeLockRow) -> WaitingFor:
    """Return what is waited for."""
    return WaitingFor(
        lock_type=row.lock_type,
        mode=row.mode,
        relation=row.relation,
        database=row.database,
        page=row.page,
        tuple_number=row.tuple_number,
        transaction_id=row.transaction_id,
    )


def kind_of(row: BackendRow | None) -> str:
    """Return what kind of process a session is."""
    match row.backend_type if row else "client backend":
        case "client backend" | None:
            return "backend"
        case "autovacuum worker":
            return "autovacuum"
        case "parallel worker":
            return "parallel"
    return "other"


def spell_age(age_ms: int) -> str:
    """Return a duration as a person says it: `42 s`, `3 min 5 s`, `2 h 7 min`, `3 d 4 h`."""
    seconds = max(0, age_ms) // 1000
    if seconds < 120:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def captured(backends: Sequence[BackendRow]) -> datetime:
    """Return the server's time of the snapshot."""
    return backends[0].now if backends else datetime.now(UTC)


def cut_nodes(roots: list[LockNode]) -> bool:
    """Keep at most `MAX_NODES` nodes, the first of each list first; True when some were dropped."""
    left, is_cut, level = MAX_NODES, False, roots
    queue = [level]
    while queue:
        level = queue.pop(0)
        if len(level) > left:
            del level[left:]
            is_cut = True
        left -= len(level)
        queue += [node.children for node in level if node.children]
    return is_cut
