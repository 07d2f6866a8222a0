"""`mission-control completion`: what a shell needs to complete commands, operations, flags and items."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class

from mc_host.cli.session import Session

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_MISSION_CONTROL_COMPLETE"
_MAX_ITEMS = "30"


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete this command.

    bash: `source <(mission-control completion bash)` in ~/.bashrc; zsh alike in ~/.zshrc;
    fish: `mission-control completion fish | source` in ~/.config/fish/config.fish.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(ctx.find_root().command, {}, "mission-control", VARIABLE).source())


def complete_items(session: Session, incomplete: str) -> list[CompletionItem]:
    """Return the running host's items whose name begins so; none without one: a shell that waits is worse."""
    from mc_host.cli import api

    try:
        address = session.find_address()
        rows = api.fetch_json(address, "/api/catalog/items", search=incomplete, limit=_MAX_ITEMS) if address else None
    except click.ClickException:
        return []
    found = rows["items"] if rows else []
    return [CompletionItem(row["name"], help=row["type"]) for row in found if row["name"].startswith(incomplete)]
