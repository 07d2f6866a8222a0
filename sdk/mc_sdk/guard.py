"""Keeps the handshake the first line of stdout, whatever the plugin's modules print while they load."""

import io
import os
import sys

_ENV_FD = "MISSION_CONTROL_HANDSHAKE_FD"


def guard_stdout() -> None:
    """Move the real stdout aside and let everything printed go to stderr; a second call does nothing."""
    if _ENV_FD in os.environ:
        return
    sys.stdout.flush()
    real = os.dup(1)  # not inheritable: a child that held it open would keep the host waiting
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # the host's log shows a line when it is printed
    os.environ[_ENV_FD] = str(real)


def take_stdout() -> int:
    """Return the descriptor of the real stdout; the caller owns it from here."""
    guard_stdout()
    return int(os.environ.pop(_ENV_FD))
