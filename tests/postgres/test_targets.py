"""Which server an item leads to, and what happens when the host, the credentials or the server change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from mc_sdk import Connection, Forbidden, InvalidParams, Item, NotFound, NotSignedIn, OperationError, TargetRefused
from mc_sdk.testing import FakeHost
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import ITEM, OWN_BACKENDS, OnServer, ServerPark, plugin_on, wait_until_none

CONNECTION = "MissionControl::Connection"
OTHER_ITEM = "5b4a2d3e-0000-4000-8000-000000000002"
S3_ITEM = "5b4a2d3e-0000-4000-8000-000000000003"


class ByQueryHost(FakeHost):
    """Answers a connection lookup by the field that it used: `id:…`, `item:…` or `type:…`."""

    async def get_connection(self, keys: list[str]) -> Connection:
        """Return the connection, or raise the error that is planned for this lookup."""
        planned = self.planned.get(keys[0])
        if isinstance(planned, OperationError):
            raise planned
        return await super().get_connection(keys)

    planned: dict[str, OperationError]


@pytest.fixture
async def two_servers(park: ServerPark) -> AsyncIterator[OnServer]:
    """One plugin, two connection items on two servers, and one on S3."""
    first, second = park.get(16), park.get(18)
    items = {key: Item(id=key, name=key, type=CONNECTION) for key in (ITEM, OTHER_ITEM, S3_ITEM)}
    connections = {
        ITEM: Connection(type="postgres", url=first.url()),
        OTHER_ITEM: Connection(type="postgresql", url=second.url()),
        S3_ITEM: Connection(type="s3", url="s3://bucket"),
    }
    async with plugin_on(first, host=FakeHost(items=items, connections=connections)) as found:
        yield found


async def test_a1_each_item_leads_to_its_own_server(two_servers: OnServer) -> None:
    stats = [await two_servers.call("stats", item=item) for item in (ITEM, OTHER_ITEM)]
    assert stats[0]["instance"]["port"] != stats[1]["instance"]["port"]
    assert stats[0]["instance"]["startedAt"] != stats[1]["instance"]["startedAt"]
    assert stats[0]["target"] == {}


async def test_a1_another_kind_of_connection_is_invalid(two_servers: OnServer) -> None:
    with pytest.raises(InvalidParams, match='requires a postgres SQL connection, got "s3"'):
        await two_servers.call("stats", item=S3_ITEM)


async def test_a2_a_host_that_refuses_the_item_stops_a_warm_pool(server: PostgresServer) -> None:
    class Refusing(FakeHost):
        async def get_config_item(self, item_id: str) -> Item:
            if self.refuses:
                raise NotSignedIn("invocation token is invalid")
            return await super().get_config_item(item_id)

        refuses = False

    for kind in ("PostgreSQL::Server", "PostgreSQL::Database"):
        item = Item(id=ITEM, name="app", type=kind)
        host = Refusing(items={ITEM: item}, connections={ITEM: Connection(type="postgres", url=server.url())})
        async with plugin_on(server, host=host) as plugin:
            assert await plugin.rows("select 1") == [[1]]
            host.refuses = True
            with pytest.raises(NotSignedIn, match="token is invalid"):
                await plugin.rows("select 1")


async def test_w1_only_not_found_leads_on_to_the_default_connection(server: PostgresServer) -> None:
    item = Item(id=ITEM, name="x", type="PostgreSQL::Server")
    default = {"sql": Connection(type="postgres", url=server.url())}
    host = ByQueryHost(items={ITEM: item}, connections=default)
    host.planned = {}
    async with plugin_on(server, host=host) as plugin:
        host.planned[ITEM] = NotFound("no connection for item")
        result = await plugin.call("query", statement="select 1")
        assert result["isFallback"]
        assert (await plugin.call("stats"))["target"] == {"isFallback": True}
        host.planned[ITEM] = Forbidden("plugin may not read this connection")
        with pytest.raises(Forbidden, match="get sql connection: plugin may not read this connection"):
            await plugin.call("query", statement="select 1")


async def test_w1_a_foreign_connection_of_the_item_counts_as_none(server: PostgresServer) -> None:
    item = Item(id=ITEM, name="x", type="Kubernetes::Pod")
    connections = {ITEM: Connection(type="kubernetes", url="k8s://x"), "sql": Connection(type="sql", url=server.url())}
    host = FakeHost(items={ITEM: item}, connections=connections)
    async with plugin_on(server, host=host) as plugin:
        assert (await plugin.call("query", statement="select 1"))["isFallback"]
    async with plugin_on(server, host=host, settings={"use_default_connection": False}) as plugin:
        with pytest.raises(NotFound, match="no SQL connection of its own"):
            await plugin.call("query", statement="select 1")


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        (Connection(type="postgres"), "host returned an empty SQL connection url for"),
        (Connection(type="x", url="mysql://h/db", properties={"type": "mysql"}), 'got "mysql"'),
    ],
)
async def test_a_connection_of_no_use_says_why(server: PostgresServer, connection: Connection, message: str) -> None:
    item = Item(id=ITEM, name="x", type=CONNECTION)
    async with plugin_on(server, host=FakeHost(items={ITEM: item}, connections={ITEM: connection})) as plugin:
        with pytest.raises(InvalidParams, match=message):
            await plugin.call("stats")


async def test_an_item_is_needed(plugin: OnServer) -> None:
    with pytest.raises(InvalidParams, match="config_item_id is required to resolve a SQL connection"):
        await plugin.call("stats", item="")


async def test_a3_credentials_beside_the_url_are_used(server: PostgresServer) -> None:
    server.run("create role odd_password login password 'p@:/#?% +''x'")
    item = Item(id=ITEM, name="x", type=CONNECTION)
    bare = f"postgres://127.0.0.1:{server.port}/app"
    raw = f"postgres://odd_password:p@:/#?% +'x@127.0.0.1:{server.port}/app"
    for url in (bare, raw):
        connection = Connection(type="postgres", url=url, username="odd_password", password="p@:/#?% +'x")
        async with plugin_on(server, host=FakeHost(items={ITEM: item}, connections={ITEM: connection})) as plugin:
            assert await plugin.rows("select current_user") == [["odd_password"]]
    wait_until_none(server, OWN_BACKENDS)
    server.run("drop role odd_password")


async def test_a4_a_new_password_is_used_by_the_next_call(server: PostgresServer) -> None:
    server.run("create role rotating login password 'one'")
    async with plugin_on(server, url=server.url("rotating", password="one")) as plugin:
        await plugin.rows("select 1")
        server.run("alter role rotating password 'two'")
        server.run("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rotating'")
        wait_until_none(server, OWN_BACKENDS)
        with pytest.raises(TargetRefused):
            await plugin.rows("select 1")
        plugin.host.connections[ITEM] = Connection(type="postgres", url=server.url("rotating", password="two"))
        assert await plugin.rows("select current_user") == [["rotating"]]
    wait_until_none(server, OWN_BACKENDS)
    server.run("drop role rotating")


async def test_a4_killed_backends_are_replaced(each_plugin: OnServer) -> None:
    await asyncio.gather(*(each_plugin.rows("select pg_sleep(0.05)") for _ in range(4)))
    each_plugin.server.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mission-control-postgres'"
    )
    for _ in range(4):
        assert await each_plugin.rows("select 1") == [[1]]


async def test_a5_an_unknown_parameter_is_applied_as_a_setting(server: PostgresServer) -> None:
    async with plugin_on(server, url=server.url(query="search_path=pg_catalog&pool_max_conns=9")) as plugin:
        assert await plugin.rows("show search_path") == [["pg_catalog"]]


async def test_a5_several_hosts_are_tried_in_order(server: PostgresServer) -> None:
    url = server.url().replace(f"@127.0.0.1:{server.port}", f"@127.0.0.1:1,127.0.0.1:{server.port}")
    async with plugin_on(server, url=url) as plugin:
        assert await plugin.rows("select 1") == [[1]]


async def test_a5_a_socket_folder_is_a_host(server: PostgresServer) -> None:
    url = f"host={server.socket_dir} port={server.port} user=su dbname=app"
    async with plugin_on(server, url=url) as plugin:
        assert await plugin.rows("select inet_server_addr()") == [[None]]


async def test_a6_a_database_item_stays_in_its_database(server: PostgresServer) -> None:
    item = Item(id=ITEM, name="other", type="PostgreSQL::Database")
    async with plugin_on(server, item=item) as plugin:
        result = await plugin.call("query", statement="select current_database() as d", database="app")
        assert (result["rows"], result["database"]) == ([{"d": "other"}], "other")
        assert await plugin.call("databases-list") == ["other"]
        assert {row["database"] for row in await plugin.call("sessions-list", includeIdle=True)} <= {"other"}
        with server.connect(database="app") as victim:
            for operation in ("session-cancel", "session-terminate"):
                with pytest.raises(Forbidden, match="another database"):
                    await plugin.call(operation, pid=victim.info.backend_pid, force=True)
            assert victim.execute("select 1").fetchone() == (1,)


async def test_another_database_can_be_chosen(plugin: OnServer) -> None:
    result = await plugin.call("query", statement="select current_database() as d", database="other")
    assert (result["rows"], result["database"]) == ([{"d": "other"}], "other")
    with pytest.raises(NotFound, match='database "nowhere" does not exist'):
        await plugin.call("query", statement="select 1", database="nowhere")
