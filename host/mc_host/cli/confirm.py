"""Asks before a destructive operation; a script says `--yes`."""

from __future__ import annotations

import sys

import click

from mc_host.confirmation import must_confirm
from mc_host.manifests import CachedOperation
from mc_wire.model import JSON


def confirm(plugin: str, operation: CachedOperation, params: dict[str, JSON], item: str, *, is_given: bool) -> bool:
    """Return whether the call is confirmed; one that need not be is not. Raises: ClickException, Abort."""
    if is_given or not must_confirm(operation.destructive, operation.schema, params):
        return is_given
    what = f"{plugin} {operation.name}" + (f" on {item}" if item else "")
    if not sys.stdin.isatty():
        raise click.ClickException(f"{what} is destructive; pass --yes to confirm it")
    click.confirm(f"{what} is destructive. Run it?", abort=True, err=True)
    return True
