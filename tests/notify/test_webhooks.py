"""Webhooks: written before they are sent, signed, tried again, given up, and never told twice."""

from __future__ import annotations

import importlib.util
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Role, system_actor
from tenban.access.sealed_text import KeySealer, sealer_of
from tenban.api.context import Here
from tenban.base.clock import SECOND, SystemClock
from tenban.base.errors import BadInput, Forbidden, NotFound, Unavailable
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.incidents import engine
from tenban.incidents.engine import Opening
from tenban.incidents.model import Cause, Incident
from tenban.notify import webhooks
from tenban.notify.board import Board
from tenban.notify.signing import headers_of
from tenban.notify.webhooks import Made, Sending
from tenban.server.webhooks import WebhookSender
from tenban.sites.model import Network, Sites
from tills import shop_with

ADMIN = Actor("person", "person:a", "A", "ebisu", FUNCTIONS_OF_ROLE[Role.ADMINISTRATOR])
JUDGE = system_actor("judge")
URL = "https://hooks.example/tenban"
WORDS = {"ja": "商品未登録", "en": "Item not registered"}


def receiver() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "examples" / "webhook_receiver.py"
    spec = importlib.util.spec_from_file_location("webhook_receiver", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Office:
    """A shop with incidents, a sender, and a receiver that answers as it is told."""

    here: Here
    clock: FakeClock
    answers: list[int | Exception] = field(default_factory=list)
    sent: list[Sending] = field(default_factory=list)
    opened: int = 0

    def __post_init__(self) -> None:
        self.sealer = KeySealer(bytes(32))
        self.sender = WebhookSender(self.here, self.sealer, self._send, lambda: 1.0)

    async def _send(self, sending: Sending) -> int:
        self.sent.append(sending)
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def add(self, actor: Actor = ADMIN, **more: Any) -> Made:
        wanted = {"shop": "ebisu", "name": "Chat", "url": URL, "events": list(webhooks.EVENTS), **more}
        reach = self.here.sites.webhook_reach
        return await self.here.db.write(
            lambda c: webhooks.add(c, actor, self.clock.now(), self.sealer, reach, **wanted)
        )

    async def incident(self, shop: str = "ebisu") -> Incident:
        self.opened += 1
        now_at = self.clock.now()
        cause = Cause(f"cause-{self.opened}", now_at, now_at, WORDS, WORDS)
        place, fold = "lane-1", f"fold-{self.opened}"
        opening = Opening(shop, None, "item_not_registered", place, "sale:1", fold, cause, None)
        return await self.here.db.write(lambda c: engine.open_incident(c, JUDGE, now_at, opening))

    async def listed(self) -> dict[str, Any]:
        return (await self.here.db.read(lambda c: webhooks.listed(c, ADMIN)))[0]


@pytest.fixture
def office(database: Database, clock: FakeClock, tmp_path: Path) -> Office:
    sites = Sites("Example", (shop_with("lane-1"),))
    return Office(Here(database, clock, sites, Board(), BlobStore(tmp_path), tmp_path), clock)


async def test_an_incident_is_told_once_in_words_and_signed(office: Office) -> None:
    """What came before the webhook, and what is of another shop, is not told; nothing is told twice."""
    await office.incident()
    made = await office.add()
    await office.incident("elsewhere")
    opened = await office.incident()
    assert await office.sender.step() == 1
    [sending] = office.sent
    module = receiver()
    headers = headers_of(sending.id, office.clock.now() // SECOND, sending.body, sending.secrets)
    message = module.verified(headers, sending.body, made.secret, office.clock.now() / SECOND)
    assert message["type"] == "incident.brief"
    assert message["data"]["incident"]["id"] == opened.id
    assert message["data"]["incident"]["title"] == WORDS
    committed = office.here.db.writer.groups_committed
    assert await office.sender.step() == 0
    assert office.here.db.writer.groups_committed == committed
    assert (await office.listed())["delivered_at"] == office.clock.now()


async def test_only_the_events_asked_for_are_told(office: Office) -> None:
    """A webhook for clips hears nothing of briefs."""
    await office.add(events=["incident.clip"])
    await office.incident()
    assert await office.sender.step() == 0


async def test_what_is_refused_is_tried_again_ever_later_and_then_given_up(office: Office) -> None:
    """The waits are the specification's; the dead letter is shown, and goes out again by hand."""
    await office.add()
    await office.incident()
    waits = []
    office.answers = [500, 302, OSError("no route"), *[503] * 7]
    while await office.sender.step():
        row = (await office.listed())["unsent"][0]
        if row["state"] == "dead":
            break
        waits.append((row["next_at"] - office.clock.now()) // SECOND)
        assert await office.sender.step() == 0
        office.clock.step_to(row["next_at"])
    assert waits == list(webhooks.WAITS_S)
    known = await office.listed()
    assert (known["dead"], known["waiting"], known["unsent"][0]["attempts"]) == (1, 0, 10)
    assert known["unsent"][0]["last_error"] == "it answered 503"
    assert known["failing_since_at"] is not None
    dead = known["unsent"][0]["id"]
    await office.here.db.write(lambda c: webhooks.send_again(c, ADMIN, office.clock.now(), dead))
    assert await office.sender.step() == 1
    known = await office.listed()
    assert (known["dead"], known["unsent"], known["failing_since_at"]) == (0, [], None)
    assert len({one.id for one in office.sent}) == 1


async def test_a_receiver_that_wants_no_more_is_left_alone(office: Office) -> None:
    """410 switches the webhook off; on again, it hears what came meanwhile."""
    made = await office.add()
    await office.incident()
    office.answers = [410]
    await office.sender.step()
    assert (await office.listed())["on"] is False
    await office.incident()
    assert await office.sender.step() == 0
    reach = office.here.sites.webhook_reach
    await office.here.db.write(
        lambda c: webhooks.change(c, ADMIN, office.clock.now(), reach, made.id, on=True)
    )
    assert await office.sender.step() == 1


async def test_while_a_secret_is_rotated_both_sign(office: Office) -> None:
    """The receiver changes over when it likes, within the overlap."""
    old = await office.add()
    new = await office.here.db.write(
        lambda c: webhooks.rotate_secret(c, ADMIN, office.clock.now(), office.sealer, old.id, overlap_s=3600)
    )
    verified = receiver().verified
    for minutes, good in ((0, {old.secret, new.secret}), (61, {new.secret})):
        office.clock.fast_forward(minutes=minutes)
        await office.incident()
        await office.sender.step()
        sending, now_s = office.sent[-1], office.clock.now() // SECOND
        headers = headers_of(sending.id, now_s, sending.body, sending.secrets)
        for secret in (old.secret, new.secret):
            if secret in good:
                assert verified(headers, sending.body, secret, now_s)
            else:
                with pytest.raises(Exception, match="signature"):
                    verified(headers, sending.body, secret, now_s)


@pytest.mark.parametrize("broken", ["body", "id", "timestamp", "signature", "old", "nothing"])
def test_the_example_refuses_whatever_is_not_as_it_was_signed(broken: str) -> None:
    """A changed byte, another id, another or an old time, another version: not genuine."""
    secret = "whsec_" + b64encode(bytes(32)).decode()
    headers, body, now_s = headers_of("m1", 1_000_000, b"{}", [secret]), b"{}", 1_000_000.0
    module = receiver()
    assert module.verified(headers, body, secret, now_s) == {}
    changes: dict[str, dict[str, str]] = {
        "id": {"webhook-id": "m2"},
        "timestamp": {"webhook-timestamp": "1000001"},
        "signature": {"webhook-signature": headers["webhook-signature"].replace("v1,", "v2,") + " v1,?"},
        "nothing": {"webhook-signature": ""},
    }
    with pytest.raises(module.NotGenuine):
        module.verified(
            {**headers, **changes.get(broken, {})},
            b"{} " if broken == "body" else body,
            secret,
            now_s + 301 if broken == "old" else now_s,
        )


@pytest.mark.parametrize(
    "wanted",
    [
        {"url": "ftp://hooks.example/"},
        {"url": "https://user:pass@hooks.example/"},
        {"url": "http://hooks.example/"},
        {"url": "https://127.0.0.1/"},
        {"url": "https://192.168.1.5/"},
        {"url": "https://[::ffff:169.254.169.254]/"},
        {"url": "https://metadata.google.internal/"},
        {"url": "https://例え.jp/"},
        {"url": "https://x/\r\nHost: y"},
        {"url": "https://"},
        {"events": []},
        {"events": ["everything"]},
        {"name": " "},
    ],
)
async def test_an_address_that_leads_elsewhere_is_refused(office: Office, wanted: dict[str, Any]) -> None:
    """Each mistake is told, and nothing is added."""
    with pytest.raises(BadInput):
        await office.add(**wanted)
    assert await office.here.db.read(lambda c: webhooks.listed(c, ADMIN)) == []


async def test_webhooks_are_an_administrators_of_their_shop(office: Office) -> None:
    """Nobody else adds or changes one; another shop's is not there."""
    with pytest.raises(Forbidden):
        await office.add(Actor("person", "p", "P", "ebisu", FUNCTIONS_OF_ROLE[Role.INSTALLER]))
    made = await office.add()
    other = Actor("person", "o", "O", "other", FUNCTIONS_OF_ROLE[Role.ADMINISTRATOR])
    with pytest.raises(NotFound):
        await office.here.db.write(lambda c: webhooks.remove(c, other, office.clock.now(), made.id))
    await office.here.db.write(lambda c: webhooks.remove(c, ADMIN, office.clock.now(), made.id))
    assert await office.here.db.read(lambda c: webhooks.listed(c, ADMIN)) == []


def test_a_secret_is_sealed_for_one_purpose(tmp_path: Path) -> None:
    """The key lies in a file of the server's own; another purpose, key or text opens nothing."""
    sealer = sealer_of(tmp_path / "keys")
    sealed = sealer.seal("whsec_x", "hook-1")
    assert "whsec" not in sealed
    assert sealer_of(tmp_path / "keys").open(sealed, "hook-1") == "whsec_x"
    assert (tmp_path / "keys" / "secrets.key").stat().st_mode & 0o777 == 0o600
    for text, purpose in ((sealed, "hook-2"), (sealed[:-4] + "AAA=", "hook-1"), ("no", "hook-1")):
        with pytest.raises(Unavailable):
            sealer.open(text, purpose)
    (tmp_path / "keys" / "secrets.key").write_text("!")
    with pytest.raises(BadInput):
        sealer_of(tmp_path / "keys")


@pytest.fixture
def example() -> Iterator[tuple[int, list[dict[str, Any]], list[str]]]:
    """The example at work: its port, what it took, and the secret it is to check by."""
    took: list[dict[str, Any]] = []
    secret = "whsec_" + b64encode(bytes(32)).decode()
    server = receiver().make_server(0, secret, took.append)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1], took, [secret]
    server.shutdown()
    thread.join()
    server.server_close()


async def test_the_example_takes_what_this_server_sends(
    office: Office, example: tuple[int, list[dict[str, Any]], list[str]]
) -> None:
    """Over a real connection to the checked address; not where the file does not allow it; once only."""
    port, took, secrets = example
    sending = Sending("m1", "hook", f"http://127.0.0.1:{port}/x", b'{"type":"ping"}', 0, tuple(secrets))
    office.clock.step_to(SystemClock().now())
    with pytest.raises(BadInput, match="this machine itself"):
        await office.sender._post(sending)
    office.here.sites = Sites("Example", (), network=Network(allow=("127.0.0.1",)))
    assert [await office.sender._post(sending) for _ in range(2)] == [204, 204]
    assert took == [{"type": "ping"}]
    forged = Sending("m2", "hook", sending.url, sending.body, 0, ("whsec_" + b64encode(b"x" * 32).decode(),))
    assert await office.sender._post(forged) == 401
