"""Invocation tokens: the key they are signed with, what they say, when one is used again, which are believed."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from mc_host.invocation_tokens import REUSE_UNTIL_LEFT_S, Grant, InvocationTokens
from mc_host.signing import KeyFileError, open_signing_key
from mc_host.subjects import OWNER, Subject
from mc_wire.errors import Forbidden, NotSignedIn
from tests.fixtures.fix_tokens import foreign_key, sign, signing_key

PLUGIN, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
ANN = Subject("ann")
GRANT = Grant(ANN, PLUGIN, "query", "item-1", ("write",), 2)


@pytest.fixture
def tokens() -> InvocationTokens:
    return InvocationTokens(signing_key())


def test_key_is_made_once_kept_private_and_survives(tmp_path: Path) -> None:
    first = open_signing_key(tmp_path / "state")
    path = tmp_path / "state/signing-key.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    again = open_signing_key(tmp_path / "state")
    assert (again.key_id, again.jwk) == (first.key_id, first.jwk)
    public = again.private.public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert again.key_id == urlsafe_b64encode(sha256(der).digest()[:16]).decode().rstrip("=")


def test_configured_key_may_be_pkcs1_and_must_exist(tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path = tmp_path / "own.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    assert open_signing_key(tmp_path, path).private.private_numbers() == key.private_numbers()
    with pytest.raises(KeyFileError, match="does not exist"):
        open_signing_key(tmp_path, tmp_path / "missing.pem")


def test_damaged_key_stops_the_start_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "signing-key.pem"
    path.write_text("damaged")
    with pytest.raises(KeyFileError, match="not an unencrypted PEM private key"):
        open_signing_key(tmp_path)
    assert path.read_text() == "damaged"


def test_s2_claims_are_the_released_ones_and_item_operation_and_id(tokens: InvocationTokens) -> None:
    token = tokens.mint(GRANT)
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": signing_key().key_id}
    assert (claims["iss"], claims["aud"], claims["sub"]) == ("mission-control", ["mission-control-plugin-host"], "ann")
    assert (claims["pluginID"], claims["depth"], claims["roles"]) == (PLUGIN, 2, ["write"])
    assert claims["iat"] == claims["nbf"] == claims["exp"] - 300
    assert (claims["config"], claims["operation"]) == ("item-1", "query") and claims["jti"]
    plain = jwt.decode(tokens.mint(Grant(ANN, PLUGIN, "query")), options={"verify_signature": False})
    assert not {"depth", "roles"} & set(plain)


def test_one_token_per_user_item_plugin_and_operation_until_shortly_before_its_end() -> None:
    now = [time.time()]
    tokens = InvocationTokens(signing_key(), lambda: now[0])
    first = tokens.mint(GRANT)
    assert tokens.mint(GRANT) == first
    others = [
        Grant(OWNER, PLUGIN, "query", "item-1", ("write",), 2),
        Grant(ANN, OTHER, "query", "item-1", ("write",), 2),
        Grant(ANN, PLUGIN, "stats", "item-1", ("write",), 2),
        Grant(ANN, PLUGIN, "query", "item-2", ("write",), 2),
        Grant(ANN, PLUGIN, "query", "item-1", (), 2),
        Grant(ANN, PLUGIN, "query", "item-1", ("write",), 3),
    ]
    assert len({first, *(tokens.mint(other) for other in others)}) == 7
    now[0] += 299 - REUSE_UNTIL_LEFT_S
    assert tokens.mint(GRANT) == first
    now[0] += 2
    assert tokens.mint(GRANT) != first
    assert tokens.mint(GRANT, is_fresh=True) != tokens.mint(GRANT, is_fresh=True)


def test_own_token_names_its_user(tokens: InvocationTokens) -> None:
    proof = tokens.check(tokens.mint(GRANT), PLUGIN)
    assert (proof.subject, proof.claims.depth, proof.claims.item) == (ANN, 2, "item-1")


def test_s2_token_of_another_plugin_item_or_operation_is_forbidden(tokens: InvocationTokens) -> None:
    token = tokens.mint(GRANT)
    with pytest.raises(Forbidden, match="another plugin"):
        tokens.check(token, OTHER)
    tokens.check_request(token, PLUGIN, operation="query", item_id="item-1")
    for operation, item in (("stats", "item-1"), ("query", "item-2"), ("query", "")):
        with pytest.raises(Forbidden):
            tokens.check_request(token, PLUGIN, operation=operation, item_id=item)
    page = tokens.mint(Grant(ANN, PLUGIN, "ui", "item-1"))
    tokens.check_request(page, PLUGIN, operation="anything", item_id="item-1")
    with pytest.raises(Forbidden, match="another item"):
        tokens.check_request(page, PLUGIN, operation="anything", item_id="item-2")


def test_user_of_a_token_must_be_known_since_this_start(tokens: InvocationTokens) -> None:
    token = tokens.mint(GRANT)
    with pytest.raises(NotSignedIn, match="a user this host does not know"):
        InvocationTokens(signing_key()).check(token, PLUGIN)


def unsigned() -> str:
    """Return a token with the algorithm `none`."""
    return jwt.encode({"sub": "ann", "pluginID": PLUGIN, "exp": time.time() + 60}, "", algorithm="none")


def by_public_key() -> str:
    """Return a token signed with the public key as if it were a shared secret."""
    public = signing_key().private.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    import hashlib
    import hmac

    head, body, _ = sign(pluginID=PLUGIN).split(".")
    head = urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    signature = hmac.new(pem, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(lambda: "", id="none"),
        pytest.param(lambda: "a.b.c", id="garbage"),
        pytest.param(lambda: sign(foreign_key(), pluginID=PLUGIN), id="another key"),
        pytest.param(unsigned, id="unsigned"),
        pytest.param(by_public_key, id="public key as secret"),
        pytest.param(lambda: sign(pluginID=PLUGIN, exp=int(time.time()) - 1), id="ended"),
        pytest.param(lambda: sign(pluginID=PLUGIN, exp=None), id="without end"),
        pytest.param(lambda: sign(pluginID=PLUGIN, exp=int(time.time()) + 8 * 86400), id="eight days"),
        pytest.param(lambda: sign(pluginID=PLUGIN, nbf=int(time.time()) + 60), id="not yet"),
        pytest.param(lambda: sign(pluginID=PLUGIN, iss="somebody"), id="issuer"),
        pytest.param(lambda: sign(pluginID=PLUGIN, aud=["somebody"]), id="audience"),
        pytest.param(lambda: sign(pluginID=""), id="no plugin"),
        pytest.param(lambda: sign(pluginID=PLUGIN, sub=""), id="no user"),
        pytest.param(lambda: sign(pluginID=PLUGIN, algorithm="RS512"), id="algorithm"),
        pytest.param(lambda: "x" * 100_000, id="huge"),
        pytest.param(lambda: "\udcff.b.c", id="no text"),
    ],
)
def test_s3_forged_ended_and_foreign_tokens_are_refused(tokens: InvocationTokens, token: Any) -> None:
    tokens.mint(GRANT)
    with pytest.raises(NotSignedIn):
        tokens.check(token(), PLUGIN)
