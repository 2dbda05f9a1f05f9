"""The whole demo: cameras, the product as a child process, tills, an attendant, and the score.

The product is reached only as anyone would reach it: its command line, its HTTP interface, its camera URLs.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn

from tenban.base.clock import SECOND, Instant, SystemClock, seconds
from tenban.base.errors import Unavailable
from tenban.simulator.attendant import Attendant
from tenban.simulator.demo_files import (
    PASSWORD,
    PEOPLE,
    SPARE_REGISTERS,
    TALLY_NAME,
    accounts,
    configuration,
    goods,
)
from tenban.simulator.filming import FilmJob, start_filming
from tenban.simulator.lanes import LaneSchedule, Shop, lane_time_s, register_id
from tenban.simulator.panel import draw
from tenban.simulator.scoring import Found
from tenban.simulator.tally import Books
from tenban.simulator.till import Till

_START_PATIENCE_S = 90.0
_STOP_PATIENCE_S = 20.0
_WATCH_PATIENCE_S = 30.0
_QUIET_S = 4.0  # empty lanes to look at before the first shopper comes
_PAINTINGS = 48  # about how many pieces a process paints, for its progress bar


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """What ``tenban demo`` was asked for.

    Attributes:
        port: of the product.
        lanes: how many.
        seconds: how long, once the shop is open; until Ctrl-C where None.
        seed: of everything random.
        data: the product's folder; a temporary one where None.
        width: of the cameras' pictures, pixels.
        height: of the cameras' pictures, pixels.
        fps: of the cameras.
        quiet: no panel, no greeting: only the report.
    """

    port: int = 8080
    lanes: int = 6
    seconds: float | None = None
    seed: int = 1
    data: Path | None = None
    width: int = 640
    height: int = 360
    fps: int = 15
    quiet: bool = False

    @property
    def address(self) -> str:
        """Where the product answers."""
        return f"http://127.0.0.1:{self.port}"


def run_demo(settings: DemoSettings) -> dict[str, Any]:
    """Run the demo; return its report.

    Raises:
        Unavailable: the port is taken, cameras or product did not start, or the product ended.
    """
    console = Console(stderr=True, quiet=settings.quiet)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whatever is open is closed
    _check_port(settings.port)
    with contextlib.ExitStack() as cleanup:
        folder = settings.data or Path(
            cleanup.enter_context(tempfile.TemporaryDirectory(prefix="tenban-demo-"))
        )
        folder.mkdir(parents=True, exist_ok=True)
        shop = Shop(settings.seed, settings.lanes)
        crews = cleanup.enter_context(_cameras(settings, shop))
        ports = _wait_for_cameras(crews, console)
        tokens = {lane: f"tnb_register_{secrets.token_urlsafe(24)}" for lane in range(1, settings.lanes + 1)}
        tally_password = secrets.token_urlsafe(16)
        config, people = folder / "tenban.toml", folder / "accounts.json"
        config.write_text(
            configuration(shop, ports, width=settings.width, height=settings.height, fps=settings.fps),
            encoding="utf-8",
        )
        (folder / "goods.csv").write_text(goods(shop), encoding="utf-8")
        _stock(config, folder)
        people.touch(mode=0o600)
        people.write_text(json.dumps(accounts(shop, tokens, tally_password)), encoding="utf-8")
        product = cleanup.enter_context(_product(settings, config, people, folder))
        demo = _Demo(settings, shop, console, crews, product, folder / "serve.log")
        return asyncio.run(demo.run(tokens, tally_password))


def _check_port(port: int) -> None:
    """Say at once that the port is taken, rather than after everything has been painted."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Unavailable(f"port {port}: expected a free port, got: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class _Crew:
    """A filming process, the parent's end of its pipe, and its lanes."""

    process: BaseProcess
    pipe: Connection
    lanes: tuple[int, ...]


@contextlib.contextmanager
def _cameras(settings: DemoSettings, shop: Shop) -> Iterator[list[_Crew]]:
    numbers = list(range(1, shop.lanes + 1))
    crews: list[_Crew] = []
    try:
        for part in filter(None, (tuple(numbers[0::2]), tuple(numbers[1::2]))):
            job = FilmJob(shop, part, settings.width, settings.height, settings.fps)
            crews.append(_Crew(*start_filming(job), part))
        yield crews
    finally:
        for crew in crews:
            crew.pipe.close()  # tells the process to end
        for crew in crews:
            crew.process.join(5)
            if crew.process.is_alive():
                crew.process.kill()


