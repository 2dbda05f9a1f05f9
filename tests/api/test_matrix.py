"""Every route, asked by every role in its own shop, in another one and in none, and by every kind of token.

The table says what each route needs. A route that is not in it fails the test: nobody adds a door unseen.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from pages.shop import JUDGE, PASSWORD, PageShop, free_port
from tenban.access.account import own_sessions
from tenban.access.cookies import SESSION_COOKIE
from tenban.access.model import FUNCTIONS_OF_DEVICE, FUNCTIONS_OF_REGISTER, FUNCTIONS_OF_ROLE, Function, Role
from tenban.access.origin import page_token
from tenban.access.people import add_person, open_session
from tenban.access.secrets import hash_password
from tenban.access.tokens import issue, make_token, pair_browser, pairings
from tenban.api.cases import files_of
from tenban.api.context import Here
from tenban.api.viewings import Viewing, viewings_of
from tenban.api.webhooks import keeper_here
from tenban.base.clock import SystemClock
from tenban.cases import desk as cases_desk
from tenban.cases import work as cases_work
from tenban.cases.packing import Made
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.db.wake import Listener
from tenban.findings.live import LiveJudge
from tenban.findings.words import HINTS
from tenban.incidents import engine
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause, Incident, Still
from tenban.keeping import holds
from tenban.notify import webhooks
from tenban.notify.board import Board
from tenban.pos import flags
from tenban.pos.link import issue_command
from tenban.server.http import build_app
from tenban.settings.desk import SettingsDesk
from tenban.settings.follow import Follower
from tenban.sites.config import load_sites
from tenban.tries import desk as tries_desk
from tenban.tries.samples import SAMPLES
from tenban.web.files import static_tree
from vaults import sealed_blobs

_SHOP = """
[[shop]]
id = "{shop}"
name = "{shop} store"
area = "area of {shop}"
[[shop.camera]]
id = "{shop}-cam"
name = "{shop} ceiling"
url = "rtsp://127.0.0.1:9/{shop}"
[[shop.register]]
id = "{shop}-1"
name = "1"
kind = "staffed"
[[shop.register.view]]
camera = "{shop}-cam"
[[shop.register.view.zone]]
role = "bagging"
polygon = [[0.6, 0.2], [0.95, 0.2], [0.95, 0.8], [0.6, 0.8]]
[[shop.register]]
id = "{shop}-2"
name = "2"
kind = "self"
"""
MINE, OTHER = "alpha", "beta"
HASH = hash_password(PASSWORD)


@dataclass(frozen=True)
class Caller:
    """Somebody who asks.

    Attributes:
        shop: the only one they belong to; None: the company's.
        register: the only register a token speaks for.
    """

    name: str
    functions: frozenset[Function]
    shop: str | None = None
    register: str | None = None
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def stranger(self) -> bool:
        return not self.cookies and not self.headers


class House(PageShop):
    """The whole application as the web process puts it together, with two shops in its file."""

    def _app(self) -> FastAPI:
        here = self.here
        assert here.desk is not None
        follower = Follower(here.desk.path, "web", here.db, here.clock)
        here.sites, rules = follower.first()

        async def ask(camera: str, at: int, *, width: int = 960) -> Any:
            assert here.ask_still is not None
            return await here.ask_still(camera, at, width=width)

        judge = LiveJudge(
            db=here.db,
            clock=here.clock,
            sites=here.sites,
            settings=rules,
            blobs=here.blobs,
            ask=ask,
            tell_register=lambda *arguments: issue_command(*arguments, actor=JUDGE),
            actor=JUDGE,
        )
        self.app = build_app(here, Listener(here.db.url, str(here.data_dir), "web"), judge, follower)
        return self.app

    def incident(self) -> str:
        """Open an incident in the first shop, with a still; return its id."""
        return self.opened().id

    def opened(self) -> Incident:
        self._opened += 1
        still = Still("enters_bagging", self._blob(b"\xff\xd8picture", "jpg"), 1)
        now_at = self.here.clock.now()
        key, words = f"cause-{self._opened}", {"ja": "x", "en": "x"}
        cause = Cause(key, now_at, now_at, words, words, evidence=[still])
        place, fold = f"{MINE}-1", f"fold-{self._opened}"
        opening = Opening(MINE, None, "item_not_registered", place, "sale:1", fold, cause, None)
        return self.here.db.write_now(lambda c: engine.open_incident(c, JUDGE, now_at, opening))

    def pairing(self) -> str:
        """Pair a browser with the first shop's register; return the pairing's id."""
        write, now_at = self.here.db.write_now, self.here.clock.now()
        write(lambda c: pair_browser(c, JUDGE, now_at, register=f"{MINE}-1", shop=MINE))
        found = self.here.db.read_now(lambda c: pairings(c, JUDGE, register=f"{MINE}-1", shop=MINE))
        return found[0].id

    def hint(self) -> str:
        """Tell the register something with a picture; return the command's id."""
        body = {"text": HINTS["item_not_registered"], "still": self._blob(b"\xff\xd8picture", "jpg")}
        now_at = self.here.clock.now()
        return self.here.db.write_now(
            lambda c: issue_command(c, f"{MINE}-1", "hint", body, now_at, actor=JUDGE)
        )

    def try_(self) -> str:
        """Begin a try as somebody who is none of the callers; return its id."""
        self._opened += 1
        owner = replace(JUDGE, kind="person", id=f"person:{self._opened}", shop=MINE)
        now_at, limits = self.here.clock.now(), self.here.sites.trying
        one = self.here.db.write_now(
            lambda c: tries_desk.take_sample(c, owner, now_at, limits, SAMPLES[0].key)
        )
        return one.id

    def viewing(self) -> str:
        """Look at a lane as somebody who is none of the callers; return the viewing's id."""
        now_at = self.here.clock.now()
        register = self.here.sites.register(f"{MINE}-1")
        cameras = (self.here.sites.camera(f"{MINE}-cam"),)
        viewing = Viewing(f"viewing-{now_at}", JUDGE, register.id, MINE, cameras, now_at, now_at, register)
        viewings_of(self.app).by_id[viewing.id] = viewing
        return viewing.id

    def next(self) -> int:
        self._opened += 1
        return self._opened

    def person(self) -> str:
        """Add somebody to the first shop; return their id."""
        now_at, name = self.here.clock.now(), f"somebody {self.next()}"
        return self.here.db.write_now(
            lambda c: add_person(
                c, JUDGE, now_at, name=name, password_hash=HASH, roles=[Role.ATTENDANT], shop=MINE
            )
        )

    def session(self) -> str:
        """Sign somebody in; return the session's id."""
        self.person()
        now_at, name = self.here.clock.now(), f"somebody {self._opened}"
        secret, actor = self.here.db.write_now(lambda c: open_session(c, name, now_at))
        (one,) = self.here.db.read_now(lambda c: own_sessions(c, actor, now_at, secret))
        return one.id

    def revision(self) -> str:
        assert self.here.desk is not None
        return hashlib.sha256(self.here.desk.path.read_bytes()).hexdigest()


