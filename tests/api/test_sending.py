"""Sealed blobs over HTTP: ranges, and what is damaged or gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from tenban.api import errors
from tenban.api.sending import send_blob
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.engine import sqlite_url
from tenban.db.sealing import Damaged
from vaults import sealed_blobs

CLIP = bytes(range(256)) * 12_000  # three megabytes


@pytest.fixture
def store(migrated_sqlite: Path, tmp_path: Path) -> Iterator[BlobStore]:
    (tmp_path / "tenban.db").write_bytes(migrated_sqlite.read_bytes())
    database = Database(sqlite_url(tmp_path / "tenban.db"))
    yield sealed_blobs(database, tmp_path)
    database.close()


@pytest.fixture
def app(store: BlobStore) -> FastAPI:
    app = FastAPI()
    errors.install(app)

    @app.get("/{name}")
    async def one(name: str, request: Request) -> Response:
        return await send_blob(request, store.open(name), "video/mp4", cache="no-store", filename="動画.mp4")

    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client:
        yield client


@pytest.mark.parametrize(
    ("wanted", "status", "start", "stop"),
    [
        (None, 200, 0, len(CLIP)),
        ("bytes=0-", 206, 0, len(CLIP)),
        ("bytes=4-7", 206, 4, 8),
        ("bytes=65535-65536", 206, 65_535, 65_537),
        ("bytes=-5", 206, len(CLIP) - 5, len(CLIP)),
        ("bytes=3000000-99999999", 206, 3_000_000, len(CLIP)),
        ("bytes=0-1,5-6", 200, 0, len(CLIP)),
        ("bytes=-", 200, 0, len(CLIP)),
    ],
)
async def test_a_range_is_answered_with_that_range(
    client: httpx.AsyncClient, store: BlobStore, wanted: str | None, status: int, start: int, stop: int
) -> None:
    """As a video element asks for it; several ranges at once, and nonsense, get the whole."""
    name = store.put(CLIP, "mp4")
    answer = await client.get(f"/{name}", headers={} if wanted is None else {"range": wanted})
    assert (answer.status_code, answer.content == CLIP[start:stop]) == (status, True)
    assert answer.headers["content-length"] == str(stop - start)
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(CLIP)}"
    assert "filename*=utf-8''%E5%8B%95%E7%94%BB.mp4" in answer.headers["content-disposition"]


async def test_a_range_outside_is_refused_with_the_length(
    client: httpx.AsyncClient, store: BlobStore
) -> None:
    """416 says how long it is; a range of an earlier blob gets the whole of this one."""
    name = store.put(b"12345", "mp4")
    for wanted in ("bytes=5-", "bytes=9-12", "bytes=3-2", "bytes=-0"):
        answer = await client.get(f"/{name}", headers={"range": wanted})
        assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */5")
    other = await client.get(f"/{name}", headers={"range": "bytes=1-2", "if-range": '"another"'})
    assert (other.status_code, other.content) == (200, b"12345")


async def test_what_is_damaged_or_destroyed_is_said_and_not_sent(
    client: httpx.AsyncClient, store: BlobStore
) -> None:
    """A changed picture and a destroyed one each have a code a page can tell in words."""
    name, gone = store.put(b"picture", "jpg"), store.put(b"picture", "jpg")
    path = store._sealed(name)
    sealed = path.read_bytes()
    path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    answer = await client.get(f"/{name}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "damaged")
    assert name in answer.json()["error"]["message"]
    store.destroy([gone])
    answer = await client.get(f"/{gone}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_kept")


async def test_damage_further_on_breaks_off_before_it(app: FastAPI, store: BlobStore) -> None:
    """A status cannot be taken back: the connection ends, and what came before was genuine."""
    name = store.put(CLIP, "mp4")
    path = store._sealed(name)
    sealed = bytearray(path.read_bytes())
    sealed[2_500_000] ^= 1
    path.write_bytes(sealed)
    came = bytearray()

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def sent(message: Any) -> None:
        came.extend(message.get("body", b""))

    asked = {"type": "http", "method": "GET", "path": f"/{name}", "query_string": b"", "headers": []}
    with pytest.raises(BaseException) as broken:  # noqa: PT011  # a group of one, with newer frameworks
        await app(asked, receive, sent)
    assert broken.group_contains(Damaged) if isinstance(broken.value, BaseExceptionGroup) else True
    assert bytes(came) == CLIP[: len(came)]
    assert 1_000_000 < len(came) < 2_500_000
