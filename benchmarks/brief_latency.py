"""From the proof on a frame to the brief on a connected attendant's socket: six lanes, one machine.

The demo runs as a newcomer runs it: six rendered cameras over RTSP, the product's four processes, tills
and an attendant. Three lengths of time are taken from it:

    frame → fact    the frame that completed a proof was captured → the observation is committed
    proof → brief   a finding could be concluded (last frame, or end of waiting) → its brief arrived
    end → clip      a clip's last picture was captured, and its finding could be concluded → the notice that
                    enables play arrived

The baseline is the least a web process can do: FastAPI hands a POST to one SSE client, nothing kept.

Run: python benchmarks/brief_latency.py [--seconds 180] [--lanes 6] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

RESULTS = Path(__file__).parent / "results" / "brief-latency.md"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def baseline_ms(count: int = 300) -> np.ndarray:
    """Return the milliseconds from sending a POST to its event on an SSE client's socket."""
    app, queue = FastAPI(), asyncio.Queue[bytes]()

    @app.post("/say")
    async def say() -> dict[str, str]:
        await queue.put(b"data: brief\n\n")
        return {}

    @app.get("/hear")
    async def hear() -> StreamingResponse:
        async def events() -> AsyncIterator[bytes]:
            yield b": hello\n\n"
            while True:
                yield await queue.get()

        return StreamingResponse(events(), media_type="text/event-stream")

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", timeout_graceful_shutdown=1))
    threading.Thread(target=server.run, daemon=True).start()
    arrived = threading.Event()
    base = f"http://127.0.0.1:{port}"
    while not server.started:
        time.sleep(0.05)

    def listen() -> None:
        with (
            contextlib.suppress(httpx.HTTPError),  # the stream ends with the server
            httpx.stream("GET", f"{base}/hear", timeout=None) as answer,  # noqa: S113  # as long as it takes
        ):
            for line in answer.iter_lines():
                if line.startswith("data"):
                    arrived.set()

    threading.Thread(target=listen, daemon=True).start()
    time.sleep(0.5)
    taken = []
    with httpx.Client(base_url=base) as client:
        for _ in range(count):
            arrived.clear()
            sent_s = time.perf_counter()
            client.post("/say")
            arrived.wait(2)
            taken.append((time.perf_counter() - sent_s) * 1000)
    server.should_exit = True
    return np.array(taken)


def run_demo(seconds: int, lanes: int, data: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tenban", "demo", "--seconds", str(seconds), "--lanes", str(lanes)]
    command += ["--port", str(free_port()), "--data", str(data), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def observation_delays_ms(data: Path) -> np.ndarray:
    database = next(data.rglob("tenban.db"))
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT received_at - proven_at FROM observations").fetchall()
    return np.array([row[0] for row in rows]) / 1000


def both(values: np.ndarray) -> tuple[float, float]:
    return float(np.percentile(values, 50)), float(np.percentile(values, 99))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--lanes", type=int, default=6)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    plain = baseline_ms()
    with tempfile.TemporaryDirectory() as folder:
        report = run_demo(asked.seconds, asked.lanes, Path(folder))
        delays = observation_delays_ms(Path(folder))
    brief, clip = report["brief_ms"], report["clip_ready_s"]
    lines = [
        "# Brief latency",
        "",
        f"{asked.lanes} lanes, {asked.seconds} s, on {os.cpu_count()} cores, which also painted and encoded",
        f"the cameras' pictures and ran tills and attendant; load at the end {os.getloadavg()[0]:.1f}.",
        f"{report['findings']} briefs, {delays.size} observations.",
        "Must: brief p99 ≤ 150 ms, clip ≤ 2 s. Aim: 50 ms, 1 s.",
        "",
        "| what | p50 | p99 |",
        "|---|---|---|",
        "| baseline: POST → SSE socket, nothing kept | {:.1f} ms | {:.1f} ms |".format(*both(plain)),
        "| frame → fact committed | {:.1f} ms | {:.1f} ms |".format(*both(delays)),
        f"| proof → brief on the attendant's socket | {brief['p50']} ms | {brief['p99']} ms |",
        "| ratio to the baseline | {:.1f} | {:.1f} |".format(
            brief["p50"] / both(plain)[0], brief["p99"] / both(plain)[1]
        ),
        f"| event's end → clip playable | {clip['p50']} s | {clip['p99']} s |",
        "",
        f"Sales {report['sales']}, precision {report['precision']}, recall {report['recall']}.",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if asked.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
