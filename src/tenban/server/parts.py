"""The parts of a server, each run in a process of its own by ``tenban serve``."""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections.abc import Callable

from tenban.base.clock import SystemClock
from tenban.base.errors import BadInput
from tenban.base.log import set_up_log
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.wake import Listener
from tenban.server.settings import ServeSettings
from tenban.server.supervisor import stop_with_parent

_MODULES = {
    "recorder": ("recorder",),
    "watcher": ("watcher",),
    "jobs": ("jobs", "audit", "cases", "keeping", "pictures", "sealing", "tries"),
    "web": ("web",),
}


def load_part(name: str) -> None:
    """Import what a part runs, so that whoever forks it has to read it once only."""
    for module in _MODULES[name]:
        importlib.import_module(f"tenban.server.{module}")


def run_part(name: str, settings: ServeSettings) -> None:
    """Run one part until it is told to stop, or its parent is gone.

    Raises:
        BadInput: there is no such part.
    """
    parts: dict[str, Callable[[ServeSettings, threading.Event], None]] = {
        "web": _web,
        "recorder": _recorder,
        "watcher": _watcher,
        "jobs": _jobs,
    }
    if name not in parts:
        raise BadInput("part", expected=" | ".join(parts), came=name)
    set_up_log(process=name, level=settings.log_level)
    stop = threading.Event()
    stop_with_parent(stop)
    parts[name](settings, stop)


def _web(settings: ServeSettings, stop: threading.Event) -> None:
    from tenban.server.web import run_web

    run_web(settings, stop)


def _recorder(settings: ServeSettings, stop: threading.Event) -> None:
    from tenban.server.recorder import run

    run(settings, stop)


def _watcher(settings: ServeSettings, stop: threading.Event) -> None:
    from tenban.server.watcher import run

    run(settings, stop)


def _jobs(settings: ServeSettings, stop: threading.Event) -> None:
    from tenban.access.keys import sealing_key
    from tenban.cases.files import PackageFiles
    from tenban.keeping.room import Room
    from tenban.server.audit import Sealer, Stamper
    from tenban.server.cases import PackageMaker
    from tenban.server.jobs import Eyes, Jobs
    from tenban.server.keeping import Keeping
    from tenban.server.pictures import KeptPictures
    from tenban.server.sealing import BlobKeeper, open_vault
    from tenban.server.tries import TryWorker
    from tenban.sites.config import load_sites
    from tenban.tries.files import TryFiles
    from tenban.video.footage import Footage
    from tenban.video.queries import FootageIndex
    from tenban.video.room import free_bytes
    from tenban.video.settings import RecordingSettings
    from tenban.video.stills import StillServer

    limits = load_sites(settings.config).trying
    db = Database.open(settings.database_url, str(settings.run_dir))
    vault = open_vault(settings, db)
    blobs = BlobStore(settings.blobs_dir, vault)
    footage = Footage(settings.data_dir / "footage", vault)
    jobs = Jobs(db, SystemClock(), blobs, footage, settings.data_dir / "scratch", Eyes(settings.config))

    key = sealing_key(settings.keys_dir)
    sealer = Sealer(db, SystemClock(), key)
    packages = PackageMaker(
        db,
        SystemClock(),
        blobs,
        footage,
        PackageFiles(settings.data_dir.resolve() / "cases", vault),
        key,
        lambda: load_sites(settings.config),
    )
    stamper = Stamper(settings.config, db, SystemClock())
    tries = TryWorker(db, SystemClock(), TryFiles(settings.data_dir.resolve() / "tries", vault=vault), limits)
    keeper = BlobKeeper(blobs, SystemClock())
    least = round(RecordingSettings().min_free_mib * 2**20)
    room = Room(db, SystemClock(), footage.root, free_bytes, least)
    keeping = Keeping(settings.config, db, SystemClock(), blobs, footage.root, room=room)
    kept = KeptPictures(FootageIndex(db), footage, jobs.eyes, SystemClock())
    pictures = StillServer(settings.pictures_socket, kept)

    async def work() -> None:
        url, run_dir = settings.database_url, str(settings.run_dir)
        async with (
            Listener(url, run_dir, "jobs", patience_s=0.5) as listener,
            Listener(url, run_dir, "tries", patience_s=1.0) as trying,
            Listener(url, run_dir, "cases", patience_s=1.0) as packing,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(jobs.run(listener, stop), name="jobs")
            group.create_task(tries.run(trying, stop), name="tries")
            group.create_task(packages.run(packing, stop), name="packages")
            group.create_task(sealer.run(stop), name="seals")
            group.create_task(stamper.run(stop), name="stamps")
            group.create_task(keeper.run(stop), name="blobs")
            group.create_task(keeping.run(stop), name="keeping")

    try:
        asyncio.run(work())
    finally:
        pictures.close()
        db.close()
