"""Every rule by which one contract is told from the other, on literal bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mc_wire import codec, detect, documented, released
from mc_wire.errors import InvalidParams
from mc_wire.model import (
    JSON,
    Caller,
    ConnectionQuery,
    Contract,
    Invocation,
    ItemQuery,
    Manifest,
    Operation,
    Registration,
    Tab,
)

D, R = Contract.DOCUMENTED, Contract.RELEASED

MANIFEST = Manifest(
    name="x",
    version="1",
    tabs=(Tab(name="T", path="/", scope=""),),
    operations=(Operation(name="op1", scope="config", result_mime=""),),
    ui_port=1234,
)
MANIFEST_D = bytes.fromhex("0a017812013132060a01541a012f3a0d0a036f70312a06636f6e66696740d209")
MANIFEST_R = bytes.fromhex("0a0178120131320d0a036f70312a06636f6e66696738d20942060a01541a012f")
INVOCATION = Invocation(
    operation="op1",
    params=b"{}",
    item_id="c",
    caller=Caller(user_id="u"),
    deadline=datetime.fromtimestamp(1800000000, UTC),
)
INVOCATION_D = bytes.fromhex("0a036f703112027b7d1a016322030a01752a060880a4a7da06")
INVOCATION_R = bytes.fromhex("0a036f703112027b7d1a016322060880a4a7da06")
QUERY_D = bytes.fromhex("0a0c7b226e616d65223a2261227d1005")
QUERY_R = bytes.fromhex("0a034201611005")


def test_c3_contract_detection_encoders_write_the_fixtures() -> None:
    assert documented.encode_manifest(MANIFEST) == MANIFEST_D
    assert released.encode_manifest(MANIFEST) == MANIFEST_R
    assert documented.encode_invocation(INVOCATION) == INVOCATION_D
    assert released.encode_invocation(INVOCATION) == INVOCATION_R
    assert documented.encode_item_query(ItemQuery(selector={"name": "a"}, limit=5)) == QUERY_D
    assert released.encode_item_query(ItemQuery(selector={"name": "a"}, limit=5)) == QUERY_R


@pytest.mark.parametrize(("data", "contract"), [(MANIFEST_D, D), (MANIFEST_R, R)])
def test_c3_contract_detection_of_manifests_by_ports_and_tabs(data: bytes, contract: Contract) -> None:
    assert detect.manifest_contract(data) is contract
    assert detect.decode_manifest(data, contract) == MANIFEST


@pytest.mark.parametrize(
    ("text", "contract"),
    [
        ("0a0178", D),  # rule 5: none of 6 to 9
        ("0a017832060a01541a012f", D),  # rule 4: sub-field 3 is a path
        ("0a0178320d0a01541a08696e6465782e6874", D),  # rule 4: a path that is no Struct either
        ("0a0178320d0a036f70312a06636f6e666967", R),  # rule 4: sub-field 5
        ("0a017832090a036f70311a020a00", R),  # rule 4: sub-field 3 is a Struct
        ("0a017832050a036f7031", None),  # rule 4: a bare name, only ListOperations can tell
        ("0a01784a030a0177", D),  # field 9 is no evidence
        ("0a0178400138014a030a0177", R),  # rule 3: evidence for both, no setting
    ],
)
def test_c3_contract_detection_of_manifests_without_a_port(text: str, contract: Contract | None) -> None:
    assert detect.manifest_contract(bytes.fromhex(text)) is contract


def test_c3_contract_detection_contradiction_is_decided_by_the_operator() -> None:
    both = bytes.fromhex("0a017840013801")
    assert detect.manifest_contract(both, D) is D
    assert detect.manifest_contract(both, R) is R


def test_c3_contract_detection_tie_break_knows_the_names_of_field_6() -> None:
    assert detect.field_six_names(bytes.fromhex("0a017832050a036f7031")) == {"op1"}


@pytest.mark.parametrize(
    ("data", "contract"),
    [
        (INVOCATION_D, D),
        (INVOCATION_R, R),
        (bytes.fromhex("0a036f7031"), D),  # neither field: both read it alike
        (bytes.fromhex("0a036f70312200"), D),  # an empty caller
        (bytes.fromhex("0a036f703122042a027231"), D),  # a caller that is only a request id
    ],
)
def test_c3_contract_detection_of_invocations(data: bytes, contract: Contract) -> None:
    assert detect.invocation_contract(data) is contract
    assert detect.decode_invocation(data).operation == "op1"


def test_c4_no_expired_deadline_whatever_was_sent() -> None:
    assert detect.decode_invocation(INVOCATION_R).deadline == INVOCATION.deadline
    assert detect.decode_invocation(INVOCATION_D) == INVOCATION
    epoch = bytes.fromhex("0a036f703122020800")
    assert detect.decode_invocation(epoch).deadline is None
    fields = {number: payload for number, _, payload in detect.scan_fields(released.encode_invocation(INVOCATION))}
    assert fields[4].startswith(b"\x08")
    assert 5 not in fields


@pytest.mark.parametrize("data", [QUERY_D, QUERY_R])
def test_c3_contract_detection_of_item_queries(data: bytes) -> None:
    assert detect.decode_item_query(data) == ItemQuery(selector={"name": "a"}, limit=5)


def test_c3_contract_detection_newline_before_the_json_is_white_space_not_a_tag() -> None:
    text = b'\n {"agent": "a"}'
    data = b"\x0a" + bytes([len(text)]) + text
    assert detect.decode_item_query(data).selector == {"agent": "a"}
    assert detect.decode_item_query(b"") == ItemQuery()


def test_connection_query_keeps_both_fields_of_the_documented_contract() -> None:
    both = ConnectionQuery(type="sql", item_id="i")
    assert documented.decode_connection_query(documented.encode_connection_query(both)) == both
    assert documented.decode_connection_query(released.encode_connection_query(both)) == ConnectionQuery(item_id="i")


@pytest.mark.parametrize(
    ("registration", "agent", "setting", "contract"),
    [
        (Registration(), "grpc-python-asyncio/1.85", None, D),
        (Registration(), "grpc-go/1.82.1", None, R),
        (Registration(grpc_address="h:1"), "grpc-python/1", None, R),
        (Registration(grpc_tls=True), "", None, R),
        (Registration(env={"mission-control/contract": "documented"}), "grpc-go/1.82.1", None, D),
        (Registration(env={"mission-control/contract": "released"}), "grpc-python/1", None, R),
        (Registration(env={"mission-control/contract": "nonsense"}), "grpc-go/1", None, R),
        (Registration(env={"mission-control/contract": "released"}), "grpc-go/1", D, D),
    ],
)
def test_c3_contract_detection_of_the_host(
    registration: Registration, agent: str, setting: Contract | None, contract: Contract
) -> None:
    assert detect.plugin_contract(registration, agent, setting) is contract


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05x", b"\x0b", b"\x00\x00", b"\x0a" + b"\xff" * 9 + b"\x01"])
def test_garbage_is_an_error_that_says_so(data: bytes) -> None:
    with pytest.raises(InvalidParams, match="not a protobuf message"):
        list(detect.scan_fields(data))


def test_struct_round_trip_keeps_every_json_value() -> None:
    value: dict[str, JSON] = {
        "a": None,
        "b": True,
        "n": 1,
        "f": 1.5,
        "s": "x",
        "l": [1, [2], {"k": []}],
        "d": {"e": {}},
    }
    assert codec.from_struct(codec.to_struct(value)) == value
