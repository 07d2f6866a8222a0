"""Blocks of streams are used again instead of being given back and zeroed anew."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

COUNT = """
import resource, sys
from mc_wire.allocator import keep_freed_blocks

def take_and_free():
    for _ in range(100):
        blocks = [bytearray(256 * 1024) for _ in range(4)]
        blocks.clear()

if sys.argv[1] == "kept":
    keep_freed_blocks()
take_and_free()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
take_and_free()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    """Return the page faults of four hundred freed blocks."""
    return int(subprocess.run([sys.executable, "-c", COUNT, how], capture_output=True, check=True, text=True).stdout)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="this C library has no mallopt")
def test_freed_blocks_cost_no_new_pages() -> None:
    assert faults("left alone") > 1000
    assert faults("kept") < 100
