"""Commands and files in a container: the same against the double in both protocols, and against a real pod."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from mc_kube.channels import V4, V5
from mc_kube.client import KubeClient
from mc_kube.copy import copy_in, copy_out
from mc_kube.exec import CompletedExec, open_exec, run_exec
from mc_kube.resources import PODS
from mc_wire.errors import Forbidden, NotFound, OperationError, TargetError, TargetTimeout, TooLarge
from tests.doubles.kube_channels import KubeChannels, open_channels_double
from tests.fixtures.fix_cluster import Cluster, pod


@dataclass
class Shell:
    """A pod that has `sh`, and a folder in it that a test may use."""

    client: KubeClient
    namespace: str
    pod: str
    folder: str

    async def run(self, script: str, **kw: object) -> CompletedExec:
        """Run a script."""
        return await run_exec(self.client, self.namespace, self.pod, ("sh", "-c", script), **kw)  # type: ignore[arg-type]


async def until_running(client: KubeClient, namespace: str, name: str) -> None:
    async with asyncio.timeout(60):
        while True:
            if msgspec.json.decode(await client.get(PODS, name, namespace))["status"].get("phase") == "Running":
                return
            await asyncio.sleep(0.1)


@pytest.fixture(params=["v4", "v5", pytest.param("cluster", marks=pytest.mark.live)])
async def shell(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shell]:
    if request.param != "cluster":
        protocols = (V4,) if request.param == "v4" else (V5, V4)
        async with open_channels_double(protocols=protocols) as api, KubeClient(api.access, {}) as client:
            yield Shell(client, "n", "p", str(tmp_path))
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    async with cluster.namespace() as namespace, cluster.open() as client:
        await client.create(PODS, pod("p", "sleep", "3600"), namespace)
        await until_running(client, namespace, "p")
        yield Shell(client, namespace, "p", "/tmp")


async def test_a27_output_complaints_and_exit_code_come_apart(shell: Shell) -> None:
    done = await shell.run("echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    with pytest.raises(TargetError, match="failed with exit code 3: err"):
        done.check()
    assert (await shell.run("true")).returncode == 0


async def test_a27_script_on_stdin_ends_by_its_own_exit_in_both_protocols(shell: Shell) -> None:
    script = b"read line; echo got $line\nexit 0\n"
    done = await run_exec(shell.client, shell.namespace, shell.pod, ("sh", "-s"), stdin=b"x=1\necho $x\nexit 0\n")
    assert done.stdout == b"1\n"
    done = await run_exec(shell.client, shell.namespace, shell.pod, ("head", "-c", "5"), stdin=script)
    assert done.stdout == script[:5]


async def test_a27_command_that_does_not_exist_or_end(shell: Shell) -> None:
    with pytest.raises(TargetError, match="could not be run"):
        await run_exec(shell.client, shell.namespace, shell.pod, ("no-such-command",))
    with pytest.raises(TargetTimeout, match=r"did not end within 0\.3 s"):
        await shell.run("sleep 60", timeout_s=0.3)
    with pytest.raises(TooLarge, match="prints more than 1000 bytes"):
        await shell.run("head -c 100000 /dev/zero", max_bytes=1000)


async def test_a27_large_output_arrives_whole(shell: Shell) -> None:
    done = await shell.run("head -c 5000000 /dev/zero")
    assert done.stdout == bytes(5_000_000)


async def test_a27_pod_that_is_not_there(shell: Shell) -> None:
    with pytest.raises(NotFound, match='pods "x" not found'):
        await run_exec(shell.client, shell.namespace, "x", ("true",))


HOSTILE = [
    "plain.txt",
    "with space",
    "$(touch pwned)",
    "`touch pwned`",
    "it's",
    '"quoted"',
    "-rf",
    "a;b",
    "ü",
    "new\nline",
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a27_copy_goes_there_and_back_whatever_the_path(shell: Shell, tmp_path: Path, name: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(range(256)) * 700)
    path = f"{shell.folder}/made here/{name}"
    assert await copy_in(shell.client, shell.namespace, shell.pod, source, path) == 256 * 700
    found = b"".join([block async for block in copy_out(shell.client, shell.namespace, shell.pod, path)])
    assert found == source.read_bytes()
    listed = await shell.run(f"ls {shlex.quote(shell.folder + '/made here')}; ls {shlex.quote(shell.folder)}; pwd; ls")
    assert b"pwned\n" not in listed.stdout.replace(b"touch pwned", b"") and b"copying" not in listed.stdout
    await shell.run(f"rm -rf {shlex.quote(shell.folder + '/made here')}")


async def test_a27_copy_that_fails_says_why_and_leaves_nothing(shell: Shell, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * 10)
    with pytest.raises(TargetError, match="failed with exit code"):
        await copy_in(shell.client, shell.namespace, shell.pod, source, "/proc/nowhere/file")
    with pytest.raises(TargetError, match="No such file"):
        [block async for block in copy_out(shell.client, shell.namespace, shell.pod, "/no/such/file")]
    with pytest.raises(TooLarge):
        [one async for one in copy_out(shell.client, shell.namespace, shell.pod, "/dev/zero", max_bytes=100_000)]


async def test_a27_missing_rights_are_named_both() -> None:
    async with open_channels_double() as api, KubeClient(api.access, {}) as client:
        for denied, text in (
            ({("get", "exec"), ("create", "exec")}, "get pods/exec .* create pods/exec"),
            ({("create", "exec")}, 'not allowed to create pods/exec "p" in namespace "n"$'),
        ):
            api.denied = set(denied)
            with pytest.raises(Forbidden, match=text) as caught:
                await run_exec(client, "n", "p", ("true",))
            assert "kubectl auth can-i create pods --subresource=exec -n n" in (caught.value.hint or "")


async def test_a27_command_left_behind_keeps_no_connection() -> None:
    async def leave(api: KubeChannels, client: KubeClient) -> None:
        async with open_exec(client, "n", "p", ("sh", "-c", "echo 1; sleep 60")) as running:
            async for _ in running.stdout():
                break

    async with open_channels_double() as api, KubeClient(api.access, {}) as client:
        for _ in range(20):
            with suppress(OperationError):
                await leave(api, client)
        assert api.opened == 20
