"""Live pictures from glass to glass, what they cost the server, and what a slow viewer does to others.

A simulated camera (1280x720, 15 pictures a second, a keyframe every two seconds, RTSP/TCP on loopback) paints
the time into each picture before it is encoded. The real server records it in its own processes. One Chromium
shows it on /wall; in the first animation frame after a picture was painted a script of the page reads that
time back from the canvas, video or image. All clocks are this machine's.

    canvas, video, stills   painted by the camera → shown by the page, by each way it has
    plain                   PyAV opens the camera itself, decodes, and reads the time (the baseline)
    socket                  the same from the recorder's local socket: recorder, no web process, no browser
    viewers                 1, 10 and 50 WebSocket clients that take every picture: the web process's CPU
    slow                    a client that takes three pictures a second, beside one that takes them all
    wall                    sixteen cameras on one page: keyframes in the tiles (as it is), or every picture

Run: python benchmarks/live_lag.py [--seconds 20] [--write]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from playwright.sync_api import Browser, sync_playwright
from websockets.asyncio.client import connect

from tenban.simulator.barcode import read_stamp
from tenban.simulator.cameras import FileCamera, TestCamera
from tenban.simulator.rtsp import RtspServer
from tenban.video.decoder import PacketDecoder
from tenban.video.live_words import HEAD
from tenban.video.packets import MediaPacket, StreamInfo
from tenban.video.subscribe import subscribe
from tenban.video.wire import Skipped

RESULTS = Path(__file__).parent / "results" / "live-lag.md"
CHROMIUM = os.environ.get("TENBAN_CHROMIUM", "/usr/bin/chromium")
PASSWORD = "correct horse"  # noqa: S105  # of a server that lives for a minute
WIDTH, HEIGHT, FPS = 1280, 720, 15
VIEWERS = (1, 10, 50)
TILES = 16
TICKS = os.sysconf("SC_CLK_TCK")
WAYS = {
    "canvas": "",
    "video": "delete window.VideoDecoder;",
    "stills": "delete window.VideoDecoder; delete window.MediaSource;",
}

# Reads the time out of the picture in the frame that shows it; cells are 40x20 of 1280 pixels across.
NOTE = """() => { window.seen = [];
const picture = document.querySelector('live-picture');
const canvas = new OffscreenCanvas(1280, 80);
const context = canvas.getContext('2d', {willReadFrequently: true});
picture.addEventListener('picture', ({detail: {source, lag_ms}}) => requestAnimationFrame(() => {
  const at = performance.timeOrigin + performance.now();
  const across = source.videoWidth || source.naturalWidth || source.width;
  context.drawImage(source, 0, 0, across, across / 16, 0, 0, 1280, 80);
  const { data } = context.getImageData(0, 0, 1280, 80);
  const rows = [0, 1, 2, 3].map((row) => { let value = 0;
    for (let cell = 0; cell < 32; cell += 1)
      value = value * 2 + (data[4 * (1280 * (row * 20 + 10) + cell * 40 + 20) + 1] > 128 ? 1 : 0);
    return value; });
  window.seen.push([at, ...rows, lag_ms]);
})); }"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_shop(folder: Path, urls: list[str]) -> None:
    lines = [
        "[company]",
        'name = "Benchmark"',
        "[network]",
        'allow = ["127.0.0.1"]',
        "[[shop]]",
        'id = "shop"',
        'name = "Benchmark"',
    ]
    for number, url in enumerate(urls):
        lines += ["[[shop.camera]]", f'id = "cam-{number}"', f'name = "{number}"', f'url = "{url}"']
    lines += ["[[shop.register]]", 'id = "lane-1"', 'name = "1"', 'kind = "self"']
    lines += ["[[shop.register.view]]", 'camera = "cam-0"', "[[shop.register.view.zone]]", 'role = "bagging"']
    lines += ["polygon = [[0.6, 0.4], [0.95, 0.4], [0.95, 0.8], [0.6, 0.8]]"]
    (folder / "tenban.toml").write_text("\n".join(lines), encoding="utf-8")
    people = [
        {"name": f"viewer{n}", "password": PASSWORD, "roles": ["supervisor"], "shop": "shop"}
        for n in range(2)
    ]
    (folder / "accounts.json").write_text(json.dumps({"people": people}), encoding="utf-8")


