"""Promises about the repository itself: arrows, public names, locks without addresses, documents that are true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mc_sdk

ROOT = Path(__file__).resolve().parents[1]

PUBLIC_NAMES = """
    CLICKY_MIME JSON JSON_MIME Artifact ArtifactRef Background Caller ConfirmationNeeded Conflict Connection Context
    FileStart Forbidden HostClient InvalidParams Item ItemPage NotFound NotSignedIn NotSupported OperationError Plugin
    PluginSettings Role Struct Tab TargetError TargetRefused TargetTimeout TargetUnreachable TooLarge encode_error
    format_version operation serve setting
"""

# Spelt in two halves, so that this file does not find itself.
REGISTRY_HOSTS = [
    a + b
    for a, b in (
        ("registry.", "npmjs.org"),
        ("files.python", "hosted.org"),
        ("pypi.", "org"),
        ("proxy.", "golang.org"),
        ("repo1.", "maven.org"),
        ("deb.", "debian.org"),
    )
]


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""


def test_imports_follow_the_arrows() -> None:
    lint = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(lint, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_public_names_of_the_sdk_are_these() -> None:
    assert sorted(mc_sdk.__all__) == sorted(PUBLIC_NAMES.split())


def test_nothing_committed_names_a_registry_or_a_machines_path() -> None:
    found = []
    for path in _tracked():
        text = _text(path)
        found += [f"{path.relative_to(ROOT)}: {host}" for host in REGISTRY_HOSTS if host in text]
        found += [f"{path.relative_to(ROOT)}: {match}" for match in re.findall(r"(?:/root/|/work/)[\w./-]+", text)]
    assert found == []


def test_every_path_that_a_document_names_exists() -> None:
    missing = []
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *ROOT.glob("plugins/*/README.md")]:
        for name in re.findall(
            r"`((?:sdk|host|plugins|tests|docs|scripts|bench|demo)/[\w./-]+)`", document.read_text()
        ):
            if not (ROOT / name).exists():
                missing.append(f"{document.name}: {name}")
    assert missing == []


def test_readme_names_the_two_commands_and_every_make_target_it_uses() -> None:
    text = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = set(re.findall(r"`?make ([a-z-]+)`?", text))
    assert {"demo", "test"} <= used <= targets


def test_no_file_says_it_will_be_done_later() -> None:
    mark = "TO" + "DO"
    sources = [path for path in _tracked() if path.suffix in (".py", ".ts", ".tsx", ".sh", ".sql")]
    assert [str(path) for path in sources if mark in _text(path)] == []
