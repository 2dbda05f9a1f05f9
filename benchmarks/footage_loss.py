"""What a killed recorder loses, and what a power cut would: over many random moments, per camera.

``--kills``: a recorder process of several cameras (RTSP over TCP, encoded on the same cores) is killed with
SIGKILL at a random moment; the next one repairs and goes on, again and again. Lost is the time from the end
of what is left to the kill; a picture's length of it (67 ms) had not been sent yet. Announced is what
the index had said just before the kill: all of it must be there; ``tenban check --deep`` judges.
Recorders are forked from a process that has imported everything, so that a hundred of them need minutes.

``--cuts``: the same recorder through a disk that keeps a journal of what was written, forced and committed,
in order. The power is then cut at random places of the journal: what was not forced is lost, torn or there
after all, and the start-up repair runs on what is left.

Run: PYTHONPATH=tests python benchmarks/footage_loss.py [--kills 100] [--cuts 200] [--cameras 4] [--write]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import sqlalchemy as sa

from tenban.base.clock import SECOND, SystemClock
from tenban.db.database import Database
from tenban.db.engine import open_engine
from tenban.db.keyring import open_keyring
from tenban.db.schema import metadata
from tenban.db.vault import Vault
from tenban.simulator.cameras import TestCamera
from tenban.simulator.rtsp import RtspServer
from tenban.video.check import Report, check_camera
from tenban.video.footage import Footage
from tenban.video.model import IndexBatch
from tenban.video.queries import FootageIndex
from tenban.video.recorder import Counters, run_recorder
from tenban.video.recovery import recover
from tenban.video.settings import CameraSettings, RecordingSettings
from tenban.video.tables import fragments
from video.power import JournalDisk, JournalIndex, Step, cut_power

RESULTS = Path(__file__).parent / "results" / "footage-loss.md"
LAID_OUT = RecordingSettings(min_free_mib=1, segment_s=20)


def database_at(path: Path) -> Database:
    engine = open_engine(f"sqlite:///{path}", writes=True)
    metadata.create_all(engine)
    engine.dispose()
    return Database(f"sqlite:///{path}")


def settings_of(urls: list[str]) -> list[CameraSettings]:
    # Every other camera sealed: both kinds of file are killed.
    return [CameraSettings(f"cam-{n}", url, sealed=n % 2 == 1) for n, url in enumerate(urls)]


def child(folder: Path, urls: list[str]) -> None:
    database = database_at(folder / "index.db")
    vault = Vault(database, open_keyring(folder / "keys", {}), SystemClock())
    index, clock = FootageIndex(database), SystemClock()
    run_recorder(settings_of(urls), folder, index, clock, threading.Event(), recording=LAID_OUT, vault=vault)


def forks(folder: Path, urls: list[str]) -> None:
    """Begin a recorder for each line that is read, and say its process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        process = os.fork()
        if process == 0:
            child(folder, urls)
            os._exit(0)
        print(process, flush=True)


def announced(database: Database) -> set[tuple[str, int]]:
    query = sa.select(fragments.c.segment, fragments.c.offset)
    return database.read_now(lambda c: {(segment, offset) for segment, offset in c.execute(query)})


def percentiles(lost_s: list[float]) -> str:
    lost_s = sorted(lost_s)
    return f"{lost_s[len(lost_s) // 2]:.2f} | {lost_s[int(len(lost_s) * 0.99)]:.2f} | {lost_s[-1]:.2f}"


def kills(count: int, urls: list[str], chance: random.Random) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = database_at(folder / "index.db")
        vault = Vault(database, open_keyring(folder / "keys", {}), SystemClock())
        index, footage = FootageIndex(database), Footage(folder / "footage", vault)
        lost_s: list[float] = []
        missing = 0
        command = [sys.executable, __file__, "--child", str(folder), *urls]
        cameras = [one.id for one in settings_of(urls)]
        source = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert source.stdin is not None
        assert source.stdout is not None
        for number in range(count):
            before = {camera: index.recorded_until(camera) or 0 for camera in cameras}
            print("begin", file=source.stdin, flush=True)
            process = next(int(line) for line in source.stdout if line.strip().isdigit())
            deadline = time.monotonic() + 60
            while any((index.recorded_until(one) or 0) <= before[one] for one in cameras):
                assert time.monotonic() < deadline, "the recorder did not begin"
                time.sleep(0.05)
            time.sleep(chance.uniform(0.2, 3.0))
            told = announced(database)
            killed_at = SystemClock().now()
            os.kill(process, signal.SIGKILL)
            while Path(f"/proc/{process}").exists():
                time.sleep(0.002)
            for camera in cameras:
                recover(index, footage, camera)
                lost_s.append((killed_at - (index.recorded_until(camera) or 0)) / SECOND)
            missing += len(told - announced(database))
            if (number + 1) % 10 == 0:
                print(f"{number + 1} kills, longest {max(lost_s):.2f} s", file=sys.stderr, flush=True)
        source.kill()
        source.wait()
        report = Report()
        for camera in cameras:
            check_camera(index, footage, camera, report, clock=SystemClock(), deep=True)
        wrong = len(report.problems)
        database.close()
    return f"| kill -9 | {count} | {len(lost_s)} | {percentiles(lost_s)} | {missing} | {wrong} |"