Needs: TypeAlias = Function | Literal["anyone", "signed in", "nobody else"]


@dataclass(frozen=True)
class Way:
    """A route, what it needs, and how to ask.

    Attributes:
        needs: a function; or ``anyone``; or ``signed in``; or ``nobody else``: somebody else's own thing.
        of_shop: it names something of the first shop; others' answers must not.
        of_company: only who belongs to no single shop may.
        by_register: only tokens of that register may.
        people_only: of those who are signed in, no register and no device.
        fill: makes what the path names, anew after each request of somebody who may.
    """

    method: str
    path: str
    needs: Needs
    of_shop: bool = True
    of_company: bool = False
    by_register: bool = False
    people_only: bool = False
    body: Callable[[House], Any] | None = None
    query: str = ""
    fill: Callable[[House], dict[str, str]] = lambda _house: {}


Named: TypeAlias = tuple[str, Any]
"""A request's path and its body."""

F = Function
_REGISTER = {"register": f"{MINE}-1", "register_id": f"{MINE}-1"}
_REGISTERS = "/api/v1/registers/{register}"
_INCIDENT = "/api/v1/incidents/{incident_id}"
_TRY = "/api/v1/tries/{try_id}"


def _of_incident(house: House) -> dict[str, str]:
    known = house.opened()
    ref = known.causes[0].evidence[0].ref
    return {"incident_id": known.id, "blob": ref.removeprefix("blob:")}


def _of_hold(house: House) -> dict[str, str]:
    incident, now_at = house.opened(), house.here.clock.now()
    hold = house.here.db.write_now(
        lambda c: holds.place(c, JUDGE, now_at, house.here.sites, incident.id, owner="x", reason="x")
    )
    return {"hold_id": hold.id}


def _of_pairing(house: House) -> dict[str, str]:
    return {"pairing": house.pairing()}


def _of_hint(house: House) -> dict[str, str]:
    return {"command_id": house.hint()}


def _of_try(house: House) -> dict[str, str]:
    return {"try_id": house.try_()}


def _of_viewing(house: House) -> dict[str, str]:
    return {"viewing_id": house.viewing()}


def _of_camera(_house: House) -> dict[str, str]:
    return {"camera_id": f"{MINE}-cam"}


_CASE = "/api/v1/cases/{case_id}"
_PACKAGE = "/api/v1/cases/packages/{package_id}"


def _of_case(house: House) -> dict[str, str]:
    """A case of the first shop with a note in it."""
    now_at, sites = house.here.clock.now(), house.here.sites

    def make(connection: Any) -> dict[str, str]:
        case = cases_desk.open_case(connection, JUDGE, now_at, sites, MINE, "x")
        return {
            "case_id": case.id,
            "item_id": cases_desk.add_note(connection, JUDGE, now_at, case.id, "x").id,
        }

    return house.here.db.write_now(make)


def _of_sealed_case(house: House) -> dict[str, str]:
    made, now_at = _of_case(house), house.here.clock.now()
    house.here.db.write_now(lambda c: cases_desk.seal(c, JUDGE, now_at, made["case_id"]))
    return made


def _of_package(house: House) -> dict[str, str]:
    """A finished package; what is in it is nobody's business here."""
    case_id, here = _of_sealed_case(house)["case_id"], house.here
    now_at, told = here.clock.now(), {"form": "blurred", "purpose": "x"}
    ordered = here.db.write_now(lambda c: cases_desk.order_package(c, JUDGE, now_at, case_id, **told))
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    data = empty.getvalue()
    files_of(here).put(case_id, ordered.id, iter([data]), len(data))

    def finish(connection: Any) -> None:
        taken = cases_work.claim(connection, now_at)
        assert taken is not None
        assert taken[2].lease_at is not None
        made = Made(len(data), "0" * 64, "0" * 64, 0)
        cases_work.finished(connection, JUDGE, now_at, taken[0], taken[2], taken[2].lease_at, made)

    here.db.write_now(finish)
    return {"package_id": ordered.id}


_TOKEN = "/api/v1/tokens/{token_id}"
_WEBHOOK = "/api/v1/webhooks/{webhook_id}"
_HOOK = {"name": "x", "url": "https://hooks.example/", "events": ["incident.clip"], "shop": MINE}


def _of_token(house: House) -> dict[str, str]:
    now_at = house.here.clock.now()
    wanted = {"kind": "register", "subject": f"{MINE}-1", "shop": MINE}
    return {"token_id": house.here.db.write_now(lambda c: issue(c, JUDGE, now_at, **wanted)).id}


def _of_webhook(house: House) -> dict[str, str]:
    """A webhook of the first shop, the only one, with a message that waits in vain."""
    now_at, reach, keeper = house.here.clock.now(), house.here.sites.webhook_reach, keeper_here(house.here)

    def make(connection: Any) -> dict[str, str]:
        for known in webhooks.listed(connection, JUDGE):
            webhooks.remove(connection, JUDGE, now_at, known["id"])
        made = webhooks.add(connection, JUDGE, now_at, keeper, reach, **_HOOK)
        sent = webhooks.ping(connection, JUDGE, now_at, made.id)
        webhooks.change(connection, JUDGE, now_at, reach, made.id, on=False)
        return {"webhook_id": made.id, "message_id": sent}

    return house.here.db.write_now(make)


