"""Waiting after wrong passwords: it grows, it ends, and strangers cannot lock anybody out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.access.delays import ADDRESS, ALL_STRANGERS, FORGOTTEN_S, KNOWN_BROWSER, Pace, Tries
from tenban.access.guesses import SlowDown, count_try, remember_browser, take_back
from tenban.access.model import Role, system_actor
from tenban.access.people import Source, add_person
from tenban.base.clock import seconds
from tenban.base.fakes import FakeClock
from tenban.db import Database

paces = st.sampled_from([KNOWN_BROWSER, ADDRESS, ALL_STRANGERS])


@given(paces, st.integers(0, 200))
def test_the_wait_grows_to_its_longest_and_ends_by_itself(pace: Pace, failures: int) -> None:
    """None while tries are free; then never shorter than after one less; over once it has passed."""
    tries, worse = Tries(failures, 0), Tries(failures + 1, 0)
    wait_s = tries.wait_s(pace, 0)
    assert wait_s <= worse.wait_s(pace, 0) <= pace.longest_s
    assert (wait_s == 0) == (failures < pace.free)
    assert tries.wait_s(pace, seconds(wait_s)) == 0
    assert tries.wait_s(pace, seconds(max(wait_s - 1, 0))) <= 1


@given(paces, st.lists(st.integers(0, 100_000), max_size=80))
def test_whoever_waits_as_told_always_gets_another_try(pace: Pace, gaps_s: list[int]) -> None:
    """However often one was wrong: after the wait, the next try is looked at. A day of quiet forgets all."""
    tries, now_at = Tries(), 0
    for gap_s in gaps_s:
        now_at += seconds(gap_s)
        now_at += seconds(tries.wait_s(pace, now_at))
        assert tries.wait_s(pace, now_at) == 0
        tries = tries.failed(now_at)
    assert tries.failed(now_at + seconds(FORGOTTEN_S)).failures == 1


TABLET = Source("192.0.2.7")
STRANGER = Source("203.0.113.9")


def tried(database: Database, clock: FakeClock, source: Source, name: str = "sato") -> int:
    """Type a wrong password; return for how long one has to wait instead."""
    try:
        database.write_now(lambda c: count_try(c, name, source, clock.now()))
    except SlowDown as slow:
        return slow.wait_s
    return 0


@pytest.fixture
def known(database: Database, clock: FakeClock) -> Source:
    """A browser in which Sato has signed in before."""
    person = database.write_now(
        lambda c: add_person(
            c,
            system_actor("console"),
            clock.now(),
            name="sato",
            password_hash="x",
            roles=[Role.ATTENDANT],
            shop="demo",
        )
    )
    secret = database.write_now(lambda c: remember_browser(c, TABLET, person, clock.now()))
    return Source("192.0.2.7", browser=secret)


def test_strangers_do_not_slow_a_known_browser(database: Database, clock: FakeClock, known: Source) -> None:
    """A thousand addresses guess for hours; the tablet in the shop signs in without waiting."""
    for n in range(60):
        tried(database, clock, Source(f"203.0.113.{n}"))
        clock.fast_forward(length_s=1)
    assert tried(database, clock, Source("198.51.100.1")) > 0
    assert tried(database, clock, known) == 0
    # Another name's browser is a stranger's.
    assert tried(database, clock, known, "somebody") == 0


def test_guessing_from_one_place_gets_slower_and_impatience_costs_nothing(
    database: Database, clock: FakeClock
) -> None:
    """Four tries are free; what is refused unlooked-at does not make the wait longer; a right one frees."""
    assert [tried(database, clock, STRANGER) for _ in range(4)] == [0, 0, 0, 0]
    waits = [tried(database, clock, STRANGER) for _ in range(5)]
    assert waits == [waits[0]] * 5
    assert waits[0] > 0
    clock.fast_forward(length_s=waits[0])
    assert tried(database, clock, STRANGER) == 0
    assert tried(database, clock, STRANGER) > waits[0]
    assert tried(database, clock, Source("203.0.113.10")) == 0
    database.write_now(lambda c: take_back(c, "sato", STRANGER))
    assert tried(database, clock, STRANGER) == 0


def test_a_known_browser_is_slowed_by_its_own_mistakes(
    database: Database, clock: FakeClock, known: Source
) -> None:
    """Whoever took the tablet along guesses no faster than others; the secret changes at each sign-in."""
    assert [tried(database, clock, known) for _ in range(5)] == [0] * 5
    assert tried(database, clock, known) > 0
    assert tried(database, clock, STRANGER) == 0
