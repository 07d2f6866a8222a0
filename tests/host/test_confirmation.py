"""Destructive operations: who must confirm, by which ways, and which calls of them are harmless."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mc_host.confirmation import must_confirm
from tests.fixtures.fix_host import HostClient, HostFolder, open_client

BASE = "/api/plugins/helper"
JSON_TYPE = {"Content-Type": "application/json"}
SCHEMA = {"x-destructive-when": {"mode": ["write"]}}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, False),
        ({"mode": "read"}, False),
        ({"mode": None}, False),
        ({"mode": "write"}, True),
        ({"MODE": "Write"}, True),
        ({"_mode": " write "}, True),
        ({"mode": "read", "Mode": "write"}, True),
        ({"other": "write"}, False),
    ],
)
def test_condition_is_read_as_loosely_as_plugins_read_params(params: dict[str, Any], expected: bool) -> None:
    assert must_confirm(True, SCHEMA, params) is expected
    assert must_confirm(True, None, params) and not must_confirm(False, SCHEMA, params)
    assert must_confirm(True, {"x-destructive-when": "nonsense"}, params)


async def ask(client: HostClient, path: str, body: bytes = b"{}", **headers: str) -> tuple[int, Any]:
    """Return status and JSON of a POST."""
    status, _, answer = await client.request(
        "POST",
        BASE + path,
        data=body,
        headers=JSON_TYPE | {name.replace("_", "-"): value for name, value in headers.items()},
    )
    return status, msgspec.json.decode(answer)


@pytest.mark.parametrize("route", ["invoke", "operations", "proxy"])
async def test_s7_destructive_operation_needs_a_confirmation(client: HostClient, route: str) -> None:
    status, answer = await ask(client, f"/{route}/erase")
    assert (status, answer["code"]) == (428, "confirmation_required")
    assert (answer["facts"], answer["hint"][:15]) == ({"operation": "erase"}, "repeat the call")
    assert (await ask(client, f"/{route}/erase?confirm=false"))[0] == 428
    assert (await ask(client, f"/{route}/erase?confirm=true"))[0] == 200
    assert (await ask(client, f"/{route}/erase", X_Mission_Control_Confirm="true"))[0] == 200


@pytest.mark.parametrize("route", ["invoke", "proxy"])
async def test_operation_that_is_destructive_only_with_some_params(client: HostClient, route: str) -> None:
    assert (await ask(client, f"/{route}/switch", b'{"dryRun": "on"}'))[0] == 200
    assert (await ask(client, f"/{route}/switch", b'{"dry_run": "off"}'))[0] == 428
    status, answer = await ask(client, f"/{route}/switch?confirm=true", b'{"dryRun": "off"}')
    assert status == 200
    if route == "proxy":
        assert answer["body"] == '{"dryRun": "off"}'


async def test_body_that_was_read_for_its_params_reaches_the_plugin_unchanged(client: HostClient) -> None:
    body = b'{ "dryRun":"on",  "x": "' + b"y" * 200_000 + b'"}'
    status, answer = await ask(client, "/proxy/switch", body)
    assert (status, answer["body"]) == (200, body.decode())
    assert (await client.request("GET", f"{BASE}/proxy/switch?dryRun=off"))[0] == 428
    assert (await client.request("GET", f"{BASE}/proxy/switch?dryRun=on"))[0] == 200


@pytest.mark.parametrize(("behaviour", "status"), [("", 428), ("released", 200)])
async def test_own_page_of_a_released_plugin_is_not_asked(folder: HostFolder, behaviour: str, status: int) -> None:
    folder.plugin(behaviour=behaviour)
    async with open_client(folder.config()) as client:
        await client.reaches("running")
        assert (await ask(client, "/invoke/erase", Referer=f"{client.url}{BASE}/ui/?config_id=x"))[0] == status
        for elsewhere in (f"{client.url}/items/1", f"{client.url}/api/plugins/other/ui/", f"http://evil{BASE}/ui/"):
            assert (await ask(client, "/invoke/erase", Referer=elsewhere))[0] == 428
