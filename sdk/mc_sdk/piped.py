"""A plugin as a filter in a pipe: `--stdin OPERATION [PARAMS]` answers for standard input, without any host."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from mc_sdk.params import decode_params
from mc_wire.errors import OperationError, UnknownOperation

if TYPE_CHECKING:
    from mc_sdk.plugin import Plugin


def run(plugin: Plugin[Any], arguments: list[str]) -> int:
    """Write the answer to standard output as it is made; returns the exit code."""
    name, params = [*arguments, "", ""][:2]
    try:
        handler = plugin.handlers.get(name)
        if handler is None or handler.params_type is None:
            raise UnknownOperation(f"{plugin.name} has no operation {name!r}")
        for block in plugin.read_stdin(name, decode_params(params.encode() or b"{}", handler.params_type)):
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
    except OperationError as exc:
        sys.stderr.write(f"{plugin.name}: {exc.message}\n")
        return 1
    except BrokenPipeError:
        # Whoever read has seen enough; Python would complain once more while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0
