"""The judge at work: facts in the database become incidents, commands and orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tenban.access.model import FUNCTIONS_OF_REGISTER, Actor, system_actor
from tenban.base.clock import SECOND, Instant
from tenban.base.errors import Unavailable
from tenban.base.fakes import FakeClock
from tenban.db import Connection, Database
from tenban.findings.facts import Box
from tenban.findings.live import LiveJudge
from tenban.findings.settings import parse_rules, rules_of
from tenban.incidents import engine
from tenban.incidents.model import Incident, State
from tenban.pos.intake import Intake
from tenban.sites.model import Camera, Register, Shop, Sites, View
from tenban.sites.zone import Zone
from tenban.video.tables import media_orders
from tenban.vision.model import Observation
from tenban.vision.queries import add_observations
from tills import event, item
from vaults import sealed_blobs

SYSTEM = system_actor("judge")
TILL = Actor("register", "register:lane-1", "lane-1", "demo", FUNCTIONS_OF_REGISTER, register="lane-1")


def _square(x: float) -> tuple[tuple[float, float], ...]:
    return ((x, 0.2), (x + 0.3, 0.2), (x + 0.3, 0.6), (x, 0.6))


VIEW = View(
    "cam-1", (Zone("basket", _square(0.0)), Zone("bagging", _square(0.6)), Zone("operator", _square(0.3)))
)
SITES = Sites(
    "Tenban",
    (
        Shop(
            "demo",
            "Demo",
            ZoneInfo("Asia/Tokyo"),
            "JPY",
            (),
            (Camera("cam-1", "demo", "Lane 1", "rtsp://x"),),
            (Register("lane-1", "demo", "1", "self", None, (VIEW,)),),
        ),
    ),
)


@dataclass
class Picture:
    jpeg: bytes
    captured_at: Instant


@dataclass
class Stills:
    """A watcher that has every moment, or none."""

    gone: bool = False
    asked: list[tuple[Instant, Box | None]] = field(default_factory=list)

    async def __call__(
        self, camera: str, at: Instant, *, box: Box | None, width: int, timeout_s: float
    ) -> Picture:
        if self.gone:
            raise Unavailable("no watcher")
        self.asked.append((at, box))
        return Picture(f"jpeg {camera} {at} {box} {width}".encode(), at)


@dataclass
class Lane:
    """One lane and what reaches its judge."""

    database: Database
    clock: FakeClock
    judge: LiveJudge
    stills: Stills
    commands: list[tuple[str, dict[str, Any]]]
    intake: Intake
    seq: int = 0

    async def ring(self, kind: str, **fields: Any) -> None:
        self.seq += 1
        told = event(kind, seq=self.seq, rung_at=self.clock.now(), **fields)
        results = await self.intake.take_in(TILL, [told])
        assert [result.status for result in results] == ["stored"]
        await self.look()

    async def move(self) -> None:
        now_at = self.clock.now()
        seen = Observation(
            kind="item_moved",
            camera="cam-1",
            started_at=now_at - 2 * SECOND,
            at=now_at - SECOND // 2,
            proven_at=now_at,
            confidence=0.9,
            from_zone="basket",
            to_zone="bagging",
            track=1,
            box=(0.7, 0.3, 0.8, 0.4),
            left_box=(0.1, 0.3, 0.2, 0.4),
        )
        await self.database.write(lambda c: add_observations(c, "lane-1", [seen], now_at))
        await self.look()

    async def look(self) -> None:
        await self.judge.step()
        await self.judge.settle()

    async def wait(self, length_s: float) -> None:
        for _ in range(round(length_s * 2)):
            self.clock.fast_forward(length_s=0.5)
            await self.look()

    def incidents(self) -> list[Incident]:
        return self.database.read_now(lambda c: engine.recent(c, SYSTEM, 0))

    def orders(self) -> list[tuple[str, str | None]]:
        query = sa.select(media_orders.c.kind, media_orders.c.label).order_by(media_orders.c.kind)
        return [(kind, label) for kind, label in self.database.read_now(lambda c: c.execute(query).all())]


@pytest.fixture
def lane(database: Database, clock: FakeClock, tmp_path: Path) -> Lane:
    return _lane(database, clock, tmp_path)


def _lane(
    database: Database, clock: FakeClock, folder: Path, rules: dict[str, dict[str, Any]] | None = None
) -> Lane:
    commands: list[tuple[str, dict[str, Any]]] = []

    def tell(_c: Connection, register: str, kind: str, body: dict[str, Any], _at: Instant) -> None:
        assert register == "lane-1"
        commands.append((kind, body))

    stills = Stills()
    judge = LiveJudge(
        db=database,
        clock=clock,
        sites=SITES,
        settings=parse_rules(rules) if rules else rules_of(SITES, "test"),
        blobs=sealed_blobs(database, folder),
        ask=stills,
        tell_register=tell,
        actor=SYSTEM,
    )
    return Lane(database, clock, judge, stills, commands, Intake(database, clock, SITES))


async def test_an_item_without_registration_becomes_a_brief(lane: Lane) -> None:
    """A move without registration opens an incident with operator still, evidence and a clip order."""
    await lane.ring("sale_started")
    await lane.wait(3)
    await lane.move()
    await lane.wait(8)
    (incident,) = lane.incidents()
    assert incident.kind == "item_not_registered"
    assert incident.about == "sale:0001-17"
    assert incident.operator_still is not None
    assert [still.label for still in incident.latest.evidence][:2] == ["enters_bagging", "left_basket"]
    assert incident.latest.evidence[0].crop is not None
    assert incident.latest.sentence["en"] != incident.latest.sentence["ja"]
    assert lane.orders() == [("clip", None)]


async def test_the_register_is_told_at_once(lane: Lane) -> None:
    """The lamp lights and blinks, and a neutral hint shows in both languages."""
    await lane.ring("sale_started")
    await lane.move()
    await lane.wait(8)
    assert lane.commands[0][0] == "lamp"
    assert lane.commands[0][1]["blink"] is True
    assert lane.commands[1][0] == "hint"
    assert set(lane.commands[1][1]["text"]) == {"ja", "en"}


async def test_an_honest_item_opens_nothing(lane: Lane) -> None:
    """A move shortly after its registration leads to no incident and no command."""
    await lane.ring("sale_started")
    await lane.ring("item_registered", item=item())
    await lane.wait(1)
    await lane.move()
    await lane.wait(10)
    assert lane.incidents() == []
    assert lane.commands == []


async def test_a_late_scan_withdraws_and_the_lamp_goes_out(lane: Lane) -> None:
    """Registering the item after all withdraws the incident, with the reason, and puts the lamp out."""
    await lane.ring("sale_started")
    await lane.move()
    await lane.wait(6)
    await lane.ring("item_registered", item=item())
    await lane.wait(8)
    (incident,) = lane.incidents()
    assert incident.state is State.WITHDRAWN
    assert incident.latest.withdrawn is not None
    assert lane.commands[-1] == ("lamp", {"colour": "off", "blink": False})


async def test_without_a_watcher_the_brief_goes_anyway(lane: Lane) -> None:
    """When no still can be had, the brief is told without, and every still is ordered from footage."""
    lane.stills.gone = True
    await lane.ring("sale_started")
    await lane.move()
    await lane.wait(8)
    (incident,) = lane.incidents()
    assert incident.latest.evidence == []
    labels = [label for kind, label in lane.orders() if kind == "still"]
    assert "operator" in labels
    assert "enters_bagging" in labels


async def test_without_a_key_or_a_disk_the_brief_goes_anyway(lane: Lane, tmp_path: Path) -> None:
    """Pictures that cannot be sealed are left out of the brief and ordered again; nothing is kept open."""
    for key in (tmp_path / "keys").iterdir():
        key.unlink()
    await lane.ring("sale_started")
    await lane.move()
    await lane.wait(8)
    (incident,) = lane.incidents()
    assert incident.latest.evidence == []
    assert "enters_bagging" in [label for kind, label in lane.orders() if kind == "still"]
    assert not [path for path in (tmp_path / "blobs").rglob("*.*") if path.is_file()]


async def test_a_restart_tells_nothing_twice(lane: Lane, tmp_path: Path) -> None:
    """A judge that starts anew reads the same facts and finds that all was told."""
    await lane.ring("sale_started")
    await lane.move()
    await lane.wait(8)
    again = _lane(lane.database, lane.clock, tmp_path)
    await again.judge.recall()
    await again.wait(2)
    assert len(lane.incidents()) == 1
    assert again.commands == []
    assert lane.orders() == [("clip", None)]


async def test_what_was_not_told_before_a_crash_is_told_after(lane: Lane, tmp_path: Path) -> None:
    """Facts that were written while no judge ran are judged by the next one."""
    lane.judge.step = _nothing  # type: ignore[method-assign]  # the judge is dead
    await lane.ring("sale_started")
    await lane.move()
    lane.clock.fast_forward(length_s=30)
    again = _lane(lane.database, lane.clock, tmp_path)
    await again.judge.recall()
    await again.look()
    assert [incident.kind for incident in lane.incidents()] == ["item_not_registered"]


async def _nothing() -> None:
    return None


async def test_a_brief_whose_telling_failed_is_told_again(lane: Lane) -> None:
    """When something breaks while a brief is told, it is told again; nobody is told twice."""
    works = lane.stills.__call__
    failures = iter([RuntimeError("broken")])

    async def breaks_once(camera: str, at: Instant, **asked: Any) -> Picture:
        for failure in failures:
            raise failure
        return await works(camera, at, **asked)

    await lane.ring("sale_started")
    lane.judge._ask = breaks_once
    await lane.move()
    await lane.wait(8)
    assert [incident.kind for incident in lane.incidents()] == ["item_not_registered"]
    assert lane.judge.failed == 1


@pytest.mark.parametrize(
    ("setting", "more"),
    [
        ({}, []),
        ({"hint_still": True}, [{"still"}]),
        ({"hint_shows": "still"}, [{"still"}]),
        ({"hint_shows": "clip"}, [{"still", "clip"}]),
        ({"hint_still": True, "hint_shows": "nothing"}, []),
    ],
)
async def test_the_hint_names_its_finding_and_shows_what_is_allowed(
    database: Database, clock: FakeClock, tmp_path: Path, setting: dict[str, Any], more: list[set[str]]
) -> None:
    """What is asked can be answered by the finding's key; picture and clip follow by the shop's leave."""
    lane = _lane(database, clock, tmp_path, {"sale": setting})
    await lane.ring("sale_started")
    await lane.move()
    await lane.wait(8)
    hints = [body for kind, body in lane.commands if kind == "hint"]
    assert hints[0]["about"].startswith("item_not_registered:lane-1:0001-17:")
    assert hints[0]["answers"] == 2
    assert [{"still", "clip"} & body.keys() for body in hints] == [set(), *more]


async def test_payment_is_held_from_the_set_number_of_findings(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    """The second finding of a sale holds its payment where the shop says "from two"."""
    lane = _lane(database, clock, tmp_path, {"sale": {"hold_after": 2}})
    await lane.ring("sale_started")
    for held in (0, 1):
        await lane.move()
        await lane.wait(8)
        assert [kind for kind, _ in lane.commands].count("hold_payment") == held
