"""Invoke of an operation that does nothing, beside a bare grpc.aio echo on the same kind of socket."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

import grpc.aio

from bench.processes import SAMPLE, registered
from bench.report import Row, at_least, at_most
from mc_wire import documented
from mc_wire.limits import CHANNEL_OPTIONS
from mc_wire.model import Invocation
from mc_wire.paths import PLUGIN_SERVICE, method

CALLS = 400
ROUNDS = 7
PARALLEL = 16

ECHO = """
import asyncio, sys, grpc, grpc.aio
async def echo(data, context):
    return data
async def main():
    server = grpc.aio.server()
    handlers = {"Echo": grpc.unary_unary_rpc_method_handler(echo)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Echo", handlers),))
    server.add_insecure_port("unix:" + sys.argv[1])
    await server.start()
    print("ready", flush=True)
    await server.wait_for_termination()
asyncio.run(main())
"""

Call = Callable[[], Awaitable[Any]]


def measure() -> list[Row]:
    """Measure latency and throughput of an empty call, and how many slow ones run at once."""
    with tempfile.TemporaryDirectory() as folder, registered(SAMPLE) as plugin:
        path = f"{folder}/echo.sock"
        echo = subprocess.Popen([sys.executable, "-c", ECHO, path], stdout=subprocess.PIPE)
        assert echo.stdout
        echo.stdout.readline()
        try:
            return asyncio.run(_measure(plugin.target, f"unix:{path}"))
        finally:
            echo.terminate()
            echo.wait()
            echo.stdout.close()


async def _measure(plugin: str, echo: str) -> list[Row]:
    async with (
        grpc.aio.insecure_channel(plugin, options=CHANNEL_OPTIONS) as plugin_channel,
        grpc.aio.insecure_channel(echo, options=CHANNEL_OPTIONS) as echo_channel,
    ):
        request = documented.encode_invocation(Invocation(operation="noop"))
        invoke = _caller(plugin_channel, method(PLUGIN_SERVICE, "Invoke"), request)
        bare = _caller(echo_channel, "/bench.Echo/Echo", request)
        health = _caller(plugin_channel, method(PLUGIN_SERVICE, "Health"), b"")
        sleep = _caller(
            plugin_channel,
            method(PLUGIN_SERVICE, "Invoke"),
            documented.encode_invocation(Invocation(operation="sleep", params=b'{"seconds": 0.1}')),
        )
        ours, floor = await _latencies(invoke, bare)
        rate = await _rate(invoke)
        crowd_s, health_ms = await _crowd(sleep, health)
    return [
        at_most("empty Invoke, p50", ours, "ms", 1.3, ratio=ours / floor),
        at_least("empty Invoke, 16 at once", rate, "calls/s", 1500),
        at_most("200 calls of 100 ms at once", crowd_s, "s", 3),
        at_most("Health meanwhile, slowest of ten", health_ms, "ms", 50),
    ]


def _caller(channel: grpc.aio.Channel, path: str, request: bytes) -> Call:
    stub: Any = channel.unary_unary(path)

    async def call() -> Any:
        return await stub(request)

    return call


async def _latencies(*calls: Call) -> list[float]:
    """Return each call's median in ms, rounds interleaved."""
    samples: list[list[float]] = [[] for _ in calls]
    for _ in range(ROUNDS):
        for number, call in enumerate(calls):
            for _ in range(CALLS):
                started = time.perf_counter()
                await call()
                samples[number].append((time.perf_counter() - started) * 1000)
    return [statistics.median(values) for values in samples]


async def _rate(call: Call) -> float:
    async def worker() -> None:
        for _ in range(CALLS):
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(PARALLEL)))
    return PARALLEL * CALLS / (time.perf_counter() - started)


async def _crowd(sleep: Call, health: Call) -> tuple[float, float]:
    """Return the seconds of 200 sleeping calls at once, and the slowest of ten Health calls among them, in ms."""
    started = time.perf_counter()
    crowd = asyncio.gather(*(sleep() for _ in range(200)))
    await asyncio.sleep(0.05)  # all of them are on their way
    slowest = 0.0
    for _ in range(10):
        asked = time.perf_counter()
        await health()
        slowest = max(slowest, (time.perf_counter() - asked) * 1000)
    await crowd
    return time.perf_counter() - started, slowest