def _renamed(house: House) -> dict[str, Any]:
    change = {
        "kind": "shop",
        "shop": MINE,
        "name": f"{MINE} store",
        "timezone": "Asia/Tokyo",
        "currency": "JPY",
    }
    return {"base": house.revision(), "change": change, "trial": True}


def _another_shop(house: House) -> dict[str, Any]:
    renamed = _renamed(house)
    return {**renamed, "change": {**renamed["change"], "shop": "third", "new": True}}


_FOOTAGE = "/api/v1/footage"
_MINUTE = "from=2026-11-22T12:00:00Z&to=2026-11-22T12:01:00Z"
_FLAG = {"shop": MINE, "at": "2026-11-22T12:00:00Z", "name": "x", "register": f"{MINE}-1"}


def _of_flag(house: House) -> dict[str, str]:
    now_at = house.here.clock.now()
    words = {"shop": MINE, "at": now_at, "name": "x"}
    return {"flag_id": house.here.db.write_now(lambda c: flags.set_flag(c, JUDGE, now_at, **words)).id}


_PERSON = "/api/v1/people/{person_id}"
_RIGHTS = {"roles": ["attendant"], "shop": MINE}


def _of_person(house: House) -> dict[str, str]:
    return {"person_id": house.person()}


def _of_session(house: House) -> dict[str, str]:
    return {"session_id": house.session()}


_PASSKEY = "/api/v1/account/passkeys/{passkey_id}"


def _of_passkey(_house: House) -> dict[str, str]:
    """Nobody's: whose it is has tests of its own."""
    return {"passkey_id": "none"}


