"""Packages over HTTP: with ranges, taken up again, and only for who showed a moment ago that it is them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from cases.houses import ADMIN, CaseHouse, case_house
from tenban.access.audit import AuditEvent
from tenban.access.model import Role
from tenban.access.people import add_person, open_session
from tenban.access.tables import sessions
from tenban.api import cases, errors
from tenban.api.context import Here
from tenban.notify.board import Board


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[CaseHouse]:
    with case_house(migrated_sqlite, tmp_path_factory.mktemp("cases-api")) as house:
        yield house


class Door:
    """The routes of cases, and somebody in front of them."""

    def __init__(self, house: CaseHouse) -> None:
        self.app = FastAPI()
        errors.install(self.app)
        self.app.include_router(cases.router)
        self.here = Here(house.db, house.clock, house.sites, Board(), house.blobs, house.folder)
        self.app.state.here = self.here

    def come(self, role: Role) -> httpx.AsyncClient:
        name, now_at, write = f"the {role}", self.here.clock.now(), self.here.db.write_now
        add = partial(add_person, name=name, password_hash="-", roles=[role], shop="ebisu")
        write(lambda c: add(c, ADMIN, now_at))
        secret, _ = write(lambda c: open_session(c, name, now_at))
        transport, cookies = httpx.ASGITransport(self.app), {"tenban_session": secret}
        return httpx.AsyncClient(transport=transport, base_url="http://shop", cookies=cookies)

    def forget_proof(self) -> None:
        """It was too long ago that anybody showed who they are."""
        self.here.db.write_now(lambda c: c.execute(sessions.update().values(proven_at=0)))
        self.here.forget()


async def test_a_package_is_taken_in_ranges_by_who_showed_that_it_is_them(house: CaseHouse) -> None:
    """Whole, or on from where it broke off; a beginning asks for the PIN and is written down, once."""
    door, (package, data) = Door(house), house.make(house.sealed())
    url = f"/api/v1/cases/packages/{package.id}/file"
    async with door.come(Role.SUPERVISOR) as mori, door.come(Role.ANALYST) as kato:
        whole = await mori.get(url)
        assert (whole.status_code, whole.content == data) == (200, True)
        assert (whole.headers["content-type"], whole.headers["accept-ranges"]) == ("application/zip", "bytes")
        assert f"case-ebisu-2026-0001-{package.number}.zip" in whole.headers["content-disposition"]
        door.forget_proof()
        more = {"Range": f"bytes={len(data) - 50}-", "If-Range": whole.headers["etag"]}
        rest = await mori.get(url, headers=more)
        assert (rest.status_code, rest.content) == (206, data[-50:])
        assert len(house.audit(AuditEvent.CASE_PACKAGE_TAKEN)) == 1
        again = await mori.get(url)
        assert (again.status_code, again.json()["error"]["code"]) == (403, "step_up")
        # Who never began has nothing to take up; the original form is not an analyst's at all.
        assert (await kato.get(url, headers=more)).status_code == 403
        assert len(house.audit(AuditEvent.CASE_PACKAGE_TAKEN)) == 1


async def test_an_auditor_sees_that_there_is_a_package_and_not_what_it_is_about(house: CaseHouse) -> None:
    """No title, no purpose, no contents; the proof of it all the same, and of a bent one what is wrong."""
    door, case = Door(house), house.sealed(note="内緒")
    package, _ = house.make(case)
    async with door.come(Role.AUDITOR) as ono:
        told = (await ono.get(f"/api/v1/cases/{case.id}")).json()
        assert (told["title"], told["items"], told["history"]) == (None, [], [])
        assert told["packages"][0]["purpose"] is None
        proof = (await ono.post(f"/api/v1/cases/packages/{package.id}/proof")).json()
        assert (proof["whole"], proof["files"], proof["key_id"]) == (True, package.files, house.key.key_id)
        path = house.folder / "cases" / case.id / f"{package.id}.zip"
        bent = bytearray(path.read_bytes())
        bent[len(bent) // 2] ^= 1
        path.write_bytes(bent)
        refused = await ono.post(f"/api/v1/cases/packages/{package.id}/proof")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "damaged")


async def test_what_is_put_into_a_case_is_checked_at_the_door(house: CaseHouse) -> None:
    """One thing at a time; times with an offset, in their order; several shops ask for which."""
    door = Door(house)
    async with door.come(Role.ADMINISTRATOR) as abe:
        made = (await abe.post("/api/v1/cases", json={"title": "x"})).json()
        items = f"/api/v1/cases/{made['id']}/items"
        for wrong in (
            {},
            {"note": "x", "incident": "y"},
            {"footage": {"cameras": ["cam-1"], "start_at": "10:00", "end_at": "11:00"}},
            {
                "footage": {
                    "cameras": ["cam-1"],
                    "start_at": "2026-11-22T10:00:00+09:00",
                    "end_at": "2026-11-22T10:00:00+09:00",
                }
            },
        ):
            assert (await abe.post(items, json=wrong)).status_code == 400
        sale = {"sale": {"register_id": "lane-1", "number": "17"}}
        assert (await abe.post(items, json=sale)).json()["sale"] == "17"
        assert (await abe.post(items, json=sale)).status_code == 409
        listed = (await abe.get("/api/v1/cases?q=x&state=open")).json()["cases"]
        assert [one["items"] for one in listed if one["id"] == made["id"]] == [1]
