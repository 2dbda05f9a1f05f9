"""A browser becomes a register: who may do so, and what its cookie opens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from pages.pictures import evidence
from tenban.access.model import Role, system_actor
from tenban.access.people import add_person
from tenban.access.pins import hash_pin
from tenban.access.secrets import hash_password
from tenban.access.tables import audit, people, tokens
from tenban.api import errors, pairing, plu, register, sale_events, session
from tenban.api.context import Here
from tenban.base.clock import to_rfc3339
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.findings.queries import withdraw_finding
from tenban.findings.tables import findings
from tenban.incidents import engine
from tenban.incidents.model import Cause, Clip, Still
from tenban.notify.board import Board
from tenban.pos.link import issue_command
from tenban.sites.model import Sites, View
from tenban.sites.zone import Zone
from tills import event, item, shop_with, whole_sale
from vaults import sealed_blobs

SYSTEM = system_actor("test")
PASSWORD = "correct horse"
HASH = hash_password(PASSWORD)
OWN = {"origin": "http://shop", "x-tenban-register": "lane-1"}


@pytest.fixture
def app(database: Database, clock: FakeClock, tmp_path: Path) -> FastAPI:
    app = FastAPI()
    errors.install(app)
    for module in (session, sale_events, plu, pairing, register):
        app.include_router(module.router)
    app.include_router(pairing.all_registers)
    sites = Sites("Example", (shop_with("lane-1", "lane-2"), shop_with("lane-9", shop="meguro")))
    app.state.here = Here(database, clock, sites, Board(), sealed_blobs(database, tmp_path), tmp_path)
    for name, role in (("sato", Role.ATTENDANT), ("mori", Role.SUPERVISOR)):
        database.write_now(
            lambda c, name=name, role=role: add_person(
                c, SYSTEM, clock.now(), name=name, password_hash=HASH, roles=[role], shop="ebisu"
            )
        )
    return app


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
        yield client


async def pair(browser: httpx.AsyncClient, name: str = "mori", **more: Any) -> httpx.Response:
    body = {"name": name, "password": more.pop("password", PASSWORD)}
    origin = more.pop("origin", "http://shop")
    path = f"/api/v1/registers/{more.pop('register', 'lane-1')}/pairing"
    return await browser.post(path, json=body, headers={"origin": origin})


def audited(database: Database) -> list[str]:
    return list(database.read_now(lambda c: c.execute(sa.select(audit.c.event)).scalars()))


async def test_a_supervisor_pairs_and_is_not_signed_in(
    browser: httpx.AsyncClient, database: Database
) -> None:
    """The cookie is the register's, out of reach of scripts, kept as a hash; the person is nobody here."""
    answer = await pair(browser)
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("tenban_till_lane-1=tnb_browser_")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    secret = browser.cookies["tenban_till_lane-1"]
    kept = database.read_now(lambda c: c.execute(sa.select(tokens)).mappings().one())
    assert secret not in str(dict(kept))
    assert (await browser.get("/api/v1/session")).status_code == 401
    assert "access:register:paired" in audited(database)


async def test_an_attendant_may_not_pair(browser: httpx.AsyncClient) -> None:
    """A role that does not set registers up is refused, and no cookie is set."""
    answer = await pair(browser, "sato")
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert (await pair(browser, register="lane-9")).status_code == 404
    assert (await pair(browser, register="lane-7")).status_code == 404


async def test_the_cookie_opens_its_register_alone(browser: httpx.AsyncClient) -> None:
    """Events of another register, and asking as another one, are refused; so is a request of another site."""
    await pair(browser)
    answer = await browser.post(sale_events.PATH, json=whole_sale(), headers=OWN)
    assert {one["status"] for one in answer.json()["results"]} == {"stored"}
    other = await browser.post(sale_events.PATH, json=[event(register="lane-2")], headers=OWN)
    assert other.json()["results"][0]["error"]["code"] == "forbidden"
    as_other = await browser.get("/api/v1/plu", headers={**OWN, "x-tenban-register": "lane-2"})
    assert as_other.status_code == 401
    foreign = await browser.post(sale_events.PATH, json=[], headers={**OWN, "origin": "http://evil"})
    assert foreign.status_code == 403
    bare = await browser.post(sale_events.PATH, json=[], headers={"x-tenban-register": "lane-1"})
    assert bare.status_code == 403
    assert (await browser.get("/api/v1/plu", headers=OWN)).status_code == 200
    assert (await browser.get("/api/v1/plu")).status_code == 401