WAYS = (
    Way("GET", "/healthz", "anyone", of_shop=False),
    Way("GET", "/api/v1/health", F.SETTINGS_EDIT, of_shop=False),
    Way("GET", "/api/openapi.json", "signed in", of_shop=False),
    Way("GET", "/api/docs", "signed in", of_shop=False),
    Way("GET", "/", "anyone", of_shop=False),
    Way("GET", "/login", "anyone", of_shop=False),
    Way("POST", "/login", "anyone", of_shop=False, body=lambda _: {}),
    Way("POST", "/login/pin", "anyone", of_shop=False, body=lambda _: {}),
    Way("POST", "/login/code", "anyone", of_shop=False, body=lambda _: {}),
    Way("POST", "/logout", "anyone", of_shop=False, body=lambda _: {}),
    Way("GET", "/static/{version}/{path:path}", "anyone", of_shop=False),
    Way("GET", "/register/worker.js", "anyone", of_shop=False),
    # The page itself holds nothing but the register's name: what it asks for needs its cookie.
    Way("GET", "/register/{register}", "anyone"),
    Way("GET", "/watch", F.INCIDENTS_READ, of_shop=False),
    Way("GET", "/settings", F.SETTINGS_EDIT, of_shop=False),
    Way(
        "GET",
        "/settings/zones/{register}/{place}",
        F.SETTINGS_EDIT,
        of_shop=False,
        fill=lambda _: {"place": "0"},
    ),
    Way(
        "GET",
        "/settings/cameras/{camera}/lens",
        F.SETTINGS_EDIT,
        of_shop=False,
        fill=lambda _: {"camera": f"{MINE}-cam"},
    ),
    Way("GET", "/settings/company", F.SETTINGS_EDIT, of_company=True),
    Way("GET", "/settings/signing-in", F.COMPANY_EDIT, of_company=True),
    Way("GET", "/settings/lanes/new", F.SETTINGS_EDIT, of_shop=False),
    Way("GET", "/settings/rules", F.RULES_EDIT, of_shop=False),
    Way("GET", "/settings/pairings", F.REGISTER_PAIR, of_shop=False),
    Way("GET", "/settings/retention", F.RETENTION_EDIT, of_shop=False),
    Way("GET", "/settings/history", F.RULES_EDIT, of_shop=False),
    # Published for anybody who enters the shop.
    Way("GET", "/notice/{shop}", "anyone", of_shop=False, fill=lambda _: {"shop": MINE}),
    Way("GET", "/settings/people", F.PEOPLE_MANAGE, of_shop=False),
    Way("GET", "/account", "signed in", of_shop=False, people_only=True),
    Way("GET", "/first/{secret}", "anyone", of_shop=False, fill=lambda _: {"secret": "none"}),
    Way("POST", "/first/{secret}", "anyone", of_shop=False, fill=lambda _: {"secret": "none"}),
    Way("GET", "/api/v1/people", F.PEOPLE_MANAGE, of_shop=False),
    Way(
        "POST",
        "/api/v1/people",
        F.PEOPLE_MANAGE,
        body=lambda house: {"name": f"n{house.next()}", "roles": ["attendant"], "shop": MINE},
    ),
    Way("PUT", _PERSON, F.PEOPLE_MANAGE, fill=_of_person, body=lambda _: {**_RIGHTS, "display_name": "x"}),
    Way("POST", _PERSON + "/access", F.PEOPLE_MANAGE, fill=_of_person, body=lambda _: {"disabled": True}),
    Way("POST", _PERSON + "/link", F.PEOPLE_MANAGE, fill=_of_person),
    Way("GET", "/api/v1/account", "signed in", of_shop=False, people_only=True),
    Way(
        "PUT",
        "/api/v1/account/pin",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"password": PASSWORD, "pin": "short"},
    ),
    Way(
        "POST",
        "/api/v1/account/totp",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"password": PASSWORD},
    ),
    Way(
        "PUT",
        "/api/v1/account/totp",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"code": "none"},
    ),
    Way(
        "POST",
        "/api/v1/account/totp/off",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"password": PASSWORD},
    ),
    Way(
        "POST",
        "/api/v1/session/proof",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {},
    ),
    Way(
        "POST",
        "/api/v1/account/passkeys/options",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"password": PASSWORD},
    ),
    Way(
        "POST",
        "/api/v1/account/passkeys",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"name": "x", "credential": {}},
    ),
    Way(
        "POST",
        "/api/v1/account/identity/link",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"password": PASSWORD},
    ),
    Way(
        "POST",
        "/api/v1/account/identity/unlink",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"password": PASSWORD},
    ),
    Way("GET", "/login/company", "anyone", of_shop=False),
    Way("GET", "/login/company/back", "anyone", of_shop=False),
    Way("PUT", _PASSKEY, "nobody else", fill=_of_passkey, body=lambda _: {"name": "x"}),
    Way("POST", _PASSKEY + "/remove", "nobody else", fill=_of_passkey, body=lambda _: {"password": PASSWORD}),
    Way("POST", "/api/v1/session/passkey/options", "anyone", of_shop=False),
    Way("POST", "/api/v1/session/passkey", "anyone", of_shop=False, body=lambda _: {"credential": {}}),
    Way("POST", "/api/v1/session/proof/options", "signed in", of_shop=False, people_only=True),
    Way("DELETE", "/api/v1/account/sessions/{session_id}", "nobody else", fill=_of_session),
    Way("DELETE", "/api/v1/account/sessions", "signed in", of_shop=False, people_only=True),
    Way(
        "PUT",
        "/api/v1/account/password",
        "signed in",
        of_shop=False,
        people_only=True,
        body=lambda _: {"old": PASSWORD, "new": "short"},
    ),
    Way("GET", "/audit", F.AUDIT_READ, of_shop=False),
    Way("GET", "/audit/mine", "signed in", of_shop=False),
    Way("GET", "/try", F.TRIES_MAKE, of_shop=False),
    Way("GET", "/try/{try_id}", F.TRIES_MAKE, of_shop=False, fill=lambda _: {"try_id": "none"}),
    Way("POST", "/api/v1/session", "anyone", of_shop=False, body=lambda _: {"name": "x", "password": "y"}),
    Way("GET", "/api/v1/session", "signed in", of_shop=False),
    # Each event of a batch is judged by itself, see tests/api/test_sale_events.py.
    Way("POST", "/api/v1/sale-events", "signed in", of_shop=False, body=lambda _: []),
    # Whoever pairs proves it with a password in the request.
    Way("POST", _REGISTERS + "/pairing", "anyone", body=lambda _: {"name": "x", "password": "y"}),
    Way("DELETE", _REGISTERS + "/pairing", F.REGISTER_LINK, by_register=True),
    Way("GET", _REGISTERS + "/pairing", F.REGISTER_LINK, by_register=True),
    Way("GET", _REGISTERS + "/pairings", F.REGISTER_PAIR),
    Way("GET", "/api/v1/pairings", F.REGISTER_PAIR, of_shop=False),
    # A paired browser's cookie alone opens it: tests/api/test_register_watch.py.
    Way("GET", _REGISTERS + "/incidents/{incident_id}/media/{blob}", "nobody else", fill=_of_incident),
    Way("DELETE", _REGISTERS + "/pairings/{pairing}", F.REGISTER_PAIR, fill=_of_pairing),
    Way(
        "POST",
        _REGISTERS + "/approvals",
        F.SALES_WRITE,
        by_register=True,
        body=lambda _: {"name": "lead", "password": PASSWORD, "what": "age"},
    ),
    Way("GET", _REGISTERS + "/sale", F.SALES_WRITE, by_register=True),
    Way(
        "GET", _REGISTERS + "/sales/{number}", F.SALES_WRITE, by_register=True, fill=lambda _: {"number": "1"}
    ),
    Way("POST", _REGISTERS + "/receipts", F.SALES_WRITE, by_register=True, body=lambda _: {"sale": "1"}),
    Way("POST", _REGISTERS + "/drawer", F.SALES_WRITE, by_register=True),
    Way("POST", _REGISTERS + "/payment", F.REGISTER_COMMAND, body=lambda _: {"held": True}),
    Way("GET", _REGISTERS + "/hints/{command_id}/still", F.SALES_WRITE, by_register=True, fill=_of_hint),
    Way("GET", _REGISTERS + "/hints/{command_id}/clip", F.SALES_WRITE, by_register=True, fill=_of_hint),
    Way("GET", "/api/v1/plu", F.PLU_READ, query=f"?shop={MINE}"),
    Way("GET", "/api/v1/incidents", F.INCIDENTS_READ, of_shop=False),
    Way("GET", "/api/v1/incidents/precision", F.INCIDENTS_READ, of_shop=False),
    Way("GET", _INCIDENT, F.INCIDENTS_READ, fill=_of_incident),
    Way(
        "POST",
        _INCIDENT + "/state",
        F.INCIDENTS_HANDLE,
        fill=_of_incident,
        body=lambda _: {"state": "pending"},
    ),
    Way("POST", _INCIDENT + "/owner", F.INCIDENTS_HANDLE, fill=_of_incident, body=lambda _: {"take": True}),
    Way("GET", _INCIDENT + "/media/{blob}", F.MEDIA_VIEW, fill=_of_incident),
    Way("GET", "/api/v1/watch/stream", F.INCIDENTS_READ, of_shop=False),
    Way("GET", "/api/v1/lanes", F.LANES_READ, of_shop=False),
    Way("POST", "/api/v1/lanes/{register_id}/keeper", F.INCIDENTS_HANDLE, body=lambda _: {"take": True}),
    Way("GET", "/api/v1/settings", F.RULES_EDIT, of_shop=False),
    Way("GET", "/api/v1/settings", F.RULES_EDIT, query=f"?shop={MINE}"),
    Way("GET", "/api/v1/settings/history", F.RULES_EDIT, query=f"?shop={MINE}"),
    Way("GET", "/api/v1/settings/rules", F.RULES_EDIT, query=f"?shop={MINE}"),
    Way("GET", "/api/v1/settings/mqtt", F.SETTINGS_EDIT, of_company=True),
    Way("GET", "/api/v1/lanes", F.LANES_READ, query=f"?shop={MINE}"),
    Way("POST", "/api/v1/settings/changes", F.SETTINGS_EDIT, body=_renamed),
    Way("POST", "/api/v1/settings/changes", F.COMPANY_EDIT, of_company=True, body=_another_shop),
    Way(
        "POST",
        "/api/v1/settings/undo",
        F.RULES_EDIT,
        of_shop=False,
        body=lambda house: {"base": house.revision(), "to": 99},
    ),
    Way("GET", "/api/v1/settings/history", F.RULES_EDIT, of_shop=False),
    Way("GET", "/api/v1/settings/running", F.RULES_EDIT, of_shop=False),
    Way(
        "POST",
        "/api/v1/settings/cameras/try",
        F.SETTINGS_EDIT,
        body=lambda _: {"shop": MINE, "address": "nothing"},
    ),
    Way("POST", "/api/v1/settings/cameras/find", F.SETTINGS_EDIT, body=lambda _: {"shop": MINE}),
    Way("POST", "/api/v1/settings/cameras/ask", F.SETTINGS_EDIT, body=lambda _: {"shop": MINE}),
    Way("GET", "/api/v1/settings/cameras/{camera_id}", F.SETTINGS_EDIT, fill=_of_camera),
    Way("GET", "/api/v1/settings/cameras/{camera_id}/footage", F.SETTINGS_EDIT, fill=_of_camera),
    Way(
        "GET",
        "/settings/cameras/{camera}",
        F.SETTINGS_EDIT,
        of_shop=False,
        fill=lambda _: {"camera": f"{MINE}-cam"},
    ),
    Way("GET", "/api/v1/settings/cameras/{camera_id}/still", F.SETTINGS_EDIT, fill=_of_camera, query="?at=1"),
    Way(
        "POST", "/api/v1/settings/cameras/{camera_id}/circle", F.SETTINGS_EDIT, fill=_of_camera, query="?at=1"
    ),
    Way("GET", "/api/v1/settings/registers/{register_id}/look", F.SETTINGS_EDIT, query=f"?camera={MINE}-cam"),
    Way("GET", "/api/v1/settings/rules", F.RULES_EDIT, of_shop=False),
    Way("GET", "/api/v1/audit", F.AUDIT_READ, of_shop=False),
    Way("GET", "/api/v1/audit/mine", "signed in", of_shop=False),
    Way("POST", "/api/v1/audit/proof", F.AUDIT_READ, of_shop=False),
    Way("GET", "/api/v1/audit/export.csv", F.AUDIT_READ, of_shop=False),
    Way("GET", "/api/v1/audit/export.jsonl", F.AUDIT_TAKE, of_company=True),
    Way("GET", "/api/v1/tries", F.TRIES_MAKE, of_shop=False),
    Way("POST", "/api/v1/tries", F.TRIES_MAKE, of_shop=False, query="?name=x.mp4"),
    Way(
        "POST",
        "/api/v1/tries/samples",
        F.TRIES_MAKE,
        of_shop=False,
        body=lambda _: {"sample": SAMPLES[0].key},
    ),
    Way("GET", _TRY, F.TRIES_ALL, fill=_of_try),
    Way("POST", _TRY + "/start", F.TRIES_ALL, fill=_of_try, body=lambda _: {"zones": []}),
    Way("POST", _TRY + "/cancel", F.TRIES_ALL, fill=_of_try),
    Way("POST", _TRY + "/retry", F.TRIES_ALL, fill=_of_try),
    Way("DELETE", _TRY, F.TRIES_ALL, fill=_of_try),
    Way("GET", _TRY + "/picture", F.TRIES_ALL, fill=_of_try),
    Way("GET", _TRY + "/video", F.TRIES_ALL, fill=_of_try),
    Way("GET", _TRY + "/report", F.TRIES_ALL, fill=_of_try),
    Way("GET", "/wall", F.MEDIA_VIEW, of_shop=False),
    Way("GET", "/api/v1/live/cameras", F.MEDIA_VIEW, of_shop=False),
    Way("GET", "/api/v1/live/cameras", F.MEDIA_VIEW, query=f"?shop={MINE}"),
    Way("POST", "/api/v1/live/cameras/{camera_id}", F.MEDIA_VIEW, fill=_of_camera),
    Way("POST", "/api/v1/live/{register_id}", F.MEDIA_VIEW),
    Way(
        "GET",
        "/api/v1/live/{viewing_id}/picture",
        "nobody else",
        fill=_of_viewing,
        query=f"?camera={MINE}-cam",
    ),
    Way("DELETE", "/api/v1/live/{viewing_id}", "nobody else", fill=_of_viewing),
    Way("GET", "/footage", F.MEDIA_VIEW, of_shop=False),
    Way("GET", _FOOTAGE + "/room", F.HOLDS_MANAGE, of_shop=False),
    Way("GET", "/footage/open", F.SALES_READ, query=f"?register={MINE}-1&sale=none"),
    Way("GET", _FOOTAGE + "/days", F.MEDIA_VIEW, query=f"?shop={MINE}&month=2026-11"),
    Way("GET", _FOOTAGE + "/timeline", F.MEDIA_VIEW, query=f"?camera={MINE}-cam&{_MINUTE}"),
    Way("GET", _FOOTAGE + "/journal", F.SALES_READ, query=f"?register={MINE}-1&{_MINUTE}"),
    Way("GET", _FOOTAGE + "/moment", F.SALES_READ, query=f"?register={MINE}-1&sale=none"),
    Way("GET", _FOOTAGE + "/cameras/{camera_id}/plan", F.MEDIA_VIEW, fill=_of_camera, query=f"?{_MINUTE}"),
    Way("GET", _FOOTAGE + "/cameras/{camera_id}/video", F.MEDIA_VIEW, fill=_of_camera, query=f"?{_MINUTE}"),
    Way(
        "GET",
        _FOOTAGE + "/cameras/{camera_id}/video",
        F.MEDIA_TAKE,
        fill=_of_camera,
        query=f"?{_MINUTE}&take=true",
    ),
    Way(
        "GET",
        _FOOTAGE + "/cameras/{camera_id}/video",
        F.MEDIA_HEAR,
        fill=_of_camera,
        query=f"?{_MINUTE}&sound=true",
    ),
    Way(
        "GET",
        _FOOTAGE + "/cameras/{camera_id}/picture",
        F.MEDIA_VIEW,
        fill=_of_camera,
        query="?at=2026-11-22T12:00:00Z",
    ),
    Way("POST", _FOOTAGE + "/flags", F.FLAGS_SET, body=lambda _: _FLAG),
    Way("PUT", _FOOTAGE + "/flags/{flag_id}", F.FLAGS_SET, fill=_of_flag, body=lambda _: {"name": "y"}),
    Way("DELETE", _FOOTAGE + "/flags/{flag_id}", F.FLAGS_SET, fill=_of_flag),
    Way("POST", _FOOTAGE + "/flags/{flag_id}/back", F.FLAGS_SET, fill=_of_flag),
    Way("GET", "/api/v1/duty/colleagues", F.INCIDENTS_READ, of_shop=False),
    Way(
        "POST",
        "/api/v1/duty/hand-over",
        F.INCIDENTS_HANDLE,
        of_shop=False,
        body=lambda _: {"to": "person:none"},
    ),
    Way("GET", "/settings/devices", F.PEOPLE_MANAGE, of_shop=False),
    Way("GET", "/api/v1/tokens", F.PEOPLE_MANAGE, of_shop=False),
    Way("GET", "/api/v1/tokens", F.PEOPLE_MANAGE, query=f"?shop={MINE}"),
    Way(
        "POST", "/api/v1/tokens", F.PEOPLE_MANAGE, body=lambda _: {"kind": "register", "subject": f"{MINE}-1"}
    ),
    Way("POST", _TOKEN + "/rotate", F.PEOPLE_MANAGE, fill=_of_token, body=lambda _: {"overlap_h": 1}),
    Way("DELETE", _TOKEN, F.PEOPLE_MANAGE, fill=_of_token),
    Way("GET", "/api/v1/webhooks", F.PEOPLE_MANAGE, of_shop=False),
    Way("GET", "/api/v1/webhooks", F.PEOPLE_MANAGE, query=f"?shop={MINE}"),
    Way("POST", "/api/v1/webhooks", F.PEOPLE_MANAGE, body=lambda _: _HOOK, fill=_of_webhook),
    Way("PATCH", _WEBHOOK, F.PEOPLE_MANAGE, fill=_of_webhook, body=lambda _: {"on": False}),
    Way("POST", _WEBHOOK + "/secret", F.PEOPLE_MANAGE, fill=_of_webhook, body=lambda _: {"overlap_h": 1}),
    Way("POST", _WEBHOOK + "/ping", F.PEOPLE_MANAGE, fill=_of_webhook),
    Way("POST", "/api/v1/webhooks/messages/{message_id}/again", F.PEOPLE_MANAGE, fill=_of_webhook),
    Way("DELETE", _WEBHOOK, F.PEOPLE_MANAGE, fill=_of_webhook),
    Way("GET", _INCIDENT + "/keeping", F.HOLDS_MANAGE, fill=_of_incident),
    Way("GET", _INCIDENT + "/copy", F.HOLDS_MANAGE, fill=_of_incident),
    Way("POST", _INCIDENT + "/copy", F.HOLDS_MANAGE, fill=_of_incident),
    Way(
        "POST",
        _INCIDENT + "/holds",
        F.HOLDS_MANAGE,
        fill=_of_incident,
        body=lambda _: {"owner": "head office", "reason": "asked for by the police"},
    ),
    Way("GET", "/api/v1/holds", F.HOLDS_MANAGE, query=f"?shop={MINE}"),
    Way(
        "POST",
        "/api/v1/holds/{hold_id}/release",
        F.HOLDS_MANAGE,
        fill=_of_hold,
        body=lambda _: {"reason": "the case is closed"},
    ),
    Way(
        "POST",
        _INCIDENT + "/erase",
        F.PERSONAL_ERASE,
        fill=_of_incident,
        body=lambda _: {"reason": "asked for"},
    ),
    Way("GET", "/api/v1/retention/deletions", F.RETENTION_EDIT, query=f"?shop={MINE}"),
    Way("GET", "/cases", F.CASES_PROVE, of_shop=False),
    Way("GET", "/cases/{case_id}", F.CASES_PROVE, of_shop=False, fill=lambda _: {"case_id": "none"}),
    Way("GET", "/api/v1/cases", F.CASES_PROVE, query=f"?shop={MINE}"),
    Way("POST", "/api/v1/cases", F.CASES_EDIT, body=lambda _: {"title": "x", "shop": MINE}),
    Way("GET", "/api/v1/cases/of-incident/{incident_id}", F.CASES_READ, fill=_of_incident),
    Way("GET", _CASE, F.CASES_PROVE, fill=_of_case),
    Way("PUT", _CASE + "/title", F.CASES_EDIT, fill=_of_case, body=lambda _: {"title": "y"}),
    Way("POST", _CASE + "/items", F.CASES_EDIT, fill=_of_case, body=lambda _: {"note": "y"}),
    Way("DELETE", _CASE + "/items/{item_id}", F.CASES_EDIT, fill=_of_case),
    Way("POST", _CASE + "/seal", F.CASES_EDIT, fill=_of_case),
    Way("POST", _CASE + "/delete", F.HOLDS_MANAGE, fill=_of_case, body=lambda _: {"reason": "done"}),
    Way(
        "POST",
        _CASE + "/packages",
        F.CASES_EXPORT,
        fill=_of_sealed_case,
        body=lambda _: {"form": "blurred", "purpose": "asked for"},
    ),
    Way("GET", _PACKAGE + "/file", F.CASES_EXPORT, fill=_of_package),
    Way("POST", _PACKAGE + "/proof", F.CASES_PROVE, fill=_of_package),
    Way("DELETE", _PACKAGE, F.CASES_EXPORT, fill=_of_package),
    Way("DELETE", "/api/v1/session", "signed in", of_shop=False),
)
SOCKETS = {_REGISTERS + "/link", "/api/v1/live/{viewing_id}/stream"}
"""WebSockets; who may open one is held by tests/api/test_register_link.py and test_live_stream.py."""

