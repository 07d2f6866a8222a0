"""Bytes that plugins hand over to keep, in any store fsspec knows; a local folder by default."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import msgspec

from mc_wire.errors import InvalidParams, NotFound, OperationError
from mc_wire.model import Artifact, ArtifactRef, Struct

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

_SCHEME = "artifact://"


class _Meta(Struct):
    """What is kept beside the bytes."""

    name: str
    content_type: str
    size_bytes: int
    metadata: dict[str, str]


class ArtifactStore:
    """Artifacts by id; one folder each, with `data` and `meta.json`."""

    def __init__(self, root_url: str) -> None:
        self._root_url = root_url
        self._opened: tuple[AbstractFileSystem, str] | None = None

    async def write(self, artifact: Artifact) -> ArtifactRef:
        """Keep the bytes and return where; they are on disk when this returns. Raises: OperationError."""
        artifact_id = str(uuid4())
        try:
            await asyncio.to_thread(self._write, artifact_id, artifact)
        except OSError as exc:
            why = exc.strerror or type(exc).__name__
            raise OperationError(f"the host could not keep artifact {artifact.name!r}: {why}") from exc
        return ArtifactRef(id=artifact_id, url=_SCHEME + artifact_id)

    async def read(self, ref: ArtifactRef) -> Artifact:
        """Return what was kept. Raises: NotFound."""
        text = ref.id or ref.url.removeprefix(_SCHEME)
        try:
            artifact_id = str(UUID(text))
        except ValueError as exc:
            raise NotFound(f"artifact {text[:80]!r} not found") from exc
        return await asyncio.to_thread(self._read, artifact_id)

    def _open(self) -> tuple[AbstractFileSystem, str]:
        if self._opened is None:
            from fsspec.core import url_to_fs

            self._opened = url_to_fs(self._root_url)
        return self._opened

    def _write(self, artifact_id: str, artifact: Artifact) -> None:
        if not artifact.name:
            raise InvalidParams("artifact name is required")
        filesystem, root = self._open()
        folder = f"{root}/{artifact_id}"
        filesystem.makedirs(folder, exist_ok=True)
        filesystem.pipe_file(f"{folder}/data", artifact.data)
        meta = _Meta(
            name=artifact.name,
            content_type=artifact.content_type,
            size_bytes=len(artifact.data),
            metadata=artifact.metadata,
        )
        # Last, so that an artifact with a description is a complete one.
        filesystem.pipe_file(f"{folder}/meta.json", msgspec.json.encode(meta))

    def _read(self, artifact_id: str) -> Artifact:
        filesystem, root = self._open()
        try:
            meta = msgspec.json.decode(filesystem.cat_file(f"{root}/{artifact_id}/meta.json"), type=_Meta)
            data = filesystem.cat_file(f"{root}/{artifact_id}/data")
        except FileNotFoundError as exc:
            raise NotFound(f"artifact {artifact_id} not found") from exc
        return Artifact(name=meta.name, content_type=meta.content_type, data=data, metadata=meta.metadata)
