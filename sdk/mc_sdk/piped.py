"""A plugin as a filter in a pipe: `--stdin OPERATION [PARAMS]` answers for standard input, without any host."""

from __future__ import annotations

import os
import sys
from io import RawIOBase
from typing import TYPE_CHECKING, Any

from mc_sdk.guard import take_stdout
from mc_sdk.params import decode_params
from mc_wire.errors import OperationError, UnknownOperation

if TYPE_CHECKING:
    from mc_sdk.plugin import Plugin


def run(plugin: Plugin[Any], arguments: list[str]) -> int:
    """Write the answer to standard output as it is made; returns the exit code."""
    name, params = [*arguments, "", ""][:2]
    answer = os.fdopen(take_stdout(), "wb", buffering=0)
    try:
        handler = plugin.handlers.get(name)
        if handler is None or handler.params_type is None:
            raise UnknownOperation(f"{plugin.name} has no operation {name!r}")
        for block in plugin.read_stdin(name, decode_params(params.encode() or b"{}", handler.params_type)):
            _write_all(answer, block)
    except OperationError as exc:
        sys.stderr.write(f"{plugin.name}: {exc.message}\n")
        return 1
    except BrokenPipeError:
        return 0  # whoever read has seen enough
    except KeyboardInterrupt:
        return 130
    return 0


def _write_all(answer: RawIOBase, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[answer.write(view) or 0 :]
