"""``tenban demo`` as a newcomer starts it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from waiting import until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(port: int, folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tenban", "demo", "--port", str(port), "--lanes", "1", *more]
    command += ["--data", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ours(folder: Path) -> list[str]:
    """Return the command lines of processes that work on this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_text().replace("\0", " ")
            if entry.name.isdecimal() and str(folder) in line and int(entry.name) != os.getpid():
                found.append(line)
    return found


def names_of_ours(folder: Path) -> set[str]:
    """Return what the processes that work on this folder call themselves."""
    found = set()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and str(folder) in (entry / "cmdline").read_text():
                found.add((entry / "comm").read_text().strip())
    return found


@pytest.mark.timeout(280)
def test_a_short_demo_reports_and_ends_cleanly(tmp_path: Path) -> None:
    """With --seconds it stops by itself, exits 0, prints the figures, and leaves no process behind."""
    demo = start(free_port(), tmp_path, "--seconds", "6", "--json")
    out, err = demo.communicate(timeout=240)
    assert demo.returncode == 0, err
    report = json.loads(out)
    wanted = {
        "sales",
        "findings",
        "true",
        "false",
        "missed",
        "precision",
        "recall",
        "brief_ms",
        "clip_ready_s",
    }
    assert wanted <= set(report)
    assert set(report["brief_ms"]) == {"p50", "p99"}
    assert report["till_problems"] == []
    assert ours(tmp_path) == []


@pytest.mark.timeout(280)
def test_a_demo_that_is_killed_takes_the_product_along(tmp_path: Path) -> None:
    """Even SIGKILL of the demo, once all it starts has started, leaves neither server nor cameras running."""
    demo = start(free_port(), tmp_path)
    give_up_s = time.monotonic() + 200
    while "tenban-web" not in names_of_ours(tmp_path):
        assert demo.poll() is None
        assert time.monotonic() < give_up_s
        threading.Event().wait(0.3)
    demo.send_signal(signal.SIGKILL)
    demo.communicate()
    until(lambda: not ours(tmp_path), "the end of all it started")


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    """One clear sentence and exit code 1, before anything is painted."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        demo = start(taken.getsockname()[1], tmp_path)
        out, err = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "expected a free port" in err
    assert "Traceback" not in err
    assert out == ""