_MAY_BE_MISSING = {
    "/first/{secret}",
    "/api/v1/settings/cameras/{camera_id}/still",
    "/api/v1/settings/cameras/{camera_id}/circle",
    "/api/v1/settings/undo",
    _REGISTERS + "/sales/{number}",
    _REGISTERS + "/receipts",
    _REGISTERS + "/drawer",
    _REGISTERS + "/hints/{command_id}/clip",
    "/notice/{shop}",
    "/footage/open",
    "/api/v1/footage/moment",
    "/api/v1/footage/cameras/{camera_id}/plan",
    "/api/v1/footage/cameras/{camera_id}/video",
    "/api/v1/footage/cameras/{camera_id}/picture",
} | {way.path for way in WAYS if way.path.startswith(_TRY) or way.path.startswith("/api/v1/duty")}
"""Where who may ask is told that there is no picture, clip, revision, sale, printer, colleague or video."""


_SIGNS_IN = {"/login", "/login/pin", "/login/code", "/api/v1/session", _REGISTERS + "/pairing"}
"""Ways in: what was given may be wrong, whoever gives it."""

_ECHOES = {
    "/settings/zones/{register}/{place}",
    "/settings/cameras/{camera}",
    "/settings/cameras/{camera}/lens",
    "/register/{register}",
}
"""Pages that say which register was asked for, and know no more of it."""


