"""The Kubernetes kit's fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mc_kube.client import KubeClient
from tests.doubles.kube_api import KubeApi, open_kube_api
from tests.fixtures.fix_cluster import cluster

__all__ = ["api", "client", "cluster"]


@pytest.fixture
async def api() -> AsyncIterator[KubeApi]:
    """Return a scripted API server."""
    async with open_kube_api() as running:
        yield running


@pytest.fixture
async def client(api: KubeApi) -> AsyncIterator[KubeClient]:
    """Return a client of it."""
    async with KubeClient(api.access, {}) as opened:
        yield opened
