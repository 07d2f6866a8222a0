"""HTTP requests as bytes, for paths that every client library would tidy up."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit


async def raw_get(url: str, path: str, **headers: str) -> tuple[int, bytes]:
    """Return status and body of a GET whose path goes out as it is."""
    base = urlsplit(url)
    reader, writer = await asyncio.open_connection(base.hostname, base.port)
    lines = [f"GET {path} HTTP/1.1", f"Host: {base.netloc}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    try:
        async with asyncio.timeout(10):
            answer = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body
