"""Documents that state facts about the code, held against it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import FieldDescriptor, FileDescriptor

from mc_wire._pb import documented_pb2, released_pb2

DOCS = Path(__file__).resolve().parents[1] / "docs"
SCALARS = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_INT32: "int32",
}


def _type_of(field: FieldDescriptor) -> str:
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        return "map<string, string>"
    name = message.name if message is not None else SCALARS[field.type]
    return f"repeated {name}" if field.is_repeated else name


def _described(file: FileDescriptor) -> set[tuple[str, str, str, str]]:
    rows = set()
    for message in file.message_types_by_name.values():
        if not message.fields:
            rows.add((message.name, "", "", ""))
        rows |= {(message.name, str(field.number), field.name, _type_of(field)) for field in message.fields}
    return rows


@pytest.mark.parametrize(
    ("heading", "file"),
    [("Documented contract", documented_pb2.DESCRIPTOR), ("Released contract", released_pb2.DESCRIPTOR)],
)
def test_b17_field_tables_of_the_protocol_match_the_descriptors(heading: str, file: FileDescriptor) -> None:
    section = (DOCS / "protocol.md").read_text().partition(f"### {heading}\n")[2].partition("\n### ")[0]
    lines = re.findall(r"^\| (\w+) \| (\d*) ?\| ?(\w*) ?\| ?(.*?) ?\|$", section, re.MULTILINE)
    told = {(message, number, field, kind) for message, number, field, kind in lines if message != "Message"}
    assert told == _described(file)
