"""A trace goes from the browser through every call that follows from its request."""

from __future__ import annotations

import msgspec

from tests.fixtures.fix_host import HostClient

TRACE = "0af7651916cd43dd8448eb211c80319c"
GIVEN = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "tracestate": "vendor=opaque"}
ECHO = "/api/plugins/helper/invoke/echo"
NESTED = "/api/plugins/helper/invoke/nested"


async def _post(client: HostClient, path: str, params: object, headers: dict[str, str]) -> dict[str, object]:
    [item] = (await client.get("/api/catalog/items?search=alpha"))["items"]
    sent = {"Content-Type": "application/json", **headers}
    body = msgspec.json.encode(params)
    status, _, answer = await client.request("POST", f"{path}?config_id={item['id']}", data=body, headers=sent)
    assert status == 200, answer
    found: dict[str, object] = msgspec.json.decode(answer)
    return found


async def test_b11_trace_context_reaches_the_plugin_and_the_plugin_it_calls(client: HostClient) -> None:
    echoed = await _post(client, ECHO, {"text": "x"}, GIVEN)
    assert (echoed["trace"], echoed["traceId"]) == (GIVEN, TRACE)
    deeper = await _post(client, NESTED, {"plugin": "helper", "operation": "echo", "params": {"text": "x"}}, GIVEN)
    result = deeper["result"]
    assert isinstance(result, dict) and (result["trace"], result["traceId"]) == (GIVEN, TRACE)


async def test_b11_trace_context_goes_through_the_proxy(client: HostClient) -> None:
    path = "/api/plugins/helper/ui/api/headers"
    _, _, body = await client.request("GET", path, headers=GIVEN)
    seen = {name.lower(): value for name, value in msgspec.json.decode(body)["headers"].items()}
    assert {name: seen[name] for name in GIVEN} == GIVEN
    _, _, body = await client.request("GET", path, headers={"traceparent": "nonsense", "tracestate": "a=b"})
    seen = {name.lower(): value for name, value in msgspec.json.decode(body)["headers"].items()}
    assert len(seen["traceparent"]) == 55 and "tracestate" not in seen


async def test_b11_request_without_a_trace_starts_one(client: HostClient) -> None:
    first, second = [await _post(client, ECHO, {"text": "x"}, {}) for _ in range(2)]
    assert first["traceId"] and first["traceId"] != second["traceId"]
