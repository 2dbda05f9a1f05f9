"""A shop with real footage, an incident and a sale, whose cases are looked at in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cases.houses import CaseHouse, case_house, finish
from pages.shop import PageShop, fine_lane, free_port
from tenban.access.model import Role
from tenban.api.context import Here
from tenban.base.clock import SystemClock
from tenban.notify.board import Board


@dataclass
class CasesShop(PageShop):
    """The pages over a house of cases."""

    house: CaseHouse | None = None

    def make_packages(self) -> None:
        """Make what was ordered, as the jobs process does."""
        assert self.house is not None
        while finish(self.house.maker.step()):
            pass


@contextmanager
def cases_shop(migrated: Path, folder: Path) -> Iterator[CasesShop]:
    with case_house(migrated, folder) as house:
        house.clock.step_to(SystemClock().now())
        here = Here(
            db=house.db,
            clock=SystemClock(),
            sites=house.sites,
            board=Board(),
            blobs=house.blobs,
            data_dir=folder,
        )
        shop = CasesShop(here, free_port(), [fine_lane(one) for one in house.sites.registers], house=house)
        shop.start()
        try:
            shop.add_person("mori", "森", Role.SUPERVISOR, shop="ebisu")
            shop.add_person("ono", "小野", Role.AUDITOR, shop="ebisu")
            yield shop
        finally:
            shop.stop()
