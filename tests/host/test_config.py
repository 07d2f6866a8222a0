"""Where the host's settings come from, and how its log looks."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from mc_host.config import ConfigError, read_config
from mc_host.logs import JsonFormatter, TerminalFormatter


def test_defaults_follow_the_home_folder(tmp_path: Path) -> None:
    config = read_config({"HOME": str(tmp_path)})
    assert config.state_dir == tmp_path / ".local/state/mission-control"
    assert config.cache_dir == tmp_path / ".cache/mission-control/plugins"
    assert config.plugin_root == tmp_path / ".mission-control/plugins"
    assert (config.port, config.bind_host) == (7070, "127.0.0.1")
    assert config.config_dirs == (config.state_dir / "plugins",)  # what `plugin install` has put there
    assert config.artifacts_root == str(config.state_dir / "artifacts")


def test_flag_wins_over_variable_and_variable_over_default(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    env = {"HOME": str(tmp_path), "MISSION_CONTROL_PORT": "81", "MISSION_CONTROL_CONFIG": f"{one}:{two}"}
    env |= {"MISSION_CONTROL_STATE": "/s", "MISSION_CONTROL_PLUGIN_PATH": "/p", "XDG_CACHE_HOME": "/c"}
    config = read_config(env)
    assert (config.port, config.config_dirs) == (81, (one, two, Path("/s/plugins")))
    assert (config.state_dir, config.plugin_root) == (Path("/s"), Path("/p"))
    config = read_config(env, port=0, state_dir=Path("/t"), config_dirs=[two])
    assert (config.port, config.config_dirs, config.state_dir) == (0, (two, Path("/t/plugins")), Path("/t"))


def test_user_configuration_folder_is_read_when_it_is_there(tmp_path: Path) -> None:
    folder = tmp_path / ".config/mission-control"
    folder.mkdir(parents=True)
    assert read_config({"HOME": str(tmp_path)}).config_dirs[0] == folder


@pytest.mark.parametrize(
    ("env", "text"),
    [
        ({"MISSION_CONTROL_PORT": "http"}, "MISSION_CONTROL_PORT must be a port number from 0 to 65535, got 'http'"),
        ({"MISSION_CONTROL_PORT": "65536"}, "got '65536'"),
        ({"MISSION_CONTROL_CONFIG": "/nowhere"}, "configuration folder /nowhere does not exist"),
    ],
)
def test_bad_setting_stops_the_start_with_its_name(env: dict[str, str], text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(env)
    assert text in str(caught.value)


def record(message: str, **extra: object) -> logging.LogRecord:
    """Return a log record."""
    made = logging.LogRecord("plugin.pg", logging.INFO, "f", 1, message, (), None)
    made.__dict__.update(extra)
    return made


def test_s13_json_line_keeps_text_and_fields_apart() -> None:
    text = "100%d\n[ERROR] x"
    line = JsonFormatter().format(record(text, plugin="pg", fields={"plugin": "forged", "level": "error", "n": 1}))
    parsed = json.loads(line)
    assert "\n" not in line and parsed["message"] == text and parsed["level"] == "info"
    assert (parsed["plugin"], parsed["level_"], parsed["n"]) == ("pg", "error", 1)


def test_terminal_line_escapes_control_characters() -> None:
    line = TerminalFormatter().format(record("a\x1b[2J\nb", plugin="p\n"))
    assert "\x1b" not in line and "\n" not in line and "a\\x1b[2J\\nb" in line and "plugin=p\\n" in line


@pytest.mark.parametrize(
    "text", ["http://mc.example.org", "mc.example.org", "https://mc.example.org/path", "https://a b"]
)
def test_public_url_is_https_and_a_name_alone(text: str) -> None:
    with pytest.raises(ConfigError, match="MISSION_CONTROL_PUBLIC_URL must be https"):
        read_config({"HOME": "/nowhere", "MISSION_CONTROL_PUBLIC_URL": text})
    assert (
        read_config({"HOME": "/x", "MISSION_CONTROL_PUBLIC_URL": "https://A.b:8443/"}).public_url == "https://a.b:8443"
    )