async def test_a_registers_page_never_acts_as_the_person_beside_it(browser: httpx.AsyncClient) -> None:
    """With a session in the same browser, a request of the register without its cookie is nobody's."""
    await browser.post("/api/v1/session", json={"name": "mori", "password": PASSWORD})
    assert (await browser.get("/api/v1/plu")).status_code == 200
    assert (await browser.get("/api/v1/plu", headers=OWN)).status_code == 401


async def test_a_pairing_ends_from_here_and_from_elsewhere(
    browser: httpx.AsyncClient, app: FastAPI, clock: FakeClock, database: Database
) -> None:
    """The browser itself ends it; a supervisor ends that of a lost device by the list."""
    await pair(browser)
    assert (await browser.delete("/api/v1/registers/lane-1/pairing", headers=OWN)).status_code == 204
    assert (await browser.get("/api/v1/plu", headers=OWN)).status_code == 401
    await pair(browser)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as office:
        await office.post("/api/v1/session", json={"name": "mori", "password": PASSWORD})
        (known,) = (await office.get("/api/v1/registers/lane-1/pairings")).json()
        gone = await office.delete(f"/api/v1/registers/lane-1/pairings/{known['id']}")
        assert gone.status_code == 204
        assert (await office.get("/api/v1/registers/lane-1/pairings")).json() == []
        again = await office.delete(f"/api/v1/registers/lane-1/pairings/{known['id']}")
        assert again.status_code == 404
    assert (await browser.get("/api/v1/plu", headers=OWN)).status_code == 401
    assert audited(database).count("access:register:unpaired") == 2


async def test_pairings_say_who_when_and_on_what(
    browser: httpx.AsyncClient, app: FastAPI, clock: FakeClock
) -> None:
    """The list of the shop names who paired, the device and when it was last seen; attendants get none."""
    browser.headers["user-agent"] = "Mozilla/5.0 (Linux; Android 14) Chrome/142.0"
    await pair(browser)
    clock.fast_forward(length_s=90)
    await browser.get("/api/v1/plu", headers=OWN)
    seen_at = clock.now()
    clock.fast_forward(length_s=30)
    await browser.get("/api/v1/plu", headers=OWN)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as office:
        await office.post("/api/v1/session", json={"name": "sato", "password": PASSWORD})
        assert (await office.get("/api/v1/pairings")).status_code == 403
        await office.post("/api/v1/session", json={"name": "mori", "password": PASSWORD})
        (known,) = (await office.get("/api/v1/pairings")).json()
        assert known == (await office.get("/api/v1/registers/lane-1/pairings")).json()[0]
        assert (await office.get("/api/v1/registers/lane-9/pairings")).status_code == 404
    assert (known["register"], known["by_name"]) == ("lane-1", "mori")
    assert "Android" in known["device"]
    assert known["seen_at"] == to_rfc3339(seen_at)


async def test_an_ended_pairing_is_forgotten_at_once(
    browser: httpx.AsyncClient, app: FastAPI, clock: FakeClock
) -> None:
    """No request more is let through, not within the seconds that callers are remembered for."""
    await pair(browser)
    path = "/api/v1/registers/lane-1/pairing"
    for _ in range(2):
        assert (await browser.get(path, headers=OWN)).status_code == 204
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as office:
        await office.post("/api/v1/session", json={"name": "mori", "password": PASSWORD})
        (known,) = (await office.get("/api/v1/pairings")).json()
        await office.delete(f"/api/v1/registers/lane-1/pairings/{known['id']}")
    assert (await browser.get(path, headers=OWN)).status_code == 401


async def test_wrong_passwords_are_slowed_down(browser: httpx.AsyncClient, clock: FakeClock) -> None:
    """After five wrong ones even the right one has to wait; five minutes later it is let through."""
    for _ in range(5):
        assert (await pair(browser, password="wrong horse")).status_code == 403
    answer = await pair(browser)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many")
    clock.fast_forward(length_s=301)
    assert (await pair(browser)).status_code == 204


async def test_approvals_are_checked_counted_and_written_down(
    browser: httpx.AsyncClient, database: Database
) -> None:
    """The right role with the right password; a refusal is in the log, too, and names no password."""
    await pair(browser)
    path = "/api/v1/registers/lane-1/approvals"
    asked = {"name": "sato", "password": PASSWORD, "what": "age", "sale": "17"}
    given = await browser.post(path, json=asked, headers=OWN)
    assert given.json()["by_name"] == "sato"
    assert (await browser.post(path, json={**asked, "what": "refund"}, headers=OWN)).status_code == 403
    assert (await browser.post(path, json={**asked, "password": "no"}, headers=OWN)).status_code == 403
    assert (await browser.post(path, json={**asked, "what": "all"}, headers=OWN)).status_code == 400
    by_pin = {"name": "sato", "pin": "482913", "what": "age"}
    assert (await browser.post(path, json=by_pin, headers=OWN)).json()["error"]["code"] == "wrong_pin"
    database.write_now(lambda c: c.execute(people.update().values(pin_hash=hash_pin("482913"))))
    assert (await browser.post(path, json=by_pin, headers=OWN)).json()["by_name"] == "sato"
    assert (await browser.post(path, json={**asked, "pin": "482913"}, headers=OWN)).status_code == 400
    other = "/api/v1/registers/lane-2/approvals"
    assert (await browser.post(other, json=asked, headers=OWN)).status_code == 403
    assert audited(database).count("pos:approval:given") == 2
    assert audited(database).count("pos:approval:refused") == 3


