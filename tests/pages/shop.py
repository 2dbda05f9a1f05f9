"""A shop for browser tests: real pages, API and database on a real port; only the lanes' states are told."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI, Request, Response
from playwright.sync_api import Page

from tenban.access.model import Actor, Role, system_actor
from tenban.access.people import add_person, colleagues
from tenban.access.secrets import hash_password
from tenban.access.tables import audit as audit_table
from tenban.api import (
    account,
    audit,
    cases,
    duty,
    errors,
    flags,
    footage,
    footage_media,
    identity,
    incidents,
    keeping,
    live,
    live_stream,
    pairing,
    passkeys,
    people,
    plu,
    register,
    register_link,
    sale_events,
    session,
    tries,
    watch,
)
from tenban.api.context import AnActor, Here
from tenban.api.lanes import Kept, payment_told
from tenban.base.clock import SECOND, Instant, SystemClock, to_rfc3339
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.db.wake import Listener
from tenban.incidents import engine
from tenban.incidents.duty import hand_over
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause, Clip, Incident, Still
from tenban.incidents.turns import Turns
from tenban.notify.board import Board
from tenban.pos.holds import payment_states
from tenban.pos.queries import events_since
from tenban.pos.tables import register_commands
from tenban.pos.tables import sale_events as sale_events_table
from tenban.sites.model import Camera, Group, Network, Register, Shop, Sites
from tenban.video.ring import Still as Picture
from tenban.video.stills import NoWatcher
from tenban.web import install_pages
from tenban.web.guard import install_guard
from vaults import sealed_blobs
from waiting import until

# A still's label, picture, cut-out and box.
Seen = tuple[str, bytes | str, bytes | str | None, tuple[float, float, float, float] | None]
PASSWORD = "correct horse"
JUDGE = system_actor("judge")
TITLES = {
    "item_not_registered": {"ja": "商品未登録", "en": "Item not registered"},
    "left_without_paying": {"ja": "未会計退出", "en": "Left without paying"},
    "items_left_in_basket": {"ja": "かごに商品あり", "en": "Items left in the basket"},
    "scan_omission": {"ja": "スキャン漏れ", "en": "Scan missing at payment"},
}
SENTENCES = {
    "item_not_registered": {
        "ja": "商品が袋詰め台に移りましたが、登録がありません。",
        "en": "An item went into the bagging area; no registration followed.",
    },
    "left_without_paying": {
        "ja": "登録済みの商品3点が未会計のまま、使用者がレジを離れました。",
        "en": "The shopper left while 3 registered items were unpaid.",
    },
    "items_left_in_basket": {
        "ja": "会計は済みましたが、かごに商品が残っています。",
        "en": "Payment is done, and products are still in the basket.",
    },
    "scan_omission": {
        "ja": "移した商品は5点、登録は4点です。",
        "en": "5 items were moved, 4 were registered.",
    },
}


def self_checkouts(count: int = 6, *, name: str = "レーン{n}") -> list[Register]:
    return [Register(f"lane-{n}", "shop-1", name.format(n=n), "self") for n in range(1, count + 1)]


def fine_lane(register: Register) -> dict[str, Any]:
    return {
        "id": register.id,
        "name": register.name,
        "kind": register.kind,
        "watched": True,
        "why": None,
        "cameras": [{"id": "cam", "name": "cam", "state": "recording", "why": None, "since_at": None}],
        "at": None,
        "group": register.group,
        "keeper": None,
        "till": {"clock_offset_ms": 12.0, "last_event_at": to_rfc3339(SystemClock().now())},
    }


class Cuttable(uvicorn.Server):
    """A server that is gone at once, without a word to anybody who waits for an answer."""

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        await super().main_loop()

    def cut(self) -> None:
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for listening in self.servers:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        self.should_exit = self.force_exit = True


@dataclass
class PageShop:
    """The server and the levers of a test."""

    here: Here
    port: int
    lanes: list[dict[str, Any]]
    lanes_status: int = 200
    incidents_status: int = 200
    _server: Cuttable | None = None
    _thread: threading.Thread | None = None
    _opened: int = 0
    media: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve on the shop's port until :meth:`stop`."""
        self.here.board = Board()
        config = uvicorn.Config(
            sale_events.Door(self._app()),
            host="127.0.0.1",
            port=self.port,
            log_level="critical",
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        self._server = Cuttable(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started, "the server")

    def ensure_started(self) -> None:
        """Serve again if stopped."""
        if self._thread is None or not self._thread.is_alive():
            self.start()

    def stop(self) -> None:
        """Stop serving; live channels break."""
        assert self._server is not None
        assert self._thread is not None
        self._server.cut()
        self._thread.join(timeout=30)

    def _app(self) -> FastAPI:
        @asynccontextmanager
        async def life(_app: FastAPI) -> AsyncIterator[None]:
            self.here.board.attach(asyncio.get_running_loop())
            async with Listener(self.here.db.url, str(self.here.data_dir), "web") as listener:
                hearing = asyncio.create_task(self._hear(listener))
                turns = Turns(self.here.db, self.here.clock, JUDGE)
                passing = asyncio.create_task(turns.run(self.here.board))
                yield
                hearing.cancel()
                passing.cancel()

        app = FastAPI(lifespan=life)
        app.state.here = self.here

        @app.middleware("http")
        async def fail_on_request(request: Request, call_next: Any) -> Response:
            if request.url.path == "/api/v1/incidents" and self.incidents_status != 200:
                return errors.answer(self.incidents_status, "unavailable", "the database does not answer")
            answer: Response = await call_next(request)
            return answer

        @app.get("/api/v1/lanes")
        async def lanes(request: Request, response: Response) -> list[dict[str, Any]]:
            response.status_code = self.lanes_status
            registers = self.here.sites.registers
            now_at = self.here.clock.now()
            states = await self.here.db.read(lambda c: payment_states(c, JUDGE, registers, now_at))
            links = register_link.links_of(request.app)
            return [
                {
                    **lane,
                    "payment": payment_told(states[lane["id"]]),
                    "till": {"connected": links.state(lane["id"]) is not None, **lane["till"]},
                }
                for lane in self.lanes
            ]

        @app.post("/api/v1/lanes/{register_id}/keeper")
        async def keep(register_id: str, kept: Kept, actor: AnActor) -> dict[str, Any]:
            lane = next(lane for lane in self.lanes if lane["id"] == register_id)
            lane["keeper"] = {"id": actor.id, "name": actor.name} if kept.take else None
            return lane

        errors.install(app)
        for module in (
            session,
            account,
            passkeys,
            identity,
            people,
            incidents,
            watch,
            plu,
            sale_events,
            register_link,
            pairing,
            register,
            tries,
            live,
            live_stream,
            flags,
            footage,
            footage_media,
            duty,
            keeping,
            cases,
            audit,
        ):
            app.router.routes.extend(module.router.routes)
        app.router.routes.extend(pairing.all_registers.routes)
        install_pages(app)
        install_guard(app)
        return app

    async def _hear(self, listener: Listener) -> None:
        while True:
            await listener.wait()
            self.here.board.changed()

    def add_person(
        self,
        name: str,
        display_name: str,
        role: Role = Role.ATTENDANT,
        groups: tuple[str, ...] = (),
        shop: str | None = "shop-1",
    ) -> None:
        now_at = self.here.clock.now()
        self.here.db.write_now(
            lambda connection: add_person(
                connection,
                JUDGE,
                now_at,
                name=name,
                display_name=display_name,
                password_hash=hash_password(PASSWORD),
                roles=[role],
                shop=shop,
                groups=groups,
            )
        )

    def open(
        self,
        lane: int,
        kind: str = "item_not_registered",
        *,
        operator: bytes | str | None = None,
        stills: tuple[Seen, ...] = (),
        ago_s: float = 0,
        fold: str | None = None,
        clip: str | None = "pending",
        opened_ago_s: float | None = None,
        pass_on_s: float | None = None,
        group: str | None = None,
        about: str = "sale:0001",
    ) -> Incident:
        """Open an incident (or repeat one of the same fold) as the judge does; returns it."""
        self._opened += 1
        now_at = self.here.clock.now()
        at = now_at - round(ago_s * SECOND)
        opened_at = now_at - round((ago_s if opened_ago_s is None else opened_ago_s) * SECOND)
        evidence = [
            Still(label, self._blob(picture, "jpg"), at, self._blob(crop, "jpg") if crop else None, box)
            for label, picture, crop, box in stills
        ]
        cause = Cause(
            key=f"cause-{self._opened}",
            occurred_at=at,
            decidable_at=at,
            title=TITLES[kind],
            sentence=SENTENCES[kind],
            evidence=evidence,
            clip=Clip("order", at, at + 8 * SECOND) if clip else None,
        )
        opening = Opening(
            shop="shop-1",
            group=group,
            kind=kind,
            place=f"lane-{lane}",
            about=about,
            fold_key=fold or f"fold-{self._opened}",
            cause=cause,
            operator_still=self._blob(operator, "jpg") if operator else None,
            pass_on_ms=None if pass_on_s is None else round(pass_on_s * 1000),
        )
        return self._tell(lambda connection: engine.open_incident(connection, JUDGE, opened_at, opening))

    def show_live(self, picture: bytes | None, *, age_s: float = 0, error: Exception | None = None) -> None:
        """Let the watcher answer with a picture of this age, or with an error."""

        async def ask(_camera: str, at: Instant, *, width: int) -> Picture:
            if error is not None or picture is None:
                raise error or NoWatcher("watcher: no answer within 1.0 s")
            return Picture(picture, at - round(age_s * SECOND), width, 540)

        self.here.ask_still = ask

    def actor(self, name: str) -> Actor:
        """Whoever signs in under this name."""
        found = self.here.db.read_now(lambda connection: colleagues(connection, JUDGE, self.here.clock.now()))
        return next(other for other, _ in found if other.name == name)

    def take(self, incident: Incident, name: str) -> None:
        who, now_at = self.actor(name), self.here.clock.now()
        self._tell(lambda connection: engine.take(connection, who, now_at, incident.id))

    def hand_over(self, name: str, to: str) -> None:
        who, other, now_at = self.actor(name), self.actor(to), self.here.clock.now()
        self._tell(lambda connection: hand_over(connection, who, now_at, other))

    def settle_clip(
        self,
        incident: Incident,
        video: bytes | None,
        why: dict[str, str] | None = None,
        *,
        sound: bool = False,
    ) -> None:
        """Attach the clip, or say why there is none."""
        cause = incident.causes[-1]
        assert cause.clip is not None
        ref = self._blob(video, "mp4") if video else None
        clip = Clip(
            cause.clip.order, cause.clip.start_at, cause.clip.end_at, "ready" if video else "failed", ref, why
        )
        clip = replace(clip, sound=sound)
        now_at = self.here.clock.now()
        self._tell(
            lambda connection: engine.settle_clip(connection, JUDGE, now_at, incident.id, cause.key, clip)
        )

    def withdraw(self, incident: Incident, why: dict[str, str]) -> None:
        now_at = self.here.clock.now()
        cause = incident.causes[-1].key
        self._tell(
            lambda connection: engine.withdraw(
                connection, JUDGE, now_at, fold_key=incident.fold_key, cause=cause, why=why
            )
        )

    def state(
        self, incident: Incident, state: str, outcome: str | None = None, reason: str | None = None
    ) -> None:
        now_at = self.here.clock.now()
        self._tell(
            lambda connection: engine.set_state(
                connection, JUDGE, now_at, incident.id, state=state, outcome=outcome, reason=reason
            )
        )

    def known_incidents(self) -> list[Incident]:
        """All incidents, newest first."""
        return self.here.db.read_now(lambda connection: engine.recent(connection, JUDGE, 0))

    def known(self, incident: Incident) -> Incident:
        return self.here.db.read_now(lambda connection: engine.get(connection, JUDGE, incident.id))

    def audit(self, event: str) -> list[dict[str, Any]]:
        """Lines of the audit log, oldest first."""
        query = sa.select(audit_table).where(audit_table.c.event == event).order_by(audit_table.c.n)
        return self.here.db.read_now(lambda c: [dict(row) for row in c.execute(query).mappings()])

    def commands(self) -> list[dict[str, Any]]:
        """What registers were told, oldest first."""
        query = sa.select(register_commands).where(register_commands.c.type != "plu_changed")
        query = query.order_by(register_commands.c.n)
        return self.here.db.read_now(lambda c: [dict(row) for row in c.execute(query).mappings()])

    def event_types(self, register: str) -> list[str]:
        """What a register told, in the order of receipt."""
        events = self.here.db.read_now(lambda c: events_since(c, 0))
        return [event.type.value for event in events if event.register == register]

    @staticmethod
    def wait(length_s: float) -> None:
        threading.Event().wait(length_s)

    until = staticmethod(until)

    def _tell(self, run: Any) -> Any:
        return self.here.db.write_now(run)

    def _blob(self, data: bytes | str, suffix: str) -> str:
        if isinstance(data, str):
            return data
        return f"blob:{self.here.blobs.put(data, suffix)}"


def pair_with(shop: PageShop, page: Page, register: str, name: str = "mori") -> None:
    """Let a browser serve as a register, as a supervisor does on the device."""
    page.request.post(
        f"{shop.url}/api/v1/registers/{register}/pairing",
        data={"name": name, "password": PASSWORD},
        headers={"Origin": shop.url},
    )


def begin_sale(connection: sa.Connection, register: str, sale: str, at: Instant) -> None:
    """Somebody began to buy, as the till told it; once is enough."""
    row = {"event_id": f"{register}:{sale}", "shop": "shop-1", "register": register, "sale": sale, "seq": 1}
    times = dict.fromkeys(("rung_at", "received_at", "occurred_at"), at)
    known = sa.select(sale_events_table.c.n).where(sale_events_table.c.event_id == row["event_id"])
    if connection.execute(known).first() is None:
        values = {**row, **times, "type": "sale_started", "offset_us": 0, "body": {}}
        connection.execute(sale_events_table.insert().values(**values))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def page_shop(
    database_file: Path,
    folder: Path,
    *,
    registers: list[Register] | None = None,
    name: str = "みどり食品 大宮店",
    cameras: tuple[Camera, ...] = (),
    groups: tuple[Group, ...] = (),
) -> Iterator[PageShop]:
    """Serve the pages of one shop over a migrated database."""
    registers = registers if registers is not None else self_checkouts()
    shop = Shop("shop-1", name, ZoneInfo("Asia/Tokyo"), "JPY", groups, cameras, tuple(registers))
    database = Database.open(sqlite_url(database_file), str(folder))
    here = Here(
        db=database,
        clock=SystemClock(),
        sites=Sites("みどり食品", (shop,), network=Network(("127.0.0.1",))),
        board=Board(),
        blobs=sealed_blobs(database, folder),
        data_dir=folder,
        run_dir=folder,
    )
    page = PageShop(here, free_port(), [fine_lane(register) for register in registers])
    page.start()
    try:
        yield page
    finally:
        page.stop()
        database.close()


def now_of(page: PageShop) -> Instant:
    return page.here.clock.now()
