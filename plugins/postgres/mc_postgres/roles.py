"""Who we are on a server, what that role may see, and which GRANT would let it see more."""

from __future__ import annotations

from mc_postgres.answers import Need
from mc_sdk import Struct

READ_ALL_DATA_VERSION = 140_000


class RoleRow(Struct):
    """A row of `role.sql`."""

    name: str
    quoted: str
    is_superuser: bool
    member_of: list[str]
    database: str


class RoleView(Struct):
    """The current role with what follows from its memberships."""

    name: str
    quoted: str
    """The name as SQL spells it."""
    is_superuser: bool
    member_of: frozenset[str]
    database: str
    version_num: int

    def has(self, role: str) -> bool:
        """Say whether the rights of a predefined role are ours."""
        return self.is_superuser or role in self.member_of

    @property
    def sees_all_stats(self) -> bool:
        """Whether other users' queries and statistics are visible."""
        return self.has("pg_read_all_stats")

    @property
    def sees_all_settings(self) -> bool:
        """Whether settings reserved for administrators are visible."""
        return self.has("pg_read_all_settings")

    @property
    def reads_all_data(self) -> bool:
        """Whether every table, and with it its column statistics, is readable."""
        return self.has("pg_read_all_data")

    def grant(self, role: str) -> str:
        """Return the SQL that makes this role a member of another."""
        return f"GRANT {role} TO {self.quoted};"

    def need_stats(self, what: str) -> Need:
        """Return the need for other users' statistics."""
        reason = "this role sees only its own sessions and statements"
        return Need(what=what, reason=reason, grant=self.grant("pg_read_all_stats"))

    def need_settings(self, what: str) -> Need:
        """Return the need for settings that are hidden from most."""
        reason = "this role may not read all settings"
        return Need(what=what, reason=reason, grant=self.grant("pg_read_all_settings"))

    def need_monitor(self, what: str) -> Need:
        """Return the need for what only monitoring roles may look at."""
        return Need(what=what, reason="only members of pg_monitor may look there", grant=self.grant("pg_monitor"))

    def need_data(self, what: str, schemas: tuple[str, ...] = ("public",)) -> Need:
        """Return the need to read tables; before 14 no predefined role gives it, so `schemas` (quoted) are named."""
        reason = "column statistics and sequence values are visible to those who may read the table"
        if self.version_num >= READ_ALL_DATA_VERSION:
            return Need(what=what, reason=reason, grant=self.grant("pg_read_all_data"))
        grants = [
            text
            for schema in schemas
            for text in (
                f"GRANT USAGE ON SCHEMA {schema} TO {self.quoted};",
                f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {self.quoted};",
                f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {self.quoted};",
            )
        ]
        return Need(what=what, reason=reason, grant="\n".join(grants))


def view_role(row: RoleRow, version_num: int) -> RoleView:
    """Return the role that a row describes."""
    return RoleView(
        name=row.name,
        quoted=row.quoted,
        is_superuser=row.is_superuser,
        member_of=frozenset(row.member_of),
        database=row.database,
        version_num=version_num,
    )