async def _at_once(length_s: float) -> None:
    """Cameras are called and hardly waited for; what comes round for ever still lets others work."""
    await asyncio.sleep(min(length_s, 0.02))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("matrix")
    shutil.copy(migrated_sqlite, folder / "tenban.db")
    config = folder / "tenban.toml"
    config.write_text('[company]\nname = "T"\n' + "".join(_SHOP.format(shop=one) for one in (MINE, OTHER)))
    clock = SystemClock()
    database = Database.open(sqlite_url(folder / "tenban.db"), str(folder))
    here = Here(
        db=database,
        clock=clock,
        sites=load_sites(config),
        board=Board(),
        blobs=sealed_blobs(database, folder),
        data_dir=folder,
        desk=SettingsDesk(config, database, clock),
        run_dir=folder,
        sleep=_at_once,
    )
    house = House(here, free_port(), [])
    house.start()
    yield house
    house.stop()
    database.close()


Person: TypeAlias = tuple[str, Role, str | None, str | None]


@pytest.fixture(scope="module")
def people(house: House) -> list[Person]:
    """Every role in the first shop, in the second one and in none; some in an area, which is one shop."""
    write, now_at = house.here.db.write_now, house.here.clock.now()
    found = [
        (f"{role.value} of {shop or 'the company'}", role, shop, None)
        for role, shop in itertools.product(Role, (MINE, OTHER, None))
    ]
    found += [
        (f"{role.value} of {shop}'s area", role, shop, f"area of {shop}")
        for role, shop in itertools.product((Role.ATTENDANT, Role.ADMINISTRATOR), (MINE, OTHER))
    ]
    for name, role, shop, area in [*found, ("lead", Role.SUPERVISOR, MINE, None)]:
        write(
            partial(
                add_person,
                actor=JUDGE,
                at=now_at,
                name=name,
                password_hash=HASH,
                roles=[role],
                shop=None if area else shop,
                area=area,
            )
        )
    return found


