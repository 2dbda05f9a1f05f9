"""A shop with pictures, footage and facts of many ages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tenban.access.model import system_actor
from tenban.base.clock import Instant, seconds
from tenban.base.fakes import FakeClock
from tenban.base.ids import new_id
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.keyring import LocalKeyring
from tenban.db.vault import Vault
from tenban.incidents import engine
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause, Clip, Incident, Still
from tenban.keeping.sweep import Sweep
from tenban.sites.model import Camera, Register, Shop, Sites, View
from tenban.sites.retention import Retention
from tenban.video.footage import key_of_segment
from tenban.video.tables import fragments, segments

DAY_S = 86_400
SYSTEM = system_actor("test")


class Store:
    """A shop ``s`` with register ``lane-1`` and camera ``cam``, keeping footage 10 days and pictures 20."""

    def __init__(self, db: Database, clock: FakeClock, folder: Path) -> None:
        self.db, self.clock, self.folder = db, clock, folder
        self.vault = Vault(db, LocalKeyring({1: bytes(32)}), clock)
        self.blobs = BlobStore(folder / "blobs", self.vault)
        self.retention = Retention(footage=10, sale_stills=2, pictures=20, incidents=60, sales=40, sessions=5)
        self.cameras = (Camera("cam", "s", "cam", "rtsp://127.0.0.1/x"),)
        self._opened = 0

    @property
    def sites(self) -> Sites:
        register = Register("lane-1", "s", "1", "self", views=(View("cam", ()),))
        shop = Shop(
            "s", "S", ZoneInfo("Asia/Tokyo"), "JPY", (), self.cameras, (register,), 60.0, self.retention
        )
        return Sites("C", (shop,))

    def ago(self, days: float) -> Instant:
        return self.clock.now() - seconds(days * DAY_S)

    def open(
        self, days_ago: float, *, shop: str = "s", still: str | None = None, clip: bool = True
    ) -> Incident:
        """Open an incident with an operator still, a still with its cut-out, and a clip."""
        self._opened += 1
        at = self.ago(days_ago)
        whole = still or self.blobs.put(b"still" * 99, "jpg")
        shown = Still("enters_bagging", f"blob:{whole}", at, f"blob:{self.blobs.put(b'crop', 'jpg')}", None)
        ref = f"blob:{self.blobs.put(b'clip' * 999, 'mp4')}"
        cut = Clip("order", at - seconds(5), at + seconds(15), "ready", ref) if clip else None
        words = {"ja": "x", "en": "x"}
        cause = Cause(f"c-{self._opened}", at, at, words, words, evidence=[shown], clip=cut)
        operator = f"blob:{self.blobs.put(b'operator', 'jpg')}"
        opening = Opening(shop, None, "rule", "lane-1", "sale:1", f"f-{self._opened}", cause, operator)
        return self.db.write_now(lambda c: engine.open_incident(c, SYSTEM, at, opening))

    def film(
        self,
        days_ago: float,
        *,
        camera: str = "cam",
        ended: bool = True,
        sealed: bool = False,
        size: int = 700,
    ) -> Path:
        """Keep a minute of footage and return its file."""
        at, its_id = self.ago(days_ago), new_id(self.ago(days_ago))
        path = f"{camera}/120000-{its_id}.{'sealed' if sealed else 'mp4'}"
        if sealed:
            self.vault.keep(key_of_segment(its_id), self.vault.new_key(), 0)
        file = self.folder / "footage" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size))
        row = {"id": its_id, "camera": camera, "run": "r", "path": path, "started_at": at, "start_dts": 0}
        row |= {"ended_at": at + seconds(60) if ended else None, "codec": "h264", "width": 1, "height": 1}
        piece = {"camera": camera, "segment": its_id, "start_at": at, "end_at": at + seconds(60)}
        piece |= {"start_dts": 0, "is_keyframe": True, "offset": 0, "length": 700, "samples": b""}

        def write(connection: sa.Connection) -> None:
            connection.execute(segments.insert().values(avcc=b"", **row))
            connection.execute(fragments.insert().values(**piece))

        self.db.write_now(write)
        return file

    def sweep(self, *, dry: bool = False) -> dict[str, int]:
        """Make a run; return how many of each kind went."""
        sweep = Sweep(self.db, self.clock, self.blobs, self.folder / "footage", dry=dry)
        gone: dict[str, int] = {}
        for one in sweep.run(self.sites):
            gone[one.kind] = gone.get(one.kind, 0) + one.count
        return gone

    def count(self, table: sa.Table) -> int:
        return self.db.read_now(
            lambda c: c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        )

    def kept(self, names: Sequence[str]) -> int:
        """How many of these blobs can still be opened."""
        kept = 0
        for name in names:
            try:
                self.blobs.open(name).all()
                kept += 1
            except Exception:  # noqa: BLE001, S112  # gone, whatever the error says
                continue
        return kept


@pytest.fixture
def store(database: Database, clock: FakeClock, tmp_path: Path) -> Store:
    return Store(database, clock, tmp_path)