async def test_two_sides_of_a_register_see_one_sale(browser: httpx.AsyncClient) -> None:
    """The current sale with its lines and last number; asked with what is known, it waits for news."""
    await pair(browser)
    path = "/api/v1/registers/lane-1/sale"
    assert (await browser.get(path, headers=OWN)).json() == {"sale": None}
    await browser.post(sale_events.PATH, json=whole_sale(), headers=OWN)
    told = (await browser.get(path, headers=OWN)).json()
    assert (told["sale"], told["state"], told["seq"], told["total"]) == ("0001-17", "paid", 6, 300)
    assert [(line["quantity"], line["amount"]) for line in told["lines"]] == [(0, 0), (3, 300)]
    same = await browser.get(path, params={"sale": "0001-17", "seq": 6, "wait_s": 0.05}, headers=OWN)
    assert same.json() == told
    assert (await browser.get("/api/v1/registers/lane-2/sale", headers=OWN)).status_code == 403


async def test_attendants_hold_and_release_and_the_register_cannot(
    browser: httpx.AsyncClient, database: Database
) -> None:
    """Holding payment is staff's: the register itself may not release it by this door; unlinked it fails."""
    await pair(browser)
    path = "/api/v1/registers/lane-1/payment"
    assert (await browser.post(path, json={"held": False}, headers=OWN)).status_code == 403
    await browser.post("/api/v1/session", json={"name": "sato", "password": PASSWORD})
    unlinked = await browser.post(path, json={"held": True, "reason": "x"})
    assert (unlinked.status_code, unlinked.json()["error"]["code"]) == (409, "not_linked")
    assert (await browser.post(path, json={"held": False})).status_code == 204
    assert audited(database)[-1] == "pos:payment:released"


async def test_a_hints_picture_goes_to_its_register_and_is_written_down(
    browser: httpx.AsyncClient, app: FastAPI, database: Database, clock: FakeClock
) -> None:
    """Only the register that was sent the hint gets its picture, for some minutes, after it is in the log."""
    await pair(browser)
    blob = app.state.here.blobs.put(b"jpeg", "jpg")
    text = {"text": {"ja": "あ", "en": "a"}, "still": f"blob:{blob}"}
    command = database.write_now(
        lambda c: issue_command(c, "lane-1", "hint", text, clock.now(), actor=SYSTEM)
    )
    path = f"/api/v1/registers/lane-1/hints/{command}/still"
    assert (await browser.get(path, headers=OWN)).content == b"jpeg"
    assert audited(database).count("media:picture:viewed") == 1
    assert (await browser.get(path)).status_code == 401
    clock.fast_forward(length_s=901)
    assert (await browser.get(path, headers=OWN)).status_code == 404


