"""What tests of pos share: one shop with two lanes, the actors of it, and events as tills send them."""

from __future__ import annotations

import pytest

from tenban.access.model import FUNCTIONS_OF_REGISTER, Actor
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.pos.intake import Intake
from tenban.sites.model import Sites
from tills import shop_with


@pytest.fixture
def sites() -> Sites:
    return Sites("Example", (shop_with("lane-1", "lane-2"), shop_with("lane-9", shop="meguro")))


@pytest.fixture
def till() -> Actor:
    """Whoever holds the token of lane-1."""
    return Actor("register", "register:lane-1", "lane-1", "ebisu", FUNCTIONS_OF_REGISTER, register="lane-1")


@pytest.fixture
def intake(database: Database, clock: FakeClock, sites: Sites) -> Intake:
    return Intake(database, clock, sites)
