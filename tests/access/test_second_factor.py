"""Codes of an authenticator app, recovery codes, and the key their secrets lie under."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tenban.access import queries, second_factor
from tenban.access.model import Actor, Role, system_actor
from tenban.access.people import Source, add_person, person_named, session_of
from tenban.access.second_factor import SecondFactorNeeded, WrongCode
from tenban.access.secrets import hash_password
from tenban.access.sign_in import House, finish, sign_in
from tenban.access.step_up import asked_again
from tenban.access.totp import base32, code_at, step_of, uri
from tenban.access.vault import Vault, vault
from tenban.base.clock import SECOND
from tenban.base.errors import BadInput, Conflict, NotSignedIn, Unavailable
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.sites.signing_in import StepUp

PASSWORD = "correct horse"
HASH = hash_password(PASSWORD)
HERE = Source("192.0.2.7")


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(at_s: int, code: str) -> None:
    """RFC 6238, appendix B, the lines of SHA-1."""
    assert code_at(b"12345678901234567890", at_s // 30, digits=8) == code


def test_a_code_fits_around_its_time_and_once() -> None:
    """A phone may be half a minute off; a code that was used, and every older one, is not taken again."""
    secret, now_s = b"12345678901234567890", 1_000_000_020
    step = now_s // 30
    for near in (-1, 0, 1):
        assert step_of(secret, code_at(secret, step + near), now_s * SECOND, 0) == step + near
    assert step_of(secret, code_at(secret, step + 2), now_s * SECOND, 0) is None
    assert step_of(secret, code_at(secret, step), now_s * SECOND, step) is None
    assert base32(secret) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert uri(secret, issuer="店 1", account="a:b").startswith(
        "otpauth://totp/%E5%BA%97%201:a%3Ab?secret=GEZ"
    )


def test_a_sealed_secret_opens_for_its_owner_under_its_key(tmp_path: Path) -> None:
    """In another person's row, changed, or under another key, it does not; the key is the server's alone."""
    first = vault(tmp_path / "keys")
    sealed = first.seal(b"secret", "sato")
    assert first.open(sealed, "sato") == b"secret"
    assert b"secret".hex() not in sealed
    flipped = f"{int(sealed[0], 16) ^ 1:x}{sealed[1:]}"
    for text, whose, by in (
        (sealed, "mori", first),
        (flipped, "sato", first),
        ("zz", "sato", first),
        (sealed, "sato", Vault(bytes(32))),
    ):
        with pytest.raises(Unavailable):
            by.open(text, whose)
    assert stat.S_IMODE((tmp_path / "keys" / "people.key").stat().st_mode) == 0o600
    assert vault(tmp_path / "keys") is first


@pytest.fixture
def house(database: Database, clock: FakeClock, tmp_path: Path) -> House:
    database.write_now(
        lambda c: add_person(
            c,
            system_actor("console"),
            clock.now(),
            name="root",
            password_hash=HASH,
            roles=[Role.ADMINISTRATOR],
            shop=None,
        )
    )
    return House(database, clock, {}, {}, StepUp(), vault(tmp_path / "keys"))


def me(house: House) -> Actor:
    found = house.db.read_now(lambda c: person_named(c, "root"))
    assert found is not None
    return found


def shown(house: House) -> str:
    """What the phone shows now."""
    person = me(house).id.removeprefix("person:")
    row = house.db.read_now(lambda c: queries.one_time_code_of(c, person))
    assert row is not None
    return code_at(house.vault.open(row["sealed"], person), house.clock.now() // SECOND // 30)


def enrolled(house: House) -> list[str]:
    actor, now_at = me(house), house.clock.now()
    house.db.write_now(lambda c: second_factor.begin(c, actor, now_at, house.vault, "Tenban"))
    code = shown(house)
    return house.db.write_now(lambda c: second_factor.confirm(c, actor, now_at, house.vault, code))


async def test_signing_in_asks_for_the_code_and_takes_each_once(house: House, clock: FakeClock) -> None:
    """With the password alone nobody is in; the code may come with it or after it; a used one is refused."""
    enrolled(house)
    with pytest.raises(SecondFactorNeeded) as needed:
        await sign_in(house, "root", PASSWORD, source=HERE)
    with pytest.raises(WrongCode):
        await finish(house, needed.value.halfway, shown(house), source=HERE)
    clock.fast_forward(length_s=30)
    assert (await finish(house, needed.value.halfway, shown(house), source=HERE)).actor.name == "root"
    clock.fast_forward(length_s=30)
    assert (await sign_in(house, "root", PASSWORD, source=HERE, code=shown(house))).secret
    clock.fast_forward(length_s=300)
    with pytest.raises(NotSignedIn, match="a moment ago"):
        await finish(house, needed.value.halfway, shown(house), source=HERE)
    with pytest.raises(Unavailable):
        await finish(house, "made up", shown(house), source=HERE)


async def test_a_recovery_code_lets_in_once(house: House) -> None:
    """Typed with or without dashes, in small letters; the other nine stay good."""
    codes = enrolled(house)
    assert len(set(codes)) == 10
    code = codes[3].lower().replace("-", "")
    assert (await sign_in(house, "root", PASSWORD, source=HERE, code=code)).secret
    with pytest.raises(WrongCode):
        await sign_in(house, "root", PASSWORD, source=HERE, code=code)
    person = me(house).id.removeprefix("person:")
    assert house.db.read_now(lambda c: second_factor.codes_left(c, person)) == 9


async def test_an_app_counts_once_it_has_shown_a_code(house: House) -> None:
    """Begun and not confirmed it is not asked for; a second one needs the first removed."""
    actor, now_at = me(house), house.clock.now()
    house.db.write_now(lambda c: second_factor.begin(c, actor, now_at, house.vault, "Tenban"))
    with pytest.raises(BadInput, match="six digits that the app shows now"):
        house.db.write_now(lambda c: second_factor.confirm(c, actor, now_at, house.vault, "000000x"))
    assert (await sign_in(house, "root", PASSWORD, source=HERE)).secret
    enrolled(house)
    with pytest.raises(Conflict):
        enrolled(house)
    house.db.write_now(lambda c: second_factor.remove(c, actor, now_at))
    assert (await sign_in(house, "root", PASSWORD, source=HERE)).secret


async def test_a_role_that_needs_an_app_may_do_nothing_without_one(house: House) -> None:
    """Until it is set up; then everything the role gives."""
    policy = StepUp(app_roles=frozenset({"administrator"}))
    done = await sign_in(house, "root", PASSWORD, source=HERE)

    def functions() -> int:
        now_at = house.clock.now()
        found = house.db.read_now(lambda c: session_of(c, done.secret, now_at))
        assert found is not None
        return len(asked_again(found, policy, now_at).functions)

    assert functions() == 0
    enrolled(house)
    assert functions() > 0
