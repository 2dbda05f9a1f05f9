"""PINs, showing once more that it is oneself, and taking over a shared tablet."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.access import queries
from tenban.access.managing import Place, add_without_password
from tenban.access.model import Actor, Function, Role, StepUpNeeded, system_actor
from tenban.access.people import Source, actor_of_session, add_person, session_of
from tenban.access.pins import PinLocked, WrongPin, hash_pin, set_pin, why_trivial
from tenban.access.secrets import hash_password
from tenban.access.sign_in import House, SignedIn, sign_in
from tenban.access.step_up import asked_again, people_here, person_by_pin, prove, switch
from tenban.access.tables import audit
from tenban.access.tokens import issue
from tenban.access.vault import Vault
from tenban.base.errors import BadInput, NotSignedIn
from tenban.base.fakes import FakeClock
from tenban.db import Connection, Database
from tenban.sites.signing_in import StepUp

PASSWORD, PIN = "correct horse", "482913"
HASH, PIN_HASH = hash_password(PASSWORD), hash_pin(PIN)
TABLET = Source("192.0.2.7")


@dataclass
class Tablet:
    """A shop's database, and a browser in which people sign in."""

    house: House
    clock: FakeClock
    browser: str | None = None

    def add(self, name: str, role: Role = Role.ATTENDANT, *, pin: bool = True) -> None:
        now_at = self.clock.now()

        def run(c: Connection) -> None:
            person = add_person(
                c,
                system_actor("console"),
                now_at,
                name=name,
                password_hash=HASH,
                roles=[role],
                shop="demo",
            )
            if pin:
                queries.change_person(c, person, pin_hash=PIN_HASH)

        self.house.db.write_now(run)

    @property
    def source(self) -> Source:
        return Source(TABLET.address, browser=self.browser)

    async def sign_in(self, name: str) -> SignedIn:
        done = await sign_in(self.house, name, PASSWORD, source=self.source)
        self.browser = done.browser
        return done

    def here(self) -> dict[str, str]:
        found = self.house.db.read_now(lambda c: people_here(c, self.house, self.browser or ""))
        return {name: person for person, name in found}

    def actor(self, secret: str) -> Actor:
        """Return who a session is of, as requests find them."""
        now_at = self.clock.now()
        found = self.house.db.read_now(lambda c: session_of(c, secret, now_at))
        assert found is not None
        return asked_again(found, self.house.step_up, now_at)

    def open(self, secret: str) -> bool:
        return self.house.db.read_now(lambda c: actor_of_session(c, secret, self.clock.now())) is not None

    def audited(self) -> list[str]:
        return self.house.db.read_now(
            lambda c: [row.event for row in c.execute(audit.select().order_by(audit.c.n))]
        )


@pytest.fixture
def tablet(database: Database, clock: FakeClock) -> Tablet:
    return Tablet(House(database, clock, {}, {}, StepUp(), Vault(bytes(32))), clock)


@pytest.mark.parametrize(
    "pin", ["000000", "123456", "987654", "121212", "123123", "840301", "010384", "12345", "12345a", ""]
)
def test_a_pin_that_is_tried_first_is_refused(pin: str) -> None:
    """Runs, repeats, dates of the calendar in any order, and what is no six digits."""
    with pytest.raises(BadInput, match="six digits"):
        hash_pin(pin)


@given(st.integers(0, 999_999))
def test_most_pins_are_fine(number: int) -> None:
    """Whatever is refused is so for a reason that can be told; written backwards a run stays one."""
    pin = f"{number:06d}"
    why = why_trivial(pin)
    assert why in {None, "a row", "a date", "the same over and over"}
    if why == "a row":
        assert why_trivial(pin[::-1]) == "a row"


