"""Passkeys: made, shown, refused; each answer to a challenge of ours, once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authenticators import MAY_SYNC, PRESENT, SYNCED, VERIFIED, Authenticator, text
from tenban.access import factor_queries, invitations, managing, passkeys, queries, second_factor
from tenban.access.challenges import LIVES_S, ChallengeGone
from tenban.access.guesses import SlowDown
from tenban.access.model import Actor, Role, system_actor
from tenban.access.passkey_sign_in import make_passkey, shown_passkey, sign_in_by_passkey
from tenban.access.passkeys import LastFactor, WrongPasskey
from tenban.access.people import Source, add_person, person_named, session_of
from tenban.access.relying_party import NoPasskeysHere, RelyingParty, must_be_party, relying_party
from tenban.access.secrets import hash_password
from tenban.access.sign_in import House, sign_in
from tenban.access.step_up import PasskeyRefused, asked_again, prove
from tenban.access.tables import audit
from tenban.access.vault import vault
from tenban.base.errors import BadInput, Conflict, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.sites.signing_in import StepUp

PASSWORD = "correct horse"
HASH = hash_password(PASSWORD)
HERE = Source("192.0.2.7")
SHOP = RelyingParty("shop.example", "https://shop.example")


@pytest.fixture
def house(database: Database, clock: FakeClock, tmp_path: Path) -> House:
    for name in ("root", "mori"):
        database.write_now(
            lambda c, name=name: add_person(
                c,
                system_actor("console"),
                clock.now(),
                name=name,
                password_hash=HASH,
                roles=[Role.ADMINISTRATOR],
                shop=None,
            )
        )
    return House(database, clock, {}, {}, StepUp(), vault(tmp_path / "keys"))


def me(house: House, name: str = "root") -> Actor:
    found = house.db.read_now(lambda c: person_named(c, name))
    assert found is not None
    return found


async def made(house: House, phone: Authenticator, name: str = "root", party: RelyingParty = SHOP) -> str:
    """Make a passkey for somebody; return its id."""
    actor, now_at = me(house, name), house.clock.now()
    options = await house.db.write(lambda c: passkeys.begin_making(c, actor, now_at, party, "Midori"))
    kept = await make_passkey(house, actor, party, name="私の電話", answer=phone.make(options), session=None)
    return kept.id


async def asked(house: House, name: str | None = None, party: RelyingParty = SHOP) -> dict[str, Any]:
    """What a browser is asked for: to sign in, or whoever is signed in."""
    person = None if name is None else me(house, name).id.removeprefix("person:")
    now_at = house.clock.now()
    return await house.db.write(lambda c: passkeys.begin_asking(c, now_at, party, person))


def events(house: House) -> list[str]:
    query = audit.select().order_by(audit.c.n)
    return house.db.read_now(lambda c: [row["event"] for row in c.execute(query).mappings()])


async def test_a_passkey_lets_in_without_password_and_code(house: House, clock: FakeClock) -> None:
    """It is both factors; its use is written down, and so is whether it is copied to other devices."""
    phone = Authenticator(flags=PRESENT | VERIFIED | MAY_SYNC)
    passkey = await made(house, phone)
    actor, now_at = me(house), clock.now()
    house.db.write_now(lambda c: second_factor.begin(c, actor, now_at, house.vault, "Tenban"))
    options = await asked(house)
    assert options["userVerification"] == "required"
    assert options["allowCredentials"] == []
    phone.flags |= SYNCED
    done = await sign_in_by_passkey(house, SHOP, phone.show(options), source=HERE)
    assert done.actor.name == "root"
    session = house.db.read_now(lambda c: session_of(c, done.secret, clock.now()))
    assert session is not None
    assert session.two_factors
    (kept,) = house.db.read_now(lambda c: passkeys.listed(c, actor.id.removeprefix("person:")))
    assert (kept.id, kept.name, kept.synced, kept.used_at) == (passkey, "私の電話", True, now_at)
    assert "access:passkey:added" in events(house)


async def test_each_answer_is_taken_once_and_for_five_minutes(house: House, clock: FakeClock) -> None:
    """A replay is refused, and so is what was asked too long ago, for something else, or never."""
    phone = Authenticator()
    await made(house, phone)
    answer = phone.show(await asked(house))
    assert (await sign_in_by_passkey(house, SHOP, answer, source=HERE)).secret
    with pytest.raises(ChallengeGone):
        await sign_in_by_passkey(house, SHOP, answer, source=HERE)
    late = phone.show(await asked(house))
    clock.fast_forward(length_s=LIVES_S)
    with pytest.raises(ChallengeGone):
        await sign_in_by_passkey(house, SHOP, late, source=HERE)
    for_proof = phone.show(await asked(house, "root"))
    with pytest.raises(ChallengeGone):
        await sign_in_by_passkey(house, SHOP, for_proof, source=HERE)
    with pytest.raises(ChallengeGone):
        await sign_in_by_passkey(house, SHOP, phone.show({"challenge": text(bytes(64))}), source=HERE)


def _other_origin(phone: Authenticator) -> None:
    phone.origin = "https://shop.example.evil.example"


def _other_name(phone: Authenticator) -> None:
    phone.rp_id = "evil.example"


def _unverified(phone: Authenticator) -> None:
    phone.flags = PRESENT


def _absent(phone: Authenticator) -> None:
    phone.flags = VERIFIED


def _copied(phone: Authenticator) -> None:
    phone.count = -1


def _other_key(phone: Authenticator) -> None:
    phone.key = Authenticator().key


def _unknown(phone: Authenticator) -> None:
    phone.id = Authenticator().id


def _somebody_else(phone: Authenticator) -> None:
    phone.handle = text(b"somebody else")


def _now_copies(phone: Authenticator) -> None:
    phone.flags |= MAY_SYNC


WRONG: list[Callable[[Authenticator], None]] = [
    _other_origin,
    _other_name,
    _unverified,
    _absent,
    _copied,
    _other_key,
    _unknown,
    _somebody_else,
    _now_copies,
]


async def test_what_does_not_fit_is_refused_and_written_down(house: House) -> None:
    """Another site's page, nobody at the phone, a copied or another key, somebody else's: none lets in."""
    for n, turn in enumerate(WRONG):
        phone, elsewhere = Authenticator(count=4), Source(f"192.0.2.{n}")
        await made(house, phone)
        turn(phone)
        answer = phone.show(await asked(house))
        with pytest.raises(WrongPasskey):
            await sign_in_by_passkey(house, SHOP, answer, source=elsewhere)
        assert events(house)[-1] == "access:passkey:refused"
        with pytest.raises(ChallengeGone):
            await sign_in_by_passkey(house, SHOP, answer, source=elsewhere)


async def test_wrong_ones_are_slowed_down(house: House) -> None:
    """As wrong passwords are, and for the passkey alone: the password still lets in."""
    phone = Authenticator()
    await made(house, phone)
    phone.key = Authenticator().key
    for _ in range(4):
        with pytest.raises(WrongPasskey):
            await sign_in_by_passkey(house, SHOP, phone.show(await asked(house)), source=HERE)
    with pytest.raises(SlowDown):
        await sign_in_by_passkey(house, SHOP, phone.show(await asked(house)), source=HERE)
    assert (await sign_in(house, "root", PASSWORD, source=HERE)).secret


async def test_a_passkey_shows_who_it_is_once_more(house: House, clock: FakeClock) -> None:
    """One's own does, for some minutes; another person's does not, be it known here."""
    phone, other = Authenticator(), Authenticator()
    await made(house, phone)
    await made(house, other, "mori")
    done = await sign_in(house, "root", PASSWORD, source=HERE)
    clock.fast_forward(length_s=600)
    session = house.db.read_now(lambda c: session_of(c, done.secret, clock.now()))
    assert session is not None
    assert asked_again(session, StepUp(), clock.now()).unproven
    answer = other.show(await asked(house, "root"))
    with pytest.raises(PasskeyRefused):
        await prove(house, done.actor, done.secret, passkey=(SHOP, answer), source=HERE, what="x")
    with pytest.raises(ChallengeGone):
        await shown_passkey(house, done.actor, SHOP, other.show(await asked(house, "mori")), source=HERE)
    answer = phone.show(await asked(house, "root"))
    fresh = await prove(house, done.actor, done.secret, passkey=(SHOP, answer), source=HERE, what="x")
    session = house.db.read_now(lambda c: session_of(c, fresh, clock.now()))
    assert session is not None
    assert not asked_again(session, StepUp(), clock.now()).unproven


async def test_a_role_may_ask_for_a_passkey(house: House, clock: FakeClock) -> None:
    """By password alone such a person may do nothing until the passkey is shown; the last one stays."""
    policy = StepUp(app_roles=frozenset({"administrator"}))
    phone = Authenticator()
    passkey = await made(house, phone)
    done = await sign_in(house, "root", PASSWORD, source=HERE)

    def functions(secret: str) -> int:
        session = house.db.read_now(lambda c: session_of(c, secret, clock.now()))
        assert session is not None
        return len(asked_again(session, policy, clock.now()).functions)

    assert functions(done.secret) == 0
    answer = phone.show(await asked(house, "root"))
    fresh = await prove(house, done.actor, done.secret, passkey=(SHOP, answer), source=HERE, what="x")
    assert functions(fresh) > 0
    now_at = clock.now()
    with pytest.raises(LastFactor):
        house.db.write_now(
            lambda c: passkeys.remove(c, done.actor, now_at, passkey, app_roles=policy.app_roles)
        )
    await made(house, Authenticator())
    house.db.write_now(lambda c: passkeys.remove(c, done.actor, now_at, passkey, app_roles=policy.app_roles))


async def test_a_passkey_is_renamed_and_removed_by_its_owner(house: House, clock: FakeClock) -> None:
    """Removed it lets in no more; somebody else's is not there at all."""
    phone = Authenticator()
    passkey = await made(house, phone)
    root, mori, now_at = me(house), me(house, "mori"), clock.now()
    for run in (
        lambda c: passkeys.rename(c, mori, now_at, passkey, "mine"),
        lambda c: passkeys.remove(c, mori, now_at, passkey),
    ):
        with pytest.raises(NotFound):
            house.db.write_now(run)
    house.db.write_now(lambda c: passkeys.rename(c, root, now_at, passkey, " 鍵 "))
    person = root.id.removeprefix("person:")
    assert [one.name for one in house.db.read_now(lambda c: passkeys.listed(c, person))] == ["鍵"]
    answer = phone.show(await asked(house))
    house.db.write_now(lambda c: passkeys.remove(c, root, now_at, passkey))
    with pytest.raises(WrongPasskey):
        await sign_in_by_passkey(house, SHOP, answer, source=HERE)


