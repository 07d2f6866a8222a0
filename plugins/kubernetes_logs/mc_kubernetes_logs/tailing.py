"""`tail` over Invoke: the last lines of every container as records, post-processed."""

from __future__ import annotations

from mc_kubernetes_logs.engine.batches import TEXT_AT
from mc_kubernetes_logs.engine.snapshot import SourceLines
from mc_kubernetes_logs.engine.stamps import NO_STAMP, STAMP_LEN, trimmed
from mc_kubernetes_logs.operations.lines import TailParams
from mc_kubernetes_logs.parsers.postprocess import postprocess
from mc_kubernetes_logs.parsers.record import ZERO_TIME, Record
from mc_kubernetes_logs.parsers.tokens import tokenise
from mc_kubernetes_logs.reading import snapshot
from mc_kubernetes_logs.state import PluginState
from mc_sdk import JSON, Context


async def tail_snapshot(ctx: Context[PluginState], params: TailParams) -> list[dict[str, JSON]]:
    """Return the records; a container that cannot be read is one record that says so."""
    found = await snapshot(ctx, params, with_levels=False)
    records = [record for one in found for record in _records(one)]
    return [record.render() for record in postprocess(records, getattr(params, "post_process", None) or {})]


def _records(found: SourceLines) -> list[Record]:
    source = found.source
    labels = {"container": source.container, "namespace": source.namespace, "pod": source.pod}
    records = []
    for _, lines, _ in found.batches:
        for line in lines:
            stamp, text = line[:STAMP_LEN], line[TEXT_AT:].decode("utf-8", "replace")
            at = ZERO_TIME if stamp == NO_STAMP else trimmed(stamp).decode()
            records.append(
                Record(
                    message=text, first_observed=at, hash=tokenise(text), source=source.container, host=source.pod,
                    labels=dict(labels),
                )
            )  # fmt: skip
    if found.error is not None:
        records.append(
            Record(
                message=f"ERROR: {found.error.message}", severity="error", source=source.container, host=source.pod,
                labels=dict(labels),
            )
        )  # fmt: skip
    return records
