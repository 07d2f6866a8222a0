"""Build one plugin as one executable file: `build_zipapp.py postgres` writes dist/postgres.

The file is a shell preamble, then a zip: the bootstrap as `__main__`, compiled and as source, and the payload, itself
a zip of the dependencies (from the plugin's hash-locked requirements), the SDK and the plugin, compiled. So few
entries keep the start fast, since Python reads a zip's whole directory. Equal sources give equal bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest date a zip can hold
PREAMBLE = """#!/bin/sh
# A Mission Control plugin, packaged for {tag}. It is started by a host; unzip shows what is inside.
for python in "$MISSION_CONTROL_PYTHON" python{minor} python3; do
  [ -n "$python" ] && found=$(command -v "$python" 2>/dev/null) || continue
  # A version manager's shim is there even when it leads nowhere.
  case $found in */shims/*) "$found" -I -S -c "" 2>/dev/null || continue ;; esac
  exec "$found" -I -S "$0" "$@"
done
echo "$0: needs Python {minor}: install it, or name it in MISSION_CONTROL_PYTHON" >&2
exit 127
"""

# What a wheel brings for building or checking against it, and nothing at run time imports.
UNUSED = (
    "*.c", "*.h", "*.hpp", "*.cpp", "*.pxd", "*.pyx", "*.pxi", "*.pyi", "*.typed", "*.hash",
    "*/tests/*", "*/test/*", "*/testing/*", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "bin/*",
    "cffi/*", "pycparser/*",  # to build extensions with; cryptography loads only _cffi_backend
)  # fmt: skip

COMPILER = [sys.executable, "-S", "-s", "-m", "compileall", "-q", "-b", "--invalidation-mode", "unchecked-hash"]


class BuildError(Exception):
    """The plugin cannot be built; the text says what is missing."""


def main() -> None:
    """Build the named plugins (default: all)."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("plugin", nargs="*", help="folder names below plugins/")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    arguments = parser.parse_args()
    names = arguments.plugin or sorted(path.name for path in (ROOT / "plugins").iterdir() if path.is_dir())
    arguments.output.mkdir(exist_ok=True)
    for name in names:
        try:
            built = build(name, arguments.output)
        except BuildError as exc:
            sys.exit(f"{name}: {exc}")
        print(
            f"{built.relative_to(Path.cwd()) if built.is_relative_to(Path.cwd()) else built}"
            f"  {built.stat().st_size / 1e6:.1f} MB"
        )


def build(folder: str, output: Path) -> Path:
    """Return the path of the zipapp of `plugins/<folder>`. Raises: BuildError."""
    source = ROOT / "plugins" / folder
    module = f"mc_{folder}"
    if not (source / module).is_dir():
        raise BuildError(f"no such plugin: {source}")
    page = source / module / "ui" / "index.html"
    if (source / "ui").is_dir() and not page.is_file():
        raise BuildError("its page is not built; run `make ui` first")
    with tempfile.TemporaryDirectory() as work:
        tree = Path(work) / "tree"
        install_dependencies(ROOT / "requirements" / f"{folder}.txt", tree)
        for package in (ROOT / "sdk" / "mc_wire", ROOT / "sdk" / "mc_sdk", *kits(source), source / module):
            shutil.copytree(package, tree / package.name, ignore=shutil.ignore_patterns("__pycache__", "proto"))
        stamp_build(tree / module, project_of(source)["version"])
        prune(tree)
        compile_tree(tree)
        payload = pack(tree)
    target = output / folder.replace("_", "-")
    write_executable(target, payload, module, source / "Plugin.yaml")
    return target


def kits(source: Path) -> list[Path]:
    """Return the shared kits that the plugin's own project file asks for."""
    sdk = next((one for one in project_of(source)["dependencies"] if one.startswith("mission-control-plugin-sdk")), "")
    extras = sdk.partition("[")[2].rstrip("]").split(",") if "[" in sdk else []
    return [ROOT / "sdk" / f"mc_{extra}" for extra in extras if (ROOT / "sdk" / f"mc_{extra}").is_dir()]


def project_of(source: Path) -> dict[str, Any]:
    """Return the project table of a plugin's pyproject.toml."""
    project: dict[str, Any] = tomllib.loads((source / "pyproject.toml").read_text())["project"]
    return project


def install_dependencies(requirements: Path, tree: Path) -> None:
    """Install the locked wheels, and nothing else, into `tree`."""
    uv = Path(sys.executable).parent / "uv"
    command: list[str | Path] = [uv, "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
    command += ["--only-binary", ":all:"]
    where: list[str | Path] = ["--python", sys.executable, "--target", tree, "--link-mode", "copy"]
    done = subprocess.run([*command, *where, "-r", requirements], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"dependencies cannot be installed:\n{done.stderr}")


def stamp_build(package: Path, version: str) -> None:
    """Write what `version` answers: release, date of the sources, checksum of the page."""
    digest = hashlib.sha256()
    page = package / "ui"
    for path in sorted(page.rglob("*")) if page.is_dir() else []:
        if path.is_file():
            digest.update(f"ui/{path.relative_to(page).as_posix()}\0".encode() + path.read_bytes())
    checksum = digest.hexdigest() if page.is_dir() else ""
    stamp = {"VERSION": version, "BUILD_DATE": source_date(), "UI_CHECKSUM": checksum}
    (package / "_build.py").write_text("".join(f"{name} = {value!r}\n" for name, value in stamp.items()))


def source_date() -> str:
    """Return the date of the last commit (or SOURCE_DATE_EPOCH), so that a build can be repeated to the byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        git = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
        epoch = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%d %H:%M:%S") if epoch else ""


def prune(tree: Path) -> None:
    """Remove what nothing imports."""
    for path in sorted(tree.rglob("*"), reverse=True):
        name = path.relative_to(tree).as_posix()
        if path.is_file() and any(Path(name).match(pattern) or _below(name, pattern) for pattern in UNUSED):
            if not name.startswith("mc_"):
                path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _below(name: str, pattern: str) -> bool:
    return pattern.endswith("/*") and f"/{pattern.strip('*/')}/" in f"/{name}"


