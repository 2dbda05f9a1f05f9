"""Registrations matched with items that a camera saw, and the till's clock by them."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from tenban.base.clock import MILLISECOND, SECOND, Instant
from tenban.pos.clock_history import Arrival, ClockHistory
from tenban.pos.sightings import HAND_US, Sighting, matched

NOW = 1_795_312_800 * SECOND
HOUR_US = 3600 * SECOND

seeds = st.integers(0, 2**32)
offsets = st.integers(-40 * 86_400, 40 * 86_400).map(lambda length_s: length_s * SECOND)


class Told(NamedTuple):
    arrivals: list[Arrival]
    true_at: list[Instant]
    sightings: list[Sighting]


def shop(seed: int, *, offset: int, step_us: int = 0, prompt: bool = False, sees: float = 0.85) -> Told:
    """Two hours at a till whose clock is set by ``step_us`` in between, and what the camera saw of them.

    A till that is not prompt hands over what it has every two to four minutes. Hands take a second or so;
    the camera misses some items, and sees others that nobody registers.
    """
    chance = Random(seed)  # noqa: S311  # delays, no secrets
    step_at = NOW + chance.randrange(3000, 4500) * SECOND
    events: list[tuple[Instant, Instant]] = []
    sightings: list[Sighting] = []
    at = NOW
    while at < NOW + 2 * HOUR_US:
        for _ in range(chance.randrange(3, 14)):
            at += chance.randrange(900, 6000) * MILLISECOND
            events.append((at, at - offset - (step_us if at >= step_at else 0)))
            if chance.random() < sees:
                middle = at + round(chance.gauss(0, 150_000))
                half = chance.randrange(250, 1000) * MILLISECOND
                sightings.append(Sighting(middle - half, middle + half))
            if chance.random() < 0.05:
                sightings.append(Sighting(at + SECOND, at + 2 * SECOND))
        at += chance.randrange(8, 90) * SECOND
    arrivals, hands_over_at = [], NOW
    for n, (true_at, rung_at) in enumerate(events, 1):
        while hands_over_at <= true_at:
            hands_over_at += chance.randrange(120, 240) * SECOND
        received_at = true_at + chance.randrange(5_000, 90_000) if prompt else hands_over_at + n
        arrivals.append(Arrival(n, rung_at, received_at))
    return Told(arrivals, [true_at for true_at, _ in events], sightings)


def errors(told: Told, *, seen: bool) -> list[int]:
    pairs = matched(told.arrivals, told.sightings) if seen else []
    history = ClockHistory(told.arrivals, pairs, hand_us=HAND_US)
    return [abs(history.place(one) - at) for one, at in zip(told.arrivals, told.true_at, strict=True)]


@settings(max_examples=15, deadline=None)
@given(seed=seeds, offset=offsets, back=st.booleans())
def test_sightings_place_what_came_late_across_a_step_of_an_hour(
    seed: int, offset: int, *, back: bool
) -> None:
    """By receipts alone such a till is up to minutes off; by what was seen it is within half a second."""
    told = shop(seed, offset=offset, step_us=-HOUR_US if back else HOUR_US)
    by_receipts, by_sight = errors(told, seen=False), errors(told, seen=True)
    assert sorted(by_sight)[len(by_sight) // 2] <= SECOND // 2
    assert max(by_sight) <= max(SECOND // 2, *by_receipts)
    assert sum(by_sight) < sum(by_receipts)


@settings(max_examples=15, deadline=None)
@given(seed=seeds, offset=offsets, back=st.booleans(), sees=st.floats(0, 1))
def test_a_prompt_till_stays_within_100_ms_whatever_cameras_saw(
    seed: int, offset: int, sees: float, *, back: bool
) -> None:
    """Receipts are finer than hands: with sightings each event is where it was without, step or not."""
    told = shop(seed, offset=offset, step_us=-HOUR_US if back else HOUR_US, prompt=True, sees=sees)
    by_sight = errors(told, seen=True)
    assert max(by_sight) <= 100 * MILLISECOND
    assert by_sight == errors(told, seen=False)


@settings(max_examples=10, deadline=None)
@given(seed=seeds, other=seeds, offset=offsets)
def test_what_another_till_saw_makes_nothing_worse(seed: int, other: int, offset: int) -> None:
    """Items that belong to other sales fit nowhere: receipts count as if no camera were there."""
    told = shop(seed, offset=offset)._replace(sightings=shop(other + 2**33, offset=0).sightings)
    assert max(errors(told, seen=True)) <= max(errors(told, seen=False))


def test_too_few_registrations_are_not_matched() -> None:
    """A handful of items fits many rhythms."""
    told = shop(1, offset=0)
    assert matched(told.arrivals[:8], told.sightings) == []
    assert matched(told.arrivals, []) == []
    assert matched([], told.sightings) == []


def test_how_it_was_estimated_is_told() -> None:
    """A late till's clock rests on sightings, a prompt one's on receipts; each with their number."""
    late, prompt = shop(3, offset=5 * SECOND), shop(3, offset=5 * SECOND, prompt=True)
    history = ClockHistory(late.arrivals, matched(late.arrivals, late.sightings), hand_us=HAND_US)
    assert history.is_late
    clocks = [history.of(one) for one in late.arrivals]
    seen = [one for one in clocks if one.how == "sightings"]
    assert len(seen) > len(clocks) // 2
    assert all(abs(one.offset_us - 5 * SECOND) <= one.error_us and one.number >= 8 for one in seen)
    clock = ClockHistory(prompt.arrivals, matched(prompt.arrivals, prompt.sightings), hand_us=HAND_US).now()
    assert clock.how == "receipts"
    assert clock.number >= 8
