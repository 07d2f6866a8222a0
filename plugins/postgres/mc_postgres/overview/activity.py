"""Findings about what sessions do: blocked ones, transactions left open, connections used up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mc_postgres.locks.rows import LockNode, PreparedRow
from mc_postgres.locks.tree import spell_age
from mc_postgres.operations.stats import Connections
from mc_postgres.overview.rows import Finding, Link, Severity
from mc_sdk import Struct

BLOCKED_CRITICAL_MS = 60_000
BLOCKED_CRITICAL_COUNT = 10
VERY_LONG_MS = 60 * 60_000
CONNECTIONS_CRITICAL_PCT = 95.0
MAX_EACH = 5


class ActivityRow(Struct):
    """A row of `overview_activity.sql`."""

    pid: int
    user: str | None
    database: str | None
    application: str | None
    state: str | None
    query: str | None
    xact_age_ms: int
    state_age_ms: int | None


def longest_wait(node: LockNode) -> int:
    """Return the longest wait below a node, in milliseconds."""
    return max((max(child.wait_ms or 0, longest_wait(child)) for child in node.children), default=0)


def blocking_for(roots: Iterable[LockNode], from_ms: int) -> list[LockNode]:
    """Return the roots that have kept others waiting for `from_ms` or longer."""
    return [root for root in roots if root.children and longest_wait(root) >= from_ms]


def members(node: LockNode) -> Iterator[LockNode]:
    """Yield a node and all that wait for it, be it through others."""
    yield node
    for child in node.children:
        yield from members(child)


def judge_locks(roots: Iterable[LockNode]) -> Iterator[Finding]:
    """Yield the sessions that keep others waiting."""
    for root in roots:
        wait_ms = longest_wait(root)
        is_bad = wait_ms >= BLOCKED_CRITICAL_MS or root.blocked_count >= BLOCKED_CRITICAL_COUNT
        who = f"prepared transaction {root.prepared_gid!r}" if root.kind == "prepared" else f"pid {root.pid}"
        held = next((lock.relation for lock in root.holding if lock.relation), None)
        first = root.children[0].waiting_for
        relation = held or (first.relation if first else None)
        state = f" ({root.state}, {root.user})" if root.state else ""
        sessions = "1 session" if root.blocked_count == 1 else f"{root.blocked_count} sessions"
        is_prepared = root.kind == "prepared"
        literal = root.prepared_gid.replace("'", "''")
        yield Finding(
            id=f"blocked:{root.prepared_gid or root.pid}",
            kind="blocked",
            severity=Severity.CRITICAL if is_bad else Severity.WARNING,
            title=f"{who} has blocked {sessions} for {spell_age(wait_ms)}{state}",
            evidence=". ".join(filter(None, (f"on {relation}" if relation else "", root.note, root.query or ""))),
            next_step=(
                "end it by COMMIT PREPARED or ROLLBACK PREPARED"
                if is_prepared
                else "ask its owner to finish, cancel its query, or end the session"
            ),
            link=Link(tab="locks", params={"pid": root.pid}),
            sql=f"ROLLBACK PREPARED '{literal}';" if is_prepared else "",
            facts={"pid": root.pid, "blockedCount": root.blocked_count, "waitMs": wait_ms, "relation": relation},
            weight=float(root.blocked_count * 1000 + wait_ms / 1000),
        )


def judge_transactions(rows: Iterable[ActivityRow], idle_ms: int, long_ms: int) -> Iterator[Finding]:
    """Yield the transactions that stay open for too long: idle ones soon, working ones later."""
    counts = {"idle_in_transaction": 0, "long_transaction": 0}
    for row in rows:
        is_idle = (row.state or "").startswith("idle in transaction")
        kind = "idle_in_transaction" if is_idle else "long_transaction"
        age_ms = (row.state_age_ms or 0) if is_idle else row.xact_age_ms
        if age_ms < (idle_ms if is_idle else long_ms) or counts[kind] >= MAX_EACH:
            continue
        counts[kind] += 1
        doing = "idle in transaction" if is_idle else "in one transaction"
        yield Finding(
            id=f"{kind}:{row.pid}",
            kind=kind,
            severity=Severity.CRITICAL if age_ms >= VERY_LONG_MS else Severity.WARNING,
            title=f"pid {row.pid} has been {doing} for {spell_age(age_ms)}",
            evidence=f"{row.user}, {row.application or 'no application name'}, {row.database}: {row.query or ''}",
            next_step="it keeps locks and dead rows: let its application commit, or end the session",
            link=Link(tab="sessions", params={"pid": row.pid}),
            facts={"pid": row.pid, "ageMs": age_ms, "database": row.database, "user": row.user},
            weight=age_ms / 1000,
        )


def judge_prepared(rows: Iterable[PreparedRow], from_ms: int) -> Iterator[Finding]:
    """Yield the prepared transactions that nobody has ended for `from_ms` or longer."""
    for row in rows:
        if row.age_ms < from_ms:
            continue
        literal = row.gid.replace("'", "''")
        yield Finding(
            id=f"prepared_transaction:{row.gid}",
            kind="prepared_transaction",
            severity=Severity.CRITICAL if row.age_ms >= VERY_LONG_MS else Severity.WARNING,
            title=f"transaction {row.gid!r} was prepared {spell_age(row.age_ms)} ago and not ended",
            evidence=f"by {row.owner} in {row.database}; it holds {row.locks} locks",
            next_step="its transaction manager has forgotten it: commit it or roll it back",
            link=Link(tab="locks"),
            sql=f"ROLLBACK PREPARED '{literal}';",
            facts={"gid": row.gid, "ageMs": row.age_ms},
            weight=row.age_ms / 1000,
        )


def judge_connections(found: Connections, from_percent: float) -> Iterator[Finding]:
    """Yield a finding when connections run out."""
    if found.used_percent < from_percent:
        return
    top = found.by_source[0] if found.by_source else None
    most = f"; most from {top.user} in {top.database} ({top.application}): {top.count}" if top else ""
    yield Finding(
        id="connections",
        kind="connections",
        severity=Severity.CRITICAL if found.used_percent >= CONNECTIONS_CRITICAL_PCT else Severity.WARNING,
        title=f"{found.used_percent:g} % of the connections are used",
        evidence=f"{found.client_total} of {found.max}, {found.reserved} of them reserved; {found.idle} idle{most}",
        next_step="close idle ones, use a pooler, or raise max_connections",
        link=Link(tab="sessions", params={"includeIdle": True}),
        facts={"clientTotal": found.client_total, "max": found.max},
        weight=found.used_percent,
    )
