"""Commands over MQTT, with a real broker in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import aiomqtt
import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from brokers import Broker
from tenban.access.model import system_actor
from tenban.api.context import Here
from tenban.api.mqtt import MqttBridge
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.blobs import BlobStore
from tenban.db.engine import sqlite_url
from tenban.notify.board import Board
from tenban.pos.link import issue_command
from tenban.pos.tables import register_commands
from tenban.sites.model import Broker as MqttServer
from tenban.sites.model import Network, Sites
from tenban.sites.reach import Reach
from tills import shop_with
from waiting import until_async

SYSTEM = system_actor("test")


class Bridge:
    """The bridge under test, and how the test sees it."""

    def __init__(
        self, database: Database, clock: FakeClock, board: Board, bridge: MqttBridge, broker: Broker
    ) -> None:
        self.database, self.clock, self.board, self.bridge, self.broker = (
            database,
            clock,
            board,
            bridge,
            broker,
        )

    async def issue(self, type_: str, **body: Any) -> str:
        command_id = await self.database.write(
            partial(
                issue_command,
                register="lane-1",
                type_=type_,
                body=body,
                now_at=self.clock.now(),
                actor=SYSTEM,
            )
        )
        self.board.changed()
        return command_id

    async def result(self, command_id: str) -> str | None:
        query = register_commands.select().where(register_commands.c.id == command_id)
        row = await self.database.read(lambda c: c.execute(query).mappings().one())
        return row["result"]  # type: ignore[no-any-return]

    @contextlib.asynccontextmanager
    async def device(self, *topics: str) -> AsyncIterator[aiomqtt.Client]:
        async with aiomqtt.Client("127.0.0.1", self.broker.port) as client:
            for topic in topics:
                await client.subscribe(f"tenban/ebisu/lane-1/{topic}", qos=1)
            yield client


async def heard(client: aiomqtt.Client) -> dict[str, Any]:
    message = await asyncio.wait_for(anext(client.messages), 60)
    assert isinstance(message.payload, bytes)
    found: dict[str, Any] = json.loads(message.payload)
    return found


@pytest.fixture
async def bridge(database: Database, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Bridge]:
    broker, board = Broker(), Board()
    await asyncio.to_thread(broker.start)
    there = MqttServer("127.0.0.1", broker.port)
    sites = Sites("Example", (shop_with("lane-1"),), mqtt=there, network=Network(("127.0.0.1",)))
    under_test = MqttBridge(Here(database, clock, sites, board, BlobStore(tmp_path), tmp_path), there)
    running = asyncio.create_task(under_test.run())

    async def connected() -> bool:
        return under_test.connected

    await until_async(connected)
    yield Bridge(database, clock, board, under_test, broker)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    await asyncio.to_thread(broker.stop)


async def test_a_lamp_hears_its_command_and_acknowledges(bridge: Bridge) -> None:
    """A command is published to its register's topic; the device's ack is written down."""
    async with bridge.device("command") as lamp:
        command_id = await bridge.issue("lamp", colour="red", blink=True)
        assert await heard(lamp) == {"command_id": command_id, "type": "lamp", "colour": "red", "blink": True}
        await lamp.publish(
            "tenban/ebisu/lane-1/ack", orjson.dumps({"ack": command_id, "result": "done"}), qos=1
        )

        async def done() -> bool:
            return await bridge.result(command_id) == "done"

        await until_async(done)


async def test_the_lamps_state_is_retained(bridge: Bridge) -> None:
    """A lamp that connects later finds the colour it should show."""
    async with bridge.device("lamp") as there:
        await bridge.issue("lamp", colour="red", blink=True)
        await heard(there)
        await bridge.issue("lamp", colour="green")
        await heard(there)
    async with bridge.device("lamp") as later:
        assert await heard(later) == {"colour": "green", "blink": False}


async def test_nonsense_from_a_device_costs_nothing(bridge: Bridge) -> None:
    """What cannot be read, and acks of nothing, are counted; the next command still arrives."""
    async with bridge.device("command") as lamp:
        for payload in (b"\xff", b"[]", b'{"ack": 7}', b'{"ack": "unknown"}', b""):
            await lamp.publish("tenban/ebisu/lane-1/ack", payload, qos=1)
        await lamp.publish("tenban/meguro/lane-1/ack", b'{"ack": "x"}', qos=1)

        async def counted() -> bool:
            return bridge.bridge.refused == 6

        await until_async(counted)
        command_id = await bridge.issue("lamp", colour="blue")
        assert (await heard(lamp))["command_id"] == command_id


async def test_a_broker_that_went_away_is_found_again(bridge: Bridge) -> None:
    """Commands issued meanwhile are published, and the lamp's state retained, once the broker is back."""
    await asyncio.to_thread(bridge.broker.stop)

    async def lost() -> bool:
        return not bridge.bridge.connected

    await until_async(lost)

    async def told() -> bool:
        return bridge.bridge.trouble in {"lost", "refused"}

    await until_async(told)
    command_id = await bridge.issue("lamp", colour="amber")
    await asyncio.to_thread(bridge.broker.start)
    async with bridge.device("command", "lamp") as lamp:
        first = await heard(lamp)
        assert first == {"colour": "amber", "blink": False} or first["command_id"] == command_id
    assert bridge.bridge.trouble is None


