"""Throw-away certificates for a test server that speaks TLS."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass

LIFETIME = datetime.timedelta(days=2)


@dataclass(frozen=True)
class ServerCertificate:
    """A self-signed certificate (its own authority) and its key, as PEM."""

    certificate: bytes
    key: bytes


def make_certificate(host: str = "localhost") -> ServerCertificate:
    """Return a certificate for `host` and 127.0.0.1 that a client can also use as its root."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    certificate = builder.sign(key, hashes.SHA256())
    encoded_key = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return ServerCertificate(certificate.public_bytes(serialization.Encoding.PEM), encoded_key)