def cuts(count: int, urls: list[str], chance: random.Random, seconds: float) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = database_at(folder / "index.db")
        vault = Vault(database, open_keyring(folder / "keys", {}), SystemClock())
        disk = JournalDisk(folder / "footage")
        index = JournalIndex(database, disk)
        stop = threading.Event()
        clock_steps = threading.Thread(target=tick, args=(disk, stop), daemon=True)
        recorder = threading.Thread(
            target=run_recorder,
            args=(settings_of(urls), folder, index, SystemClock(), stop),
            kwargs={"recording": LAID_OUT, "vault": vault, "disk": disk, "counters": Counters()},
        )
        recorder.start()
        clock_steps.start()
        time.sleep(seconds)
        steps = list(disk.steps)
        stop.set()
        recorder.join()
        database.close()
        lost_s: list[float] = []
        missing = wrong = 0
        for number in range(count):
            upto = chance.randrange(len(steps) // 4, len(steps))
            left = folder / f"cut-{number}"
            (left / "footage").mkdir(parents=True)
            cut = database_at(left / "index.db")
            committed = cut_power(steps[:upto], left / "footage", chance)
            after = FootageIndex(cut)
            after.add(
                IndexBatch(committed.segments, committed.fragments, committed.ended, keys=committed.keys)
            )
            told = announced(cut)
            footage = Footage(left / "footage", Vault(cut, open_keyring(folder / "keys", {}), SystemClock()))
            cut_at = next(one.at for one in reversed(steps[:upto]) if one.kind == "packet")
            report = Report()
            for camera in [one.id for one in settings_of(urls)]:
                recover(after, footage, camera)
                lost_s.append((cut_at - (after.recorded_until(camera) or 0)) / SECOND)
                check_camera(after, footage, camera, report, clock=SystemClock(), deep=True)
            missing += len(told - announced(cut))
            wrong += len(report.problems)
            cut.close()
            subprocess.run(["/bin/rm", "-r", str(left)], check=True)
    return f"| power cut | {count} | {len(lost_s)} | {percentiles(lost_s)} | {missing} | {wrong} |"


def tick(disk: JournalDisk, stop: threading.Event) -> None:
    """Note the time in the journal, fifty times a second."""
    while not stop.wait(0.02):
        disk.note(Step("packet", at=SystemClock().now()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=30, help="recorded for the power cuts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="write the results page")
    parser.add_argument("--child", type=Path)
    parser.add_argument("urls", nargs="*")
    given = parser.parse_args()
    if given.child:
        forks(given.child, given.urls)
        return
    chance = random.Random(given.seed)  # noqa: S311  # the same moments each time
    server = RtspServer()
    port = server.start()
    names = [f"cam-{number}" for number in range(given.cameras)]
    cameras = [TestCamera(server, name, width=320, height=180) for name in names]
    for camera in cameras:
        camera.start()
    urls = [f"rtsp://127.0.0.1:{port}/{name}" for name in names]
    lines = [
        "| fault | times | cameras | lost s, median | p99 | most | announced and missing | wrong after |",
        "|---|---|---|---|---|---|---|---|",
    ]
    if given.kills:
        lines.append(kills(given.kills, urls, chance))
    if given.cuts:
        lines.append(cuts(given.cuts, urls, chance, given.seconds))
    for camera in cameras:
        camera.stop()
    server.stop()
    head = (
        f"{given.cameras} cameras of 15 pictures a second, every other one sealed, a keyframe each second; "
    )
    head += (
        f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.1f} with whatever else the machine did"
    )
    print("\n".join([head, *lines]))
    if given.write:
        text = f"# What is lost when something breaks\n\n{__doc__}\n{head}.\n\n" + "\n".join(lines) + "\n"
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
