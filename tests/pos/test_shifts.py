"""Who was signed on where, from what tills told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from tenban.base.clock import Instant, seconds
from tenban.db import Database
from tenban.pos import queries
from tenban.pos.queries import EventRow
from tenban.pos.shifts import LONGEST_S, Shift, Signing, shifts, shifts_of

HOUR = seconds(3600)
LONGEST = seconds(LONGEST_S)
SIGNINGS = st.lists(
    st.builds(
        Signing,
        register=st.sampled_from(["lane-1", "lane-2"]),
        at=st.integers(0, 60).map(lambda hour: hour * HOUR),
        is_on=st.booleans(),
        cashier=st.sampled_from(["011", "012", None]),
    ),
    max_size=14,
).map(lambda some: sorted(some, key=lambda one: one.at))


def was_there(found: list[Shift], register: str, at: Instant) -> bool:
    return any(one.register == register and one.from_at <= at <= one.to_at for one in found)


def on(register: str, hour: float, cashier: str | None = "011") -> Signing:
    return Signing(register, int(hour * HOUR), True, cashier)


def off(register: str, hour: float, cashier: str | None = "011") -> Signing:
    return Signing(register, int(hour * HOUR), False, cashier)


def test_from_signing_on_to_signing_off() -> None:
    """A shift is what lies between the two, at that register."""
    told = [on("lane-1", 9), off("lane-1", 17), on("lane-2", 9, "012")]
    assert shifts_of("011", told) == [Shift("lane-1", 9 * HOUR, 17 * HOUR)]


def test_a_missing_sign_off_ends_with_the_next_cashier_or_after_a_long_day() -> None:
    """Nobody stays signed on for ever because a till lost a message."""
    assert shifts_of("011", [on("lane-1", 9), on("lane-1", 13, "012")])[0].to_at == 13 * HOUR
    assert shifts_of("011", [on("lane-1", 9)])[0].to_at == 9 * HOUR + LONGEST
    assert shifts_of("011", [on("lane-1", 9), on("lane-1", 99, "012")])[0].to_at == 9 * HOUR + LONGEST


def test_a_missing_sign_on_begins_with_what_was_before() -> None:
    """Who signs off was there, as far back as nobody else is told to have been alone."""
    told = [off("lane-1", 9, "012"), off("lane-1", 17)]
    assert shifts_of("011", told) == [Shift("lane-1", 9 * HOUR, 17 * HOUR)]
    assert shifts_of("011", [off("lane-1", 17)]) == [Shift("lane-1", 17 * HOUR - LONGEST, 17 * HOUR)]
    assert shifts_of("011", [on("lane-1", 9), off("lane-1", 17), off("lane-1", 18)])[-1].to_at == 17 * HOUR


def test_a_sign_off_without_a_name_is_of_whoever_was_there() -> None:
    """Such tills exist."""
    assert shifts_of("011", [on("lane-1", 9), off("lane-1", 39, None)])[0].to_at == 39 * HOUR


@given(SIGNINGS)
def test_each_shift_rests_on_what_the_cashier_did(told: list[Signing]) -> None:
    """It begins at their signing on, or ends at their signing off, and never turns back."""
    for shift in shifts_of("011", told):
        own = [one for one in told if one.register == shift.register and one.cashier == "011"]
        assert shift.from_at <= shift.to_at
        assert any(
            (one.is_on and one.at == shift.from_at) or (not one.is_on and one.at == shift.to_at)
            for one in own
        )


@given(SIGNINGS)
def test_whoever_signs_on_or_off_is_there_at_that_moment(told: list[Signing]) -> None:
    """No signing on is lost; a signing off is, only where the same one was told just before."""
    found = shifts_of("011", told)
    gone: set[str] = set()
    for one in told:
        if one.cashier == "011" and (one.is_on or one.register not in gone):
            assert was_there(found, one.register, one.at)
        if one.cashier == "011" and not one.is_on:
            gone.add(one.register)
        else:
            gone.discard(one.register)


@given(SIGNINGS)
def test_what_another_register_tells_changes_nothing(told: list[Signing]) -> None:
    """Registers are looked at one by one."""
    alone = [one for one in told if one.register == "lane-1"]
    assert [one for one in shifts_of("011", told) if one.register == "lane-1"] == shifts_of("011", alone)


@given(SIGNINGS)
def test_only_what_stands_beside_the_cashiers_own_counts(told: list[Signing]) -> None:
    """The rule may be given the cashier's own events and their neighbours alone."""
    near: list[Signing] = []
    for register in ("lane-1", "lane-2"):
        some = [one for one in told if one.register == register]
        near += [
            one
            for place, one in enumerate(some)
            if "011" in {other.cashier for other in some[max(0, place - 1) : place + 2]}
        ]
    assert shifts_of("011", near) == shifts_of("011", told)


def test_the_database_gives_what_the_rule_asks_for(database: Database) -> None:
    """The same shifts come out of sale events, whatever else and whoever else they tell of."""
    told = [
        on("lane-1", 1, "012"),
        off("lane-1", 2, "012"),
        on("lane-1", 3),
        on("lane-1", 4, "012"),
        off("lane-1", 30, None),
        off("lane-1", 31),
        on("lane-2", 5),
        off("lane-2", 6),
        on("lane-2", 7, "013"),
    ]
    rows = [
        event(n, "cashier_signed_on" if one.is_on else "cashier_signed_off", one)
        for n, one in enumerate(told)
    ]
    rows.append(event(98, "drawer_opened", on("lane-1", 3.5)))
    rows.append(event(99, "cashier_signed_on", on("lane-1", 3.5))._replace(shop="elsewhere"))

    def keep(connection: Connection) -> None:
        queries.add_new(connection, rows[::-1])

    database.write_now(keep)
    for cashier in ("011", "012", "013", "014"):
        assert database.read_now(lambda c, who=cashier: shifts(c, "ebisu", who)) == shifts_of(cashier, told)


def event(n: int, kind: str, one: Signing) -> EventRow:
    return EventRow(
        f"event-{n}", "ebisu", one.register, None, n, kind, one.at, one.at, one.at, 0, False, None, None,
        None, None, None, one.cashier, "{}",
    )  # fmt: skip
