"""Administrators let people in, change and disable them, and never lock themselves out of a shop."""

from __future__ import annotations

from typing import Any

import pytest

from tenban.access import invitations, managing, queries
from tenban.access.managing import LastAdministrator, Place
from tenban.access.model import Actor, Role, system_actor
from tenban.access.people import actor_of_person, actor_of_session, add_person, open_session
from tenban.access.secrets import hash_password
from tenban.base.errors import Conflict, Forbidden, NotFound
from tenban.base.fakes import FakeClock
from tenban.db import Database

CONSOLE = system_actor("console")
HASH = hash_password("correct horse")
AREAS = {"east": frozenset({"alpha", "beta"})}


class Office:
    """A database with people in it, and their administrators."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock

    def add(self, name: str, role: Role, shop: str | None = None, area: str | None = None) -> Actor:
        now_at = self.clock.now()
        person = self.database.write_now(
            lambda c: add_person(
                c, CONSOLE, now_at, name=name, password_hash=HASH, roles=[role], shop=shop, area=area
            )
        )
        return self.actor(person)

    def actor(self, person: str) -> Actor:
        (row,) = self.database.read_now(lambda c: queries.people_by_ids(c, [person]))
        return actor_of_person(row, AREAS)

    def known(self, by: Actor) -> list[str]:
        found = self.database.read_now(lambda c: managing.everybody(c, by, self.clock.now(), AREAS))
        return [one.name for one in found]

    def change(
        self, by: Actor, whom: Actor, roles: list[Role], shop: str | None = None, area: str | None = None
    ) -> None:
        self.do(managing.change_person, by, whom, display_name="x", roles=roles, place=Place(shop, area))

    def do(self, run: Any, by: Actor, whom: Actor, **more: Any) -> Any:
        person, now_at = whom.id.removeprefix("person:"), self.clock.now()
        return self.database.write_now(lambda c: run(c, by, now_at, person, areas=AREAS, **more))


@pytest.fixture
def office(database: Database, clock: FakeClock) -> Office:
    return Office(database, clock)


def test_an_administrator_manages_within_reach(office: Office) -> None:
    """Of a shop: its people; of an area: those of its shops; of the company: all. Others are not there."""
    root, shop = office.add("root", Role.ADMINISTRATOR), office.add("a-admin", Role.ADMINISTRATOR, "alpha")
    area = office.add("e-admin", Role.ADMINISTRATOR, area="east")
    far = office.add("c-att", Role.ATTENDANT, "gamma")
    office.add("b-att", Role.ATTENDANT, "beta")
    assert office.known(root) == ["a-admin", "b-att", "c-att", "e-admin", "root"]
    assert office.known(area) == ["a-admin", "b-att", "e-admin"]
    assert office.known(shop) == ["a-admin"]
    with pytest.raises(NotFound, match="there is no person"):
        office.do(managing.disable, area, far)
    with pytest.raises(Forbidden):
        office.known(far)


def test_nobody_gives_what_they_do_not_reach(office: Office) -> None:
    """A shop's administrator makes no administrator of the company, of another shop, or of an area."""
    office.add("root", Role.ADMINISTRATOR)
    shop = office.add("a-admin", Role.ADMINISTRATOR, "alpha")
    sato = office.add("sato", Role.ATTENDANT, "alpha")
    office.change(shop, sato, [Role.SUPERVISOR], "alpha")
    for place in ({"shop": None}, {"shop": "beta"}, {"area": "east"}):
        with pytest.raises((Forbidden, NotFound)):
            office.change(shop, sato, [Role.ATTENDANT], **place)


def test_the_last_administrator_stays(office: Office) -> None:
    """Who alone can let people in is neither disabled nor demoted; a second or a higher one frees them."""
    root = office.add("root", Role.ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        office.do(managing.disable, root, root)
    with pytest.raises(LastAdministrator):
        office.change(root, root, [Role.AUDITOR])
    with pytest.raises(LastAdministrator):
        office.change(root, root, [Role.ADMINISTRATOR], "alpha")
    shop = office.add("a-admin", Role.ADMINISTRATOR, "alpha")
    office.do(managing.disable, root, shop)
    second = office.add("second", Role.ADMINISTRATOR)
    office.do(managing.disable, second, root)
    with pytest.raises(LastAdministrator):
        office.do(managing.disable, second, second)


def test_other_rights_end_the_sessions_of_before(office: Office) -> None:
    """A session keeps what it was opened with no longer than the rights are the person's."""
    root, sato = office.add("root", Role.ADMINISTRATOR), office.add("sato", Role.SUPERVISOR, "alpha")
    now_at = office.clock.now()

    def opened() -> str:
        return office.database.write_now(lambda c: open_session(c, "sato", now_at))[0]

    def holds(secret: str) -> bool:
        return office.database.read_now(lambda c: actor_of_session(c, secret, now_at)) is not None

    secret = opened()
    office.change(root, sato, [Role.SUPERVISOR], "alpha")
    assert holds(secret)
    office.change(root, sato, [Role.ATTENDANT], "alpha")
    assert not holds(secret)
    secret = opened()
    office.do(managing.disable, root, sato)
    assert not holds(secret)
    with pytest.raises(Conflict):
        opened()
    office.do(managing.enable, root, sato)
    assert holds(opened())


def test_a_link_works_once_and_the_newest_only(office: Office) -> None:
    """Following it sets the password; a used, replaced or old link is not there; passwords of before end."""
    root = office.add("root", Role.ADMINISTRATOR)
    sato = office.add("sato", Role.ATTENDANT, "alpha")
    write, now_at = office.database.write_now, office.clock.now()
    replaced, link = (office.do(invitations.invite, root, sato) for _ in range(2))

    def join(secret: str) -> str:
        at = office.clock.now()
        return write(lambda c: invitations.accept(c, at, secret, password_hash="new"))

    for gone in (replaced, "nothing"):
        with pytest.raises(NotFound, match="a link that holds"):
            join(gone)
    assert join(link) == "sato"
    with pytest.raises(NotFound):
        join(link)
    old = office.do(invitations.invite, root, sato)
    office.clock.fast_forward(length_s=invitations.LINK_S)
    with pytest.raises(NotFound):
        join(old)
    row = office.database.read_now(lambda c: queries.person_by_name(c, "sato"))
    assert row is not None
    assert row["password_hash"] == ""
    assert now_at < office.clock.now()


def test_the_first_link_makes_an_administrator_while_there_is_none(office: Office) -> None:
    """It names and places them over the whole company; then neither it nor a new one does anything."""
    write, now_at = office.database.write_now, office.clock.now()
    link = write(lambda c: invitations.invite_first(c, now_at))

    def join() -> str:
        return write(
            lambda c: invitations.accept(
                c, now_at, link, password_hash=HASH, name="ｙａｍａ", display_name="山"
            )
        )

    assert join() == "yama"
    row = office.database.read_now(lambda c: queries.person_by_name(c, "yama"))
    assert row is not None
    assert (row["roles"], row["shop"], row["area"]) == (["administrator"], None, None)
    with pytest.raises(NotFound):
        join()
    with pytest.raises(Conflict, match="an administrator already"):
        write(lambda c: invitations.invite_first(c, now_at))
