"""A stream read in a test as the page reads it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from mc_kubernetes_logs.http_answers import backlog_of
from mc_kubernetes_logs.params import LogsParams
from mc_kubernetes_logs.reading import chosen_format, open_stream
from mc_sdk import Item
from mc_sdk.runtime import Call
from mc_sdk.testing import PluginHarness

Json = dict[str, Any]


@dataclass
class Follow:
    """A stream being read."""

    stream: Any
    blocks: Any
    rows: list[list[Any]] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    lines: list[Any] = field(default_factory=list)
    """Rows and events in the order in which they came."""

    async def read(self, check: Callable[[Follow], object], timeout_s: float = 20) -> Follow:
        """Read until `check` holds or the stream ends."""
        async with asyncio.timeout(timeout_s):
            while not check(self):
                try:
                    block = await anext(self.blocks)
                except StopAsyncIteration:
                    assert check(self), f"ended early: {self.events[-3:]}"
                    return self
                for line in block.splitlines():
                    self.take(json.loads(line))
        return self

    def take(self, line: Any) -> None:
        """Keep one line."""
        self.lines.append(line)
        if isinstance(line, list):
            self.rows.append(line)
        else:
            self.events.append(line)

    @property
    def pods(self) -> list[str]:
        """The pods that joined, in order."""
        return list(dict.fromkeys(one["pod"] for one in self.told("source", change="added")))

    @property
    def texts(self) -> list[str]:
        """The messages so far."""
        return [row[3] for row in self.rows]

    def of(self, pod: str) -> list[str]:
        """The messages of one pod."""
        sources = {one["source"] for one in self.told("source", change="added") if one["pod"] == pod}
        return [row[3] for row in self.rows if row[0] in sources]

    def told(self, kind: str, **facts: Any) -> list[Json]:
        """The events of a kind with these facts."""
        return [one for one in self.events if one.get("type") == kind and facts.items() <= one.items()]


@asynccontextmanager
async def open_follow(plugin: PluginHarness, item: Item, params: Mapping[str, Any]) -> AsyncIterator[Follow]:
    """Open a stream of compact rows on an item."""
    asked = msgspec.convert({"format": "ndjson", "rows": "compact", **params}, LogsParams, strict=False)
    ctx = await plugin.runtime.context(Call(operation="logs", item_id=item.id))
    format = chosen_format(asked, is_following=True)
    async with open_stream(ctx, asked, format, is_following=True, tail=backlog_of(asked)) as stream:
        async with aclosing(stream.blocks()) as blocks:
            yield Follow(stream, blocks)