def compile_tree(tree: Path) -> None:
    """Replace every module by its bytecode, never checked against a source: the tree is immutable."""
    # A process of its own with a fixed hash seed: the order of a set constant, and which strings a module shares,
    # would otherwise differ from build to build.
    done = subprocess.run([*COMPILER, "-s", str(tree), str(tree)], env={"PYTHONHASHSEED": "0"}, check=False)
    if done.returncode:
        raise BuildError("some modules do not compile")
    for path in tree.rglob("*.py"):
        path.unlink()


def compile_source(text: str) -> bytes:
    """Return the unchecked bytecode of a module's text."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "__main__.py"
        source.write_text(text)
        subprocess.run([*COMPILER, "-s", folder, folder], env={"PYTHONHASHSEED": "0"}, check=True)
        return source.with_suffix(".pyc").read_bytes()


def pack(tree: Path) -> bytes:
    """Return the tree as a zip: sorted, without dates or owners."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(tree.rglob("*")):
            if path.is_file():
                add(archive, path.relative_to(tree).as_posix(), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def add(archive: zipfile.ZipFile, name: str, data: bytes, compression: int) -> None:
    """Add one entry that depends on its name and content alone."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = compression
    info.external_attr = 0o644 << 16
    info.create_system = 3
    archive.writestr(info, data)


def write_executable(target: Path, payload: bytes, module: str, resource: Path) -> None:
    """Write preamble and archive to `target`, executable, by rename: a running host never sees half of it."""
    sys.path.insert(0, str(ROOT / "sdk"))
    from mc_sdk.bootstrap import running_tag

    tag = running_tag()
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    bootstrap = (ROOT / "sdk" / "mc_sdk" / "bootstrap.py").read_text()
    key = hashlib.sha256(payload).hexdigest()
    for name, value in (("@TAG@", tag), ("@KEY@", key), ("@ENTRY@", module)):
        bootstrap = bootstrap.replace(name, value)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as outer:
        # Python takes the bytecode where it fits, and the source under a version that has only to be refused.
        add(outer, "__main__.pyc", compile_source(bootstrap), zipfile.ZIP_STORED)
        add(outer, "__main__.py", bootstrap.encode(), zipfile.ZIP_STORED)
        if resource.is_file():  # what `plugin install` takes the selector and the connections from
            add(outer, resource.name, resource.read_bytes(), zipfile.ZIP_STORED)
        add(outer, "payload.zip", payload, zipfile.ZIP_STORED)
    fresh = target.with_name(f".{target.name}.new")
    fresh.write_bytes(PREAMBLE.format(tag=tag, minor=minor).encode() + archive.getvalue())
    fresh.chmod(0o755)
    fresh.rename(target)


if __name__ == "__main__":
    main()
