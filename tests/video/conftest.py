"""What the tests of footage share: films with stamped frames, an index, a recorder, a camera server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tenban.base.clock import SystemClock
from tenban.base.span import Span
from tenban.db.database import Database
from tenban.db.engine import open_engine
from tenban.db.keyring import open_keyring
from tenban.db.schema import metadata
from tenban.db.vault import Vault
from tenban.simulator.barcode import Stamp, read_stamp
from tenban.simulator.encoder import stamped_picture
from tenban.simulator.rtsp import RtspServer
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.recorder import Counters, run_recorder
from tenban.video.settings import CameraSettings, RecordingSettings
from tenban.video.tables import fragments
from waiting import until

LONG_AGO = Span(0, 4_000_000_000_000_000)


@dataclass(frozen=True)
class Film:
    """A video whose frame ``n`` is stamped with ``n`` and shown ``shown_us[n]`` after the first."""

    path: Path
    shown_us: Sequence[int]


def need_x265() -> None:
    """Skip, loudly, where this PyAV cannot make H.265."""
    if "libx265" not in av.codecs_available:
        pytest.skip("PyAV here has no libx265: H.265 cameras are NOT tested")


@pytest.fixture
def film(tmp_path: Path) -> Callable[..., Film]:
    """Makes films: constant or varying rate, with or without B-frames, any keyframe distance."""

    def make(
        name: str = "film.mp4",
        *,
        frames: int = 60,
        fps: int = 15,
        gop: int = 15,
        b_frames: int = 0,
        ticks: Sequence[int] | None = None,
        codec: str = "libx264",
        size: tuple[int, int] = (320, 180),
        first: int = 0,
        open_gop: bool = False,
    ) -> Film:
        if codec == "libx265":
            need_x265()
        path = tmp_path / name
        shown = list(range(frames)) if ticks is None else list(ticks)
        with av.open(str(path), "w") as container:
            stream: Any = container.add_stream(codec, rate=fps)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.time_base = stream.codec_context.time_base = Fraction(1, fps)
            stream.gop_size = gop
            if codec == "libx264":
                tune = {} if b_frames else {"tune": "zerolatency"}
                keys = f"scenecut=0:keyint={gop}:min-keyint={gop}:bframes={b_frames}:b-adapt=0:threads=1"
                stream.options = {"preset": "ultrafast", "crf": "23", "x264-params": keys} | tune
            elif codec == "libx265":
                keys = f"scenecut=0:keyint={gop}:min-keyint={gop}:bframes={b_frames}:b-adapt=0"
                once = f"open-gop={int(open_gop)}:pools=none:frame-threads=1:log-level=none:repeat-headers=1"
                stream.options = {"preset": "ultrafast", "crf": "20", "x265-params": f"{keys}:{once}"}
            for number, pts in enumerate(shown):
                picture = stamped_picture(*size, Stamp(first + number, 0))
                frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
                frame.pts, frame.time_base = pts, Fraction(1, fps)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return Film(path, [pts * 1_000_000 // fps for pts in shown])

    return make


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A SQLite file with this package's tables."""
    url = f"sqlite:///{tmp_path}/tenban.db"
    engine = open_engine(url, writes=True)
    metadata.create_all(engine)
    engine.dispose()
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def index(database: Database) -> FootageIndex:
    """The index of footage."""
    return FootageIndex(database)


@pytest.fixture
def vault(database: Database, tmp_path: Path) -> Vault:
    """The vault of sealed footage; its keys lie in a folder of their own."""
    return Vault(database, open_keyring(tmp_path / "keys", {}), SystemClock())


@dataclass
class Recording:
    """A recorder that runs in this process."""

    index: FootageIndex
    data_dir: Path
    counters: Counters
    socket_path: Path
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    vault: Vault | None = None

    @property
    def footage(self) -> Footage:
        """The footage folder, to read from."""
        return Footage(self.root, self.vault)

    @property
    def root(self) -> Path:
        """The footage folder."""
        return self.data_dir / "footage"

    def end(self) -> None:
        """Stop the recorder and wait for it."""
        self.stop.set()
        if self.thread is not None:
            self.thread.join(20)
            assert not self.thread.is_alive()

    wait_for = staticmethod(until)


@pytest.fixture
def record(index: FootageIndex, vault: Vault, tmp_path: Path) -> Iterator[Callable[..., Recording]]:
    """Starts recorders; stops them at the end."""
    running: list[Recording] = []

    def start(*cameras: CameraSettings, wait: bool = False, **more: Any) -> Recording:
        recording = Recording(index, tmp_path / "data", Counters(), tmp_path / "r.sock", vault=vault)
        more.setdefault("recording", RecordingSettings(min_free_mib=1, batch_s=0.02))
        arguments = (cameras, recording.data_dir, index, SystemClock(), recording.stop)
        options = {"counters": recording.counters, "packets_socket": recording.socket_path} | more
        options.setdefault("vault", vault)
        recording.thread = threading.Thread(target=run_recorder, args=arguments, kwargs=options, daemon=True)
        recording.thread.start()
        running.append(recording)
        if wait:
            recording.thread.join(60)
            assert not recording.thread.is_alive()
        return recording

    yield start
    for recording in running:
        recording.end()


@pytest.fixture
def rtsp() -> Iterator[tuple[RtspServer, str]]:
    """A camera server and the address below which its streams lie."""
    server = RtspServer()
    port = server.start()
    yield server, f"rtsp://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def numbers() -> Callable[[Path], list[int]]:
    """Reads the frame numbers a player shows of a video (edit lists are honoured)."""

    def read(path: Path) -> list[int]:
        shown = []
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                stamp = read_stamp(frame.to_ndarray(format="gray"))
                assert stamp is not None
                shown.append(stamp.frame)
        return shown

    return read


@pytest.fixture
def first_at(database: Database) -> Callable[[str], int]:
    """Tells when a camera's first picture was taken."""

    def find(camera: str) -> int:
        import sqlalchemy as sa  # tests of other modules need no SQL

        query = sa.select(sa.func.min(fragments.c.start_at)).where(fragments.c.camera == camera)
        found = database.read_now(lambda connection: connection.scalar(query))
        assert found is not None
        return int(found)

    return find
