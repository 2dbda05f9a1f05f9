"""A clip plays in the browser that shops use: right length, right frames, and from the middle on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pages.until import until
from tenban.base.clock import SECOND
from tenban.base.span import Span
from tenban.simulator.barcode import COLUMNS, ROWS, cell_px
from tenban.video.clips import ClipPlan, plan_clip, read_range
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.settings import CameraSettings

CHROMIUM = Path("/usr/bin/chromium")
READ_FRAME = """
async (at) => {
  const video = document.querySelector('video');
  // 'seeked' may come before the picture does.
  const shown = new Promise((done) => video.requestVideoFrameCallback(done));
  const sought = new Promise((done) => video.addEventListener('seeked', done, {once: true}));
  video.currentTime = at;
  await Promise.all([sought, shown]);
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const paint = canvas.getContext('2d');
  paint.drawImage(video, 0, 0);
  const bits = [];
  for (let column = 0; column < COLUMNS; column++) {
    const pixel = paint.getImageData(column * WIDE + WIDE / 2, HIGH / 2, 1, 1).data;
    bits.push(pixel[1] > 128 ? 1 : 0);
  }
  return parseInt(bits.join(''), 2);
}
"""


class _Handler(BaseHTTPRequestHandler):
    """Serves a page and a plan's bytes with Range, as the product's media route does."""

    def __init__(self, plan: ClipPlan, footage: Footage, *rest: Any) -> None:
        self.plan, self.footage = plan, footage
        super().__init__(*rest)

    def do_GET(self) -> None:  # the library's name
        if self.path != "/clip.mp4":
            page = b"<!doctype html><video src='/clip.mp4' muted preload='auto'></video>"
            self._head(200, "text/html", len(page))
            self.wfile.write(page)
            return
        start, stop = 0, self.plan.length_bytes
        if asked := self.headers.get("Range"):
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, stop = int(first), min(int(last) + 1, stop) if last else stop
            self._head(206, "video/mp4", stop - start, f"bytes {start}-{stop - 1}/{self.plan.length_bytes}")
        else:
            self._head(200, "video/mp4", stop)
        try:
            for data in read_range(self.plan, self.footage, start, stop):
                self.wfile.write(data)
        except ConnectionError:
            return  # the player has what it wants

    def log_message(self, *rest: Any) -> None:
        """Say nothing."""

    def _head(self, status: int, kind: str, length: int, part: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.send_header("Accept-Ranges", "bytes")
        if part:
            self.send_header("Content-Range", part)
        self.end_headers()


@pytest.fixture
def page() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"BROWSER MISSING: {CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"gop": 30}, id="two-second groups"),
        pytest.param({"gop": 30, "b_frames": 2}, id="B-frames"),
    ],
)
def test_a_browser_plays_a_clip_with_its_exact_frames(
    how: dict[str, int],
    film: Callable[..., Any],
    record: Callable[..., Any],
    index: FootageIndex,
    first_at: Callable[[str], int],
    page: Any,
) -> None:
    """Chromium shows the clip's length, its first frame at 0, and any frame it is asked to go to."""
    made = film(frames=90, size=(640, 360), **how)
    recording = record(CameraSettings("cam", str(made.path), speed="fast"), wait=True)
    t0 = first_at("cam")
    plan = plan_clip(index, "cam", Span(t0 + 20 * SECOND // 15 + 10, t0 + 80 * SECOND // 15 - 10))
    assert plan.frames == 60
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, plan, recording.footage))
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        until(page, "document.querySelector('video')?.readyState >= 3")
        assert page.evaluate("document.querySelector('video').duration") == pytest.approx(4.0, abs=0.005)
        wide, high = cell_px(640)
        assert ROWS == 4
        read = (
            READ_FRAME.replace("COLUMNS", str(COLUMNS)).replace("WIDE", str(wide)).replace("HIGH", str(high))
        )
        for number in (0, 1, 17, 30, 59):
            assert page.evaluate(read, (number + 0.5) / 15) == 20 + number
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