@pytest.mark.parametrize(
    ("host", "trouble"),
    [
        ("127.0.0.1", "password"),
        ("no-such-host.invalid", "no_name"),
        (None, "refused"),
        ("localhost", "not_allowed"),
    ],
)
async def test_what_keeps_the_broker_away_is_told_in_a_word(
    database: Database, clock: FakeClock, tmp_path: Path, host: str | None, trouble: str
) -> None:
    """Another password, a name that nobody has, a closed port and this machine itself are told apart."""
    broker = Broker(wants_user=True)
    if trouble == "password":
        await asyncio.to_thread(broker.start)
    there = MqttServer(host or "127.0.0.1", broker.port, "somebody", "wrong")
    allow = () if trouble == "not_allowed" else ("127.0.0.1",)
    sites = Sites("E", (shop_with("lane-1"),), network=Network(allow))
    here = Here(database, clock, sites, Board(), BlobStore(tmp_path), tmp_path)
    bridge = MqttBridge(here, there)
    running = asyncio.create_task(bridge.run())

    async def told() -> bool:
        return bridge.trouble is not None

    try:
        await until_async(told)
        assert (bridge.connected, bridge.trouble) == (False, trouble)
        assert "wrong" not in bridge.detail
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        if trouble == "password":
            await asyncio.to_thread(broker.stop)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for broker.example that vouches for itself, and its key."""
    folder = tmp_path_factory.mktemp("broker")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("broker.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "broker.pem", folder / "broker.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return files


@pytest.mark.parametrize(
    ("host", "believed", "trouble"),
    [
        ("broker.example", "broker.pem", None),
        ("other.example", "broker.pem", "certificate"),
        ("broker.example", None, "certificate"),
        ("broker.example", "none.pem", "ca_file"),
    ],
)
async def test_a_broker_by_tls_has_to_be_the_one_it_is_called(
    migrated_sqlite: Path,
    clock: FakeClock,
    tmp_path: Path,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    believed: str | None,
    trouble: str | None,
) -> None:
    """By its name, though the connection goes to a number; and by somebody who is trusted."""
    shutil.copy(migrated_sqlite, tmp_path / "tenban.db")
    database = Database(sqlite_url(tmp_path / "tenban.db"))
    monkeypatch.setattr(Reach, "addresses", lambda *_args, **_more: ["127.0.0.1"])
    broker = Broker(tls=certificate)
    await asyncio.to_thread(broker.start)
    ca_file = None if believed is None else str(certificate[0].with_name(believed))
    there = MqttServer(host, broker.port, tls=True, ca_file=ca_file)
    sites = Sites("E", (shop_with("lane-1"),))
    bridge = MqttBridge(Here(database, clock, sites, Board(), BlobStore(tmp_path), tmp_path), there)
    running = asyncio.create_task(bridge.run())

    async def told() -> bool:
        return bridge.connected or bridge.trouble is not None

    try:
        await until_async(told)
        assert (bridge.connected, bridge.trouble) == (trouble is None, trouble)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await asyncio.to_thread(broker.stop)
        database.close()