async def test_a_privileged_function_asks_once_more_after_a_while(tablet: Tablet) -> None:
    """Fresh from signing in, no; later yes, until the PIN is shown; then not for five minutes."""
    tablet.add("root", Role.ADMINISTRATOR)
    done = await tablet.sign_in("root")
    tablet.actor(done.secret).must_prove(Function.PEOPLE_MANAGE)
    tablet.clock.fast_forward(minutes=6)
    late = tablet.actor(done.secret)
    with pytest.raises(StepUpNeeded, match="people:manage asks for"):
        late.must_prove(Function.PEOPLE_MANAGE)
    with pytest.raises(StepUpNeeded):
        tablet.house.db.write_now(
            lambda c: add_without_password(
                c,
                late,
                tablet.clock.now(),
                name="x",
                display_name="",
                roles=[Role.ATTENDANT],
                place=Place("demo"),
            )
        )
    with pytest.raises(StepUpNeeded):
        tablet.house.db.write_now(
            lambda c: issue(c, late, tablet.clock.now(), kind="register", subject="lane-1", shop="demo")
        )
    late.must_prove(Function.SETTINGS_EDIT)  # not asked for unless the configuration says so
    fresh = await prove(
        tablet.house, late, done.secret, pin=PIN, password=None, source=tablet.source, what="inviting"
    )
    assert (tablet.open(done.secret), tablet.open(fresh)) == (False, True)
    tablet.actor(fresh).must_prove(Function.PEOPLE_MANAGE)
    tablet.clock.fast_forward(minutes=6)
    with pytest.raises(StepUpNeeded):
        tablet.actor(fresh).must_prove(Function.PEOPLE_MANAGE)
    assert "access:step-up:passed" in tablet.audited()


async def test_five_wrong_pins_lock_it_until_a_full_sign_in(tablet: Tablet) -> None:
    """The sixth is not looked at, be it right; the password still is, and unlocks the PIN."""
    tablet.add("root", Role.ADMINISTRATOR)
    done = await tablet.sign_in("root")
    actor = tablet.actor(done.secret)

    async def show(pin: str | None, password: str | None = None) -> str:
        return await prove(
            tablet.house, actor, done.secret, pin=pin, password=password, source=tablet.source, what="x"
        )

    for _ in range(5):
        with pytest.raises(WrongPin):
            await show("111222")
    with pytest.raises(PinLocked):
        await show(PIN)
    assert tablet.audited().count("access:step-up:refused") == 5
    with pytest.raises(WrongPin, match="password is another one"):
        await show(None, "wrong horse")
    fresh = await show(None, PASSWORD)
    again = tablet.actor(fresh)
    await prove(tablet.house, again, fresh, pin=PIN, password=None, source=tablet.source, what="x")


async def test_a_supervisor_approves_by_pin(tablet: Tablet) -> None:
    """Name and PIN say who it is; a wrong one, nobody's, and one of somebody without a PIN do not."""
    tablet.add("mori", Role.SUPERVISOR)
    tablet.add("kato", pin=False)
    assert (await person_by_pin(tablet.house, "ｍｏｒｉ", PIN, source=TABLET)).name == "mori"
    for name, pin in (("mori", "000111"), ("nobody", PIN), ("kato", PIN)):
        with pytest.raises(WrongPin):
            await person_by_pin(tablet.house, name, pin, source=TABLET)
    assert tablet.audited().count("access:pin:refused") == 3


async def test_a_shared_tablet_changes_hands_by_pin(tablet: Tablet) -> None:
    """Who signed in there lately takes over and the session of before ends; nobody else, nowhere else."""
    for name, role in (("sato", Role.ATTENDANT), ("mori", Role.SUPERVISOR), ("root", Role.ADMINISTRATOR)):
        tablet.add(name, role)
    tablet.add("kato", pin=False)
    for name in ("sato", "root", "kato"):
        last = await tablet.sign_in(name)
    assert list(tablet.here()) == ["sato"]
    sato = tablet.here()["sato"]
    with pytest.raises(WrongPin):
        await switch(tablet.house, sato, "777123", source=tablet.source)
    assert tablet.open(last.secret)
    done = await switch(tablet.house, sato, PIN, source=replace(tablet.source, session=last.secret))
    assert (done.actor.name, tablet.open(last.secret)) == ("sato", False)
    with pytest.raises(WrongPin):
        await switch(tablet.house, sato, PIN, source=Source("192.0.2.7"))
    tablet.browser = done.browser
    tablet.clock.fast_forward(minutes=13 * 60)
    assert tablet.here() == {}


async def test_a_pin_is_ones_own_to_set(tablet: Tablet) -> None:
    """Setting one is written down without saying it; without one, the PIN opens nothing."""
    tablet.add("sato", pin=False)
    done = await tablet.sign_in("sato")
    actor: Actor = tablet.actor(done.secret)

    def tell(pin_hash: str | None) -> None:
        tablet.house.db.write_now(lambda c: set_pin(c, actor, tablet.clock.now(), pin_hash))

    tell(PIN_HASH)
    assert list(tablet.here()) == ["sato"]
    tell(None)
    assert tablet.here() == {}
    with pytest.raises(NotSignedIn):
        await sign_in(tablet.house, "sato", PIN, source=tablet.source)
    assert tablet.audited().count("access:pin:changed") == 2
