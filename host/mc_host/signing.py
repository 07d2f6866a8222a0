"""The host's signing key: made on first use, kept in a private file, public half as a JWK."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mc_host.tokens import write_private

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

FILE_NAME = "signing-key.pem"
_BITS = 2048


class KeyFileError(Exception):
    """The signing key's file cannot be used; it is never overwritten."""


@dataclass(frozen=True)
class SigningKey:
    """An RSA key and its id, which is derived from the public half as released hosts derive it."""

    private: RSAPrivateKey
    key_id: str
    jwk: str
    """The public half, as JSON for plugins."""


def open_signing_key(state_dir: Path, configured: Path | None = None) -> SigningKey:
    """Return the configured key, else the state folder's, made on first use. Raises: KeyFileError.

    It blocks: a fresh key takes a good part of a second.
    """
    path = configured or state_dir / FILE_NAME
    try:
        text = path.read_bytes()
        if configured is None:
            path.chmod(0o600)
    except FileNotFoundError as exc:
        if configured is not None:
            raise KeyFileError(f"signing key {path} does not exist") from exc
        return _create(path)
    except OSError as exc:
        raise KeyFileError(f"cannot read signing key {path}: {exc.strerror}") from exc
    return _load(path, text)


def _create(path: Path) -> SigningKey:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_private(path, pem.decode())
    return _describe(key)


def _load(path: Path, text: bytes) -> SigningKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as exc:
        hint = "put the right file there, or remove it to have a new one made"
        raise KeyFileError(f"{path} is not an unencrypted PEM private key; {hint}") from exc
    if not isinstance(key, RSAPrivateKey) or key.key_size < _BITS:
        raise KeyFileError(f"{path} must hold an RSA key of at least {_BITS} bits")
    return _describe(key)


def _describe(key: RSAPrivateKey) -> SigningKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key_id = _text(hashlib.sha256(der).digest()[:16])
    numbers = key.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key_id,
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }
    return SigningKey(private=key, key_id=key_id, jwk=msgspec.json.encode(jwk).decode())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))
