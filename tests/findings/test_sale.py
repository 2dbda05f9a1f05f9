"""The facts of one sale, put in order."""

from __future__ import annotations

from findings.story import LaneStory, at
from tenban.findings.facts import Item, Observation, SaleEvent
from tenban.findings.sale import SaleFacts
from tenban.findings.settings import SaleSettings


def facts_of(lane: LaneStory) -> SaleFacts:
    return SaleFacts.of(
        lane.register,
        "s1",
        events=[f for f in reversed(lane.facts) if isinstance(f, SaleEvent) and f.sale is not None],
        observations=[f for f in reversed(lane.facts) if isinstance(f, Observation)],
        staff=[f for f in reversed(lane.facts) if isinstance(f, SaleEvent) and f.sale is None],
    )


def test_voids_take_back_the_line_they_name() -> None:
    """A void of a line takes its pieces, and never more than there are."""
    lane = LaneStory()
    lane.scan(1, 3)
    line = lane.scan(2, 2)
    lane.void(3, line, quantity=5)
    assert [one.standing() for one in facts_of(lane).registrations()] == [3, 0]
    assert [one.standing(at(2.9)) for one in facts_of(lane).registrations()] == [3, 2]


def test_voids_without_a_line_take_back_the_last_of_the_product() -> None:
    """A void that names a product takes the latest pieces of it."""
    lane = LaneStory()
    for plu in ("a", "b", "a"):
        lane.scan(1, plu=plu)
    lane.void(5, plu="a")
    assert [one.standing() for one in facts_of(lane).registrations()] == [1, 1, 0]


def test_a_void_without_quantity_takes_the_whole_line() -> None:
    """None pieces means all of the line."""
    lane = LaneStory()
    lane.scan(1, 4)
    lane.event(5, "item_voided", item=Item(line="1", quantity=None))
    assert facts_of(lane).registrations()[0].standing() == 0


def test_the_till_speaks_without_a_gap() -> None:
    """Times are known to be complete only up to the first missing number."""
    lane = LaneStory()
    lane.scan(1)
    lane.scan(3, seq=4)
    assert facts_of(lane).told_gapless == (at(0), at(1))


def test_a_payment_taken_back_is_none() -> None:
    """Registering again after the payment began takes it back."""
    lane = LaneStory()
    lane.event(10, "payment_started")
    payment = facts_of(lane).payment
    assert payment is not None
    assert payment.occurred_at == at(10)
    lane.scan(12)
    assert facts_of(lane).payment is None


def test_moves_and_returns() -> None:
    """What goes from the bag elsewhere is a return; what moves elsewhere is neither."""
    lane = LaneStory()
    lane.move(1)
    lane.seen(2, "item_moved", from_zone="outside", to_zone="bagging")
    lane.seen(3, "item_moved", from_zone="bagging", to_zone="basket")
    lane.seen(4, "item_moved", from_zone="basket", to_zone="scan")
    lane.back(5)
    facts = facts_of(lane)
    assert [seen.at for seen in facts.moves] == [at(1), at(2)]
    assert [seen.at for seen in facts.returns] == [at(3), at(5)]


def test_staff_at_hand() -> None:
    """Signed on, called, or signing on soon count as at hand; signed off does not."""
    lane = LaneStory()
    lane.staff(100)
    lane.staff(200, "cashier_signed_off")
    lane.staff(400, "assist_requested")
    facts = facts_of(lane)
    asked = [facts.staffed(at(second), SaleSettings()) for second in (60, 75, 150, 210, 375, 425, 440)]
    assert asked == [False, True, True, False, True, True, False]
    assert not facts.staffed(at(150), SaleSettings(staff_clears=False))


def test_as_of_knows_nothing_later() -> None:
    """What happened, or was proven, later is not known yet."""
    lane = LaneStory()
    lane.move(5, proven=2)
    lane.scan(6)
    assert facts_of(lane).as_of(at(6)).moves == ()
    assert len(facts_of(lane).as_of(at(7)).moves) == 1
    assert facts_of(lane).as_of(at(5.9)).registrations() == ()
