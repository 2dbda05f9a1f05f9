"""Commands over MQTT, for lamps and boxes that are no tills.

- ``tenban/SHOP/REGISTER/command``, to the device: the command, as on the WebSocket;
- ``tenban/SHOP/REGISTER/lamp``, to the device, retained: ``{"colour", "blink"}``, what to show now;
- ``tenban/SHOP/REGISTER/ack``, from the device: ``{"ack": command_id, "result": "done", "reason"?}``.

All with QoS 1. A device that was away finds the lamp's state retained; commands that it missed have been kept
by the broker for its session, or come over the till's own link. The broker decides who may publish where:
give each device a user that may write its own ``ack`` and read its own topics, and nobody else Tenban's.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from functools import partial
from typing import Any, Self

import aiomqtt
import orjson
from aiomqtt.exceptions import MqttConnectError

from tenban.access.model import system_actor
from tenban.api.context import Here
from tenban.base.errors import TenbanError
from tenban.base.log import get_log
from tenban.pos.link import Command, acknowledge, commands_since, last_lamps, newest_command, read_ack
from tenban.sites.model import Broker
from tenban.sites.reach import NotReached

log = get_log(__name__)

PATIENCE_S = 1.0
FIRST_RETRY_S, LONGEST_RETRY_S = 0.5, 30.0
LONGEST_ACK = 65_536

_ACTOR = system_actor("mqtt")


class MqttBridge:
    """Publishes every command and hears acknowledgements, for as long as :meth:`run` runs.

    Attributes:
        broker: the one it speaks to, or tries to.
        connected: the broker is there, and acknowledgements are heard.
        trouble: what went wrong last, in one word (see :func:`trouble_of`); None while nothing did.
        detail: the same in the words of whatever failed.
        published: commands published since the start.
        refused: messages from devices that could not be read or fitted no command.
    """

    def __init__(self, here: Here, broker: Broker) -> None:
        self._here = here
        self.broker = broker
        self.trouble: str | None = None
        self.detail = ""
        self._last: int | None = None
        self.connected = False
        self.published = 0
        self.refused = 0

    @property
    def _shop_of(self) -> dict[str, str]:
        return {register.id: register.shop for register in self._here.sites.registers}

    async def run(self) -> None:
        """Serve until cancelled; a broker that goes away is tried again, ever less often."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                async with await self._client() as client:
                    retry_s = FIRST_RETRY_S
                    await self._serve(client)
            except (aiomqtt.MqttError, TenbanError, OSError) as error:
                # Policy: the till's link carries the commands meanwhile; lamps get their state later.
                self.trouble, self.detail = trouble_of(error), str(error)
                log.warning("MQTT is down", error=str(error), retry_s=retry_s)
            finally:
                self.connected = False
            _end_if_cancelled()
            await asyncio.sleep(retry_s)
            retry_s = min(retry_s * 2, LONGEST_RETRY_S)

    async def _client(self) -> aiomqtt.Client:
        """Return a client for the checked address of the broker.

        Raises:
            NotReached: it leads where no broker is reached.
            OSError: there is no such name, or no such file of certificates.
        """
        broker, vault = self.broker, self._here.blobs.vault
        password = broker.password
        if password and vault is not None:
            password = vault.secret("broker", password)
        reach = self._here.sites.broker_reach
        addresses = await asyncio.to_thread(reach.addresses, broker.host, broker.port)
        context = await asyncio.to_thread(_TlsTo, broker.host, broker.ca_file) if broker.tls else None
        return aiomqtt.Client(
            addresses[0], broker.port, username=broker.username, password=password, tls_context=context
        )

    async def _serve(self, client: aiomqtt.Client) -> None:
        if self._last is None:
            self._last = await self._here.db.read(newest_command)
        await client.subscribe("tenban/+/+/ack", qos=1)
        for lamp in await self._here.db.read(last_lamps):
            await self._show_lamp(client, lamp)
        self.connected = True
        self.trouble, self.detail = None, ""
        both = [asyncio.create_task(self._publish(client)), asyncio.create_task(self._listen(client))]
        try:
            ended, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        for one in ended:
            one.result()

    async def _publish(self, client: aiomqtt.Client) -> None:
        board = self._here.board
        while True:
            _end_if_cancelled()
            seen = board.seen
            now_at = self._here.clock.now()
            for command in await self._here.db.read(
                partial(commands_since, n=self._last or 0, now_at=now_at)
            ):
                shop = self._shop_of.get(command.register)
                if shop is not None:
                    payload = orjson.dumps(command.message())
                    await client.publish(f"tenban/{shop}/{command.register}/command", payload, qos=1)
                    await self._show_lamp(client, command)
                    self.published += 1
                self._last = command.n
            await board.wait(seen, patience_s=PATIENCE_S)

    async def _show_lamp(self, client: aiomqtt.Client, command: Command) -> None:
        shop = self._shop_of.get(command.register)
        if command.type == "lamp" and shop is not None:
            payload = orjson.dumps(command.body)
            await client.publish(f"tenban/{shop}/{command.register}/lamp", payload, qos=1, retain=True)

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            try:
                await self._hear(str(message.topic), message.payload)
            except (TenbanError, orjson.JSONDecodeError) as error:
                # Policy: a device that sends nonsense is counted and logged, and costs nobody else anything.
                self.refused += 1
                log.warning("MQTT message refused", topic=str(message.topic), error=str(error))

    async def _hear(self, topic: str, payload: object) -> None:
        register = topic.split("/")[2]
        if self._shop_of.get(register) != topic.split("/")[1] or not isinstance(payload, (bytes, bytearray)):
            self.refused += 1
            return
        ack = read_ack(orjson.loads(payload[:LONGEST_ACK]))
        if ack is None:
            self.refused += 1
            return
        command_id, result, reason = ack
        await self._here.db.write(
            partial(
                acknowledge,
                actor=_ACTOR,
                register=register,
                command_id=command_id,
                result=result,
                now_at=self._here.clock.now(),
                reason=reason,
            )
        )