def _wait_for_cameras(crews: list[_Crew], console: Console) -> dict[int, int]:
    """Wait until everything is painted; return each lane's RTSP port."""
    ports: dict[int, int] = {}
    _say_step(console, "painting the shop")
    with Progress(TextColumn("painting the shop"), BarColumn(), console=console, transient=True) as progress:
        tasks = [progress.add_task("", total=_PAINTINGS) for _ in crews]
        for crew, task in zip(crews, tasks, strict=True):
            while crew.lanes[0] not in ports:
                try:
                    told = crew.pipe.recv() if crew.pipe.poll(_START_PATIENCE_S) else None
                except EOFError:  # the process ended; said below
                    told = None
                if told is None:
                    raise Unavailable("the simulated cameras did not start")
                if told[0] == "ready":
                    ports |= dict.fromkeys(crew.lanes, told[1])
                else:
                    progress.update(task, completed=told[1])
    return ports


def _say_step(console: Console, words: str) -> None:
    """Say what takes its time where no terminal shows the progress."""
    if not console.is_terminal:
        console.print(f"{words} …")


def _stock(config: Path, folder: Path) -> None:
    """Bring the PLU master in as an installer does: by the product's command line."""
    command = [sys.executable, "-m", "tenban", "plu", "import", str(folder / "goods.csv"), "--json"]
    command += ["--config", str(config), "--data", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"the articles could not be taken in: {done.stderr.strip()[-200:]}")


