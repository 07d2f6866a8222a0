"""The web shell's files: only what the build put into the folder, and its index for the shell's own routes."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

from mc_host.gateway.keys import GUARD, SHELL
from mc_host.gateway.policies import shell_policy
from mc_wire.errors import NotFound

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8,}\.\w+(\.map)?$")
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".map": "application/json",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
}
_HINT = "the web page is not built; run `make ui`, or use the API and the command line\n"


class Shell:
    """Answers from a list of the folder's files, so no address can name a file outside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Path] = {}
        self._seen_ns = -1

    def find(self, path: str) -> Path | None:
        """Return the file for a path, the index for a route of the page; None when there is neither."""
        self._refresh()
        found = self._files.get(path.strip("/"))
        if found is not None:
            return found
        is_file_name = "." in path.rpartition("/")[2] or path.startswith("/assets/")
        return None if is_file_name else self._files.get("index.html")

    def is_built(self) -> bool:
        """Is there a page at all?"""
        self._refresh()
        return "index.html" in self._files

    def _refresh(self) -> None:
        try:
            now_ns = (self._folder / "index.html").stat().st_mtime_ns
        except OSError:
            now_ns = 0
        if now_ns != self._seen_ns:
            self._seen_ns = now_ns
            files = (path for path in self._folder.rglob("*") if path.is_file()) if now_ns else ()
            self._files = {path.relative_to(self._folder).as_posix(): path for path in files}


async def serve_shell(request: web.Request) -> web.StreamResponse:
    """Answer everything that is not the API; a sign-in code in the address is exchanged first."""
    if request.path == "/" and "token" in request.query:
        return request.app[GUARD].sign_in(request.query["token"], "/", request.host)
    shell = request.app[SHELL]
    if not await asyncio.to_thread(shell.is_built):
        return web.Response(text=_HINT, status=404)
    path = unquote(request.path)
    if any(part in ("..", ".") for part in re.split(r"[/\\]", path)) or "\0" in path:
        raise NotFound("no such page")
    file = await asyncio.to_thread(shell.find, request.path)
    if file is None:
        raise NotFound("no such file")
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    cache = "public, max-age=31536000, immutable" if _HASHED.search(file.name) else "no-cache"
    headers = {"Content-Type": kind, "Cache-Control": cache}
    headers["Content-Security-Policy"] = shell_policy(request.app[GUARD].origin(request.host))
    return web.FileResponse(file, headers=headers)