class _TlsTo(ssl.SSLContext):
    """TLS to a host by its name, whatever number the connection is made to.

    Args:
        host: as its certificate names it.
        ca_file: whose certificates are believed; None: those this machine believes.
    """

    def __new__(cls, host: str, ca_file: str | None) -> Self:
        del host, ca_file
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self, host: str, ca_file: str | None) -> None:
        self.host = host
        self.minimum_version = ssl.TLSVersion.TLSv1_2
        if ca_file is None:
            self.load_default_certs()
        else:
            self.load_verify_locations(ca_file)

    def wrap_socket(self, sock: socket.socket, *args: Any, **more: Any) -> ssl.SSLSocket:
        """Wrap a socket and shake hands; the certificate has to be the host's."""
        wrapped = super().wrap_socket(sock, *args, **{**more, "server_hostname": self.host})
        try:
            wrapped.do_handshake()
        except OSError:
            wrapped.close()  # the client would leave it open
            raise
        return wrapped


def trouble_of(error: Exception) -> str:
    """Return in one word what keeps the broker away.

    ``no_name``, ``refused``, ``unreachable``, ``password``, ``lost`` (it answered, and no longer does),
    ``not_allowed``, ``certificate``, ``ca_file``, or ``broken`` for anything else.
    """
    # aiomqtt replaces what the system said by its text; Python keeps the original as the context.
    cause = error.__context__ if isinstance(error.__context__, OSError) else error
    if isinstance(error, NotReached):
        return "not_allowed"
    if isinstance(error, MqttConnectError) and _code(error) in _DENIED:
        return "password"
    if isinstance(error, aiomqtt.MqttCodeError):
        return "lost"
    for kind, word in _TROUBLES:
        if isinstance(cause, kind):
            return word
    return "unreachable" if "timed out" in str(error) else "broken"


_TROUBLES: tuple[tuple[type[OSError], str], ...] = (
    (socket.gaierror, "no_name"),
    (ssl.SSLError, "certificate"),
    (FileNotFoundError, "ca_file"),
    (ConnectionRefusedError, "refused"),
    (OSError, "unreachable"),
)
_DENIED = frozenset({4, 5, 134, 135})
"""Bad user name or password, not authorised: CONNACK of MQTT 3.1.1 (3.2.2.3) and 5.0 (3.2.2.2)."""


def _code(error: aiomqtt.MqttCodeError) -> int | None:
    return error.rc if isinstance(error.rc, int) else getattr(error.rc, "value", None)


def _end_if_cancelled() -> None:
    """End a task whose cancellation was swallowed: by Python 3.11's wait_for, or by a goodbye that failed."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
