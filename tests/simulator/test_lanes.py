"""Lanes: who shops where and when."""

from __future__ import annotations

import pytest

from tenban.simulator.lanes import Shop


def test_every_process_works_out_the_same_schedule() -> None:
    """Two schedules of one lane agree, however they are asked; two lanes differ."""
    shop = Shop(seed=7, lanes=2)
    one, two = shop.schedule(1), shop.schedule(1)
    late = one.at(200.0)
    assert two.at(200.0) == late
    assert two.sale(0) == one.sale(0)
    assert shop.schedule(2).sale(0) != one.sale(0)


def test_one_sale_follows_another() -> None:
    """A sale begins when the one before it has left the lane empty."""
    schedule = Shop(seed=7, lanes=1).schedule(1)
    for number in range(4):
        assert schedule.sale(number).end_s == pytest.approx(schedule.sale(number + 1).start_s)
        middle_s = schedule.sale(number).start_s + 1.0
        assert schedule.at(middle_s).number == number
    assert schedule.at(-10.0).number == 0
    assert schedule.begun(-1.0) == []
    assert len(schedule.begun(schedule.sale(2).start_s)) == 3
