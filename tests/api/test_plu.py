"""The PLU master over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tenban.access.model import system_actor
from tenban.access.tokens import make_token
from tenban.api import errors, plu
from tenban.api.context import Here
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.notify.board import Board
from tenban.pos.plu import import_plu
from tenban.pos.plu_file import read_plu
from tenban.sites.model import Sites
from tills import STARTS_AT, shop_with

SYSTEM = system_actor("test")
SHOP = shop_with("lane-1")


async def bring_in(database: Database, text: str, *, replace: bool = False) -> None:
    file = read_plu(text.encode(), where="plu.csv")
    await database.write(
        lambda c: import_plu(c, SYSTEM, STARTS_AT, SHOP, file, source="plu.csv", replace=replace)
    )


@pytest.fixture
async def till(database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    errors.install(app)
    app.include_router(plu.router)
    sites = Sites("Example", (SHOP, shop_with("lane-9", shop="meguro")))
    app.state.here = Here(database, clock, sites, Board(), BlobStore(tmp_path), tmp_path)
    await database.write(
        partial(
            make_token,
            actor=SYSTEM,
            at=clock.now(),
            kind="register",
            subject="lane-1",
            shop="ebisu",
            secret="s",
        )
    )
    await bring_in(database, "code,name,price\n4901234567894,緑茶,198\n1001,みかん,80\n")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://shop", headers={"authorization": "Bearer s"}
    ) as client:
        yield client


async def test_the_whole_master_with_its_etag(till: httpx.AsyncClient) -> None:
    """A till gets its shop's articles and an ETag; asking again with it gets nothing."""
    answer = await till.get("/api/v1/plu")
    assert answer.json()["version"] == 1
    assert answer.json()["items"][1] == {
        "code": "4901234567894",
        "name": "緑茶",
        "unit_price": 198,
        "unit": "piece",
        "category": None,
        "reading": None,
        "minimum_age": None,
    }
    for tag in (answer.headers["etag"], f"W/{answer.headers['etag']}", f'"other", {answer.headers["etag"]}'):
        again = await till.get("/api/v1/plu", headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")


async def test_a_delta_since_a_version(till: httpx.AsyncClient, database: Database) -> None:
    """With since, only what changed and what went comes, with the newest version's ETag."""
    await bring_in(database, "code,name,price\n4901234567894,緑茶,208\n", replace=True)
    answer = await till.get("/api/v1/plu", params={"since": 1}, headers={"if-none-match": '"ebisu-1"'})
    assert answer.headers["etag"] == '"ebisu-2"'
    assert [one["unit_price"] for one in answer.json()["changed"]] == [208]
    assert (answer.json()["version"], answer.json()["removed"]) == (2, ["1001"])


@pytest.mark.parametrize(("since", "status"), [("7", 400), ("x", 400), ("-1", 400)])
async def test_a_since_that_makes_no_sense(till: httpx.AsyncClient, since: str, status: int) -> None:
    """Versions that have not been, and what is no number, are refused in the one error shape."""
    answer = await till.get("/api/v1/plu", params={"since": since})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "bad_input")


async def test_another_shops_master_is_not_served(till: httpx.AsyncClient) -> None:
    """A till may not read another shop's prices; nobody may without a token."""
    assert (await till.get("/api/v1/plu", params={"shop": "meguro"})).status_code == 404
    assert (await till.get("/api/v1/plu", headers={"authorization": ""})).status_code == 401
