"""AutoMTLS of a launched plugin: loaded only when its host asks for it."""

from __future__ import annotations

from pathlib import Path

from mc_wire.mtls import BadCertificate, MutualTls, create_identity


async def open_mutual(host_certificate: str, folder: str, path: str, plain: str) -> tuple[MutualTls, str]:
    """Listen with TLS at `path` before the socket `plain`; returns it with the handshake line's certificate.

    Raises: OSError, when the host's certificate cannot be used.
    """
    own = create_identity()
    try:
        mutual = MutualTls(own, host_certificate.encode(), Path(folder))
    except BadCertificate as exc:
        raise OSError(str(exc)) from exc
    await mutual.serve(Path(path), Path(plain))
    return mutual, own.field
