"""Generate mc_wire/_pb from mc_wire/proto; the result is committed, so only a change of the .proto needs this.

`_pb/__init__.py` is written by hand.
"""

import subprocess
import sys
from pathlib import Path

WIRE = Path(__file__).resolve().parent.parent / "sdk" / "mc_wire"
PROTOS = ("documented", "released", "goplugin")


def main() -> None:
    """Run protoc, then make the generated imports relative to the package that holds them."""
    out = WIRE / "_pb"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{WIRE / 'proto'}"]
    outputs = [f"--python_out={out}", f"--pyi_out={out}"]
    subprocess.run([*command, *outputs, *(f"{name}.proto" for name in PROTOS)], check=True)
    for path in (*out.glob("*_pb2.py"), *out.glob("*_pb2.pyi")):
        text = path.read_text()
        path.write_text(text.replace("import documented_pb2 as", "from . import documented_pb2 as"))


if __name__ == "__main__":
    main()
