"""Start a new plugin: `scripts/new_plugin.py disk-usage` writes plugins/disk_usage, which runs as it is.

The result has one operation, a page that calls it, a resource file, and a command that runs it from the sources.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = Path(__file__).resolve().parent / "plugin_template"
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def main() -> None:
    """Write the plugin and say what to do next."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", help="as operators will see it: small letters, digits, hyphens")
    parser.add_argument("--into", type=Path, default=ROOT / "plugins", help="folder to put it into")
    arguments = parser.parse_args()
    if not NAME.fullmatch(arguments.name):
        sys.exit(f"{arguments.name!r} is not a plugin's name: small letters and digits, hyphens between them")
    try:
        folder = write_plugin(arguments.name, arguments.into)
    except FileExistsError as exc:
        sys.exit(f"{exc.filename} is there already")
    shown = folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
    print(f"wrote {shown}; next:\n  make setup\n  {shown}/try")


def write_plugin(name: str, into: Path) -> Path:
    """Return the new plugin's folder. Raises: FileExistsError."""
    module = name.replace("-", "_")
    words = {"@name@": name, "@module@": module, "@Title@": name.replace("-", " ").title().replace(" ", "")}
    folder = into / module
    folder.mkdir(parents=True)
    for source in sorted(TEMPLATE.rglob("*")):
        if source.is_dir():
            continue
        target = folder / replaced(source.relative_to(TEMPLATE).as_posix().removesuffix(".in"), words)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(replaced(source.read_text(), words))
        target.chmod(source.stat().st_mode & 0o777)
    return folder


def replaced(text: str, words: dict[str, str]) -> str:
    """Return the text with every placeholder filled in."""
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text


if __name__ == "__main__":
    main()
