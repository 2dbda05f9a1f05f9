"""What looking on costs the lane that is looked at: nobody, one looker, and one who tries drawn zones.

python benchmarks/looking_on.py [--seconds N]

The baseline is the same view watched by a loop that knows no lookers. A looker is a connection of its own
that reads every state; it runs in this process, so its reading is counted, too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

sys.path.insert(0, str(Path(__file__).parent))

from lanes_per_core import ZONES, cost, film
from tenban.sites.model import View
from tenban.video.frames import Frame
from tenban.video.ring import make_still
from tenban.vision.looks import LookServer
from tenban.vision.watch import ViewWatch

VIEW = View("cam", tuple(ZONES))


def watch(frame: Frame, view: ViewWatch) -> None:
    view.see(frame, frame.captured_at)


def watcher(looks: LookServer, view: ViewWatch) -> Callable[[Frame], None]:
    """Return what the watcher does per frame."""

    def take(frame: Frame) -> None:
        lookers = looks.at("cam")
        seen = view.see(frame, frame.captured_at)
        for looker in lookers:
            if looker.draft is None:
                looker.show(frame, view, seen)
        for looker in lookers:
            looker.try_out(frame, frame.captured_at)

    return take


@contextlib.contextmanager
def looker(path: Path, looks: LookServer, *, zones: bool) -> Iterator[None]:
    """Look on until the end of the block."""
    drawn = [{"role": zone.role, "polygon": zone.polygon} for zone in ZONES] if zones else None
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.connect(str(path))
    link.sendall(json.dumps({"register": "lane", "camera": "cam", "zones": drawn}).encode() + b"\n")

    def read() -> None:
        with contextlib.suppress(OSError):
            while link.recv(1 << 16):
                pass

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    while not looks.at("cam"):
        pass
    yield
    link.shutdown(socket.SHUT_RDWR)
    link.close()
    thread.join()
    for one in looks.at("cam"):
        looks.leave(one)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=20)
    length_s = parser.parse_args().seconds
    cv2.setNumThreads(1)
    with TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        path, sock = folder / "film.mp4", folder / "looks.sock"
        film(path, length_s)
        alone_view = ViewWatch(VIEW)
        alone = cost(path, lambda frame: watch(frame, alone_view))
        looks = LookServer(sock, lambda _register, _camera: VIEW)
        nobody = cost(path, watcher(looks, ViewWatch(VIEW)))
        with looker(sock, looks, zones=False):
            one = cost(path, watcher(looks, ViewWatch(VIEW)))
        with looker(sock, looks, zones=True):
            draft = cost(path, watcher(looks, ViewWatch(VIEW)))
        looks.close()
        still = cost(path, lambda frame: make_still(frame, width=960)) - cost(path, lambda _frame: None)
    lines = [
        "# Looking on",
        "",
        "`python benchmarks/looking_on.py`: processor time per 720p picture, decoding included.",
        "",
        "| who looks | ms per picture | ratio |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {spent * 1000:.2f} | {spent / alone:.2f} |"
        for name, spent in (
            ("no lookers known (baseline)", alone),
            ("nobody", nobody),
            ("one looker", one),
            ("one who tries drawn zones", draft),
        )
    ]
    lines += [
        "",
        f"A still of 960 pixels for the page: {still * 1000:.2f} ms each, a few a second while one looks.",
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (Path(__file__).parent / "results" / "looking-on.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