@contextlib.contextmanager
def _product(
    settings: DemoSettings, config: Path, people: Path, folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``tenban serve``, in a group of its own, so that all of it can be ended."""
    command = [sys.executable, "-m", "tenban", "serve", "--config", str(config), "--data", str(folder)]
    command += ["--port", str(settings.port), "--demo-accounts", str(people)]
    with (folder / "serve.log").open("ab") as log:
        product = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  # no thread runs yet that could hold a lock
        )

    def end() -> None:
        if product.poll() is None:
            product.terminate()
            try:
                product.wait(_STOP_PATIENCE_S)
            except subprocess.TimeoutExpired:  # it does not end by itself: all of its group ends now
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(product.pid, signal.SIGKILL)
                product.wait()

    atexit.register(end)
    try:
        yield product
    finally:
        end()
        atexit.unregister(end)


def _end_with_parent() -> None:
    """Have the kernel end the child if the demo is killed (Linux: prctl, PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class _Demo:
    """The running demo: clients of the product, and the books."""

    def __init__(
        self,
        settings: DemoSettings,
        shop: Shop,
        console: Console,
        crews: list[_Crew],
        product: subprocess.Popen[bytes],
        log: Path,
    ) -> None:
        self._settings = settings
        self._shop = shop
        self._console = console
        self._crews = crews
        self._product = product
        self._log = log
        self._clock = SystemClock()
        self._stop = asyncio.Event()
        self._schedules: dict[int, LaneSchedule] = {
            lane: shop.schedule(lane) for lane in range(1, shop.lanes + 1)
        }

    async def run(self, tokens: dict[int, str], tally_password: str) -> dict[str, Any]:
        """Open the shop, run it, close it; return the report."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        async with self._client() as tablet, self._client() as tills_http:
            _say_step(self._console, "starting the server")
            with self._console.status("starting the server"):
                await self._until_it_answers(tablet)
            books: Books | None = None

            def label(found: Found) -> str | None:
                return books.outcome(found, self._clock.now()) if books else None

            attendant = Attendant(http=tablet, clock=self._clock, label=label)
            await attendant.sign_in(TALLY_NAME, tally_password)
            _say_step(self._console, "waiting until every lane is watched")
            with self._console.status("waiting until every lane is watched"):
                await self._until_lanes_are_watched(tablet)
            opens_at = self._clock.now() + seconds(_QUIET_S)
            for crew in self._crews:
                crew.pipe.send(opens_at)
            tills = {lane: self._till(lane, tills_http, tokens[lane]) for lane in self._schedules}
            books = Books(self._schedules, opens_at, attendant.watch)
            tasks = [asyncio.create_task(attendant.listen()), asyncio.create_task(attendant.write_labels())]
            tasks += [asyncio.create_task(till.ring(opens_at)) for till in tills.values()]
            tasks += [asyncio.create_task(till.obey()) for till in tills.values()]
            self._greet()
            try:
                return await self._open(books, tills, opens_at, tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _client(self) -> contextlib.AbstractAsyncContextManager[httpx.AsyncClient]:
        limits = httpx.Limits(max_connections=32)
        return httpx.AsyncClient(base_url=self._settings.address, timeout=10, limits=limits)

    def _till(self, lane: int, http: httpx.AsyncClient, token: str) -> Till:
        link = self._settings.address.replace("http", "ws", 1)
        return Till(
            http=http,
            link_url=f"{link}/api/v1/registers/{register_id(lane)}/link",
            register=register_id(lane),
            token=token,
            schedule=self._schedules[lane],
            clock=self._clock,
            clock_offset_s=self._shop.clock_offset_s(lane),
            seed=self._shop.lane_seed(lane),
        )

    def _greet(self) -> None:
        self._console.print(f"\nTenban runs at [bold]{self._settings.address}[/bold]")
        for name, role, _ in PEOPLE:
            self._console.print(
                f"  sign in as [bold]{name}[/bold] ({role}), password [bold]{PASSWORD}[/bold]"
            )
        self._console.print("  a register to try, paired once as [bold]supervisor[/bold]:")
        for number, spare in enumerate(SPARE_REGISTERS, start=self._settings.lanes + 1):
            self._console.print(f"    {self._settings.address}/register/{spare['id']} (lane {number})")
        self._console.print()

    async def _until_it_answers(self, http: httpx.AsyncClient) -> None:
        give_up_s = self._clock.monotonic_s() + _START_PATIENCE_S
        while self._clock.monotonic_s() < give_up_s:
            self._check_product()
            with contextlib.suppress(httpx.TransportError):  # not up yet
                if (await http.get("/healthz")).status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.1)
        raise Unavailable(f"the server did not answer within {_START_PATIENCE_S:g} s; its log: {self._log}")

    async def _until_lanes_are_watched(self, http: httpx.AsyncClient) -> None:
        """Wait until every lane is watched; open all the same where that takes too long."""
        give_up_s = self._clock.monotonic_s() + _WATCH_PATIENCE_S
        while self._clock.monotonic_s() < give_up_s and not self._stop.is_set():
            self._check_product()
            answer = await http.get("/api/v1/lanes")
            if answer.status_code == httpx.codes.OK and all(
                lane["watched"] for lane in answer.json() if lane["cameras"]
            ):
                return
            await asyncio.sleep(0.2)
        self._console.print("[yellow]not every lane is watched; opening all the same[/yellow]")

    def _check_product(self) -> None:
        if self._product.poll() is not None:
            tail = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:]
            raise Unavailable(
                f"the server ended with exit code {self._product.returncode}: {' | '.join(tail)}"
            )

    async def _open(
        self, books: Books, tills: dict[int, Till], opens_at: Instant, tasks: list[asyncio.Task[None]]
    ) -> dict[str, Any]:
        """Keep the shop open; return the report."""
        settings = self._settings
        closes_at = None if settings.seconds is None else opens_at + seconds(settings.seconds)

        def panel() -> Any:
            now_at = self._clock.now()
            lane_s = lane_time_s(now_at, opens_at)
            report = books.report(now_at)
            return draw(
                report, tills=tills, schedules=self._schedules, lane_s=lane_s, address=settings.address
            )

        async with _live(self._console, panel):
            while not self._stop.is_set() and (closes_at is None or self._clock.now() < closes_at):
                self._check_product()
                for task in tasks:
                    if task.done():
                        task.result()  # a client of the demo failed: raise what it raised
                left_s = 0.5 if closes_at is None else (closes_at - self._clock.now()) / SECOND
                with contextlib.suppress(TimeoutError):  # nobody asked to stop: go on
                    await asyncio.wait_for(self._stop.wait(), max(0.0, min(0.5, left_s)))
        report = books.report(self._clock.now())
        report["till_events"] = dict(
            sum((till.counts for till in tills.values()), tills[1].counts.__class__())
        )
        report["till_problems"] = [text for till in tills.values() for text in till.problems][:20]
        return report


@contextlib.asynccontextmanager
async def _live(console: Console, panel: Callable[[], Any]) -> AsyncIterator[None]:
    """Show the panel once a second where somebody looks at it."""
    if console.quiet or not console.is_terminal:
        yield
        return
    with Live(panel(), console=console, auto_refresh=False) as live:

        async def refresh() -> None:
            while True:
                live.update(panel(), refresh=True)
                await asyncio.sleep(1.0)

        task = asyncio.create_task(refresh())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
