"""Owner token, sign-in codes and cookies, with a clock that is passed in."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mc_host.address import Address, AlreadyRunning, find_address, hold_state, write_address
from mc_host.tokens import CODE_LIFE_S, COOKIE_LIFE_S, Tokens, open_owner_token


def test_owner_token_is_kept_private_and_survives(tmp_path: Path) -> None:
    token = open_owner_token(tmp_path / "state")
    path = tmp_path / "state/owner-token"
    assert path.stat().st_mode & 0o777 == 0o600 and len(token) >= 40
    path.chmod(0o644)
    assert open_owner_token(tmp_path / "state") == token
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("short")
    assert open_owner_token(tmp_path / "state") != token


def test_code_works_once_and_not_for_ever() -> None:
    now = [1000.0]
    tokens = Tokens("owner" * 10, lambda: now[0])
    code = tokens.create_code()
    assert tokens.use_code(code) and not tokens.use_code(code) and not tokens.use_code("")
    late = tokens.create_code()
    now[0] += CODE_LIFE_S
    assert not tokens.use_code(late)


def test_codes_do_not_pile_up() -> None:
    tokens = Tokens("owner" * 10)
    codes = [tokens.create_code() for _ in range(100)]
    assert not tokens.use_code(codes[0]) and tokens.use_code(codes[-1])


def test_cookie_is_signed_bound_to_the_token_and_ends() -> None:
    now = [1000.0]
    tokens = Tokens("owner" * 10, lambda: now[0])
    cookie = tokens.create_cookie()
    assert tokens.is_cookie(cookie) and Tokens("owner" * 10, lambda: now[0]).is_cookie(cookie)
    assert not Tokens("other" * 10, lambda: now[0]).is_cookie(cookie)
    payload, _, signature = cookie.rpartition(".")
    for forged in ("", ".", cookie + "x", f"9{payload}.{signature}", f"{payload}.", "é.é.é", f"x{cookie}"):
        assert not tokens.is_cookie(forged)
    now[0] += COOKIE_LIFE_S
    assert not tokens.is_cookie(cookie)


async def test_address_is_believed_only_while_the_host_lives(tmp_path: Path) -> None:
    assert find_address(tmp_path) is None
    address = Address(url="http://127.0.0.1:1", token="t", pid=1)
    async with hold_state(tmp_path):
        assert find_address(tmp_path) is None
        await asyncio.to_thread(write_address, tmp_path, address)
        assert await asyncio.to_thread(find_address, tmp_path) == address
        assert (tmp_path / "host.json").stat().st_mode & 0o777 == 0o600
        with pytest.raises(AlreadyRunning):
            async with hold_state(tmp_path):
                pass
        assert find_address(tmp_path) == address
    assert find_address(tmp_path) is None
    write_address(tmp_path, address)  # left behind by a killed host
    assert find_address(tmp_path) is None
