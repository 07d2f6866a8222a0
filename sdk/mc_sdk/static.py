"""Files of a plugin's page: index for folders, no listing, nothing outside the folder."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

# Vite writes the content's hash into the name: name-BASE64URL8.ext
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.[a-z0-9.]+$")
_TYPES = {".js": "text/javascript", ".map": "application/json", ".html": "text/html", ".css": "text/css"}


def find_asset(root: Path, path: str) -> Path | None:
    """Return the file that URL path `path` names below `root`, or None; `..`, NUL and encoded slashes name nothing."""
    decoded = unquote(path)
    parts = [part for part in decoded.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in decoded or "\\" in decoded or "%" in decoded:
        return None
    found = root.joinpath(*parts)
    if found.is_dir():
        found /= "index.html"
    try:
        inside = found.resolve().is_relative_to(root.resolve())
    except OSError:
        return None
    return found if inside and found.is_file() else None


def serve_asset(root: str | PathLike[str] | None, path: str) -> web.StreamResponse | None:
    """Return the response for URL path `path`, or None when there is no such file."""
    found = find_asset(Path(root), path) if root else None
    if found is None:
        return None
    response = web.FileResponse(found)
    kind = _TYPES.get(found.suffix)
    if kind:
        response.content_type = kind
        if kind.startswith("text/"):
            response.charset = "utf-8"
    is_hashed = bool(_HASHED.search(found.name))
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if is_hashed else "no-cache"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
