"""Users by signed token: which are believed, whom they stand for, and how keys are found again after a rotation."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest

from mc_host.access.issuers import Issuers
from mc_host.access.keys import RETRY_S, STALE_S, KeySource
from mc_host.resources import IssuerResource, IssuerSpec
from mc_wire.errors import NotSignedIn
from tests.fixtures.fix_issuer import AUDIENCE, Issuer, open_issuer


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with open_issuer() as running:
        yield running


def believing(issuer: Issuer, **spec: Any) -> Issuers:
    """Return issuers that know this one."""
    wanted = IssuerSpec(**({"issuer": issuer.url, "audiences": (AUDIENCE,)} | spec))
    found = Issuers()
    found.replace_all([IssuerResource(id="1", name="n", namespace="", spec=wanted, origin="f")])
    return found


async def test_user_email_and_groups_are_taken_from_the_claims(issuer: Issuer) -> None:
    token = issuer.sign(email="ann@example.org", groups=["shop", "ops", 7])
    subject = await believing(issuer).identify(token)
    assert (subject.user_id, subject.email, subject.groups) == ("ann", "ann@example.org", ("ops", "shop"))
    assert not subject.is_owner
    assert (await believing(issuer).identify(issuer.sign(email="a@b", email_verified=False))).email == ""
    prefixed = believing(issuer, user_prefix="oidc:", group_prefix="oidc:")
    subject = await prefixed.identify(issuer.sign(groups="shop"))
    assert (subject.user_id, subject.groups) == ("oidc:ann", ("oidc:shop",))


async def test_es256_is_understood_and_keys_may_come_from_a_file(issuer: Issuer, tmp_path: Path) -> None:
    issuer.rotate("e1", "ES256")
    assert (await believing(issuer).identify(issuer.sign())).user_id == "ann"
    path = tmp_path / "keys.json"
    path.write_bytes(msgspec.json.encode(issuer.key_set()))
    asked = issuer.asked
    assert (await believing(issuer, jwks=str(path)).identify(issuer.sign())).user_id == "ann"
    assert (await believing(issuer, jwks=f"{issuer.url}/keys").identify(issuer.sign())).user_id == "ann"
    assert issuer.asked == asked + 1


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": "somebody"}, "Audience"),
        ({"aud": None}, "aud"),
        ({"iss": "http://elsewhere"}, "issuer is not one of this host's"),
        ({"exp": int(time.time()) - 60}, "expired"),
        ({"exp": None}, "exp"),
        ({"nbf": int(time.time()) + 86_400}, "not yet valid"),
        ({"sub": None}, "names no user"),
        ({"sub": ""}, "names no user"),
        ({"sub": "owner"}, "keeps for itself"),
        ({"sub": "plugin:default/postgres"}, "keeps for itself"),
        ({"sub": "group:admins"}, "keeps for itself"),
        ({"sub": "*"}, "keeps for itself"),
    ],
)
async def test_bad_claims_are_refused_with_their_reason(issuer: Issuer, claims: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotSignedIn, match=reason):
        await believing(issuer).identify(issuer.sign(**claims))


async def test_forged_and_foreign_signatures_are_refused(issuer: Issuer) -> None:
    good = issuer.sign()
    head, _, signature = good.split(".")
    body = issuer.sign(sub="root").split(".")[1]
    unsigned = jwt.encode({"iss": issuer.url, "aud": AUDIENCE, "sub": "ann", "exp": time.time() + 60}, "", "none")
    shared = jwt.encode({"iss": issuer.url, "aud": AUDIENCE, "sub": "ann"}, "s" * 64, "HS256", {"kid": "k1"})
    stranger = Issuer()
    stranger.url = issuer.url
    believed = believing(issuer)
    for token in (
        f"{head}.{body}.{signature}",
        unsigned,
        shared,
        stranger.sign(),
        "a.b.c",
        "..",
        "\udcff.b.c",
        "x" * 40_000 + "..",
    ):
        with pytest.raises(NotSignedIn):
            await believed.identify(token)
    assert (await believed.identify(good)).user_id == "ann"


async def test_discovery_document_of_another_issuer_is_refused(issuer: Issuer) -> None:
    issuer.named = "https://other.example"
    with pytest.raises(NotSignedIn, match="is of another issuer"):
        await believing(issuer).identify(issuer.sign())


async def test_keys_are_never_fetched_in_the_clear_off_loopback(issuer: Issuer) -> None:
    with pytest.raises(NotSignedIn, match="by https only"):
        await believing(issuer, jwks="http://keys.example.org/jwks").identify(issuer.sign())


async def test_issuers_whose_users_could_be_confused_are_not_both_believed(issuer: Issuer) -> None:
    def resource(name: str, url: str, prefix: str = "") -> IssuerResource:
        spec = IssuerSpec(issuer=url, audiences=(AUDIENCE,), user_prefix=prefix)
        return IssuerResource(id=name, name=name, namespace="", spec=spec, origin=f"{name}.yaml")

    found = Issuers()
    assert found.replace_all([resource("a", "http://elsewhere", "a:"), resource("b", issuer.url)]) == []
    assert (await found.identify(issuer.sign())).user_id == "ann"
    [problem] = found.replace_all([resource("a", "http://elsewhere"), resource("b", issuer.url)])
    assert "b.yaml: issuer b shares its userPrefix with http://elsewhere" in problem
    with pytest.raises(NotSignedIn, match="not one of this host's"):
        await found.identify(issuer.sign())


async def test_rotated_key_is_found_once_and_strangers_do_not_make_the_host_ask_again(issuer: Issuer) -> None:
    now = [0.0]
    source = KeySource(IssuerSpec(issuer=issuer.url, audiences=(AUDIENCE,)), lambda: now[0])
    await source.find_key("k1", "RS256")
    await source.find_key("k1", "RS256")
    issuer.rotate("k2")
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await source.find_key("k2", "RS256")
    assert issuer.asked == 1
    now[0] += RETRY_S
    await source.find_key("k2", "RS256")
    assert issuer.asked == 2
    issuer.is_down = True
    now[0] += STALE_S - 1
    await source.find_key("k2", "RS256")  # the issuer is away: what is known still counts
    now[0] += RETRY_S
    with pytest.raises(NotSignedIn, match="answered 500"):
        await source.find_key("k2", "RS256")
