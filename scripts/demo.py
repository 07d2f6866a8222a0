"""`make demo`: a PostgreSQL server with a live workload and its log, and the host with packaged plugins on both."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from mc_sql.testing import PostgresServer, ServerUnavailable, list_majors

ROOT = Path(__file__).resolve().parent.parent
STOP_TIMEOUT_S = 10.0
PREFERRED_MAJOR = 17

RESOURCES = """\
apiVersion: mission-control.flanksource.com/v1
kind: Plugin
metadata: {{name: postgres, namespace: demo}}
spec:
  source: postgres
  selector: {{types: ["PostgreSQL::Server", "PostgreSQL::Database"]}}
  connections: {{types: {{sql: "connection://demo/shop"}}}}
---
apiVersion: mission-control.flanksource.com/v1
kind: Connection
metadata: {{name: shop, namespace: demo}}
spec:
  type: postgres
  url: postgres://127.0.0.1:{port}/shop?sslmode=disable
  username: operator
  password: {{valueFrom: {{file: "{password_file}"}}}}
---
apiVersion: mission-control.flanksource.com/v1
kind: ConfigItem
metadata: {{name: shop-db, namespace: demo}}
spec:
  type: PostgreSQL::Server
  health: healthy
  status: running
  labels: {{app: shop, tier: database}}
  tags: {{namespace: demo, environment: laptop}}
  properties: {{version: "{major}", address: "127.0.0.1:{port}"}}
  connection: connection://demo/shop
---
apiVersion: mission-control.flanksource.com/v1
kind: ConfigItem
metadata: {{name: shop, namespace: demo}}
spec:
  type: PostgreSQL::Database
  health: healthy
  status: running
  labels: {{app: shop}}
  tags: {{namespace: demo, environment: laptop}}
  properties: {{server: shop-db}}
  connection: connection://demo/shop
---
apiVersion: mission-control.flanksource.com/v1
kind: Plugin
metadata: {{name: kubernetes-logs, namespace: demo}}
spec:
  source: kubernetes-logs
  selector: {{types: ["Kubernetes::*", "Local::*"]}}
  connections: {{kubernetes: {{}}}}
---
apiVersion: mission-control.flanksource.com/v1
kind: ConfigItem
metadata: {{name: shop-log, namespace: demo}}
spec:
  type: Local::File
  health: healthy
  status: growing
  labels: {{app: shop}}
  tags: {{namespace: demo, environment: laptop}}
  properties: {{path: "{log}"}}
"""


def main() -> int:
    """Run the demo until Ctrl-C; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=7070, help="port of the page; 0 takes a free one")
    parser.add_argument("--state", type=Path, default=ROOT / ".demo", help="folder of this run, emptied first")
    arguments = parser.parse_args()
    state: Path = arguments.state
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's background job starts with it ignored
    started = time.monotonic()
    try:
        with contextlib.ExitStack() as stack:
            server = start_server(stack)
            config = write_config(server, state)
            workload = [sys.executable, str(ROOT / "demo" / "workload.py"), "127.0.0.1", str(server.port)]
            workload.append(str(log_path(state)))
            stack.enter_context(running(workload))
            host = stack.enter_context(running(host_command(arguments.port, config, state), env=host_env()))
            address = wait_for_address(host)
            if address:
                seconds = time.monotonic() - started
                print(f"\n  {address}\n", flush=True)
                step("it signs one browser in; more: MISSION_CONTROL_STATE=.demo/state .venv/bin/mission-control open")
                step(f"ready in {seconds:.1f} s; Ctrl-C stops everything")
            return host.wait()
    except KeyboardInterrupt:
        step("stopped")
        return 0
    except ServerUnavailable as exc:
        print(f"the demo needs a PostgreSQL server: {exc}", file=sys.stderr)
        return 1


def start_server(stack: contextlib.ExitStack) -> PostgresServer:
    """Start a fresh server and load the shop into it. Raises: ServerUnavailable."""
    majors = list_majors()
    if not majors:
        raise ServerUnavailable("none is installed; run scripts/setup.sh servers")
    major = PREFERRED_MAJOR if PREFERRED_MAJOR in majors else majors[-1]
    step(f"starting PostgreSQL {major}")
    server = stack.enter_context(PostgresServer(major, settings={"log_statement": "none"}))
    server.run("create database shop", database="postgres")
    step("loading the shop")
    server.run((ROOT / "demo" / "schema.sql").read_text(), database="shop")
    # The host also finds this server by its socket, and signs in there as the user of this machine.
    server.run(f'create role "{getpass.getuser()}" login in role pg_monitor, pg_signal_backend, pg_read_all_data')
    return server


def write_config(server: PostgresServer, state: Path) -> Path:
    """Write the host's resources for this run; return their folder."""
    shutil.rmtree(state, ignore_errors=True)
    config = state / "config"
    config.mkdir(parents=True)
    password = state / "password"
    password.touch(0o600)
    password.write_text("demo")
    log = log_path(state)
    log.parent.mkdir()
    log.touch()
    text = RESOURCES.format(port=server.port, password_file=password, major=server.major, log=log)
    (config / "shop.yaml").write_text(text)
    return config


def log_path(state: Path) -> Path:
    """Return the file that the workload writes its log to."""
    return state.absolute() / "logs" / "shop.log"


def wait_for_address(host: subprocess.Popen[bytes]) -> str:
    """Return the sign-in address that the host prints, or nothing when it ends instead."""
    assert host.stdout
    for line in host.stdout:
        found = re.search(rb"http://\S+\?token=\S+", line)
        if found:
            return found[0].decode()
    return ""


def host_command(port: int, config: Path, state: Path) -> list[str]:
    """Return the host's command line."""
    program = str(Path(sys.executable).parent / "mission-control")
    return [program, "serve", "--port", str(port), "--config", str(config), "--state", str(state / "state")]


def host_env() -> dict[str, str]:
    """Return the host's environment: dist/ is where it finds plugins."""
    return {**os.environ, "MISSION_CONTROL_PLUGIN_PATH": os.environ.get("DEMO_PLUGINS", str(ROOT / "dist"))}


@contextlib.contextmanager
def running(command: list[str], env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a child in a process group of its own, so that Ctrl-C reaches this process alone; stop it at the end."""
    child = subprocess.Popen(command, env=env, process_group=0, stdout=subprocess.PIPE)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def step(text: str) -> None:
    """Show progress."""
    print(f"\033[2m· {text}\033[0m" if sys.stderr.isatty() else f"· {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
