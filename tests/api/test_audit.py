"""The audit log over HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tenban.access.audit import AuditEvent, seal, write_down
from tenban.access.cookies import SESSION_COOKIE
from tenban.access.keys import KEYS, PUBLIC, sealing_key
from tenban.access.looks import Seen, write_look
from tenban.access.model import Function, Role, system_actor
from tenban.access.people import add_person, open_session
from tenban.access.staff_codes import give
from tenban.api import audit, errors
from tenban.api.context import Here
from tenban.base.clock import SECOND
from tenban.base.fakes import FakeClock
from tenban.db import Connection, Database
from tenban.db.blobs import BlobStore
from tenban.notify.board import Board
from tenban.pos.queries import EventRow, add_new
from tenban.server.audit import prove_file
from tenban.server.settings import ServeSettings
from tenban.sites.model import Sites
from tills import shop_with

SYSTEM = system_actor("test")


@pytest.fixture
async def auditor(database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's browser, and a sealed log of some rows."""
    app = FastAPI()
    errors.install(app)
    app.include_router(audit.router)
    sites = Sites("Example", (shop_with("lane-1"),))
    app.state.here = Here(database, clock, sites, Board(), BlobStore(tmp_path), tmp_path)
    now_at = clock.now()
    database.write_now(
        lambda c: add_person(
            c, SYSTEM, now_at, name="kanri", password_hash="x", roles=[Role.ADMINISTRATOR], shop=None
        )
    )
    secret, _ = database.write_now(lambda c: open_session(c, "kanri", now_at))
    for n in range(3):
        subject = f"=cmd|{n}"
        database.write_now(
            partial(write_down, event=AuditEvent.SIGN_IN_REFUSED, actor=SYSTEM, at=now_at, subject=subject)
        )
    key = sealing_key(tmp_path / KEYS)
    database.write_now(lambda c: seal(c, key, now_at))
    cookies = {SESSION_COOKIE: secret}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop", cookies=cookies
    ) as client:
        yield client


async def test_pages_of_rows_follow_one_another(auditor: httpx.AsyncClient) -> None:
    """A page names where the next begins, and the log says how far it is signed."""
    first = (await auditor.get("/api/v1/audit?limit=3")).json()
    assert ([row["n"] for row in first["rows"]], first["next"]) == ([5, 4, 3], 3)
    assert (first["log"]["last_n"], first["log"]["sealed_n"]) == (5, 5)
    rest = (await auditor.get("/api/v1/audit?limit=3&before=3")).json()
    assert ([row["n"] for row in rest["rows"]], rest["next"]) == ([2, 1], None)
    assert rest["rows"][1]["subject"]["name"] == "kanri"


@pytest.mark.parametrize("query", ["from=yesterday", "before=0", "limit=9999", "who=" + "x" * 200])
async def test_a_search_that_cannot_be_read_is_refused(auditor: httpx.AsyncClient, query: str) -> None:
    """The answer names what was expected."""
    answer = await auditor.get(f"/api/v1/audit?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_input")


async def test_a_proof_says_how_far_the_log_holds(auditor: httpx.AsyncClient, tmp_path: Path) -> None:
    """A whole log is whole; under another key its seals are not believed; both are written down."""
    told = (await auditor.post("/api/v1/audit/proof")).json()
    assert (told["whole"], told["rows"], told["sealed_n"], told["fault"]) == (True, 5, 5, None)
    sealing_key(tmp_path / "other")
    (tmp_path / KEYS / PUBLIC).write_bytes((tmp_path / "other" / PUBLIC).read_bytes())
    told = (await auditor.post("/api/v1/audit/proof")).json()
    assert (told["whole"], told["rows"]) == (False, 5)
    assert "is not among those given" in told["fault"]
    rows = (await auditor.get("/api/v1/audit?event=audit:log:proven")).json()["rows"]
    assert [row["detail"]["whole"] for row in rows] == [False, True]


async def test_a_table_is_safe_in_a_spreadsheet(auditor: httpx.AsyncClient) -> None:
    """Every row that fits is there, nothing typed is a formula, and the export is written down first."""
    answer = await auditor.get("/api/v1/audit/export.csv?event=access:session:refused")
    assert "audit.csv" in answer.headers["content-disposition"]
    table = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [line["subject"] for line in table] == ["'=cmd|2", "'=cmd|1", "'=cmd|0"]
    # As the shop's clocks show it, which the page does as well.
    assert all(line["at"].endswith("+09:00") for line in table)
    newest = (await auditor.get("/api/v1/audit?limit=1")).json()["rows"][0]
    assert (newest["event"], newest["detail"]) == (
        "audit:log:exported",
        {"sought": {"event": "access:session:refused"}},
    )


async def test_the_whole_log_is_proven_elsewhere(auditor: httpx.AsyncClient, tmp_path: Path) -> None:
    """What is downloaded is what tenban audit verify reads."""
    answer = await auditor.get("/api/v1/audit/export.jsonl")
    file = tmp_path / "taken.jsonl"
    file.write_bytes(answer.content)
    settings = ServeSettings(tmp_path / "tenban.toml", tmp_path)
    proof = prove_file(file, settings, [])
    assert (proof.rows, proof.seals, proof.fault) == (6, 1, None)


async def test_a_cashier_finds_looks_at_the_register_they_were_at(
    auditor: httpx.AsyncClient, database: Database, clock: FakeClock
) -> None:
    """By the tills' code and the picture's time, not the look's; told is why, and not the way to it."""
    now_at = clock.now()
    hour = 3600 * SECOND
    sato = database.write_now(
        lambda c: add_person(
            c, SYSTEM, now_at - 9 * hour, name="sato", password_hash="x", roles=[Role.CASHIER], shop="ebisu"
        )
    )
    looks = {"before": now_at - 5 * hour, "while": now_at - 3 * hour, "after": now_at - hour}

    def keep(connection: Connection) -> None:
        give(connection, SYSTEM, now_at, sato, {"ebisu": "佐藤"})
        signed = ((4 * hour, "cashier_signed_on"), (2 * hour, "cashier_signed_off"))
        add_new(connection, [signing(n, kind, now_at - ago) for n, (ago, kind) in enumerate(signed)])
        for subject, at in looks.items():
            write_look(
                connection,
                AuditEvent.MEDIA_VIEWED,
                SYSTEM,
                now_at,
                subject,
                shop="ebisu",
                function=Function.MEDIA_VIEW,
                seen=Seen(("lane-1",), at, at),
                blob="secret-name.jpg",
            )

    database.write_now(keep)
    secret, _ = database.write_now(lambda c: open_session(c, "sato", now_at))
    auditor.cookies.set(SESSION_COOKIE, secret)
    answer = await auditor.get("/api/v1/audit/mine")
    rows = [row for row in answer.json()["rows"] if row["event"] == "media:picture:viewed"]
    assert [row["subject"]["id"] for row in rows] == ["while"]
    assert (rows[0]["detail"]["function"], rows[0]["detail"]["picture"]) == ("media:view", "still")
    assert "secret-name" not in answer.text


def signing(n: int, kind: str, at: int) -> EventRow:
    return EventRow(
        f"signing-{n}", "ebisu", "lane-1", None, n, kind, at, at, at, 0, False, None, None,
        None, None, None, "佐藤", "{}",
    )  # fmt: skip
