"""What sealing costs: stills and clips, written and read, beside plain files written and read the same way.

The baseline is the same store without a vault: the same folders, the same fsync, no key, no encryption.

Run on a quiet machine: python benchmarks/sealing.py [--quick] [--write]; --quick takes under a minute.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenban.base.clock import SystemClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.engine import sqlite_url
from tenban.db.keyring import FileKeyring
from tenban.db.migrate import upgrade
from tenban.db.sealing import SealedFile, seal_parts
from tenban.db.vault import Vault

RESULTS = Path(__file__).resolve().parent / "results" / "sealing.md"
STILL, CLIP = 60_000, 20_000_000
RANGE = 65_536


def timed(run: Callable[[], object], times: int) -> list[float]:
    """Milliseconds each of so many runs took."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        found.append((time.perf_counter() - began) * 1000)
    return found


def used(run: Callable[[], object], times: int) -> float:
    """Milliseconds of processor time one run takes, all threads together: true on a busy machine, too."""
    began = time.process_time()
    timed(run, times)
    return (time.process_time() - began) / times * 1000


def both(name: str, plain: Callable[[], object], sealed: Callable[[], object], times: int) -> str:
    """Run the two in turn, so that a busy disk is busy for both; return a row."""
    pairs = [(timed(plain, 1)[0], timed(sealed, 1)[0]) for _ in range(times)]
    base = statistics.median(one for one, _ in pairs)
    cost = statistics.median(other for _, other in pairs)
    worst = sorted(other for _, other in pairs)[max(0, int(times * 0.99) - 1)]
    figures = f"{base:.2f} | {cost:.2f} | {worst:.2f} | {cost - base:+.2f} | {cost / base:.2f}"
    return f"| {name} | {times} | {figures} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="a third of the runs: under a minute")
    parser.add_argument("--write", action="store_true", help="write the results page")
    given = parser.parse_args()
    part = 3 if given.quick else 1
    load = os.getloadavg()[0]
    picture, film = os.urandom(STILL), os.urandom(CLIP)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        upgrade(sqlite_url(folder / "tenban.db"))
        database = Database(sqlite_url(folder / "tenban.db"))
        ring = FileKeyring(folder / "keys")
        ring.ensure()
        vault = Vault(database, ring, SystemClock())
        plain, store = BlobStore(folder / "plain"), BlobStore(folder / "sealed", vault)
        pool = ThreadPoolExecutor(4)

        def four(blobs: BlobStore) -> None:
            """What a brief waits for: four stills put at the same time."""
            list(pool.map(lambda _: blobs.put(picture, "jpg", wait=False), range(4)))

        def adopt(blobs: BlobStore) -> None:
            (folder / "clip").write_bytes(film)
            blobs.adopt(folder / "clip", "mp4")

        one, other = plain.put(picture, "jpg"), store.put(picture, "jpg")
        (folder / "clip").write_bytes(film)
        long = plain.adopt(folder / "clip", "mp4")
        (folder / "clip").write_bytes(film)
        long_sealed = store.adopt(folder / "clip", "mp4")
        key = AESGCM.generate_key(256)
        rows = [
            both(
                "a still of 60 kB written",
                lambda: plain.put(picture, "jpg"),
                lambda: store.put(picture, "jpg"),
                300 // part,
            ),
            both("four stills at once (a brief)", lambda: four(plain), lambda: four(store), 150 // part),
            both(
                "a still read", lambda: plain.open(one).all(), lambda: store.open(other).all(), 1000 // part
            ),
            both("a clip of 20 MB taken over", lambda: adopt(plain), lambda: adopt(store), 15 // part),
            both(
                "a clip read whole",
                lambda: plain.open(long).all(),
                lambda: store.open(long_sealed).all(),
                30 // part,
            ),
            both(
                "64 KiB out of the middle of a clip",
                lambda: list(plain.open(long).read(CLIP // 2, CLIP // 2 + RANGE)),
                lambda: list(store.open(long_sealed).read(CLIP // 2, CLIP // 2 + RANGE)),
                1000 // part,
            ),
        ]
        processor = [
            (name, used(partial(run, plain), times), used(partial(run, store), times))
            for name, run, times in (
                ("a still written", lambda blobs: blobs.put(picture, "jpg"), 300 // part),
                ("a clip taken over", adopt, 10 // part),
            )
        ]
        only = statistics.median(timed(lambda: b"".join(seal_parts(key, "x", [picture])), 1000))
        path = folder / "alone"
        path.write_bytes(b"".join(seal_parts(key, "x", [picture])))
        opened = statistics.median(timed(lambda: SealedFile(path, key, "x", STILL).all(), 1000))
        for _ in range(2000 // part):
            store.put(b"x", "jpg")
        ring.renew()
        began = time.perf_counter()
        count = vault.rewrap()
        rotation = count / (time.perf_counter() - began)
        database.close()
    text = "\n".join(
        [
            "# Sealing",
            "",
            "`python benchmarks/sealing.py`: medians, ms; the baseline is the same store without vault.",
            "Both make every file durable; a sealed one also commits its key to SQLite (`synchronous=FULL`)",
            "meanwhile. A brief does not wait for that: the same writer commits the incident after the key.",
            "",
            "| | runs | plain | sealed | sealed p99 | more | ratio |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"Measured with a load of {load:.1f} on {os.cpu_count()} cores; waiting is part of it.",
            "Processor time, all threads together: "
            + "; ".join(f"{name} {base:.2f} → {cost:.2f} ms" for name, base, cost in processor)
            + ".",
            f"Encryption alone, without disk and database: {only:.3f} ms to seal a still,",
            f"{opened:.3f} ms to read and open one.",
            f"Rotation: {rotation:,.0f} data keys wrapped anew a second; no file is touched.",
            "",
        ]
    )
    print(text)
    if given.write:
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