async def test_disabling_and_a_new_link_end_passkeys(house: House, clock: FakeClock) -> None:
    """Who comes back makes new ones."""
    phone, now_at = Authenticator(), clock.now()
    root, mori = me(house), me(house, "mori").id.removeprefix("person:")
    for end in (managing.disable, invitations.invite):
        await made(house, phone, "mori")
        answer = phone.show(await asked(house))
        house.db.write_now(lambda c, end=end: end(c, root, now_at, mori))
        with pytest.raises(WrongPasskey):
            await sign_in_by_passkey(house, SHOP, answer, source=HERE)
        assert not house.db.read_now(lambda c: passkeys.has_passkey(c, mori))
        house.db.write_now(lambda c: managing.enable(c, root, now_at, mori))


async def test_a_passkey_is_made_once_where_it_was_asked_for(house: House, clock: FakeClock) -> None:
    """Not without the person, not at another site, not twice, not for somebody else's challenge, not 21."""
    root, mori, now_at = me(house), me(house, "mori"), clock.now()

    async def begun(actor: Actor) -> dict[str, Any]:
        return await house.db.write(lambda c: passkeys.begin_making(c, actor, now_at, SHOP, "Midori"))

    for phone in (Authenticator(flags=PRESENT), Authenticator(origin="https://evil.example")):
        answer = phone.make(await begun(root))
        with pytest.raises(BadInput):
            await make_passkey(house, root, SHOP, name="x", answer=answer, session=None)
    phone = Authenticator()
    answer = phone.make(await begun(root))
    with pytest.raises(ChallengeGone):
        await make_passkey(house, mori, SHOP, name="x", answer=answer, session=None)
    await make_passkey(house, root, SHOP, name="x", answer=answer, session=None)
    with pytest.raises(ChallengeGone):
        await make_passkey(house, root, SHOP, name="x", answer=answer, session=None)
    again = phone.make(await begun(root))
    with pytest.raises(Conflict):
        await make_passkey(house, root, SHOP, name="x", answer=again, session=None)
    options = await begun(root)
    assert [one["id"] for one in options["excludeCredentials"]] == [text(phone.id)]
    row = house.db.read_now(lambda c: factor_queries.passkey_by_credential(c, text(phone.id)))
    assert row is not None
    assert row["transports"] == ["internal"]
    for _ in range(passkeys.MOST - 1):
        await made(house, Authenticator())
    with pytest.raises(Conflict):
        await begun(root)


