"""The database's shape, step by step; a step that was released never changes, and a new one is appended."""

from __future__ import annotations

MIGRATIONS = (
    """
    create table change (
        id text primary key,
        item_id text not null,
        change_type text not null,
        severity text not null,
        source text not null,
        summary text not null,
        created_by text not null,
        details text not null,
        fingerprint text not null,
        count integer not null default 1,
        first_at real not null,
        created_at real not null
    ) strict;
    create index change_by_item on change (item_id, created_at desc);
    create index change_by_fingerprint on change (item_id, fingerprint, created_at desc);
    create index change_by_time on change (created_at desc);
    """,
)
