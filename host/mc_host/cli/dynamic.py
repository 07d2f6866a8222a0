"""Commands made from cached manifests: `mission-control <plugin> <operation>`."""

from __future__ import annotations

import re
from typing import Any

import click

from mc_host.cli.session import Session
from mc_host.manifests import LOCAL, CachedManifest, CachedOperation, Freshness, Parameter
from mc_wire.errors import InvalidParams
from mc_wire.model import JSON

_TAKEN = ("--param", "--config-id", "--json", "--yes", "--stdin", "--exit-code", "--help", "-h")


def find_plugin_command(session: Session, name: str, *, prefix: str) -> click.Command | None:
    """Return the command of a cached plugin; `prefix` is `plugin ` in the nested form."""
    try:
        entry, freshness = session.manifests().read(name)
    except InvalidParams:
        return None
    return PluginCommand(session, name, entry, prefix, freshness is Freshness.STALE) if entry else None


class PluginCommand(click.Group):
    """One plugin: its operations as sub-commands."""

    def __init__(self, session: Session, name: str, entry: CachedManifest, prefix: str, is_stale: bool) -> None:
        super().__init__(name=name, help=entry.service.description, context_settings={"max_content_width": 120})
        self._session = session
        self._entry = entry
        self._prefix = prefix
        self._is_stale = is_stale

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the operations in the manifest's order."""
        return [operation.name for operation in self._entry.service.operations]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of one operation."""
        for operation in self._entry.service.operations:
            if operation.name == cmd_name:
                return OperationCommand(self._session, self._entry, operation)
        return None

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write description, version, source and age."""
        entry = self._entry
        cached_at = entry.cached_at.astimezone()
        where = (
            f"local binary ({entry.binary_path})" if entry.source == LOCAL else f"remote server ({entry.server_url})"
        )
        lines = [entry.service.description, "", f"Version: {entry.service.version}", f"Source: {where}"]
        lines.append(f"Cached: {cached_at:%Y-%m-%d %H:%M:%S %Z}")
        if self._is_stale:
            lines.append("The binary has changed since; `mission-control plugin refresh-cache` reads it again.")
        if self._prefix:
            lines += ["", f"Also available as: mission-control {entry.service.name}"]
        formatter.write("\n" + "".join(f"  {line}".rstrip() + "\n" for line in lines))


class OperationCommand(click.Command):
    """One operation: a flag per schema property, and `--param` for the rest."""

    def __init__(self, session: Session, entry: CachedManifest, operation: CachedOperation) -> None:
        self._session = session
        self._plugin = entry.service.name
        self._binary = entry.binary_path
        self._operation = operation
        self._flags = {_flag_key(one.name): one.name for one in operation.parameters or ()}
        super().__init__(
            name=operation.name,
            help=operation.description,
            params=[*_fixed_options(session, operation), *_property_options(operation)],
            callback=self._run,
            context_settings={"max_content_width": 120},
        )

    def _run(
        self,
        param: tuple[str, ...],
        config_id: str | None,
        as_json: bool,
        yes: bool = False,
        stdin: bool = False,
        has_exit_code: bool = True,
        **flags: Any,
    ) -> None:
        from mc_host.cli.confirm import confirm
        from mc_host.cli.dispatch import dispatch
        from mc_host.cli.params import build_params, parse_pairs

        operation = self._operation
        if operation.needs_item and not config_id and not stdin:
            raise click.ClickException(f'--config-id is required for config-scoped operation "{operation.name}"')
        pairs = [*parse_pairs(param), *self._flag_pairs(flags)]
        params = build_params(operation, pairs)
        if stdin:
            from mc_host.cli.piped import run_piped

            run_piped(self._binary, operation, params, as_json=as_json)
            return
        is_confirmed = confirm(self._plugin, operation, params, config_id or "", is_given=yes)
        dispatch(
            self._session,
            self._plugin,
            operation,
            params,
            config_id or "",
            as_json=as_json,
            is_confirmed=is_confirmed,
            has_exit_code=has_exit_code,
        )

    def _flag_pairs(self, flags: dict[str, Any]) -> list[tuple[str, str]]:
        pairs = []
        for key, value in flags.items():
            texts = value if isinstance(value, tuple) else (value,) if value is not None else ()
            for text in texts:
                pairs.append((self._flags[key], str(text).lower() if isinstance(text, bool) else text))
        return pairs

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write description, scope and parameters."""
        operation = self._operation
        lines = [operation.description, "", f"Scope: {', '.join(operation.tags) or 'global'}"]
        if operation.parameters:
            lines += ["", "Parameters (pass via --param key=value):"]
            for one in operation.parameters:
                lines.append(f"  {'*' if one.required else ' '} {one.name} ({one.type}){_default_text(one.default)}")
                if one.description:
                    lines.append(f"      {one.description}")
            lines.append("* = required")
        formatter.write("\n" + "".join(f"  {line}".rstrip() + "\n" for line in lines))


def _default_text(default: JSON) -> str:
    if default in (None, "", [], {}):
        return ""
    return f" [default: {str(default).lower() if isinstance(default, bool) else default}]"


def _fixed_options(session: Session, operation: CachedOperation) -> list[click.Parameter]:
    def complete_item(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
        from mc_host.cli.completion import complete_items

        return complete_items(session, incomplete)

    options: list[click.Parameter] = [
        click.Option(["--param"], multiple=True, metavar="KEY=VALUE", help="A parameter; repeatable."),
        click.Option(
            ["--config-id"],
            metavar="ID|NAME",
            help="Catalog item: its id, or its name when unique.",
            shell_complete=complete_item,
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Print the answer's bytes as they are."),
    ]
    if operation.reads_stdin:
        options.append(
            click.Option(["--stdin"], is_flag=True, help="Answer for standard input; needs neither item nor host.")
        )
    if operation.exit_field:
        options.append(
            click.Option(
                ["--exit-code/--no-exit-code", "has_exit_code"],
                default=True,
                help="End with the status that the answer tells, or with 0 whatever it is.",
                show_default=True,
            )
        )
    if operation.destructive:
        options.append(click.Option(["--yes"], is_flag=True, help="Do not ask for a confirmation."))
    return options


def _property_options(operation: CachedOperation) -> list[click.Parameter]:
    options: list[click.Parameter] = []
    for one in operation.parameters or ():
        flag = "--" + _kebab(one.name)
        if flag in _TAKEN:
            continue
        key = _flag_key(one.name)
        if one.type == "boolean":
            options.append(click.Option([f"{flag}/--no-{flag[2:]}", key], default=None, help=one.description))
        else:
            options.append(_text_option(flag, key, one))
    return options


def _text_option(flag: str, key: str, one: Parameter) -> click.Option:
    metavar = {"integer": "INT", "number": "NUMBER", "array": "A,B,…", "object": "JSON"}.get(one.type, "TEXT")
    return click.Option([flag, key], multiple=one.type == "array", metavar=metavar, help=one.description)


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).replace("_", "-").lower()


def _flag_key(name: str) -> str:
    return "flag_" + _kebab(name).replace("-", "_")
