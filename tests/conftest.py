"""What every test gets: fixtures by subject, and no trace of this machine's own settings."""

from __future__ import annotations

pytest_plugins = [
    "tests.fixtures.fix_certificates",
    "tests.fixtures.fix_go",
    "tests.fixtures.fix_helm",
    "tests.fixtures.fix_plugin_process",
    "tests.fixtures.fix_zipapp",
]
