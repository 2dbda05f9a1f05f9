"""A shop with real footage of two cameras, a sale, an incident with pictures, and a maker of packages."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import av
import cv2
import numpy as np
import sqlalchemy as sa

from tenban.access.audit import AuditEvent
from tenban.access.keys import SealingKey, sealing_key
from tenban.access.model import FUNCTIONS_OF_REGISTER, FUNCTIONS_OF_ROLE, Actor, Role, system_actor
from tenban.base.clock import SECOND, Instant, SystemClock, seconds, to_rfc3339
from tenban.base.fakes import FakeClock
from tenban.base.span import Span
from tenban.cases import desk
from tenban.cases.files import PackageFiles
from tenban.cases.model import Case, Package
from tenban.cases.proof import Proof, ZipFolder, prove_package
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.engine import sqlite_url
from tenban.incidents import engine
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause, Clip, Incident, Still
from tenban.pos.intake import Intake
from tenban.server.cases import PackageMaker
from tenban.simulator.barcode import Stamp
from tenban.simulator.encoder import stamped_picture
from tenban.sites.fisheye import Fisheye
from tenban.sites.model import Camera, Register, Shop, Sites, View
from tenban.sites.zone import Zone
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.recorder import run_recorder
from tenban.video.settings import CameraSettings, RecordingSettings
from tenban.video.tables import fragments
from tills import event, item
from vaults import sealed_blobs

SYSTEM = system_actor("test")
LEAD = Actor("person", "person:1", "Mori", "ebisu", FUNCTIONS_OF_ROLE[Role.SUPERVISOR])
ANALYST = replace(LEAD, id="person:2", name="Kato", functions=FUNCTIONS_OF_ROLE[Role.ANALYST])
AUDITOR = replace(LEAD, id="person:3", name="Ono", functions=FUNCTIONS_OF_ROLE[Role.AUDITOR])
ADMIN = replace(LEAD, id="person:4", name="Abe", shop=None, functions=FUNCTIONS_OF_ROLE[Role.ADMINISTRATOR])
FRAMES, FPS = 90, 15
CARD = "4111111111111111"


@dataclass
class CaseHouse:
    """Shop ``ebisu``: register ``lane-1``, cameras ``cam-1`` (masked) and ``cam-2`` (sealed), sale ``17``.

    ``lens`` makes a fisheye camera of ``cam-2``.
    """

    db: Database
    folder: Path
    blobs: BlobStore
    key: SealingKey
    clock: FakeClock = field(default_factory=FakeClock)
    began_at: Instant = 0
    lens: Fisheye | None = None
    _opened: int = 0

    @property
    def footage(self) -> Path:
        return self.folder / "footage"

    def recorded(self, path: str) -> bytes:
        """The bytes of a file of footage as they were recorded."""
        with Footage(self.footage, self.blobs.vault).open(path) as file:
            return b"".join(file.read(0, file.length))

    @property
    def files(self) -> PackageFiles:
        return PackageFiles(self.folder / "cases", self.blobs.vault)

    @property
    def sites(self) -> Sites:
        mask = Zone("mask", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
        basket = Zone("operator", ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))
        views = View("cam-1", (mask, basket)), View("cam-2", ())
        register = Register("lane-1", "ebisu", "1", "self", views=views)
        cameras = tuple(
            Camera(one, "ebisu", f"天井 {one}", "rtsp://127.0.0.1/x", fisheye=lens)
            for one, lens in (("cam-1", None), ("cam-2", self.lens))
        )
        shop = Shop("ebisu", "恵比寿店", ZoneInfo("Asia/Tokyo"), "JPY", (), cameras, (register,))
        return Sites(
            "みどり食品", (shop, replace(shop, id="meguro", name="目黒店", cameras=(), registers=()))
        )

    def now(self) -> Instant:
        """A moment later than any before."""
        self.clock.fast_forward(length_s=0.01)
        return self.clock.now()

    def tell(self, run: Any) -> Any:
        return self.db.write_now(run)

    def span(self, start_s: float = 0.0, end_s: float = FRAMES / FPS) -> Span:
        return Span(self.began_at + seconds(start_s), self.began_at + seconds(end_s))

    def incident(self, *, clip: bytes | None = None) -> Incident:
        """Open an incident about the sale, with an operator still, a still and its part."""
        self._opened += 1
        at = self.began_at + seconds(3)
        still = Still(
            "enters_bagging",
            self.blob(jpeg(160), "jpg"),
            at,
            self.blob(jpeg(40), "jpg"),
            (0.1, 0.1, 0.4, 0.4),
        )
        cut = None
        if clip is not None:
            cut = Clip("o", at - seconds(2), at + seconds(2), "ready", self.blob(clip, "mp4"))
        title = {"ja": "未登録", "en": "Item not registered"}
        words = {"ja": "<b>商品</b>が袋へ", "en": "</script><b>An item</b> went to the bag"}
        cause = Cause(f"c-{self._opened}", at, at, title, words, [{"n": 1}], [still], cut)
        operator = self.blob(jpeg(120), "jpg")
        fold = f"f-{self._opened}"
        opening = Opening("ebisu", None, "item_not_registered", "lane-1", "sale:17", fold, cause, operator)
        return self.tell(lambda c: engine.open_incident(c, SYSTEM, at, opening))

    def blob(self, data: bytes, suffix: str) -> str:
        return f"blob:{self.blobs.put(data, suffix)}"

    def case(self, title: str = "レーン1の件", actor: Actor = LEAD) -> Case:
        now_at = self.now()
        return self.tell(lambda c: desk.open_case(c, actor, now_at, self.sites, "ebisu", title))

    def sealed(self, *, incident: Incident | None = None, note: str = "") -> Case:
        """A sealed case with an incident."""
        case, known = self.case(), incident or self.incident()
        self.tell(lambda c: desk.add_incident(c, LEAD, self.now(), self.sites, case.id, known.id))
        if note:
            self.tell(lambda c: desk.add_note(c, LEAD, self.now(), case.id, note))
        return self.tell(lambda c: desk.seal(c, LEAD, self.now(), case.id))

    def order(self, case: Case, form: str = "original", actor: Actor = LEAD, **more: Any) -> Package:
        now_at, said = self.clock.now(), {"purpose": "警察からの依頼", "receiver": "警察署", **more}
        return self.tell(lambda c: desk.order_package(c, actor, now_at, case.id, form=form, **said))

    @property
    def maker(self) -> PackageMaker:
        return PackageMaker(
            self.db,
            self.clock,
            self.blobs,
            Footage(self.footage, self.blobs.vault),
            self.files,
            self.key,
            lambda: self.sites,
        )

    def make(self, case: Case, form: str = "original", **more: Any) -> tuple[Package, bytes]:
        """Order a package, make it, and return it with its bytes."""
        ordered = self.order(case, form, **more)
        finish(self.maker.step())
        _, packages, _ = self.db.read_now(lambda c: desk.contents(c, case))
        package = next(one for one in packages if one.id == ordered.id)
        assert package.state == "ready", package.why
        return package, self.files.open(case.id, package.id).all()

    def audit(self, event: AuditEvent) -> list[Any]:
        from tenban.access.tables import audit

        query = sa.select(audit).where(audit.c.event == event.value).order_by(audit.c.n)
        return self.db.read_now(lambda c: list(c.execute(query).mappings()))


@contextmanager
def case_house(migrated: Path, folder: Path) -> Iterator[CaseHouse]:
    """Record two films, ring a sale over them, and return the shop."""
    shutil.copy(migrated, folder / "tenban.db")
    database = Database(sqlite_url(folder / "tenban.db"))
    house = CaseHouse(database, folder, sealed_blobs(database, folder), sealing_key(folder / "keys"))
    try:
        _record(house)
        _ring(house)
        yield house
    finally:
        database.close()


def finish(work: Coroutine[Any, Any, Any]) -> Any:
    """Wait for asynchronous work, also beside a loop that runs (Playwright's)."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def jpeg(size: int) -> bytes:
    picture = np.random.default_rng(size).integers(0, 255, (size, size, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def proof_of(package: bytes, **more: Any) -> Proof:
    import io

    return prove_package(ZipFolder(io.BytesIO(package)), **more)


def _record(house: CaseHouse) -> None:
    film = house.folder / "film.mp4"
    with av.open(str(film), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, FPS)
        keys = f"scenecut=0:keyint={FPS}:min-keyint={FPS}:threads=1"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "x264-params": keys}
        for number in range(FRAMES):
            picture = stamped_picture(320, 180, Stamp(number, 0))
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    cameras = tuple(
        CameraSettings(one, str(film), speed="fast", sealed=one == "cam-2") for one in ("cam-1", "cam-2")
    )
    index, stop = FootageIndex(house.db), threading.Event()
    recording = RecordingSettings(min_free_mib=1, batch_s=0.02)
    run_recorder(
        cameras, house.folder, index, SystemClock(), stop, recording=recording, vault=house.blobs.vault
    )
    first = sa.select(
        sa.func.max(sa.select(sa.func.min(fragments.c.start_at)).group_by(fragments.c.camera).subquery().c[0])
    )
    house.began_at = house.db.read_now(lambda c: c.execute(first).scalar_one())


def _ring(house: CaseHouse) -> None:
    till = Actor("register", "register:lane-1", "lane-1", "ebisu", FUNCTIONS_OF_REGISTER, register="lane-1")
    at = house.began_at

    def rung(seq: int, kind: str, after_s: float, **more: Any) -> dict[str, Any]:
        rung_at = to_rfc3339(at + round(after_s * SECOND))
        return event(kind, sale="17", seq=seq, rung_at=rung_at, cashier="A-12", **more)

    told = [
        rung(1, "sale_started", 0.5),
        rung(2, "item_registered", 1.5, item=item()),
        rung(3, "item_registered", 3.5, item=item("2", name="<img src=x onerror=alert(1)>弁当", amount=540)),
        rung(4, "payment_started", 4.5),
        rung(5, "paid", 5.5, total=738, payments=[{"method": "card", "amount": 738, "card": CARD}]),
    ]
    house.clock.step_to(at + seconds(5.6))
    results = finish(Intake(house.db, house.clock, house.sites).take_in(till, told))
    assert [one.status for one in results] == ["stored"] * 5
    house.clock.step_to(at + seconds(600))
