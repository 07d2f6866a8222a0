"""The fixtures of the plugin's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fixtures.fix_certificates import authority
from tests.kubernetes_logs.scene import Scene, open_scene

__all__ = ["authority", "scene"]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Return a scripted cluster with a deployment, and the plugin on it."""
    async with open_scene() as opened:
        yield opened