async def test_a_hints_picture_and_clip_are_blurred_where_something_is(
    browser: httpx.AsyncClient, app: FastAPI, database: Database, clock: FakeClock
) -> None:
    """What is of no known part is not shown, and the clip is the blurred one: the screen faces the queue."""
    await pair(browser)
    await browser.post(sale_events.PATH, json=[event()], headers=OWN)
    here = app.state.here
    _, whole, crop, box = evidence(1)
    names = [here.blobs.put(data, kind) for data, kind in ((whole, "jpg"), (crop, "jpg"), (b"all", "mp4"))]
    now_at = clock.now()
    still = Still("x", f"blob:{names[0]}", now_at, f"blob:{names[1]}", box, box)
    clip = Clip("order", now_at, now_at, "ready", f"blob:{names[2]}")
    cause = Cause("key", now_at, now_at, {}, {}, evidence=[still], clip=clip)
    opening = engine.Opening("ebisu", None, "item_not_registered", "lane-1", None, "fold", cause)
    incident = database.write_now(lambda c: engine.open_incident(c, SYSTEM, now_at, opening))
    row = {"key": "key", "fold": "fold", "rule": "item_not_registered", "register": "lane-1"}
    times = dict.fromkeys(("at", "decidable_at", "found_at"), now_at)
    database.write_now(lambda c: c.execute(findings.insert().values(**row, **times, sale="0001-17", body={})))
    zone = Zone("mask", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    shop = here.sites.shops[0]
    masked = replace(shop.registers[0], views=(View("cam", (zone,)),))
    here.sites = replace(here.sites, shops=(replace(shop, registers=(masked,)),))
    for about, shown in (("key", f"blob:{names[1]}"), ("other", f"blob:{names[1]}")):
        body = {"text": {"ja": "あ", "en": "a"}, "about": about, "still": shown, "clip": "follows"}
        command = database.write_now(
            lambda c, body=body: issue_command(c, "lane-1", "hint", body, now_at, actor=SYSTEM)
        )
        path = f"/api/v1/registers/lane-1/hints/{command}"
        answer = await browser.get(f"{path}/still", headers=OWN)
        if about == "other":
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200
        assert answer.content != crop
        assert (await browser.get(f"{path}/clip", headers=OWN)).status_code == 202
        ref = f"blob:{here.blobs.put(b'blurred', 'mp4')}"
        database.write_now(
            lambda c, ref=ref: engine.add_masked_clip(c, SYSTEM, now_at, incident.id, "key", ref)
        )
        assert (await browser.get(f"{path}/clip", headers=OWN)).content == b"blurred"


async def test_a_hints_clip_goes_to_its_register_while_the_hint_is_about_its_sale(
    browser: httpx.AsyncClient, app: FastAPI, database: Database, clock: FakeClock
) -> None:
    """Pending, then sent and written down; ended by withdrawal and by the next shopper; no others."""
    await pair(browser)
    await browser.post(sale_events.PATH, json=[event()], headers=OWN)
    blob = app.state.here.blobs.put(b"mp4", "mp4")
    now_at = clock.now()
    cause = Cause("key", now_at, now_at, {}, {}, clip=Clip("order", now_at, now_at))
    opening = engine.Opening("ebisu", None, "item_not_registered", "lane-1", None, "fold", cause)
    incident = database.write_now(lambda c: engine.open_incident(c, SYSTEM, now_at, opening))
    row = {"key": "key", "fold": "fold", "rule": "item_not_registered", "register": "lane-1"}
    times = dict.fromkeys(("at", "decidable_at", "found_at"), now_at)
    database.write_now(lambda c: c.execute(findings.insert().values(**row, **times, sale="0001-17", body={})))
    body = {"text": {"ja": "あ", "en": "a"}, "about": "key", "clip": "follows"}
    command = database.write_now(lambda c: issue_command(c, "lane-1", "hint", body, now_at, actor=SYSTEM))
    path = f"/api/v1/registers/lane-1/hints/{command}/clip"
    assert (await browser.get(path, headers=OWN)).status_code == 202
    ready = Clip("order", now_at, now_at, "ready", f"blob:{blob}")
    database.write_now(lambda c: engine.settle_clip(c, SYSTEM, now_at, incident.id, "key", ready))
    answer = await browser.get(path, headers=OWN)
    assert (answer.content, answer.headers["cache-control"]) == (b"mp4", "no-store")
    assert audited(database).count("media:picture:viewed") == 1
    await pair(browser, register="lane-2")
    other = {**OWN, "x-tenban-register": "lane-2"}
    assert (await browser.get(path, headers=other)).status_code == 403
    assert (await browser.get(path.replace("lane-1", "lane-2"), headers=other)).status_code == 404
    await browser.post("/api/v1/session", json={"name": "mori", "password": PASSWORD})
    assert (await browser.get(path)).status_code == 403
    clock.fast_forward(length_s=60)
    await browser.post(sale_events.PATH, json=[event(sale="0001-18", rung_at=clock.now())], headers=OWN)
    assert (await browser.get(path, headers=OWN)).status_code == 404
    back = [event("sale_resumed", seq=2, rung_at=clock.now() + 1)]
    clock.fast_forward(length_s=1)
    await browser.post(sale_events.PATH, json=back, headers=OWN)
    assert (await browser.get(path, headers=OWN)).status_code == 200
    database.write_now(lambda c: withdraw_finding(c, "key", clock.now(), "registered_late"))
    assert (await browser.get(path, headers=OWN)).status_code == 404


async def test_a_register_without_a_printer_says_so(browser: httpx.AsyncClient) -> None:
    """Asking for paper where none is configured names the file to look at."""
    await pair(browser)
    await browser.post(sale_events.PATH, json=[event(item=item())], headers=OWN)
    answer = await browser.post("/api/v1/registers/lane-1/receipts", json={"sale": "0001-17"}, headers=OWN)
    assert answer.status_code == 404
    assert "tenban.toml" in answer.json()["error"]["message"]
