"""TLS contexts from certificates in memory or in files; keys never touch the disk."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from mc_kube.kubeconfig import ClusterAccess, Material
from mc_wire.errors import InvalidParams


@dataclass(frozen=True)
class TlsMaterial:
    """What a context is made of; equal material needs no new context."""

    ca: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = None
    is_insecure: bool = False


def read_material(material: Material | None, what: str) -> bytes | None:
    """Return the PEM bytes. Raises: InvalidParams when a file cannot be read."""
    if not isinstance(material, Path):
        return material
    try:
        return material.read_bytes()
    except OSError as exc:
        raise InvalidParams(f"kubeconfig: {what} {material} cannot be read: {exc.strerror}") from exc


def read_tls(access: ClusterAccess, certificate: bytes | None = None, key: bytes | None = None) -> TlsMaterial:
    """Return the material of a cluster as it is now; an exec plugin's certificate wins over the kubeconfig's."""
    return TlsMaterial(
        ca=read_material(access.ca, "certificate-authority"),
        certificate=certificate or read_material(access.client_certificate, "client-certificate"),
        key=key or read_material(access.client_key, "client-key"),
        is_insecure=access.is_insecure,
    )


def make_context(material: TlsMaterial) -> ssl.SSLContext:
    """Return a client context. Raises: InvalidParams when the material does not fit together."""
    try:
        context = ssl.create_default_context(cadata=material.ca.decode() if material.ca else None)
    except (ssl.SSLError, UnicodeDecodeError, ValueError) as exc:
        raise InvalidParams(f"kubeconfig: certificate-authority is not a PEM certificate: {exc}") from exc
    # Python 3.13 asks for key identifiers that the own CAs of many clusters do not have; kubectl does not ask.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if material.is_insecure:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if material.certificate or material.key:
        if not (material.certificate and material.key):
            raise InvalidParams("kubeconfig: client-certificate and client-key belong together, one is missing")
        _load_pair(context, material.certificate + b"\n" + material.key)
    return context


def _load_pair(context: ssl.SSLContext, pem: bytes) -> None:
    # load_cert_chain takes a path only: one that names memory of this process.
    handle = os.memfd_create("client-certificate", os.MFD_CLOEXEC)
    try:
        with open(handle, "wb", closefd=False) as memory:
            memory.write(pem)
        context.load_cert_chain(f"/proc/self/fd/{handle}", password=_refuse_password)
    except ssl.SSLError as exc:
        raise InvalidParams(f"kubeconfig: client-certificate and client-key cannot be used: {exc}") from exc
    finally:
        os.close(handle)


def _refuse_password() -> str:
    # Without this, OpenSSL asks on the terminal and waits.
    raise InvalidParams("kubeconfig: the client-key is encrypted, which kubectl does not support either")
