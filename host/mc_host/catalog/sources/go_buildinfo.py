"""The build information that every Go executable carries (`go version -m` reads the same)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAGIC = b"\xff Go buildinf:"
SECTION = b".go.buildinfo"
HEADER_BYTES = 32
MAX_SECTIONS = 4096
MAX_TEXT_BYTES = 1 << 20
_FRAME_BYTES = 16  # the linker wraps the module text into sixteen bytes at either end
_INLINE = 2


@dataclass(frozen=True)
class BuildInfo:
    """Toolchain version and the main package's path; empty where an older toolchain wrote only pointers."""

    go_version: str = ""
    main_path: str = ""

    @property
    def main_name(self) -> str:
        """What `go install` would call the program."""
        name = self.main_path.rpartition("/")[2]
        # A major version is part of the path, not of the name: example.com/tool/v2.
        if name.startswith("v") and name[1:].isdigit() and "/" in self.main_path:
            name = self.main_path.split("/")[-2]
        return "" if name == "command-line-arguments" else name


def read_build_info(path: Path) -> BuildInfo | None:
    """Return the build information of an ELF executable; None when it is none, or not Go's, or not readable."""
    try:
        with path.open("rb") as file:
            section = _find_section(file)
            return _parse(section) if section is not None else None
    except (OSError, struct.error, ValueError):
        return None


def _find_section(file: BinaryIO) -> bytes | None:
    """Return the bytes of `.go.buildinfo` of a 64-bit little-endian ELF file."""
    header = file.read(64)
    if header[:6] != b"\x7fELF\x02\x01":
        return None
    offset, size, count, names_index = struct.unpack_from("<Q10xHHH", header, 40)
    if not offset or size < 64 or not 0 < count <= MAX_SECTIONS or names_index >= count:
        return None
    file.seek(offset)
    table = file.read(size * count)
    sections = [struct.unpack_from("<IIQQQQ", table, size * at) for at in range(count)]
    names = _read(file, sections[names_index])
    for section in sections:
        if names[section[0] : section[0] + len(SECTION) + 1] == SECTION + b"\0":
            return _read(file, section)
    return None


def _read(file: BinaryIO, section: tuple[int, ...]) -> bytes:
    _name, _kind, _flags, _address, offset, size = section
    file.seek(offset)
    return file.read(min(size, MAX_TEXT_BYTES))


def _parse(section: bytes) -> BuildInfo | None:
    if not section.startswith(MAGIC):
        return None
    if len(section) < HEADER_BYTES or not section[15] & _INLINE:
        return BuildInfo()  # before Go 1.18 the texts stand elsewhere, behind pointers
    version, at = _text(section, HEADER_BYTES)
    module, _ = _text(section, at)
    lines = module[_FRAME_BYTES:-_FRAME_BYTES].decode("utf-8", "replace").splitlines()
    path = next((line.removeprefix("path\t") for line in lines if line.startswith("path\t")), "")
    return BuildInfo(version.decode("utf-8", "replace").removeprefix("go"), path)


def _text(data: bytes, at: int) -> tuple[bytes, int]:
    """Return (bytes, position behind) of a text with a varint length."""
    length = shift = 0
    while True:
        if at >= len(data) or shift > 28:
            raise ValueError("unfinished length")
        byte = data[at]
        length |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return data[at : at + length], at + length
