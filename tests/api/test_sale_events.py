"""The door for sale events over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from tenban.access.model import system_actor
from tenban.access.tables import tokens
from tenban.access.tokens import make_token
from tenban.api import errors, sale_events
from tenban.api.context import Here
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.notify.board import Board
from tenban.pos import queries
from tenban.sites.model import Register, Shop, Sites
from tills import event, item

SECRET = "the-token-of-lane-1"
URL = "/api/v1/sale-events"


@pytest.fixture(params=["door", "route"])
async def till(
    request: pytest.FixtureRequest, database: Database, clock: FakeClock, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A till at lane-1, with its token, before the application, with the fast door and without."""
    registers = tuple(Register(one, "ebisu", one, "self") for one in ("lane-1", "lane-2"))
    sites = Sites("Example", (Shop("ebisu", "Ebisu", ZoneInfo("Asia/Tokyo"), "JPY", (), (), registers),))
    app = FastAPI()
    errors.install(app)
    app.include_router(sale_events.router)
    app.state.here = Here(database, clock, sites, Board(), BlobStore(tmp_path), tmp_path)
    await database.write(
        lambda connection: make_token(
            connection,
            system_actor("test"),
            clock.now(),
            kind="register",
            subject="lane-1",
            shop="ebisu",
            secret=SECRET,
        )
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(sale_events.Door(app) if request.param == "door" else app),
        base_url="http://shop",
        headers={"authorization": f"Bearer {SECRET}", "content-type": "application/json"},
    ) as client:
        yield client


async def test_stored_then_duplicate(till: httpx.AsyncClient, database: Database) -> None:
    """The answer names each event and says stored, and duplicate when it comes again."""
    one = event("item_registered", item=item())
    first = await till.post(URL, content=orjson.dumps([one]))
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/json"
    assert first.json() == {"results": [{"event_id": one["event_id"], "status": "stored"}]}
    second = await till.post(URL, content=orjson.dumps([one]))
    assert second.json() == {"results": [{"event_id": one["event_id"], "status": "duplicate"}]}
    assert len(database.read_now(lambda connection: queries.events_since(connection, 0))) == 1


async def test_a_refused_event_says_why(till: httpx.AsyncClient) -> None:
    """Refused events carry an error of code and message; their neighbours are stored."""
    answer = await till.post(URL, content=orjson.dumps([event(), event(type="sale_sterted", seq=2), 7]))
    assert answer.status_code == 200
    stored, misspelt, no_event = answer.json()["results"]
    assert stored["status"] == "stored"
    assert misspelt["status"] == "refused"
    assert misspelt["error"]["code"] == "bad_input"
    assert misspelt["error"]["message"].startswith("type: expected one of sale_started, ")
    assert misspelt["error"]["message"].endswith("got 'sale_sterted'")
    assert no_event == {
        "event_id": None,
        "status": "refused",
        "error": {"code": "bad_input", "message": "event: expected an object, got 7"},
    }


