"""What accounts for an item in the bag."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from findings.story import LaneStory, at
from tenban.findings.coverage import cover
from tenban.findings.facts import Observation, SaleEvent
from tenban.findings.sale import SaleFacts
from tenban.findings.settings import LaneSettings


def covered(lane: LaneStory, second: float, *, proven_only: bool = False) -> list[str | None]:
    facts = SaleFacts.of(
        lane.register,
        lane.sale,
        events=[fact for fact in lane.facts if isinstance(fact, SaleEvent)],
        observations=[fact for fact in lane.facts if isinstance(fact, Observation)],
    )
    found = cover(facts, LaneSettings(), at(second), proven_only=proven_only)
    return [None if one is None else one.reason for one in found.values()]


def test_a_registration_to_come_gives_the_benefit_of_the_doubt() -> None:
    """A scan after the move counts at once for the doubt, but proves nothing yet."""
    lane = LaneStory()
    lane.move(10)
    lane.scan(12)
    assert covered(lane, 13) == ["registered"]
    assert covered(lane, 13, proven_only=True) == [None]
    assert covered(lane, 20, proven_only=True) == ["registered"]


def test_a_voided_piece_counts_until_the_item_had_time_to_come_out() -> None:
    """A void takes effect after its grace, or when the payment begins."""
    lane = LaneStory()
    lane.scan(1)
    lane.move(2)
    lane.void(5, "1")
    assert covered(lane, 12) == ["registered"]
    assert covered(lane, 13) == [None]
    lane.pay(9)
    assert covered(lane, 9) == [None]


@given(
    st.lists(st.floats(0, 30), max_size=6),
    st.lists(st.tuples(st.floats(0, 30), st.integers(1, 3)), max_size=5),
    st.lists(st.floats(0, 30), max_size=3),
)
def test_nothing_accounts_for_two_items(
    moves: list[float], scans: list[tuple[float, int]], backs: list[float]
) -> None:
    """No more items are accounted for than there are pieces and returns."""
    lane = LaneStory()
    for second, quantity in sorted(scans):
        lane.scan(second, quantity)
    for second in moves:
        lane.move(second)
    for second in backs:
        lane.back(second)
    reasons = covered(lane, 100)
    assert sum(reason == "put_back" for reason in reasons) <= len(backs)
    assert sum(reason is not None for reason in reasons) <= sum(q for _, q in scans) + len(backs)


@given(st.lists(st.floats(0, 60), min_size=1, max_size=8))
def test_every_item_scanned_in_time_is_accounted_for(moves: list[float]) -> None:
    """As many scans as items, each a second before its item: nothing stays alone."""
    lane = LaneStory()
    for second in sorted(moves):
        lane.scan(second - 1)
        lane.move(second)
    assert None not in covered(lane, 200)