async def test_a_passkey_holds_at_the_name_it_was_made_at(house: House) -> None:
    """The same server under another name does not take it, be it signed for that one."""
    phone = Authenticator()
    await made(house, phone)
    other = RelyingParty("tenban.example", "https://tenban.example")
    phone.rp_id, phone.origin = other.id, other.origin
    with pytest.raises(WrongPasskey, match="another name"):
        await sign_in_by_passkey(house, other, phone.show(await asked(house, party=other)), source=HERE)


@pytest.mark.parametrize(
    ("scheme", "host", "expected"),
    [
        ("https", "shop.example", RelyingParty("shop.example", "https://shop.example")),
        ("https", "Shop.Example:8443", RelyingParty("shop.example", "https://shop.example:8443")),
        ("http", "localhost:8080", RelyingParty("localhost", "http://localhost:8080")),
        ("https", "tenban", RelyingParty("tenban", "https://tenban")),
        ("http", "shop.example", "plain"),
        ("https", "192.168.1.5", "address"),
        ("http", "127.0.0.1:8080", "address"),
        ("https", "[fd00::1]:8443", "address"),
        ("https", "[fd00::1", "address"),
        ("https", "", "address"),
    ],
)
def test_which_addresses_have_passkeys(scheme: str, host: str, expected: object) -> None:
    """Names over https, and localhost; the reason is said for every other."""
    assert relying_party(scheme, host) == expected
    if isinstance(expected, str):
        with pytest.raises(NoPasskeysHere):
            must_be_party(scheme, host)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(answer=st.dictionaries(st.sampled_from(["id", "rawId", "type", "response"]), _JSON))
def test_whatever_comes_is_no_answer(answer: dict[str, Any]) -> None:
    """What no browser sends is told as bad input, whatever its shape."""
    with pytest.raises(BadInput):
        passkeys.challenge_of(answer)


async def test_a_session_in_which_a_passkey_was_made_has_shown_both(house: House, clock: FakeClock) -> None:
    """Whose role asks for one goes on at once after making it."""
    done = await sign_in(house, "root", PASSWORD, source=HERE)
    actor, now_at = me(house), clock.now()
    options = await house.db.write(lambda c: passkeys.begin_making(c, actor, now_at, SHOP, "Midori"))
    answer = Authenticator().make(options)
    await make_passkey(house, actor, SHOP, name="x", answer=answer, session=done.secret)
    row = house.db.read_now(lambda c: queries.person_by_name(c, "root"))
    session = house.db.read_now(lambda c: session_of(c, done.secret, clock.now()))
    assert row is not None
    assert session is not None
    assert session.two_factors