async def test_no_events_are_no_mistake(till: httpx.AsyncClient) -> None:
    """An empty array gets an empty list of results."""
    assert (await till.post(URL, content=b"[]")).json() == {"results": []}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'[{"event_id": ]', "body, line 1 column 15: expected JSON, got "),
        (b'[\n{"a": 1},\n{"b" 2}]', "body, line 3 column 6: expected JSON, got "),
        (b"", "body, line 1 column 1: expected JSON, got "),
        (b"\xff\xfe", "body, line 1 column 1: expected JSON, got "),
        (b'{"event_id": "x"}', "body: expected a JSON array of sale events, got an object"),
        (b"null", "body: expected a JSON array of sale events, got null"),
        (orjson.dumps([1] * 1001), "sale events: expected at most 1000 at once, got 1001"),
        (b"[" * 5000, "body, line 1 column "),
    ],
)
async def test_malformed_bodies_are_refused_by_position(
    till: httpx.AsyncClient, body: bytes, message: str
) -> None:
    """What is no array of events is a 400 that names where reading stopped."""
    answer = await till.post(URL, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_input"
    assert answer.json()["error"]["message"].startswith(message)


async def test_a_form_is_not_taken(till: httpx.AsyncClient) -> None:
    """Another content type is a 415."""
    answer = await till.post(URL, content=b"[]", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json()["error"]["code"] == "wrong_media_type"


async def test_a_body_too_large_is_not_taken(till: httpx.AsyncClient) -> None:
    """More than a mebibyte is a 413, whether or not its length was declared."""
    body = b"[" + b" " * (1 << 20) + b"]"
    declared = await till.post(URL, content=body)
    assert (declared.status_code, declared.json()["error"]["code"]) == (413, "too_large")

    async def in_parts() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    chunked = await till.post(URL, content=in_parts())
    assert (chunked.status_code, chunked.json()["error"]["code"]) == (413, "too_large")


async def test_without_a_token_nothing_is_taken(till: httpx.AsyncClient, database: Database) -> None:
    """Nobody, and a token nobody knows, get a 401."""
    for header in ("", "Bearer nonsense", "Basic abc"):
        answer = await till.post(URL, content=orjson.dumps([event()]), headers={"authorization": header})
        assert answer.status_code == 401
    assert database.read_now(lambda connection: queries.events_since(connection, 0)) == []


async def test_a_revoked_token_is_refused_within_seconds(
    till: httpx.AsyncClient, database: Database, clock: FakeClock
) -> None:
    """A token in use that is revoked elsewhere works for five seconds at most, then never again."""
    assert (await till.post(URL, content=orjson.dumps([event()]))).status_code == 200
    await database.write(lambda c: c.execute(sa.update(tokens).values(revoked_at=clock.now())))
    for _ in range(6):  # asking again and again does not keep it alive
        answer = await till.post(URL, content=b"[]")
        clock.fast_forward(length_s=1)
    assert answer.status_code == 401
    assert (await till.post(URL, content=orjson.dumps([event(seq=2)]))).status_code == 401
    assert len(database.read_now(lambda connection: queries.events_since(connection, 0))) == 1


async def test_a_token_made_after_a_refusal_works_at_once(
    till: httpx.AsyncClient, database: Database, clock: FakeClock
) -> None:
    """That a secret was unknown is not remembered: a till that asks too early need not wait."""
    headers = {"authorization": "Bearer not-yet"}
    assert (await till.post(URL, content=b"[]", headers=headers)).status_code == 401
    await database.write(
        lambda connection: make_token(
            connection,
            system_actor("test"),
            clock.now(),
            kind="register",
            subject="lane-2",
            shop="ebisu",
            secret="not-yet",
        )
    )
    assert (await till.post(URL, content=b"[]", headers=headers)).status_code == 200


async def test_a_remembered_token_speaks_for_its_own_register_only(till: httpx.AsyncClient) -> None:
    """What is remembered of one secret says nothing about another header that begins the same."""
    assert (await till.post(URL, content=b"[]")).status_code == 200
    for header in (f"Bearer {SECRET}x", f"Bearer {SECRET[:-1]}", f"Basic {SECRET}", SECRET):
        answer = await till.post(URL, content=b"[]", headers={"authorization": header})
        assert answer.status_code == 401, header


async def test_a_card_number_is_not_echoed(till: httpx.AsyncClient) -> None:
    """A refusal shows what came, but never a card number."""
    answer = await till.post(
        URL, content=orjson.dumps([event(type="4111111111111111"), event(seq="4111-1111-1111-1111")])
    )
    assert "4111" not in answer.text
    assert "…1111" in answer.text


async def test_the_contract_is_in_openapi(till: httpx.AsyncClient) -> None:
    """OpenAPI shows the events' schema with an example, and every error."""
    paths = (await till.get("/openapi.json")).json()["paths"]
    post = paths[URL]["post"]
    body = post["requestBody"]["content"]["application/json"]
    assert body["schema"]["items"]["properties"]["type"]["enum"][0] == "sale_started"
    assert body["example"][0]["type"] == "item_registered"
    assert {"200", "400", "401", "413", "415", "503"} <= set(post["responses"])
