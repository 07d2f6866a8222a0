"""What the plugin says of itself, what it costs to import, and that its papers agree with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mc_postgres.plugin import PostgresPlugin
from mc_postgres.settings import PostgresSettings
from mc_sdk import Forbidden
from mc_sql.testing import PostgresServer
from tests.fixtures.fix_postgres import GOLDEN, OWN_BACKENDS, plugin_on, wait_until_none

FOLDER = Path(__file__).resolve().parents[2] / "plugins" / "postgres"


def test_importing_the_plugin_loads_nothing_heavy() -> None:
    heavy = ("psycopg", "aiohttp", "grpc", "cryptography")
    code = f"import sys, mc_postgres.plugin; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a58_the_manifest_lists_the_references_operations_in_order() -> None:
    golden = json.loads((GOLDEN / "manifest.json").read_text())
    manifest = PostgresPlugin().manifest(ui_port=1)
    names = [operation.name for operation in manifest.operations]
    wanted_names = [one["name"] for one in golden["operations"]]
    assert names[: len(wanted_names)] == wanted_names
    by_name = {operation.name: operation for operation in manifest.operations}
    for wanted in golden["operations"]:
        found = by_name.get(wanted["name"])
        if found is None:
            continue
        assert found.result_mime == wanted["resultMime"]
        assert found.scope == wanted["scope"]
        assert found.is_destructive == wanted.get("destructive", False)
        assert list(found.http_methods) == [one["method"] for one in wanted.get("http", [])]
        assert found.description
    tab = manifest.tabs[0]
    assert {"name": tab.name, "icon": tab.icon, "path": tab.path, "scope": tab.scope} == golden["tabs"][0]
    assert [role.name for role in manifest.roles] == ["write", "operate"]
    assert list(manifest.capabilities) == golden["capabilities"]


def test_the_resource_names_what_the_plugin_needs() -> None:
    resource = yaml.safe_load((FOLDER / "Plugin.yaml").read_text())
    assert resource["apiVersion"] == "mission-control.flanksource.com/v1"
    assert (resource["kind"], resource["metadata"]["name"]) == ("Plugin", "postgres")
    assert resource["spec"]["source"] == "postgres"
    assert "PostgreSQL::Database" in resource["spec"]["selector"]["types"]


def test_the_readme_lists_every_setting() -> None:
    readme = (FOLDER / "README.md").read_text()
    for name, declared in PostgresSettings.declared.items():
        first, *rest = name.split("_")
        assert f"`{first}{''.join(part.title() for part in rest)}`" in readme, name
        assert f"`{declared.env}`" in readme, name


def readme_role() -> str:
    """Return the SQL of the role that the README recommends."""
    readme = (FOLDER / "README.md").read_text()
    return next(part for part in readme.split("```sql\n")[1:]).partition("```")[0]


async def test_the_readmes_role_can_be_created_and_sees_everything(each_server: PostgresServer) -> None:
    text = readme_role().replace("<password>", "x").replace("<database>", "app")
    each_server.run(text)
    async with plugin_on(each_server, url=each_server.url("mission_control", password="x")) as plugin:
        assert all(row["visible"] for row in await plugin.call("sessions-list", includeBackground=True))
        assert "warnings" not in await plugin.call("stats")
        assert (await plugin.rows("select count(*) from customers"))[0][0] >= 2
        with pytest.raises(Forbidden):
            await plugin.call("query", statement="insert into customers(name) values ('x')", mode="write")
    wait_until_none(each_server, OWN_BACKENDS)
    each_server.run("drop owned by mission_control; drop role mission_control")
