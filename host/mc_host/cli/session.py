"""What every command shares: the configuration, and where the running host is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mc_host.address import Address
    from mc_host.config import HostConfig
    from mc_host.manifests import ManifestCache


@dataclass(frozen=True)
class Session:
    """The root command's flags."""

    state_dir: Path | None
    config_dirs: tuple[Path, ...]
    port: int | None
    signing_private_key: Path | None = None

    def config(self) -> HostConfig:
        """Return the configuration; a bad one ends the command with its reason."""
        from mc_host.config import ConfigError, read_config

        try:
            return read_config(
                port=self.port,
                state_dir=self.state_dir,
                config_dirs=self.config_dirs,
                signing_private_key=self.signing_private_key,
            )
        except ConfigError as exc:
            raise click.ClickException(str(exc)) from exc

    def manifests(self) -> ManifestCache:
        """Return the manifest cache."""
        from mc_host.manifests import ManifestCache

        return ManifestCache(self.config().cache_dir)

    def find_address(self) -> Address | None:
        """Return the running host's address, if one runs."""
        from mc_host.address import find_address

        return find_address(self.config().state_dir)

    def address(self) -> Address:
        """Return the running host's address; without one the command ends."""
        found = self.find_address()
        if found is None:
            raise click.ClickException("no host is running; start one with `mission-control serve`")
        return found

    def with_flags(
        self,
        *,
        state: Path | None,
        config_dirs: tuple[Path, ...],
        port: int | None,
        signing_private_key: Path | None = None,
    ) -> Session:
        """Return this session with a command's own flags on top."""
        return replace(
            self,
            state_dir=state or self.state_dir,
            config_dirs=config_dirs or self.config_dirs,
            port=self.port if port is None else port,
            signing_private_key=signing_private_key or self.signing_private_key,
        )
