"""Finding cameras: one call to all in the shop's network, and what answers within a few seconds.

WS-Discovery (OASIS 1.1, as ONVIF Core section 7 profiles it) needs two messages. They are written here: the
library at hand parses every stranger's datagram with ``minidom``, which follows entities, without a bound.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from tenban.base.errors import BadInput, Unavailable
from tenban.base.log import get_log
from tenban.sites.reach import Reach
from tenban.video.onvif.model import FoundCamera
from tenban.video.onvif.soap import child, children, envelope, parse, printable, text

PLACE = ("239.255.255.250", 3702)
WAIT_S = 3.0
MOST_FOUND = 512
_MOST_ADDRESSES = 8
_REPEAT_S = 0.25
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_WANTED = (
    ("http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter"),
    ("http://www.onvif.org/ver10/device/wsdl", "Device"),
)

log = get_log(__name__)


async def find_cameras(
    reach: Reach | None,
    *,
    wait_s: float = WAIT_S,
    interfaces: Sequence[str] | None = None,
    place: tuple[str, int] = PLACE,
    new_id: Callable[[], uuid.UUID] = uuid.uuid4,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> list[FoundCamera]:
    """Call all cameras and return those that answered, by address.

    Args:
        reach: where cameras may be; None: wherever whoever sits at the machine says.
        wait_s: how long answers are taken.
        interfaces: the network interfaces to call on, by name; all where None.
        place: the multicast group and port.
        new_id: makes the messages' ids.
        sleep: waits for a number of seconds.

    Raises:
        Unavailable: nothing could be sent on any interface.
        BadInput: there is no such interface.
    """
    ours = [f"urn:uuid:{new_id()}" for _ in _WANTED]
    questions = [probe_message(one, *wanted) for one, wanted in zip(ours, _WANTED, strict=True)]
    datagrams: list[tuple[bytes, str]] = []
    links: list[tuple[asyncio.DatagramTransport, _Heard]] = []
    async with contextlib.AsyncExitStack() as stack:
        for name in _interfaces(interfaces):
            link = _socket(name)
            if link is not None:
                made = await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: _Heard(datagrams), sock=link
                )
                stack.callback(made[0].close)
                links.append(made)
        # Datagrams get lost; the standard asks for one repetition.
        for pause_s in (min(wait_s, _REPEAT_S), max(0.0, wait_s - _REPEAT_S)):
            for transport, _ in links:
                for question in questions:
                    transport.sendto(question, place)
            await sleep(pause_s)
    if all(heard.failed for _, heard in links):
        raise Unavailable("expected a network on which cameras can be called (multicast), got none")
    return found_cameras(datagrams, ours, reach)


def probe_message(message_id: str, namespace: str, kind: str) -> bytes:
    """Return the question which devices of a kind are there."""
    header = (
        f'<a:MessageID xmlns:a="{_ADDRESSING}">{message_id}</a:MessageID>'
        f'<a:To xmlns:a="{_ADDRESSING}">urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>'
        f'<a:Action xmlns:a="{_ADDRESSING}">{_DISCOVERY}/Probe</a:Action>'
    )
    body = f'<d:Probe xmlns:d="{_DISCOVERY}"><d:Types xmlns:n="{namespace}">n:{kind}</d:Types></d:Probe>'
    return envelope(body, header=header)


def found_cameras(
    datagrams: Sequence[tuple[bytes, str]], ours: Sequence[str], reach: Reach | None
) -> list[FoundCamera]:
    """Return the cameras among what came, each once; what is no answer to us is left out.

    Args:
        datagrams: what came, and from which address.
        ours: the ids of our questions.
        reach: where cameras may be.
    """
    found: dict[str, FoundCamera] = {}
    for data, sender in datagrams:
        try:
            matches = _matches(data, ours)
        except BadInput as error:
            # Policy: others speak on this port as well; what is no answer is left out.
            log.debug("discovery answer not read", sender=sender, why=str(error))
            continue
        for match in matches:
            one = _camera(match, sender, reach)
            if one is not None and len(found) < MOST_FOUND:
                found.setdefault(one.endpoint or " ".join(one.addresses), one)
    return sorted(found.values(), key=lambda one: (one.addresses, one.endpoint))


def _matches(data: bytes, ours: Sequence[str]) -> list[etree._Element]:
    root = parse(data)
    answered = text(child(root, "Header", "RelatesTo"))
    if answered and answered not in ours:
        return []
    return list(children(child(root, "Body", "ProbeMatches"), "ProbeMatch"))[:_MOST_ADDRESSES]


def _camera(match: etree._Element, sender: str, reach: Reach | None) -> FoundCamera | None:
    scopes = [one for one in _words(match, "Scopes") if one.startswith("onvif://")]
    kinds = {one.rpartition(":")[2] for one in _words(match, "Types")}
    if not scopes and not kinds & {kind for _, kind in _WANTED}:
        return None
    good: list[str] = []
    refused: list[str] = []
    for said in _words(match, "XAddrs")[:_MOST_ADDRESSES]:
        try:
            good.append(checked_address(said, reach))
        except BadInput as error:
            # Policy: an address that may not be asked is told, not asked.
            refused.append(printable(str(error)))
    if not good and not refused:
        return None
    good.sort(key=lambda one: urlsplit(one).hostname != sender)
    return FoundCamera(
        text(child(match, "EndpointReference", "Address")),
        tuple(dict.fromkeys(good)),
        tuple(refused),
        _scope(scopes, "name"),
        _scope(scopes, "hardware"),
        _scope(scopes, "location"),
    )


def checked_address(said: str, reach: Reach | None) -> str:
    """Return the address of a device service.

    Raises:
        BadInput: it is none.
        NotReached: a camera must not be there.
    """
    try:
        parts = urlsplit(said)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or len(said) > 500 or not said.isascii() or not said.isprintable() or "@" in parts.netloc:
        raise BadInput("camera's address", expected="http://HOST/PATH", came=repr(said[:120]))
    if reach is not None and parts.hostname is not None:
        reach.check_name(parts.hostname)
    return said


def _words(match: etree._Element, name: str) -> list[str]:
    element = child(match, name)
    return [] if element is None else (element.text or "")[:8_000].split()


def _scope(scopes: Sequence[str], kind: str) -> str:
    """Return what a scope such as ``onvif://www.onvif.org/name/Front%20door`` says."""
    for one in scopes:
        _, _, path = one.removeprefix("onvif://").partition("/")
        name, _, said = path.partition("/")
        if name.lower() == kind and said:
            return printable(unquote(said))
    return ""