@pytest.fixture(scope="module")
def machines(house: House) -> list[Caller]:
    """Tokens of tills and of a device."""
    write, now_at = house.here.db.write_now, house.here.clock.now()
    found = []
    for kind, subject, shop, functions in (
        ("register", f"{MINE}-1", MINE, FUNCTIONS_OF_REGISTER),
        ("register", f"{MINE}-2", MINE, FUNCTIONS_OF_REGISTER),
        ("register", f"{OTHER}-1", OTHER, FUNCTIONS_OF_REGISTER),
        ("device", f"{MINE}-1", MINE, FUNCTIONS_OF_DEVICE),
    ):
        secret = write(partial(make_token, actor=JUDGE, at=now_at, kind=kind, subject=subject, shop=shop))
        headers = {"authorization": f"Bearer {secret}"}
        found.append(Caller(f"{kind} {subject}", functions, shop, subject, headers=headers))
    for shop in (MINE, OTHER):
        given = frozenset({F.INCIDENTS_READ, F.LANES_READ, F.MEDIA_VIEW})
        wanted = {"kind": "service", "subject": "bi", "shop": shop, "functions": sorted(given)}
        secret = write(lambda c, wanted=wanted: issue(c, JUDGE, now_at, **wanted)).secret
        headers = {"authorization": f"Bearer {secret}"}
        found.append(Caller(f"service of {shop}", given, shop, headers=headers))
    return found


@pytest.fixture
def callers(house: House, people: list[Person], machines: list[Caller]) -> list[Caller]:
    """Everybody, the people freshly signed in, and a stranger."""
    now_at = house.here.clock.now()

    def sign_in(connection: Connection) -> list[Caller]:
        found = []
        for name, role, shop, _area in people:
            secret, _ = open_session(connection, name=name, at=now_at)
            found.append(Caller(name, FUNCTIONS_OF_ROLE[role], shop, cookies={SESSION_COOKIE: secret}))
        return found

    return [Caller("a stranger", frozenset()), *machines, *house.here.db.write_now(sign_in)]


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """One connection for all: who asks is in each request's own headers."""
    with httpx.Client(timeout=60) as client:
        yield client


