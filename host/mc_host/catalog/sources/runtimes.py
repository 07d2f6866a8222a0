"""What runs a process: Go, JVM, Python or Node, told from its executable and command line, and what to call it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from os.path import basename
from pathlib import Path

from mc_host.catalog.sources.go_buildinfo import read_build_info


class Runtime(StrEnum):
    """The runtimes that plugins look into; the value ends the item's type (`Host::Process::Go`)."""

    GO = "Go"
    JVM = "JVM"
    PYTHON = "Python"
    NODE = "Node"


@dataclass(frozen=True)
class Program:
    """What a process is: its runtime, a name a person knows it by, and the runtime's version where it is written."""

    runtime: Runtime
    name: str
    version: str = ""


_PYTHON = re.compile(r"(?:lib)?python(\d+(?:\.\d+)?)?t?$|pypy\d*(?:\.\d+)?$")
_NODE = ("node", "nodejs")
_JAVA = ("java", "javaw")
# Options of `java` whose value is the next word.
_JAVA_WITH_VALUE = frozenset({"-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules", "-m"})
_PYTHON_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_NODE_WITH_VALUE = frozenset({"-r", "--require", "--import", "--loader", "-C", "--conditions"})


def identify(executable: str, arguments: list[str], image: Path, *, has_perf_data: bool = False) -> Program | None:
    """Return what a process is, None for one without a runtime we know.

    `executable` is the resolved path, `image` a readable file of the same content (`/proc/<pid>/exe`, which works
    across mount namespaces), `has_perf_data` whether a JVM's hsperfdata file carries this pid.
    """
    command = basename(executable.removesuffix(" (deleted)"))
    words = arguments[1:]
    python = _PYTHON.fullmatch(command)
    if python:
        return Program(Runtime.PYTHON, _python_name(words) or command, python[1] or "")
    if command in _NODE:
        return Program(Runtime.NODE, _script(words, _NODE_WITH_VALUE) or command)
    if command in _JAVA or has_perf_data:
        return Program(Runtime.JVM, _java_name(words) or command)
    info = read_build_info(image)
    if info is not None:
        return Program(Runtime.GO, info.main_name or command, info.go_version)
    return None


def _python_name(words: list[str]) -> str:
    """Return the module of `-m`, the script's name, or `-c`."""
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word in ("-m", "-c"):
            return words[at + 1] if word == "-m" and at + 1 < len(words) else "-c"
        elif word in _PYTHON_WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            return _file_name(word)
    return ""


def _script(words: list[str], with_value: frozenset[str]) -> str:
    """Return the first word that is neither an option nor an option's value."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in with_value:
            skip = True
        elif not word.startswith("-"):
            return _file_name(word)
    return ""


def _java_name(words: list[str]) -> str:
    """Return the jar's file name, the module, or the main class without its package."""
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word in ("-jar", "-m", "--module"):
            return _file_name(words[at + 1]) if at + 1 < len(words) else ""
        elif word in _JAVA_WITH_VALUE:
            skip = True
        elif not word.startswith(("-", "@")):
            return word.rpartition(".")[2]
    return ""


def _file_name(path: str) -> str:
    """Return a script's name; `__main__.py` and `index.js` are called by their folder."""
    parts = [part for part in path.split("/") if part]
    if len(parts) > 1 and parts[-1] in ("__main__.py", "index.js", "main.js", "server.js"):
        return parts[-2]
    return parts[-1] if parts else ""