@contextmanager
def serving(folder: Path, urls: list[str]) -> Iterator[str]:
    """Run the server with these cameras; yields its address once it answers."""
    write_shop(folder, urls)
    port = free_port()
    command = [sys.executable, "-m", "tenban", "serve", "--config", str(folder / "tenban.toml")]
    command += ["--data", str(folder), "--port", str(port)]
    command += ["--demo-accounts", str(folder / "accounts.json")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{url}/login", timeout=1)  # noqa: S310  # our own server
                break
            except OSError:
                time.sleep(0.1)
        else:
            sys.exit("live_lag: expected the server to answer within a minute")
        for number in range(len(urls)):
            wait_for_pictures(folder, f"cam-{number}")
        time.sleep(4)  # the camera's clock settles, the watcher connects
        yield url
    finally:
        server.terminate()
        server.wait(20)


def wait_for_pictures(folder: Path, camera: str) -> None:
    stop = threading.Event()
    patience = threading.Timer(60, stop.set)
    patience.start()
    for message in subscribe(folder.resolve() / "run" / "packets.sock", camera, stop):
        if isinstance(message, MediaPacket):
            patience.cancel()
            return
    sys.exit(f"live_lag: expected pictures of {camera} within a minute")


def owner_of(url: str) -> int:
    """Return the process that listens on the server's port: the web process."""
    port = int(url.rsplit(":", 1)[1])
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inodes = {f"socket:[{line.split()[9]}]" for line in lines if line.split()[1].endswith(f":{port:04X}")}
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            held = {os.readlink(one) for one in (folder / "fd").iterdir()}  # noqa: PTH115  # no path but a name
        except OSError:
            continue  # it has ended meanwhile, or is not ours
        if held & inodes:
            found.append(int(folder.name))
    # The supervisor holds the port as well where it opened it; the web process is its child.
    return max(found)


def cpu_s(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            after = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(after[11]) + int(after[12])
    return total / TICKS


def rss_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def family(pid: int) -> list[int]:
    """Return a process and everything that descends from it."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def shown_ms(browser: Browser, url: str, way: str, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how old pictures were when they were shown, and how old the page said they were; in ms."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(WAYS[way])
    context.request.post(f"{url}/api/v1/session", data={"name": "viewer0", "password": PASSWORD})
    page = context.new_page()
    page.goto(f"{url}/wall?camera=cam-0")
    page.wait_for_selector(f"live-picture[data-how={way}]", timeout=20_000)
    page.wait_for_timeout(2_000)
    page.evaluate(NOTE)
    page.wait_for_timeout(seconds * 1000)
    seen = page.evaluate("window.seen")
    context.close()
    lags, said = [], []
    for at_ms, *rows, told_ms in seen:
        content = struct.pack(">III", *rows[:3])
        if zlib.crc32(content) == rows[3]:
            lags.append(at_ms - struct.unpack(">IQ", content)[1] / 1000)
            if told_ms is not None:
                said.append(told_ms)
    return np.array(lags), np.array(said)


def plain_ms(url: str, seconds: float) -> np.ndarray:
    options = {"rtsp_transport": "tcp", "analyzeduration": "0", "probesize": "32", "fflags": "nobuffer"}
    lags: list[float] = []
    end_s = time.monotonic() + seconds + 2
    with av.open(url, options=options, timeout=(5, 5)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for frame in container.decode(video=0):
            note_lag(lags, frame.to_ndarray(format="gray"))
            if time.monotonic() > end_s:
                break
    return np.array(lags[2 * FPS :])


def socket_ms(path: Path, seconds: float) -> np.ndarray:
    lags: list[float] = []
    stop, decoder = threading.Event(), PacketDecoder()
    threading.Timer(seconds + 2, stop.set).start()
    for message in subscribe(path, "cam-0", stop):
        if isinstance(message, StreamInfo):
            decoder.begin(message)
        elif not isinstance(message, Skipped):
            for frame in decoder.decode(message):
                note_lag(lags, frame.bgr())
    return np.array(lags[2 * FPS :])


def note_lag(lags: list[float], picture: np.ndarray) -> None:
    at_us = time.time_ns() // 1000
    stamp = read_stamp(picture)
    if stamp is not None:
        lags.append((at_us - stamp.captured_at) / 1000)


def sign_in(url: str, who: str) -> httpx.Client:
    client = httpx.Client(base_url=url)
    client.post("/api/v1/session", json={"name": who, "password": PASSWORD}).raise_for_status()
    return client


async def view(
    url: str, client: httpx.Client, seconds: float, all_there: asyncio.Barrier, *, pause_s: float = 0
) -> dict[str, Any]:
    """Take pictures for so long; return how old each was when it came, and how many were left out."""
    begun = await asyncio.to_thread(client.post, "/api/v1/live/cameras/cam-0")
    viewing = begun.raise_for_status().json()["viewing"]
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    address = f"{url.replace('http', 'ws')}/api/v1/live/{viewing}/stream?camera=cam-0"
    lags, skipped = [], 0
    async with connect(address, additional_headers={"cookie": cookie}, max_size=None) as link:
        await link.recv()
        if await all_there.wait() == 0:
            print("all there", flush=True)
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            message = await link.recv()
            if isinstance(message, str):
                told = json.loads(message)
                skipped += told["pictures"] if told["type"] == "skipped" else 0
                continue
            _, _, _, n, captured_at, *_ = HEAD.unpack_from(message)
            lags.append(time.time() * 1000 - captured_at / 1000)
            if pause_s:
                await asyncio.sleep(pause_s)
            await link.send(json.dumps({"have": n}))
    return {"lags": lags[3:], "skipped": skipped}


def child(url: str, pauses: list[float], seconds: float) -> None:
    """Be so many viewers in a process of one's own; print what each saw."""

    async def all_of_them() -> list[dict[str, Any]]:
        clients = [sign_in(url, f"viewer{n}") for n in range(2)]
        there = asyncio.Barrier(len(pauses))
        views = [view(url, clients[n % 2], seconds, there, pause_s=pause) for n, pause in enumerate(pauses)]
        return await asyncio.gather(*views)

    print(json.dumps(asyncio.run(all_of_them())))


def viewers(url: str, pauses: list[float], seconds: float) -> tuple[list[dict[str, Any]], float, float]:
    """Let others view; return what they saw, the web process's CPU (a core is 1), and MiB it grew."""
    web = owner_of(url)
    command = [sys.executable, __file__, "--child", url, "--seconds", str(seconds)]
    command += ["--pauses", json.dumps(pauses)]
    watching = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert watching.stdout is not None
    watching.stdout.readline()
    before, rss, from_s = cpu_s([web]), rss_mib(web), time.monotonic()
    time.sleep(seconds - 1)
    cost, grew = (cpu_s([web]) - before) / (time.monotonic() - from_s), rss_mib(web) - rss
    out, _ = watching.communicate(timeout=60)
    return json.loads(out), cost, grew


def idle(url: str, seconds: float) -> float:
    web = owner_of(url)
    before = cpu_s([web])
    time.sleep(seconds)
    return (cpu_s([web]) - before) / seconds


def make_film(path: Path) -> None:
    """Write four seconds of moving texture at about 2 Mb/s."""
    noise = np.random.default_rng(1).integers(0, 200, (1440, 2560), dtype=np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        limits = "keyint=30:min-keyint=30:scenecut=0:vbv-maxrate=2200:vbv-bufsize=2200:threads=1"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "b": "2000k", "x264-params": limits}
        stream.bit_rate = 2_000_000
        for number in range(4 * FPS):
            luma = noise[number : number + HEIGHT, number * 2 : number * 2 + WIDTH] // 4 + 60
            chroma = np.full((HEIGHT // 2, WIDTH), 128, dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def wall(browser: Browser, url: str, pid: int, seconds: float, *, full: bool) -> tuple[float, float, float]:
    """Return the CPU of the web process and of the browser (a core is 1), and pictures a second and tile."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.request.post(f"{url}/api/v1/session", data={"name": "viewer0", "password": PASSWORD})
    page = context.new_page()
    page.goto(f"{url}/wall?size=16")
    page.wait_for_selector(f"wall-tile:nth-child({TILES}) live-picture[data-how=canvas]", timeout=30_000)
    if full:
        # The page sets it anew whenever it paints.
        page.evaluate(
            """() => { const all = {get: () => false, set() {}};
            for (const { picture } of document.querySelectorAll('wall-tile')) {
            picture.small = false; Object.defineProperty(picture, 'small', all); } }"""
        )
    page.wait_for_timeout(3_000)
    count = """() => { window.count = 0; for (const one of document.querySelectorAll('live-picture'))
    one.addEventListener('picture', () => { window.count += 1; }); }"""
    page.evaluate(count)
    web = owner_of(url)
    before, shown_before, from_s = cpu_s([web]), cpu_s(family(pid)), time.monotonic()
    page.wait_for_timeout(seconds * 1000)
    took_s = time.monotonic() - from_s
    served, shown = (cpu_s([web]) - before) / took_s, (cpu_s(family(pid)) - shown_before) / took_s
    pictures = page.evaluate("window.count") / took_s / TILES
    context.close()
    return served, shown, pictures


def row(name: str, lags: np.ndarray, base: np.ndarray) -> str:
    p50, p99 = np.percentile(lags, [50, 99])
    ratio = p50 / np.median(base)
    return f"| {name} | {len(lags)} | {p50:.0f} ms | {p99:.0f} ms | {lags.max():.0f} ms | {ratio:.1f} |"


def measure_lag(folder: Path, browser: Browser, seconds: float) -> list[str]:
    cameras = RtspServer()
    port = cameras.start()
    camera = f"rtsp://127.0.0.1:{port}/clock"
    lines = [
        "| painted → shown | pictures | p50 | p99 | longest | ratio to plain |",
        "|---|---|---|---|---|---|",
    ]
    with (
        TestCamera(cameras, "clock", width=WIDTH, height=HEIGHT, fps=FPS, gop=2 * FPS),
        serving(folder, [camera]) as url,
    ):
        plain = plain_ms(camera, seconds)
        lines.append(row("plain: PyAV from the camera, decoded", plain, plain))
        lines.append(row("socket: from the recorder, decoded", socket_ms(run_dir(folder), seconds), plain))
        told = {}
        for way in WAYS:
            lags, said = shown_ms(browser, url, way, seconds)
            lines.append(row(f"{way}: on the page", lags, plain))
            told[way] = (np.median(said), np.median(lags)) if len(said) else None
        lines += ["", "What the page itself says of its lag, beside what was measured, p50: "]
        lines[-1] += (
            "; ".join(f"{way} {one[0]:.0f} ms ({one[1]:.0f})" for way, one in told.items() if one) + "."
        )
        base = idle(url, 5)
        lines += ["", "| viewers | web process | each | pictures/s each | came after, p50 | p99 | left out |"]
        lines += ["|---|---|---|---|---|---|---|", f"| 0 | {base:.1%} of a core | | | | | |"]
        for count in VIEWERS:
            seen, cost, _ = viewers(url, [0.0] * count, seconds)
            lags = np.concatenate([one["lags"] for one in seen])
            p50, p99 = np.percentile(lags, [50, 99])
            skipped = sum(one["skipped"] for one in seen)
            each = (cost - base) / count
            rate = len(lags) / count / seconds
            line = f"| {count} | {cost:.1%} of a core | {each:.2%} | {rate:.1f} "
            lines.append(line + f"| {p50:.0f} ms | {p99:.0f} ms | {skipped} |")
        (slow, quick), _, grew = viewers(url, [0.33, 0.0], seconds)
        lines += ["", "| two viewers at once | pictures | came after, p50 | p99 | left out |"]
        lines += ["|---|---|---|---|---|"]
        for name, one in (("takes three a second", slow), ("takes all", quick)):
            p50, p99 = np.percentile(one["lags"], [50, 99])
            taken = len(one["lags"])
            lines.append(f"| {name} | {taken} | {p50:.0f} ms | {p99:.0f} ms | {one['skipped']} |")
        lines += ["", f"The web process grew by {grew:.1f} MiB meanwhile."]
    cameras.stop()
    return lines


def run_dir(folder: Path) -> Path:
    return folder.resolve() / "run" / "packets.sock"


def measure_wall(folder: Path, browser: Browser, seconds: float, pid: int) -> list[str]:
    cameras = RtspServer()
    port = cameras.start()
    film = folder / "film.mp4"
    make_film(film)
    names = [f"film-{n}" for n in range(TILES)]
    lines = ["| wall of sixteen, 720p15 | web process | Chromium | pictures a second and tile |"]
    lines += ["|---|---|---|---|"]
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(FileCamera(cameras, name, film))
        url = stack.enter_context(serving(folder, [f"rtsp://127.0.0.1:{port}/{name}" for name in names]))
        for title, full in (("keyframes (as it is)", False), ("every picture in every tile", True)):
            served, shown, pictures = wall(browser, url, pid, seconds, full=full)
            lines.append(f"| {title} | {served:.0%} of a core | {shown:.0%} of a core | {pictures:.1f} |")
    cameras.stop()
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--write", action="store_true", help=f"keep the figures in {RESULTS.name}")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--pauses", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, json.loads(given.pauses), given.seconds)
        return
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
        sync_playwright() as play,
    ):
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        arguments += ["--autoplay-policy=no-user-gesture-required"]
        before = set(family(os.getpid()))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        started = [pid for pid in family(os.getpid()) if pid not in before]
        lines = measure_lag(Path(one), browser, given.seconds)
        lines += ["", *measure_wall(Path(two), browser, given.seconds, min(started))]
        browser.close()
    after = os.getloadavg()[1]
    lines += [
        "",
        f"{os.cpu_count()} cores; load average {load:.1f} before the run, {after:.1f} over its last minutes.",
    ]
    report = "\n".join(lines)
    print(report)
    if given.write:
        RESULTS.write_text(f"# {Path(__file__).stem}\n\n```\n{__doc__}```\n\n{report}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