def routes_of(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for route in routes:
        inside = getattr(route, "original_router", None)
        if inside is not None:
            yield from routes_of(inside.routes)
            continue
        for method in (getattr(route, "methods", None) or {"WEBSOCKET"}) - {"HEAD"}:
            yield method, route.path


def test_every_route_is_in_the_table(house: House) -> None:
    """A door that nobody thought about is not opened."""
    served = set(routes_of(house.app.routes))
    listed = {(way.method, way.path) for way in WAYS} | {("WEBSOCKET", path) for path in SOCKETS}
    assert served == listed


def may(caller: Caller, way: Way) -> bool:
    if way.needs == "anyone":
        return True
    if caller.stranger or way.needs == "nobody else":
        return False
    if way.needs == "signed in":
        return not way.people_only or bool(caller.cookies)
    if way.needs not in caller.functions:
        return False
    if way.by_register:
        return caller.register == f"{MINE}-1"
    shops = {None} if way.of_company else {None, MINE}
    return not way.of_shop or caller.shop in shops


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.method} {way.path}")
def test_a_route_opens_to_whom_the_table_names_and_to_nobody_else(
    house: House, client: httpx.Client, callers: list[Caller], way: Way
) -> None:
    """Who may not is refused or told that there is no such thing; another shop is never spoken of."""
    wrong = []
    named: Named | None = None
    # Where nobody is asked for anything it makes no difference who asks.
    for caller in callers[:2] if way.needs == "anyone" else callers:
        named = named or name_for(house, way)
        status, text = ask(house, client, caller, way, named)
        allowed = may(caller, way)
        if complaint := wrong_with(caller, way, status, text, allowed=allowed):
            wrong.append(f"{caller.name}: {complaint}")
        if allowed:
            named = None  # it may be done with; who is refused leaves all as it was
    assert wrong == []


def wrong_with(caller: Caller, way: Way, status: int, text: str, *, allowed: bool) -> str | None:
    """What is wrong with an answer, if something is."""
    complaint = None
    if status >= 500 and status != 503:
        complaint = f"{status}: {text[:200]}"
    elif caller.stranger and not allowed:
        if status not in {401, 303}:
            complaint = f"expected 401 or the way to sign in, got {status}"
    elif not allowed and status not in {403, 404} and not (status == 303 and caller.headers):
        complaint = f"expected 403 or 404, got {status}: {text[:200]}"
    elif allowed and status in {401, 403}:
        if way.path not in _SIGNS_IN:
            complaint = f"expected to be let in, got {status}: {text[:200]}"
    elif allowed and status == 404 and way.path not in _MAY_BE_MISSING:
        complaint = f"expected to find it, got 404: {text[:200]}"
    elif status == 200 and caller.shop == OTHER and MINE in text and way.path not in _ECHOES:
        complaint = f"was told of the other shop: {text[text.index(MINE) - 80 :][:160]}"
    return complaint


def name_for(house: House, way: Way) -> Named:
    """Make what a request names: its path and its body."""
    path = static_tree().url("base.css") if way.path.startswith("/static/") else way.path
    path = path.format_map({**_REGISTER, **way.fill(house)}) + way.query
    return path, way.body(house) if way.body else None


def ask(house: House, client: httpx.Client, caller: Caller, way: Way, named: Named) -> tuple[int, str]:
    """Ask, and return the status and what was said; of an endless answer, its beginning."""
    path, body = named
    headers = {"origin": house.url, **caller.headers}
    if caller.cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in caller.cookies.items())
        headers["x-tenban-csrf"] = page_token(caller.cookies[SESSION_COOKIE])
    client.cookies.clear()
    with client.stream(way.method, house.url + path, json=body, headers=headers) as answer:
        assert dressed(answer, way) == []
        endless = answer.headers.get("content-type", "").startswith("text/event-stream")
        return answer.status_code, "" if endless else answer.read().decode("utf-8", "replace")


def test_asking_for_another_shops_things_is_written_down_once(
    house: House, client: httpx.Client, callers: list[Caller]
) -> None:
    """However often somebody tries, the log has one line in ten minutes, with who and which shop."""
    looker = next(one for one in callers if one.name == f"attendant of {OTHER}")
    headers = {"cookie": f"{SESSION_COOKIE}={looker.cookies[SESSION_COOKIE]}"}
    house.here.refused.clear()
    before = len(house.audit("access:shop:refused"))
    incident = house.incident()
    for path in (f"/api/v1/incidents/{incident}", f"/api/v1/plu?shop={MINE}") * 3:
        assert client.get(house.url + path, headers=headers).status_code == 404
    lines = house.audit("access:shop:refused")[before:]
    assert [line["subject"] for line in lines] == [MINE]
    assert lines[0]["actor"].startswith("person:")


_KEPT = {
    "/static/{version}/{path:path}": "public, max-age=31536000, immutable",
    "/register/worker.js": "no-cache",
}
"""Answers that say nothing of anybody, and may be kept."""


_OF_MACHINES = {"content-security-policy": "default-src 'none'", "cache-control": "no-store"}


def dressed(answer: httpx.Response, way: Way) -> list[str]:
    """Which headers an answer lacks, or has wrong: every answer to everybody is looked at, refusals too."""
    had = answer.headers
    wanted = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
    }
    if way.path == "/api/v1/sale-events" and answer.is_success:
        # Told to tills, not to browsers: see access/headers.py.
        kept = ("x-content-type-options", "cross-origin-resource-policy")
        return [name for name in kept if had.get(name) != wanted[name]] + [
            name for name, part in _OF_MACHINES.items() if part not in had.get(name, "")
        ]
    wrong = [f"{name}: {had.get(name)}" for name, value in wanted.items() if had.get(name) != value]
    policy = had.get("content-security-policy", "")
    parts = ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]
    if had.get("content-type", "").startswith("text/html"):
        parts += ["form-action 'self'", "object-src 'none'", "script-src 'self';", "style-src 'self';"]
    wrong += [f"content-security-policy lacks {part}" for part in parts if part not in policy]
    if "unsafe" in policy or "//" in policy or "*" in policy:
        wrong.append(f"content-security-policy: {policy}")
    camera = "camera=(self)" if way.path.startswith("/register/") else "camera=()"
    if camera not in had.get("permissions-policy", ""):
        wrong.append(f"permissions-policy: {had.get('permissions-policy')}")
    kept = had.get("cache-control", "")
    private = "private" in kept and "Cookie" in had.get("vary", "")
    if "no-store" not in kept and not private and kept != _KEPT.get(way.path):
        wrong.append(f"cache-control: {kept!r}, vary: {had.get('vary')!r}")
    if any(said in had for said in ("server", "x-powered-by", "access-control-allow-origin")):
        wrong.append(f"says too much: {dict(had)}")
    return wrong
