"""A real PostgreSQL server for tests and the demo: `with PostgresServer(16) as server: server.url("mon")`.

Runs as another user when we are root, in a folder of its own, with TCP on loopback and a Unix socket. Roles: `su`
(superuser), `mon` (member of pg_monitor), `plain`; databases: `app`, `other`. Synchronous, cheap to import.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

from mc_sql.server_binaries import Binaries, ServerUnavailable, choose_user, find_binaries, is_reachable, list_majors
from mc_sql.server_certificates import make_certificate

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresServer", "ServerUnavailable", "list_majors"]

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 15.0
RETRY_S = 0.02
ROLES = ("su", "mon", "plain")
DATABASES = ("app", "other")
Setting = str | int | bool

DEFAULT_SETTINGS: Mapping[str, Setting] = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "lc_messages": "C",
    "max_prepared_transactions": 10,
    "shared_preload_libraries": "pg_stat_statements",
    "wal_level": "logical",
    "jit": "off",
}


class PostgresServer:
    """One server process; `start` and `stop` may be repeated on the same data and port.

    `data_dir`: kept and used again when given, else a temporary folder that `close` removes.
    """

    def __init__(
        self,
        major: int,
        *,
        data_dir: Path | None = None,
        port: int | None = None,
        settings: Mapping[str, Setting] | None = None,
        tls: bool = False,
    ) -> None:
        self.major = major
        self.port = port or free_port()
        self.tls = tls
        self._settings = {**DEFAULT_SETTINGS, **(settings or {})}
        self._user = choose_user()
        self.binaries: Binaries = find_binaries(major, self._user)
        self._scratch = Path(tempfile.mkdtemp(prefix=f"mc-pg{major}-"))
        self.data_dir = data_dir or self._scratch / "data"
        self.socket_dir = self._scratch
        self.log_file = self._scratch / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> PostgresServer:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def is_running(self) -> bool:
        """True while the server's process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._process is not None
        return self._process.pid

    @property
    def root_certificate(self) -> Path:
        """The certificate that a client checks the server against (`tls=True`)."""
        return self._scratch / "root.crt"

    def start(self) -> None:
        """Initialise the data folder when it is empty, start the server, return once it answers."""
        self._own(self._scratch)
        is_new = not (self.data_dir / "PG_VERSION").exists()
        if is_new:
            self._initialise()
        with self.log_file.open("ab") as log:
            self._process = self._popen([self.binaries.program("postgres"), "-D", str(self.data_dir)], log)
        self._wait_ready()
        if is_new:
            self._create_roles()

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server: fast, or like a crash. Idempotent."""
        if self._process is None:
            return
        if self.is_running:
            self._process.send_signal(signal.SIGQUIT if immediate else signal.SIGINT)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        self._process = None

    def close(self) -> None:
        """Stop the server and remove what belongs to this object."""
        self.stop()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def url(
        self,
        user: str = "su",
        database: str = "app",
        *,
        password: str | None = None,
        query: str = "",
        host: str = "127.0.0.1",
    ) -> str:
        """Return a connection URL for one of the roles (whose password is `<role>-secret` unless given)."""
        secret = quote(password if password is not None else password_of(user), safe="")
        return f"postgres://{user}:{secret}@{host}:{self.port}/{quote(database, safe='')}{'?' + query if query else ''}"

    def connect(
        self, user: str = "su", database: str = "app", application: str = "test", *, tcp: bool = False
    ) -> psycopg.Connection:
        """Return an autocommit connection, over the Unix socket unless `tcp`; the caller closes it."""
        import psycopg

        return psycopg.connect(
            host="127.0.0.1" if tcp else str(self.socket_dir),
            port=self.port,
            user=user,
            password=password_of(user),
            dbname=database,
            application_name=application,
            autocommit=True,
            passfile=os.devnull,
        )

    def run(self, text: str, database: str = "app", user: str = "su") -> list[tuple[object, ...]]:
        """Run SQL on a connection of its own and return the last statement's rows."""
        with self.connect(user, database) as connection:
            cursor = connection.execute(text.encode())
            while cursor.nextset():
                pass
            return cursor.fetchall() if cursor.description else []

    def _initialise(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._own(self.data_dir)
        if not is_reachable(self.data_dir, self._user):
            raise ServerUnavailable(f"user {self._user.name} cannot reach {self.data_dir}: choose another data folder")
        password_file = self._write("password", password_of("su").encode())
        command = [self.binaries.program("initdb"), "-D", str(self.data_dir), "--username=su", "--encoding=UTF8"]
        command += ["--no-locale", "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"]
        with self.log_file.open("ab") as log:
            code = self._popen([*command, f"--pwfile={password_file}"], log).wait(START_TIMEOUT_S)
        if code != 0:
            raise ServerUnavailable(f"initdb of PostgreSQL {self.major} failed: {self._log_tail()}")
        settings = {"listen_addresses": "127.0.0.1", **self._settings, **self._tls_settings()}
        lines = [f"{name} = '{render_setting(value)}'\n" for name, value in settings.items()]
        with (self.data_dir / "postgresql.auto.conf").open("a") as conf:
            conf.writelines(lines)

    def _tls_settings(self) -> dict[str, Setting]:
        if not self.tls:
            return {}
        made = make_certificate()
        certificate = self._write("root.crt", made.certificate, mode=0o644)
        return {"ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(self._write("tls.key", made.key))}

    def _write(self, name: str, content: bytes, mode: int = 0o600) -> Path:
        path = self._scratch / name
        path.write_bytes(content)
        path.chmod(mode)
        self._own(path)
        return path

    def _own(self, path: Path) -> None:
        if self._user.name is not None:
            os.chown(path, self._user.uid, self._user.gid)

    def _popen(self, command: Sequence[str], log: BinaryIO) -> subprocess.Popen[bytes]:
        if command[0].endswith("/postgres"):
            # Where they are is ours to say at each start: a data folder may outlive its port and its socket folder.
            command = [*command, "-p", str(self.port), "-k", str(self.socket_dir)]
        setpriv = shutil.which("setpriv")
        if setpriv is not None and threading.current_thread() is threading.main_thread():
            # So that a killed test run leaves no server; the signal follows the *thread* that started it.
            who = [] if self._user.name is None else [f"--reuid={self._user.uid}", f"--regid={self._user.gid}"]
            groups = [] if self._user.name is None else ["--clear-groups"]
            command = [setpriv, *who, *groups, "--pdeathsig=INT", *command]
            return self._spawn(command, log)
        if self._user.name is None:
            return self._spawn(command, log)
        return self._spawn(command, log, user=self._user.uid, group=self._user.gid)

    def _spawn(
        self, command: Sequence[str], log: BinaryIO, user: int | None = None, group: int | None = None
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ.get("PATH", ""), "TZ": "UTC", "LANG": "C"},
            cwd=self._scratch,
            start_new_session=True,  # a Ctrl-C in the terminal reaches us alone, and we stop it in order
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )

    def _wait_ready(self) -> None:
        import psycopg

        assert self._process is not None
        limit = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                with self.connect("su", "postgres"):
                    return
            except psycopg.OperationalError as exc:
                try:
                    self._process.wait(RETRY_S)
                except subprocess.TimeoutExpired:
                    if time.monotonic() < limit:
                        continue
                raise ServerUnavailable(f"PostgreSQL {self.major} did not start: {self._log_tail()}") from exc

    def _create_roles(self) -> None:
        self.run(f"create role mon login password '{password_of('mon')}' in role pg_monitor", "postgres")
        self.run(f"create role plain login password '{password_of('plain')}'", "postgres")
        for name in DATABASES:
            self.run(f"create database {name}", "postgres")

    def _log_tail(self) -> str:
        return self.log_file.read_text(errors="replace")[-800:] if self.log_file.exists() else "no log"


def password_of(role: str) -> str:
    """Return the password that the test server's roles have."""
    return f"{role}-secret"


def render_setting(value: Setting) -> str:
    """Return a configuration value as postgresql.conf spells it inside quotes."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).replace("'", "''")


def free_port() -> int:
    """Return a loopback TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
