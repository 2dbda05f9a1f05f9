"""Whatever the API's own description allows, and what it does not: nothing is answered by a 5xx.

Schemathesis makes the requests, fitting and misfitting; each goes out as every role, as tokens and as nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
import structlog
from argon2 import PasswordHasher
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.test_matrix import MINE, Caller, House, callers, client, house, machines, people  # noqa: F401  # fixtures
from tenban.access import secrets
from tenban.access.cookies import SESSION_COOKIE
from tenban.access.origin import page_token
from tenban.access.rates import Rate
from tenban.api import cameras
from tenban.video.trial import Trial
from tenban.web import limits

EXAMPLES = 2
KNOWN = {"register": f"{MINE}-1", "register_id": f"{MINE}-1", "camera_id": f"{MINE}-cam"}
"""Put where a path names something, in half of the requests, so that they get further than 404."""
ENDS_THE_CALLER = {("DELETE", "/api/v1/session")}


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates would answer instead of the routes; no camera is opened."""
    for kind in limits.RATES:
        monkeypatch.setitem(limits.RATES, kind, Rate(1e9, 1e9))

    async def tried(*_: Any, **__: Any) -> Trial:
        return Trial("unreachable")

    monkeypatch.setattr(cameras, "try_camera", tried)
    # Unknown names are compared with this one: as cheap as argon2 can be.
    monkeypatch.setattr(secrets, "_NOBODY", PasswordHasher(1, 8, 1).hash("nobody"))


@pytest.fixture
def quiet() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as logged:
        yield logged


@pytest.mark.timeout(900)
def test_no_request_breaks_the_server(
    house: House,  # noqa: F811
    client: httpx.Client,  # noqa: F811
    callers: list[Caller],  # noqa: F811
    quiet: list[Any],
) -> None:
    """Every operation, with fitting and misfitting input, as everybody: a refusal at worst."""
    # Each role once, a till, a service, and nobody.
    mine = [one for one in callers if one.shop == MINE and one.register in {None, f"{MINE}-1"}]
    mine.append(callers[0])
    schema = schemathesis.openapi.from_dict(house.app.openapi())
    broken: list[str] = []
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), known=st.booleans())
        def ask(case: Any, *, known: bool) -> None:
            nonlocal asked
            if "wait_s" in (case.query or {}):
                case.query["wait_s"] = 0
            if known:
                case.path_parameters = {**case.path_parameters, **_known(case.path_parameters)}
            for caller in mine:
                asked += 1
                status, text = send(house, client, caller, case)
                if status >= 500 and status != 503:
                    broken.append(f"{case.method} {case.formatted_path} as {caller.name}: {status} {text}")

        if (operation.method.upper(), operation.path) not in ENDS_THE_CALLER:
            ask()
    assert broken == []
    assert asked > 1000


def _known(named: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in KNOWN.items() if key in named}


def send(house: House, client: httpx.Client, caller: Caller, case: Any) -> tuple[int, str]:  # noqa: F811
    wanted = case.as_transport_kwargs(base_url=house.url)
    headers = {"origin": house.url, **dict(wanted["headers"]), **caller.headers}
    if caller.cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in caller.cookies.items())
        headers["x-tenban-csrf"] = page_token(caller.cookies[SESSION_COOKIE])
    body = {key: wanted[key] for key in ("json", "data") if wanted.get(key) is not None}
    if isinstance(body.get("data"), bytes | str):
        body["content"] = body.pop("data")
    client.cookies.clear()
    try:
        request = client.build_request(
            wanted["method"], wanted["url"], params=wanted.get("params"), headers=headers, **body
        )
    except (httpx.InvalidURL, ValueError, TypeError, UnicodeError):
        return 0, ""  # what no client can send
    try:
        answer = client.send(request, stream=True)
    except httpx.TimeoutException:
        return 599, f"no answer: {request.url} {request.content[:200]!r}"
    try:
        broke = answer.status_code >= 500
        return answer.status_code, answer.read().decode("utf-8", "replace")[:300] if broke else ""
    finally:
        answer.close()
