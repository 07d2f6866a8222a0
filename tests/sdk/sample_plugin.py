"""A small plugin with one operation for everything that the SDK promises."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec

from mc_sdk import (
    Artifact,
    Context,
    FileStart,
    InvalidParams,
    Plugin,
    PluginSettings,
    Role,
    Struct,
    Tab,
    operation,
    serve,
    setting,
)


class Settings(PluginSettings):
    """What the sample can be told."""

    greeting: str = setting("hello", env="SAMPLE_GREETING")
    """First word of `greet`."""
    limit: int = setting(10, env="SAMPLE_LIMIT", at_least=1, at_most=100)
    """Nothing; there to be checked."""


class State:
    """Counts what the tests want to know afterwards."""

    def __init__(self) -> None:
        self.cancelled = 0


class GreetParams(Struct, forbid_unknown_fields=True):
    """Whom to greet."""

    name: str
    times: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    row_limit: int | None = None


@operation("greet", http=("POST", "GET"))
async def greet(ctx: Context[State], params: GreetParams) -> dict[str, object]:
    """Greet somebody."""
    ctx.log.info("greeting", extra={"name_length": len(params.name)})
    text = f"{ctx.settings.greeting} " + " ".join([params.name] * params.times)
    return {"text": text, "roles": sorted(ctx.roles), "user": ctx.caller.user_id, "item": ctx.item_id}


class CountParams(Struct, forbid_unknown_fields=True):
    """How many lines, how far apart."""

    lines: int = 3
    gap_s: float = 0.0
    fail_at: int = -1


@operation("count", http=("POST", "GET"))
async def count(ctx: Context[State], params: CountParams) -> AsyncIterator[dict[str, object]]:
    """Count, one line at a time."""
    try:
        for n in range(params.lines):
            if n == params.fail_at:
                raise InvalidParams("told to fail", field="failAt")
            yield {"n": n, "at": time.time()}
            if params.gap_s:
                await asyncio.sleep(params.gap_s)
    except (asyncio.CancelledError, GeneratorExit):
        ctx.state.cancelled += 1
        raise


@operation("file", http=("POST", "GET"))
async def file(ctx: Context[State], params: CountParams) -> AsyncIterator[FileStart | bytes]:
    """Write a file of numbers."""
    yield FileStart(content_type="text/csv; charset=utf-8", name='größe/"1".csv')
    for n in range(params.lines):
        if n == params.fail_at:
            raise InvalidParams("told to fail", field="failAt")
        yield b"%d\n" % n
        await asyncio.sleep(params.gap_s)


@operation("cancelled", scope="global")
async def cancelled(ctx: Context[State]) -> int:
    """Return how many streams were left before their end."""
    return ctx.state.cancelled


class SleepParams(Struct):
    """How long, and whether the loop shall be blocked meanwhile."""

    seconds: float = 0.1


@operation("sleep", scope="global")
async def sleep(ctx: Context[State], params: SleepParams) -> str:
    """Sleep."""
    await asyncio.sleep(params.seconds)
    return "rested"


@operation("fail", scope="global")
async def fail(ctx: Context[State]) -> None:
    """Raise what no author should."""
    raise RuntimeError("the author's own bug")


@operation("nan", scope="global")
async def nan(ctx: Context[State]) -> dict[str, float]:
    """Return what JSON cannot carry."""
    return {"value": float("nan")}


@operation("big", scope="global")
async def big(ctx: Context[State], params: CountParams) -> str:
    """Return that many MiB."""
    return "x" * (params.lines * 1024 * 1024)


@operation("noop", scope="global")
async def noop(ctx: Context[State]) -> None:
    """Do nothing."""


@operation("noise", scope="global")
async def noise(ctx: Context[State]) -> None:
    """Write to every stream there is."""
    print("printed in a handler")
    os.write(1, b"written to fd 1\n")
    sys.stderr.write("x" * (1024 * 1024) + "\n")
    sys.stderr.flush()


@operation("item-name")
async def item_name(ctx: Context[State]) -> str:
    """Ask the host for the item's name."""
    return (await ctx.host.get_config_item(ctx.require_item())).name


@operation("keep", scope="global")
async def keep(ctx: Context[State], params: CountParams) -> bool:
    """Write that many MiB as an artifact and read them back."""
    data = os.urandom(params.lines * 1024 * 1024)
    ref = await ctx.host.write_artifact(Artifact(name="sample", content_type="application/octet-stream", data=data))
    return (await ctx.host.read_artifact(ref)).data == data


class SamplePlugin(Plugin[State]):
    """The plugin of the SDK's tests."""

    name = "sample"
    version = "1.2.3"
    description = "Shows every promise of the SDK"
    tabs = (Tab(name="Sample", icon="lucide:beaker", path="/"),)
    roles = (Role(name="write", description="may write"),)
    operations = (greet, count, file, cancelled, sleep, fail, nan, big, noop, noise, item_name, keep)
    settings_type = Settings
    assets = Path(__file__).parent / "sample_ui"

    @asynccontextmanager
    async def open_state(self, settings: Any) -> AsyncIterator[State]:
        """Open the counters."""
        yield State()


if __name__ == "__main__":
    serve(SamplePlugin())
