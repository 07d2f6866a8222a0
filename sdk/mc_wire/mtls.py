"""AutoMTLS: both ends of a launch show throw-away certificates that only the other one knows.

gRPC's BoringSSL refuses the P-521 signatures that go-plugin makes, so TLS ends here, in OpenSSL, and bytes are relayed
to and from gRPC's plain socket in a folder that only this user can enter.
Source: https://github.com/hashicorp/go-plugin/blob/main/mtls.go
"""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mc_wire.handshake import Handshake

BLOCK_BYTES = 64 * 1024
LIFE = timedelta(hours=262_980)
NAME = "localhost"
HANDSHAKE_TIMEOUT_S = 5.0
_ALPN = ["h2"]

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class BadCertificate(Exception):
    """The other end's certificate cannot be read."""


@dataclass(frozen=True)
class Identity:
    """A certificate and its key, made for one launch."""

    certificate: bytes
    """PEM, as `PLUGIN_CLIENT_CERT` carries it."""
    der: bytes
    key: bytes
    """PEM, not encrypted."""

    @property
    def field(self) -> str:
        """The certificate as the handshake line carries it: base64 without padding."""
        return base64.b64encode(self.der).decode().rstrip("=")


def create_identity() -> Identity:
    """Return a fresh P-256 certificate of the shape that go-plugin makes, which its peers verify as their own root."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "HashiCorp"), x509.NameAttribute(NameOID.COMMON_NAME, NAME)]
    )
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_encipherment=True,
        key_agreement=True,
        key_cert_sign=True,
        content_commitment=False,
        data_encipherment=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(seconds=30))
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(both, critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Identity(made.public_bytes(pem), made.public_bytes(der), plain)


def pem_of_field(field: str) -> bytes:
    """Return the PEM of a handshake line's certificate. Raises: BadCertificate."""
    try:
        der = base64.b64decode(field + "=" * (-len(field) % 4), validate=True)
        return ssl.DER_cert_to_PEM_cert(der).encode()
    except ValueError as exc:
        raise BadCertificate(f"the certificate in the handshake line cannot be read: {exc}") from exc


class MutualTls:
    """One end of a launch: shows its own certificate and takes no other than its peer's."""

    def __init__(self, own: Identity, peer: bytes, folder: Path) -> None:
        """`peer` is PEM; `folder` is where the key lies for a moment, since OpenSSL takes it from a file only.

        Raises: BadCertificate.
        """
        self._own = own
        self._peer = peer
        self._folder = folder
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server_side = self._context(ssl.PROTOCOL_TLS_SERVER)
        self._client_side = self._context(ssl.PROTOCOL_TLS_CLIENT)

    def _context(self, protocol: int) -> ssl.SSLContext:
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # go-plugin's certificates have no authority key id
        context.set_alpn_protocols(_ALPN)
        path = self._folder / f".{os.urandom(8).hex()}.pem"
        try:
            context.load_verify_locations(cadata=self._peer.decode())
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(self._own.key + self._own.certificate)
            context.load_cert_chain(path)
        except (ssl.SSLError, UnicodeDecodeError) as exc:
            raise BadCertificate(f"the other end's certificate cannot be used: {exc}") from exc
        finally:
            path.unlink(missing_ok=True)
        return context

    async def serve(self, path: Path, inner: Path) -> None:
        """Listen with TLS at `path` and relay to the plain socket `inner`."""

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            return await asyncio.open_unix_connection(str(inner), limit=BLOCK_BYTES)

        await self._listen(path, connect, self._server_side)

    async def dial_target(self, where: Handshake) -> str:
        """Return a target for gRPC, in the folder, behind which `where` answers, verified."""
        path = self._folder / f"to{len(self._servers)}.sock"
        await self._dial(where, path)
        return f"unix:{path}"

    async def _dial(self, where: Handshake, path: Path) -> None:

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            if where.network == "unix":
                return await asyncio.open_unix_connection(
                    where.address, ssl=self._client_side, server_hostname=NAME, limit=BLOCK_BYTES
                )
            host, _, port = where.address.rpartition(":")
            return await asyncio.open_connection(
                host.strip("[]"), int(port), ssl=self._client_side, server_hostname=NAME, limit=BLOCK_BYTES
            )

        await self._listen(path, connect, None)

    async def _listen(self, path: Path, connect: Connect, context: ssl.SSLContext | None) -> None:
        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.get_running_loop().create_task(_relay(reader, writer, connect), name="mtls relay")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        timeout_s = HANDSHAKE_TIMEOUT_S if context else None
        server = await asyncio.start_unix_server(
            accept, str(path), ssl=context, ssl_handshake_timeout=timeout_s, limit=BLOCK_BYTES
        )
        self._servers.append(server)

    async def aclose(self) -> None:
        """Stop listening and cut what is relayed."""
        for server in self._servers:
            server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connect: Connect) -> None:
    """Pass bytes both ways until one side ends."""
    try:
        far_reader, far_writer = await connect()
    except (OSError, ssl.SSLError):
        writer.close()
        return
    pumps = [asyncio.ensure_future(_pump(reader, far_writer)), asyncio.ensure_future(_pump(far_reader, writer))]
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for one in (writer, far_writer):
            one.close()
            with suppress(OSError, ssl.SSLError, asyncio.CancelledError):
                await asyncio.wait_for(one.wait_closed(), 1.0)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError, ssl.SSLError):
        while data := await reader.read(BLOCK_BYTES):
            writer.write(data)
            await writer.drain()
