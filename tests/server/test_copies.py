"""A copy of a clip with people blurred: ordered, made, told how far it is, and the clip left as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from pages.pictures import clip as a_clip
from tenban.access.model import Actor, Function, system_actor
from tenban.base.errors import Conflict, Unavailable
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.incidents import engine
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause, Clip, Incident
from tenban.keeping.copies import Copy, NoPeopleModel, copy_of, order_copy
from tenban.keeping.erase import erase_pictures
from tenban.keeping.model import pictures_of
from tenban.server.jobs import Eyes, Jobs
from tenban.sites.config import load_sites
from tenban.video.footage import Footage
from tenban.video.frames import Picture, read_frames
from tenban.vision import heads
from tenban.vision.detection import Detection
from vaults import sealed_blobs

JUDGE = system_actor("judge")
CONFIG = """
[company]
name = "C"
[[shop]]
id = "s"
name = "S"
masking.model = "MODEL"
[[shop.register]]
id = "lane-1"
name = "1"
kind = "self"
"""


class Someone:
    """Finds one person in every picture."""

    def people(self, picture: Picture) -> Detection:
        """Return them."""
        del picture
        box = np.array([[0.3, 0.1, 0.7, 1.0]], dtype=np.float32)
        return Detection(box, np.ones(1, np.float32), np.zeros(1, np.int64))


@dataclass
class Office:
    """A shop with one incident whose clip is ready, and the jobs process."""

    db: Database
    jobs: Jobs
    folder: Path

    def __post_init__(self) -> None:
        self.clip = a_clip(1)
        at = self.jobs.clock.now()
        ready = Clip("o", at, at, "ready", f"blob:{self.jobs.blobs.put(self.clip, 'mp4')}", None, at)
        cause = Cause("c", at, at, {"ja": "x", "en": "x"}, {"ja": "x", "en": "x"}, clip=ready)
        opening = Opening("s", None, "rule", "lane-1", None, "f", cause)
        self.id = self.db.write_now(lambda c: engine.open_incident(c, JUDGE, at, opening)).id

    @property
    def incident(self) -> Incident:
        return self.db.read_now(lambda c: engine.get(c, JUDGE, self.id))

    def order(self) -> None:
        sites = load_sites(self.jobs.eyes.config)
        self.db.write_now(lambda c: order_copy(c, JUDGE, self.jobs.clock.now(), sites, self.id))

    @property
    def copy(self) -> Copy:
        sites = load_sites(self.jobs.eyes.config)
        return self.db.read_now(lambda c: copy_of(c, JUDGE, sites, self.id))

    def erase(self) -> list[str]:
        whole = Actor("person", "person:x", "x", None, frozenset(Function))
        at = self.jobs.clock.now()
        return self.db.write_now(lambda c: erase_pictures(c, whole, at, self.id, reason="asked"))


@pytest.fixture
def office(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "tenban.db").write_bytes(migrated_sqlite.read_bytes())
    db = Database(sqlite_url(tmp_path / "tenban.db"))
    config = tmp_path / "tenban.toml"
    config.write_text(CONFIG.replace("MODEL", "onnx:people.onnx"))
    footage = Footage(tmp_path / "footage")
    jobs = Jobs(db, FakeClock(), sealed_blobs(db, tmp_path), footage, tmp_path / "scratch", Eyes(config))
    yield Office(db, jobs, tmp_path)
    db.close()


async def test_a_copy_is_made_once_and_the_clip_stays_as_it_is(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every picture is blurred where the head is; the copy goes when the incident's pictures are erased."""
    monkeypatch.setattr(heads, "load_people_detector", lambda _text: Someone())
    assert office.copy == Copy("none", None, None, can=True)
    office.order()
    office.order()
    assert (office.copy.state, office.copy.ref) == ("pending", None)
    with pytest.raises(Conflict, match="still being made"):
        office.erase()
    await office.jobs.step()
    assert (office.copy.state, office.copy.progress, office.jobs.done) == ("ready", 100, 1)
    (clip,) = [cause.clip for cause in office.incident.causes]
    assert clip is not None
    assert clip.ref is not None
    blobs = office.jobs.blobs
    assert blobs.open(clip.ref.removeprefix("blob:")).all() == office.clip
    copied, plain = office.folder / "copied.mp4", office.folder / "plain.mp4"
    copied.write_bytes(blobs.open((clip.blurred or "").removeprefix("blob:")).all())
    plain.write_bytes(office.clip)
    for one, other in zip(read_frames(plain), read_frames(copied), strict=True):
        change = np.abs(one.bgr().astype(int) - other.bgr().astype(int)).mean(axis=2)
        height, width = change.shape
        head = change[int(0.15 * height) : int(0.4 * height), int(0.35 * width) : int(0.65 * width)]
        assert head.mean() > change[int(0.8 * height) :, : int(0.2 * width)].mean()
    names = pictures_of([office.incident])
    assert len(names) == 2
    assert set(office.erase()) == names


async def test_what_cannot_be_made_is_told_and_can_be_asked_for_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that does not load fails the copy, not the clip; without one nothing is ordered."""

    def gone(_text: str) -> Someone:
        raise Unavailable("no such model")

    monkeypatch.setattr(heads, "load_people_detector", gone)
    office.order()
    await office.jobs.step()
    assert (office.copy.state, office.jobs.failed) == ("failed", 1)
    monkeypatch.setattr(heads, "load_people_detector", lambda _text: Someone())
    office.order()
    await office.jobs.step()
    assert office.copy.state == "ready"
    office.jobs.eyes.config.write_text(CONFIG.replace("MODEL", ""))
    assert not office.copy.can
    with pytest.raises(NoPeopleModel):
        office.order()
