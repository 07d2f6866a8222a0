"""What a server answers to one statement, in parts: chunks of rows, the end, or a request for COPY data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from psycopg import pq


class Reply(StrEnum):
    """What kind of answer came to a statement."""

    CHUNK = "chunk"
    """Some rows; more of the same statement may follow."""
    ROWS = "rows"
    """The last (perhaps empty) part of a row-returning statement."""
    DONE = "done"
    """The statement returns no rows."""
    COPY_OUT = "copy_out"
    COPY_IN = "copy_in"
    FAILED = "failed"


@dataclass
class Part:
    """One answer of the server to the statement that was sent."""

    reply: Reply
    result: pq.abc.PGresult

    @property
    def has_rows(self) -> bool:
        """Whether the statement returns rows (perhaps none, perhaps without columns)."""
        return self.reply in (Reply.CHUNK, Reply.ROWS)

    @property
    def is_last(self) -> bool:
        """Whether the statement ended with this part."""
        return self.reply in (Reply.ROWS, Reply.DONE)

    @property
    def is_copy_in(self) -> bool:
        """Whether the server waits for COPY data."""
        return self.reply is Reply.COPY_IN

    @property
    def is_copy_out(self) -> bool:
        """Whether the server sends COPY data."""
        return self.reply is Reply.COPY_OUT

    @property
    def command(self) -> str:
        """The command tag, e.g. `SELECT 2`."""
        return (self.result.command_status or b"").decode(errors="replace")

    @property
    def rows_affected(self) -> int | None:
        """Rows that a statement without a result changed; None when it has no such count."""
        return self.result.command_tuples

    @property
    def row_count(self) -> int:
        """Rows in this part."""
        return self.result.ntuples

    def columns(self) -> list[tuple[str, int]]:
        """Return name and type OID of each column."""
        result = self.result
        return [((result.fname(at) or b"").decode(errors="replace"), result.ftype(at)) for at in range(result.nfields)]


REPLIES = {
    pq.ExecStatus.TUPLES_CHUNK: Reply.CHUNK,
    pq.ExecStatus.SINGLE_TUPLE: Reply.CHUNK,
    pq.ExecStatus.TUPLES_OK: Reply.ROWS,
    pq.ExecStatus.COMMAND_OK: Reply.DONE,
    pq.ExecStatus.EMPTY_QUERY: Reply.DONE,
    pq.ExecStatus.COPY_OUT: Reply.COPY_OUT,
    pq.ExecStatus.COPY_IN: Reply.COPY_IN,
}
