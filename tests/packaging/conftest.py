"""What the packaged plugin is tested against."""

from __future__ import annotations

import pytest

from tests.fixtures.fix_postgres import DEFAULT_MAJOR, ServerPark, park

__all__ = ["park"]


@pytest.fixture
def postgres_url(park: ServerPark) -> str:
    """The address of a real server, credentials included."""
    return park.get(DEFAULT_MAJOR).url()
