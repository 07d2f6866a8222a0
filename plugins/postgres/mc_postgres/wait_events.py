"""What wait events mean: the server's own words (17 and later), else ours for those that an operator meets often."""

from __future__ import annotations

SHIPPED: dict[tuple[str, str], str] = {
    ("Activity", ""): "idle in the main loop of a background process",
    ("BufferPin", "BufferPin"): "waiting until nobody else uses a page in memory",
    ("Client", "ClientRead"): "waiting for the client to send something",
    ("Client", "ClientWrite"): "waiting for the client to take what was sent",
    ("Client", "WalSenderWaitForWAL"): "waiting for WAL to be written, to send it on",
    ("Extension", "Extension"): "waiting in an extension",
    ("IO", "BufFileRead"): "reading a temporary file",
    ("IO", "BufFileWrite"): "writing a temporary file",
    ("IO", "DataFileExtend"): "extending a table or index file",
    ("IO", "DataFileFlush"): "flushing a table or index file to disk",
    ("IO", "DataFilePrefetch"): "prefetching from a table or index file",
    ("IO", "DataFileRead"): "reading from a table or index file",
    ("IO", "DataFileSync"): "syncing a table or index file to disk",
    ("IO", "DataFileWrite"): "writing to a table or index file",
    ("IO", "WALRead"): "reading the write-ahead log",
    ("IO", "WALSync"): "syncing the write-ahead log to disk",
    ("IO", "WALWrite"): "writing the write-ahead log",
    ("IPC", "BgWorkerShutdown"): "waiting for a background worker to end",
    ("IPC", "ExecuteGather"): "waiting for parallel workers to deliver rows",
    ("IPC", "MessageQueueReceive"): "waiting for a message of a parallel process",
    ("IPC", "MessageQueueSend"): "waiting for a parallel process to take a message",
    ("IPC", "ParallelFinish"): "waiting for parallel workers to finish",
    ("IPC", "ProcArrayGroupUpdate"): "waiting for a group of transactions to end together",
    ("IPC", "SyncRep"): "waiting for a synchronous standby to confirm",
    ("LWLock", ""): "waiting for an internal lock on shared memory",
    ("Lock", "advisory"): "waiting for an advisory lock",
    ("Lock", "extend"): "waiting to extend a table",
    ("Lock", "frozenid"): "waiting to update the database's frozen transaction id",
    ("Lock", "object"): "waiting for a lock on something that is no table",
    ("Lock", "page"): "waiting for a lock on a page of a table",
    ("Lock", "relation"): "waiting for a lock on a table",
    ("Lock", "spectoken"): "waiting for a speculative insertion to be decided",
    ("Lock", "transactionid"): "waiting for another transaction to end",
    ("Lock", "tuple"): "waiting for a lock on a row",
    ("Lock", "virtualxid"): "waiting for another session's transaction to end",
    ("Timeout", "PgSleep"): "sleeping in pg_sleep()",
    ("Timeout", "VacuumDelay"): "pausing vacuum by its cost limit",
    ("Timeout", "RecoveryApplyDelay"): "holding back WAL on a delayed standby",
}
"""An event without a name stands for all of its type that are not listed."""


def describe_wait(kind: str, event: str, from_server: dict[tuple[str, str], str]) -> str:
    """Return what a wait event means, '' when nobody knows."""
    return from_server.get((kind, event)) or SHIPPED.get((kind, event)) or SHIPPED.get((kind, ""), "")
