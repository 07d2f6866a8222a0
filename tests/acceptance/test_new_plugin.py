"""A new author's first minutes, done to the letter: the script, the command it names, the tab."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "new_plugin.py"


def _write(name: str, into: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), name, "--into", str(into)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_new_plugin_runs_as_it_is_and_answers_by_its_tab_and_operation(tmp_path: Path) -> None:
    written = _write("disk-usage", tmp_path)
    assert written.returncode == 0, written.stderr
    folder = tmp_path / "disk_usage"
    env = {**os.environ, "PYTHON": sys.executable, "PORT": "0", "HOME": str(tmp_path), "MISSION_CONTROL_MACHINE": "off"}
    pipe = subprocess.PIPE
    host = subprocess.Popen([folder / "try"], env=env, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    assert host.stdout
    try:
        for line in host.stdout:
            if "plugin disk-usage loaded" in line:
                break
        else:
            pytest.fail("the plugin was not loaded")
        address = json.loads((folder / ".try" / "state" / "host.json").read_text())
        headers = {"Authorization": f"Bearer {address['token']}", "Content-Type": "application/json"}

        def ask(path: str, body: bytes | None = None) -> bytes:
            with urlopen(Request(address["url"] + path, data=body, headers=headers), timeout=30) as answer:
                text: bytes = answer.read()
                return text

        [item] = json.loads(ask("/api/catalog/items"))["items"]
        [plugin] = json.loads(ask(f"/api/plugins?config_id={item['id']}"))
        assert (plugin["name"], plugin["tabs"][0]["name"]) == ("disk-usage", "DiskUsage")
        page = ask(f"/api/plugins/disk-usage/ui/?config_id={item['id']}").decode()
        for script in re.findall(r'(?:src|href)="([^"]+)"', page):
            assert ask(f"/api/plugins/disk-usage/ui/{script}?config_id={item['id']}")
        answer = json.loads(ask(f"/api/plugins/disk-usage/invoke/greet?config_id={item['id']}", b'{"name": "you"}'))
        assert answer == {"text": "hello, you", "itemName": "example", "calls": 1}
    finally:
        host.terminate()
        host.stdout.read()
        host.stdout.close()
        assert host.wait(20) == 0


@pytest.mark.parametrize("name", ["Disk", "disk_usage", "1disk", "disk--usage", "../disk", ""])
def test_names_that_no_host_would_take_are_refused(tmp_path: Path, name: str) -> None:
    refused = _write(name, tmp_path)
    assert refused.returncode == 1
    assert "is not a plugin's name" in refused.stderr


def test_existing_plugin_is_left_alone(tmp_path: Path) -> None:
    assert _write("disk", tmp_path).returncode == 0
    again = _write("disk", tmp_path)
    assert again.returncode == 1
    assert "is there already" in again.stderr
