"""A53: what the Dockerfile makes, run as a container would: a read-only root, a uid that nobody knows, no home."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from mc_sql.testing import free_port
from mc_wire import codec, documented
from mc_wire.limits import CHANNEL_OPTIONS
from mc_wire.model import Invocation, Registration
from mc_wire.paths import PLUGIN_SERVICE, method

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "plugins" / "postgres" / "Dockerfile"
UID = 23_456
MOUNT = """
set -e
root=$1; python=$2; packages=$3; uid=$4; shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
for pair in "/usr usr" "/etc etc" "/dev dev" "$python ${python#/}" "$packages opt/packages"; do
  mount --bind ${pair% *} "$root/${pair#* }"
  mount -o remount,bind,ro "$root/${pair#* }"
done
mount -o remount,bind,ro "$root"
exec chroot --userspec="$uid:$uid" "$root" "$@"
"""


def instructions(word: str) -> list[str]:
    """Return the arguments of the Dockerfile's instructions of one kind, its continued lines joined."""
    lines = DOCKERFILE.read_text().replace("\\\n", " ").splitlines()
    return [line.removeprefix(f"{word} ").strip() for line in lines if line.startswith(f"{word} ")]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A root folder with /app as the Dockerfile builds it, and room to mount this machine's Python."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("a root of one's own needs root and mount namespaces")
    root = tmp_path / "root"
    for folder in ("app", "usr", "etc", "dev", "opt/packages", sys.base_prefix.lstrip("/")):
        (root / folder).mkdir(parents=True)
    for link in ("bin", "lib", "lib64"):
        (root / link).symlink_to(f"usr/{link}")
    for source, target in (line.split() for line in instructions("COPY") if line.startswith(("sdk/", "plugins/"))):
        shutil.copytree(ROOT / source, root / target.lstrip("/"), ignore=shutil.ignore_patterns("__pycache__"))
    stamp = next(line for line in instructions("RUN") if line.startswith("printf"))
    words = stamp.replace("/app", str(root / "app")).replace("python ", f"{sys.executable} ")
    subprocess.run(["sh", "-c", words], check=True)
    for path in (tmp_path, root, *tmp_path.parents[:2]):
        path.chmod(0o755)
    return root


@pytest.fixture
def serving(image: Path) -> Iterator[int]:
    """The gRPC port of the plugin in its container; the entry point and the variables are the Dockerfile's."""
    port = free_port()
    env = dict(pair.split("=") for line in instructions("ENV") for pair in line.split())
    env["PYTHONPATH"] += ":/opt/packages"
    python = f"{sys.base_prefix}/bin/python3.{sys.version_info.minor}"
    entry: list[str] = [python if word == "python" else word for word in json.loads(instructions("ENTRYPOINT")[0])]
    serve: list[str] = json.loads(instructions("CMD")[0])
    assert serve == ["--serve", ":9000"]
    flags = ["--serve", f"127.0.0.1:{port}", "--serve-http", "127.0.0.1:0"]
    places = [str(image), sys.base_prefix, sysconfig.get_path("purelib"), str(UID)]
    command = ["unshare", "-m", "sh", "-c", MOUNT, "sh", *places, *entry, *flags]
    process = subprocess.Popen(command, env=env | {"PATH": "/usr/bin:/usr/sbin"}, stderr=subprocess.PIPE)
    assert process.stderr
    with process:
        banner = process.stderr.readline().decode()
        assert banner.startswith("plugin postgres serving on "), banner + process.stderr.read().decode()
        yield port
        process.terminate()
        assert process.wait(10) == 0


def call(channel: grpc.Channel, name: str, message: bytes) -> bytes:
    """Return the answer of one RPC."""
    rpc: Any = channel.unary_unary(method(PLUGIN_SERVICE, name))
    answer: bytes = rpc(message, timeout=10)
    return answer


def test_a53_a_container_with_a_read_only_root_and_a_random_uid_answers_version(serving: int) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{serving}", options=CHANNEL_OPTIONS) as channel:
        call(channel, "RegisterPlugin", codec.encode_registration(Registration()))
        asked = documented.encode_invocation(Invocation(operation="version"))
        outcome = codec.decode_outcome(call(channel, "Invoke", asked))
    assert not outcome.error_code, outcome.error_message
    assert json.loads(outcome.result) | {"name": "postgres", "version": "0.1.0"} == json.loads(outcome.result)


def test_a53_the_image_runs_as_nobody_and_opens_the_ports_of_the_chart() -> None:
    assert instructions("USER") == ["65532:65532"]
    assert instructions("EXPOSE") == ["9000 9001"]
