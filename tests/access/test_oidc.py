"""Signing in by a company's identity provider: what it says is checked, and who that is here."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from providers import IdentityProvider, identity_provider
from tenban.access import factor_queries, oidc, queries
from tenban.access.challenges import ChallengeGone
from tenban.access.model import Actor, Role, system_actor
from tenban.access.oidc import UnknownIdentity
from tenban.access.passkeys import LastFactor
from tenban.access.people import Source, add_person, person_named, session_of
from tenban.access.provider import IdentityRefused, Provider, ProviderDown, client_secret
from tenban.access.secrets import hash_password
from tenban.access.sign_in import House, PasswordsOff, SignedIn, sign_in
from tenban.access.vault import vault
from tenban.base.clock import SECOND
from tenban.base.errors import BadInput, Conflict, NotSignedIn
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.sites.reach import Reach
from tenban.sites.signing_in import GroupRule, Oidc, StepUp

PASSWORD = "correct horse"
HASH = hash_password(PASSWORD)
HERE = Source("192.0.2.7")
BACK = "https://shop.example/login/company/back"


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    with identity_provider() as provider:
        yield provider


@pytest.fixture
def company(running: IdentityProvider, clock: FakeClock) -> IdentityProvider:
    """The provider, as if nothing had happened."""
    running.subject, running.more, running.down, running.foreign_key = "1234", {}, False, None
    running.algorithm, running.time_s = (
        "RS256" if "RSA" in running.keys[-1].kid else "ES256",
        clock.now() // SECOND,
    )
    running.asked.clear()
    return running


@pytest.fixture
def house(
    tmp_path: Path, migrated_sqlite: Path, clock: FakeClock, company: IdentityProvider
) -> Iterator[House]:
    path = tmp_path / "tenban.db"
    shutil.copy(migrated_sqlite, path)
    database = Database(sqlite_url(path))
    for name, role in (("root", Role.ADMINISTRATOR), ("mori", Role.ATTENDANT)):
        database.write_now(
            lambda c, name=name, role=role: add_person(
                c,
                system_actor("console"),
                clock.now(),
                name=name,
                password_hash=HASH,
                roles=[role],
                shop=None if role == Role.ADMINISTRATOR else "shop-1",
            )
        )
    named = Oidc(company.issuer, company.client_id, company.secret)
    yield House(database, clock, {}, {}, StepUp(), vault(tmp_path / "keys"), named)
    database.close()


def of(house: House, **changed: Any) -> tuple[House, Provider]:
    """The same house with something else in its [oidc], and the provider as it sees it."""
    assert house.oidc is not None
    named = replace(house.oidc, **changed)
    reach = Reach("identity provider", ("127.0.0.1",))
    return replace(house, oidc=named), Provider(named, reach, house.clock)


def me(house: House, name: str) -> Actor:
    found = house.db.read_now(lambda c: person_named(c, name))
    assert found is not None
    return found


async def there_and_back(
    house: House, provider: Provider, company: IdentityProvider, person_id: str | None = None
) -> dict[str, Any]:
    """Go to the provider and come back; return what it says."""
    begun = await oidc.begin(house, provider, redirect_uri=BACK, wanted="/watch", person_id=person_id)
    brought = {k: v[0] for k, v in parse_qs(urlsplit(company.sign_in(begun.address)).query).items()}
    came = await oidc.returned(
        house, provider, state=brought["state"], code=brought["code"], person_id=person_id
    )
    assert came.wanted == "/watch"
    return dict(came.claims)


async def signed_in(house: House, provider: Provider, company: IdentityProvider) -> SignedIn:
    assert house.oidc is not None
    claims = await there_and_back(house, provider, company)
    return await oidc.sign_in_by_provider(house, house.oidc, claims, source=HERE)


async def linked(house: House, provider: Provider, company: IdentityProvider, name: str = "mori") -> None:
    actor, now_at, named = me(house, name), house.clock.now(), house.oidc
    assert named is not None
    claims = await there_and_back(house, provider, company, actor.id.removeprefix("person:"))
    house.db.write_now(lambda c: oidc.link(c, actor, now_at, named, claims))


async def test_whoever_linked_themselves_gets_in(house: House, company: IdentityProvider) -> None:
    """By address and subject, whatever the name there; as one factor, unless the provider asked for two."""
    house, provider = of(house)
    with pytest.raises(UnknownIdentity):
        await signed_in(house, provider, company)
    await linked(house, provider, company)
    done = await signed_in(house, provider, company)
    assert done.actor.name == "mori"

    def both(secret: str) -> bool:
        session = house.db.read_now(lambda c: session_of(c, secret, house.clock.now()))
        assert session is not None
        return session.two_factors

    assert not both(done.secret)
    company.more = {"amr": ["pwd", "mfa"]}
    assert both((await signed_in(house, provider, company)).secret)
    with pytest.raises(Conflict):
        await linked(house, provider, company, "root")
    # Asked once for where things are and for the keys, however many come.
    assert [path.rsplit("/", 1)[1] for path in company.asked if "token" not in path] == [
        "openid-configuration",
        "keys",
    ]


WRONG: dict[str, Callable[[IdentityProvider], object]] = {
    "nonce": lambda one: one.more.update(nonce="another"),
    "no nonce": lambda one: one.more.update(nonce=None),
    "expired": lambda one: one.more.update(exp=one.time_s - 61),
    "without end": lambda one: one.more.update(exp=None),
    "from the future": lambda one: one.more.update(iat=one.time_s + 61),
    "another server": lambda one: one.more.update(aud="another"),
    "given to another": lambda one: one.more.update(aud=["tenban", "another"], azp="another"),
    "another issuer": lambda one: one.more.update(iss="https://evil.example"),
    "nobody": lambda one: one.more.update(sub=""),
    "unsigned": lambda one: setattr(one, "algorithm", "none"),
    "signed by another": lambda one: setattr(one, "foreign_key", _FOREIGN),
}
with identity_provider() as _another:
    _FOREIGN = _another.keys[0]


@pytest.mark.parametrize("what", WRONG)
async def test_a_token_that_does_not_hold_is_refused(
    house: House, company: IdentityProvider, what: str
) -> None:
    """Whoever is linked: each claim and the signature has to be right."""
    house, provider = of(house)
    await linked(house, provider, company)
    WRONG[what](company)
    with pytest.raises(IdentityRefused) as refused:
        await signed_in(house, provider, company)
    assert not isinstance(refused.value, UnknownIdentity)


async def test_keys_may_change(house: House, company: IdentityProvider, clock: FakeClock) -> None:
    """A new key is fetched when a token names it, at most once a minute; the old one signs no more."""
    house, provider = of(house)
    await linked(house, provider, company)
    old = company.keys[-1]
    clock.fast_forward(length_s=61)
    company.time_s += 61
    company.rotate("EC")
    assert (await signed_in(house, provider, company)).actor.name == "mori"
    company.foreign_key = old
    company.algorithm = "RS256"
    with pytest.raises(IdentityRefused):
        await signed_in(house, provider, company)
    company.foreign_key = None
    company.rotate()
    asked = company.asked.count("/realm/keys")
    with pytest.raises(IdentityRefused):
        await signed_in(house, provider, company)
    assert company.asked.count("/realm/keys") == asked


async def test_each_return_is_taken_once_by_who_was_sent(house: House, company: IdentityProvider) -> None:
    """A second time, by somebody who links, after five minutes, or with a made-up state, it is not."""
    house, provider = of(house)
    begun = await oidc.begin(house, provider, redirect_uri=BACK, wanted="/", person_id=None)
    code = parse_qs(urlsplit(company.sign_in(begun.address)).query)["code"][0]
    mori = me(house, "mori").id.removeprefix("person:")

    async def again(state: str, person_id: str | None = None) -> None:
        await oidc.returned(house, provider, state=state, code=code, person_id=person_id)

    for state, person in ((begun.state, mori), ("made up", None)):
        with pytest.raises(ChallengeGone):
            await again(state, person)
    await again(begun.state)
    with pytest.raises(ChallengeGone):
        await again(begun.state)
    used = await oidc.begin(house, provider, redirect_uri=BACK, wanted="/", person_id=None)
    with pytest.raises(IdentityRefused, match="invalid_grant"):
        await again(used.state)


async def test_a_provider_that_is_down_is_said_to_be(
    house: House, company: IdentityProvider, clock: FakeClock
) -> None:
    """Or names itself otherwise, or stands where none may be; what it said before holds on meanwhile."""
    house, provider = of(house)
    await linked(house, provider, company)
    _, elsewhere = of(house, issuer=company.issuer + "/other")
    nowhere = Provider(elsewhere.oidc, Reach("identity provider"), clock)
    company.down = True
    _, fresh = of(house)
    for one in (fresh, elsewhere, nowhere):
        with pytest.raises(ProviderDown):
            await oidc.begin(house, one, redirect_uri=BACK, wanted="/")
    clock.fast_forward(length_s=3601)
    assert (await oidc.begin(house, provider, redirect_uri=BACK, wanted="/")).address


async def test_a_claim_links_where_the_file_says_so(house: House, company: IdentityProvider) -> None:
    """An e-mail address only where the provider verified it; an administrator never, nor a second account."""
    house.db.write_now(
        lambda c: add_person(
            c,
            system_actor("console"),
            house.clock.now(),
            name="sato@shop.example",
            password_hash=HASH,
            roles=[Role.ATTENDANT],
            shop="shop-1",
        )
    )
    company.more = {"preferred_username": "ｍｏｒｉ", "email": "sato@shop.example", "email_verified": "true"}
    by_mail, provider = of(house, link_by="email")
    for refused in (house, by_mail):
        with pytest.raises(UnknownIdentity):
            await signed_in(refused, provider, company)
    company.more["email_verified"] = True
    assert (await signed_in(by_mail, provider, company)).actor.name == "sato@shop.example"
    company.subject = "5678"
    with pytest.raises(UnknownIdentity):
        await signed_in(by_mail, provider, company)
    by_name, provider = of(house, link_by="preferred_username")
    assert (await signed_in(by_name, provider, company)).actor.name == "mori"
    company.subject, company.more["preferred_username"] = "9", "root"
    with pytest.raises(UnknownIdentity):
        await signed_in(by_name, provider, company)


async def test_groups_let_in_and_rights_follow_them(house: House, company: IdentityProvider) -> None:
    """Who is in one is added with its rights; another group changes them, none ends it."""
    rules = (
        GroupRule("leads", ("supervisor",), "shop-1"),
        GroupRule("staff", ("attendant", "cashier"), "shop-2"),
    )
    house, provider = of(house, groups=rules)
    company.more = {"groups": ["x", "staff"], "preferred_username": "tanaka", "name": "田中"}
    done = await signed_in(house, provider, company)
    assert (done.actor.name, done.actor.shop) == ("田中", "shop-2")
    company.more["groups"] = ["leads"]
    assert (await signed_in(house, provider, company)).actor.shop == "shop-1"
    assert house.db.read_now(lambda c: session_of(c, done.secret, house.clock.now())) is None
    company.more["groups"] = []
    with pytest.raises(IdentityRefused, match="no group"):
        await signed_in(house, provider, company)
    with pytest.raises(NotSignedIn):
        await sign_in(house, "tanaka", "", source=HERE)
    person = me(house, "tanaka")
    with pytest.raises(LastFactor):
        house.db.write_now(lambda c: oidc.unlink(c, person, house.clock.now()))
    company.subject, company.more["groups"] = "77", ["staff"]
    with pytest.raises(IdentityRefused, match="cannot be added"):
        await signed_in(house, provider, company)


async def test_who_is_disabled_or_unlinked_is_not_let_in(house: House, company: IdentityProvider) -> None:
    """Whatever the provider says."""
    house, provider = of(house)
    await linked(house, provider, company)
    actor, now_at = me(house, "mori"), house.clock.now()
    person = actor.id.removeprefix("person:")
    house.db.write_now(lambda c: queries.change_person(c, person, disabled_at=now_at))
    with pytest.raises(IdentityRefused, match="disabled"):
        await signed_in(house, provider, company)
    house.db.write_now(lambda c: queries.change_person(c, person, disabled_at=None))
    house.db.write_now(lambda c: oidc.unlink(c, actor, now_at))
    assert house.db.read_now(lambda c: factor_queries.identities_of(c, person)) == []
    with pytest.raises(UnknownIdentity):
        await signed_in(house, provider, company)


async def test_passwords_may_be_off_but_for_one(house: House) -> None:
    """The administrator for emergencies gets in; who else knows their password is led to the provider."""
    only, _ = of(house, only=True, break_glass="root")
    assert (await sign_in(only, "ｒｏｏｔ", PASSWORD, source=HERE)).secret
    with pytest.raises(PasswordsOff):
        await sign_in(only, "mori", PASSWORD, source=HERE)
    with pytest.raises(NotSignedIn):
        await sign_in(only, "mori", "wrong horse", source=HERE)


def test_the_secret_may_stand_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment or in a file; what is not there is told without it."""
    monkeypatch.setenv("TENBAN_OIDC", "from outside")
    (tmp_path / "secret").write_text("of a file\n", encoding="utf-8")
    assert client_secret("env:TENBAN_OIDC") == "from outside"
    assert client_secret(f"file:{tmp_path / 'secret'}") == "of a file"
    assert client_secret("itself: and more") == "itself: and more"
    for missing in ("env:TENBAN_NOT_THERE", f"file:{tmp_path / 'none'}"):
        with pytest.raises(BadInput, match="client_secret"):
            client_secret(missing)
