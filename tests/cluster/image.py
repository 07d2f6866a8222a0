"""Write a one-layer image archive that `ctr images import` takes.

usage: image.py OUT.tar NAME:TAG [--cmd ARG...] -- SOURCE=PATH_IN_IMAGE... link=NAME:TARGET...
A directory is copied whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sys
import tarfile
from pathlib import Path

FOLDERS = ("tmp", "proc", "sys", "dev", "etc", "var", "run")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def make_layer(pairs: list[str]) -> bytes:
    """Return a layer with the usual empty folders and the named files and links."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for folder in FOLDERS:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
        for pair in pairs:
            source, target = pair.split("=", 1)
            if source == "link":
                name, linkname = target.split(":", 1)
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname = tarfile.SYMTYPE, linkname
                tar.addfile(entry)
            else:
                tar.add(source, target.lstrip("/"))
    return layer.getvalue()


def write_archive(out: Path, name: str, command: list[str], layer: bytes) -> None:
    """Write the layer as an image `name` that runs `command`."""
    config = {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {"Cmd": command, "Env": ["PATH=/bin:/usr/bin:/usr/local/bin"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
    }
    config_bytes = json.dumps(config).encode()
    config_name = hashlib.sha256(config_bytes).hexdigest() + ".json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(out, "w") as archive:
        for path, data in ((config_name, config_bytes), ("layer.tar", layer), ("manifest.json", manifest)):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def main(argv: list[str]) -> None:
    """Read the command line and write the archive."""
    cut = argv.index("--")
    command = argv[3:cut] if argv[2:3] == ["--cmd"] else []
    write_archive(Path(argv[0]), argv[1], command, make_layer(argv[cut + 1 :]))


if __name__ == "__main__":
    main(sys.argv[1:])