class _Heard(asyncio.DatagramProtocol):
    """Takes what comes, up to a bound."""

    def __init__(self, datagrams: list[tuple[bytes, str]]) -> None:
        self._datagrams = datagrams
        self.failed = False

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if len(self._datagrams) < 4 * MOST_FOUND:
            self._datagrams.append((data, str(addr[0])))

    def error_received(self, exc: Exception) -> None:
        # Policy: an interface without a network is no reason not to hear the others.
        if not self.failed:
            log.debug("discovery not sent", why=str(exc))
        self.failed = True


def _interfaces(wanted: Sequence[str] | None) -> list[str]:
    known = [name for _, name in socket.if_nameindex()]
    missing = [name for name in wanted or [] if name not in known]
    if missing:
        raise BadInput("interface", expected=f"one of {', '.join(known)}", came=missing[0])
    return known if wanted is None else list(wanted)


def _socket(interface: str) -> socket.socket | None:
    """Return a socket that calls on one interface, or None where it cannot."""
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        link.setblocking(False)
        link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        # struct ip_mreqn: the interface is chosen by its number, whatever addresses it has.
        chosen = struct.pack("=4s4si", bytes(4), bytes(4), socket.if_nametoindex(interface))
        link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, chosen)
        link.bind(("", 0))
    except OSError as error:
        # Policy: an interface that is down just now has no cameras to call.
        log.debug("interface not used for discovery", interface=interface, why=str(error))
        link.close()
        return None
    return link
