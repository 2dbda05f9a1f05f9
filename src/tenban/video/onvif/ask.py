"""Asking one camera what it is and what it sends.

Nothing but the host that somebody named is ever asked: where a camera gives out an address of another
machine, its path is asked at the camera itself. So a device on the network cannot send this server, or the
proof of a password, anywhere else; and cameras behind an address translation work.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit
from xml.sax.saxutils import escape

import httpx
from lxml import etree

from tenban.base.clock import MILLISECOND, SECOND, Clock
from tenban.base.errors import BadInput
from tenban.sites.reach import NotReached, Reach
from tenban.video.onvif import answers
from tenban.video.onvif.discover import checked_address
from tenban.video.onvif.model import CameraClock, CameraReport, Profile
from tenban.video.onvif.soap import MOST_BYTES, Fault, body_of, envelope, printable, proof

PATIENCE_S = 20.0
_PATH = "/onvif/device_service"
_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA = "http://www.onvif.org/ver10/media/wsdl"
_MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
_EVENTS = "http://www.onvif.org/ver10/events/wsdl"
_SCHEMA = "http://www.onvif.org/ver10/schema"

T = TypeVar("T")


class _Refused(Exception):  # noqa: N818  # reads as what happened
    """The camera wants another name, password or time."""


# The last three: a challenge to prove the password that makes no sense.
_TROUBLES = (_Refused, BadInput, OSError, httpx.HTTPError, ValueError, KeyError, NotImplementedError)


async def ask_camera(
    address: str,
    user: str,
    password: str,
    *,
    clock: Clock,
    reach: Reach | None = None,
    step_s: float = 5.0,
    patience_s: float = PATIENCE_S,
    nonce: Callable[[], bytes] = lambda: secrets.token_bytes(16),
) -> CameraReport:
    """Return what a camera says of itself; never raises for what a camera does.

    The password is only ever proven (WS-Security digest, HTTP digest), never sent. The camera's time is
    asked first and used in the proof: one whose clock is wrong would refuse ours.

    Args:
        address: ``HOST``, ``HOST:PORT`` or ``http://HOST[:PORT]/PATH`` of its device service.
        user: empty where it wants none.
        password: of the user.
        clock: ours.
        reach: where cameras may be; None: wherever whoever sits at the machine says.
        step_s: how long each answer may take.
        patience_s: how long all of them may.
        nonce: makes bytes that were never used before.
    """
    asked = _Asked(address, user, password, clock, reach, nonce)
    try:
        # A camera's certificate is its own work; what travels over it is no secret but a digest.
        async with (
            asyncio.timeout(patience_s),
            httpx.AsyncClient(
                verify=False,  # noqa: S501  # as above
                timeout=step_s,
                trust_env=False,
                follow_redirects=False,
                headers={"Accept-Encoding": "identity", "User-Agent": "Tenban"},
            ) as client,
        ):
            return await asked.all(client)
    except _TROUBLES as error:
        trouble = _trouble(
            error, knows_time=asked.report.clock is not None, was_asked=bool(asked.report.address)
        )
        return replace(asked.report, trouble=trouble, detail=printable(str(error)) or "no answer in time")


def service_address(said: str, reach: Reach | None) -> str:
    """Return the address of a device service from what somebody typed, or from a camera's stream.

    Raises:
        BadInput: it names no host.
        NotReached: a camera must not be there.
    """
    said = said.strip()
    scheme, found, rest = said.partition("://")
    if not found:
        said = f"http://{said}"
    elif scheme in {"rtsp", "rtsps"}:
        host = rest.partition("/")[0].rpartition("@")[2]
        name = host[: host.find("]") + 1] if host.startswith("[") else host.partition(":")[0]
        said = f"http://{name}"
    checked = checked_address(said, reach)
    parts = urlsplit(checked)
    return checked if parts.path not in {"", "/"} else urlunsplit(parts._replace(path=_PATH))


def at_its_own(said: str, asked: str) -> str:
    """Return an address that a camera gave out, at the machine that was asked.

    Raises:
        BadInput: it is no address.
    """
    try:
        parts, own = urlsplit(said), urlsplit(asked)
        same = parts.hostname == own.hostname
        port = parts.port
    except ValueError as error:
        raise BadInput("camera's address", expected="HOST/PATH", came=repr(said[:120])) from error
    if same:
        return said
    host = own.hostname or ""
    place = f"[{host}]" if ":" in host else host
    # Behind an address translation the web port is the one that was asked; streams keep theirs.
    port = port if parts.scheme.startswith("rtsp") else own.port
    scheme = parts.scheme if parts.scheme.startswith("rtsp") else own.scheme
    netloc = place if port is None else f"{place}:{port}"
    return urlunsplit((scheme, netloc, parts.path, parts.query, ""))


@dataclass(slots=True)
class _Asked:
    """What was learnt from one camera so far."""

    url: str
    user: str
    password: str
    clock: Clock
    reach: Reach | None
    nonce: Callable[[], bytes]
    report: CameraReport = field(default_factory=CameraReport)
    skew_us: int = 0
    numbers: dict[tuple[str, int], str] = field(default_factory=dict)
    digest: httpx.DigestAuth | None = None

    async def all(self, client: httpx.AsyncClient) -> CameraReport:
        if self.user:
            self.digest = httpx.DigestAuth(self.user, self.password)
        self.url = service_address(self.url, self.reach)
        self.report = replace(self.report, address=self.url)
        await self._time(client)
        known = answers.device_information(
            await self._ask(client, self.url, f'<GetDeviceInformation xmlns="{_DEVICE}"/>')
        )
        self.report = replace(self.report, **known)  # type: ignore[arg-type]  # four texts
        places = await self._places(client)
        found = await self._streams(client, places)
        if "events" in places:
            question = f'<GetEventProperties xmlns="{_EVENTS}"/>'
            told = await self._tried("events", client, places["events"], question, answers.topics)
            self.report = replace(self.report, events=told or ())
        else:
            self._note("events: the camera names no such service")
        self.report = replace(self.report, profiles=tuple(found))
        return self.report

    async def _time(self, client: httpx.AsyncClient) -> None:
        """Ask for the camera's time: anybody may, but some cameras want a proof even for that."""
        question = f'<GetSystemDateAndTime xmlns="{_DEVICE}"/>'
        for proven in (False, True):
            before_at = self.clock.now()
            try:
                body = await self._ask(client, self.url, question, proven=proven)
            except _Refused as error:
                if proven or not self.user:
                    # The proof was made with our own time: that or the password may be wrong.
                    raise _Refused(
                        f"it refuses the proof of the password, and tells its time to nobody else: {error}"
                    ) from error
                continue
            after_at = self.clock.now()
            try:
                said_at, by_ntp = answers.system_time(body)
            except BadInput as error:
                # Policy: a camera without a time is asked with ours; it may not care.
                self._note(f"time: {error}")
                return
            # It counts whole seconds: on average half of one has passed since.
            camera_at = said_at + SECOND // 2
            self.skew_us = camera_at - (before_at + after_at) // 2
            within_ms = 500 + round((after_at - before_at) / 2 / MILLISECOND)
            told = CameraClock(camera_at, round(self.skew_us / MILLISECOND), within_ms, by_ntp)
            self.report = replace(self.report, clock=told)
            return

    async def _places(self, client: httpx.AsyncClient) -> dict[str, str]:
        """Return where the camera's services are, each at the machine that was asked."""
        newer = f'<GetServices xmlns="{_DEVICE}"><IncludeCapability>false</IncludeCapability></GetServices>'
        older = f'<GetCapabilities xmlns="{_DEVICE}"><Category>All</Category></GetCapabilities>'
        said = await self._tried("services", client, self.url, newer, answers.services)
        if not said or not {"media", "media2"} & said.keys():
            said = await self._tried("capabilities", client, self.url, older, answers.capabilities) or said
        places = {}
        for name, address in (said or {}).items():
            own = checked_address(at_its_own(address, self.url), self.reach)
            if urlsplit(own).hostname != urlsplit(address).hostname:
                self._note(f"{name}: it names {printable(address, 80)}; asked at {own} instead")
            places[name] = own
        return places

    async def _streams(self, client: httpx.AsyncClient, places: dict[str, str]) -> list[Profile]:
        found: list[Profile] = []
        service = ""
        for name, namespace in (("media2", _MEDIA2), ("media", _MEDIA)):
            if name in places and not found:
                service = name
                more = "<Type>All</Type>" if name == "media2" else ""
                question = f'<GetProfiles xmlns="{namespace}">{more}</GetProfiles>'
                found = await self._tried(name, client, places[name], question, answers.profiles) or []
        if not found:
            raise BadInput("camera's streams", expected="at least one", came="none")
        return [await self._addressed(client, service, places[service], one) for one in found]

    async def _addressed(self, client: httpx.AsyncClient, service: str, place: str, one: Profile) -> Profile:
        token = f"<ProfileToken>{escape(one.token)}</ProfileToken>"
        question = (
            f'<GetStreamUri xmlns="{_MEDIA2}"><Protocol>RTSP</Protocol>{token}</GetStreamUri>'
            if service == "media2"
            else f'<GetStreamUri xmlns="{_MEDIA}"><StreamSetup xmlns:t="{_SCHEMA}">'
            "<t:Stream>RTP-Unicast</t:Stream>"
            f"<t:Transport><t:Protocol>RTSP</t:Protocol></t:Transport></StreamSetup>{token}</GetStreamUri>"
        )
        said = await self._tried(f"stream {one.name}", client, place, question, answers.stream_address)
        if said is None:
            return one
        own = at_its_own(said, self.url)
        if own != said:
            self._note(f"stream {one.name}: it names {printable(said, 80)}; taken as {own}")
        return answers.with_address(one, own)

    async def _tried(
        self,
        what: str,
        client: httpx.AsyncClient,
        url: str,
        question: str,
        read: Callable[[etree._Element], T],
    ) -> T | None:
        """Ask what a camera may do without; its refusal is noted."""
        try:
            return read(await self._ask(client, url, question))
        except NotReached:
            raise
        except BadInput as error:
            # Policy: no two cameras answer all; what one does not answer is told beside the rest.
            self._note(f"{what}: {error}")
            return None

    async def _ask(
        self, client: httpx.AsyncClient, url: str, question: str, *, proven: bool = True
    ) -> etree._Element:
        header = ""
        if proven and self.user:
            at = self.clock.now() + self.skew_us
            header = proof(self.user, self.password, at=at, nonce=self.nonce())
        pinned, host = await self._pinned(url)
        headers = {"Content-Type": "application/soap+xml; charset=utf-8", "Host": host}
        request = client.build_request(
            "POST", pinned, content=envelope(question, header=header), headers=headers
        )
        answer = await client.send(request, stream=True, auth=self.digest if proven else None)
        try:
            return _read(answer, await _bounded(answer))
        finally:
            await answer.aclose()

    async def _pinned(self, url: str) -> tuple[str, str]:
        """Return an address with the host's checked number in it, and the host as it was named."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if self.reach is None:
            return url, parts.netloc
        number = self.numbers.get((host, port))
        if number is None:
            number = (await asyncio.to_thread(self.reach.addresses, host, port))[0]
            self.numbers[host, port] = number
        place = f"[{number}]" if ":" in number else number
        return urlunsplit(parts._replace(netloc=f"{place}:{port}")), parts.netloc

    def _note(self, said: str) -> None:
        self.report = replace(self.report, notes=(*self.report.notes, printable(said)))


async def _bounded(answer: httpx.Response) -> bytes:
    """Return an answer's bytes as they came, as long as they are few."""
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise BadInput("camera's answer", expected="no compression", came="some")
    parts: list[bytes] = []
    length = 0
    async for part in answer.aiter_raw():
        length += len(part)
        if length > MOST_BYTES:
            raise BadInput("camera's answer", expected=f"up to {MOST_BYTES} bytes", came="more")
        parts.append(part)
    return b"".join(parts)


def _read(answer: httpx.Response, data: bytes) -> etree._Element:
    if answer.status_code in {401, 403}:
        challenge = answer.headers.get("www-authenticate", "")
        if challenge.lower().startswith("basic"):
            raise _Refused("it wants the password itself (HTTP Basic), which is not sent in clear")
        raise _Refused(f"it answered {answer.status_code}")
    try:
        return body_of(data)
    except Fault as error:
        if error.is_about_us:
            raise _Refused(str(error.came)) from error
        raise
    except BadInput as error:
        if answer.status_code != 200:
            raise BadInput("camera's answer", expected="200", came=answer.status_code) from error
        raise


def _trouble(error: Exception, *, knows_time: bool, was_asked: bool) -> str:
    """Return in one word what kept a camera from answering."""
    said = str(error).lower()
    causes = list(_causes(error))
    signs = {
        "password": isinstance(error, _Refused) and knows_time,
        "clock": isinstance(error, _Refused),
        "not_allowed": isinstance(error, NotReached),
        "address": isinstance(error, BadInput) and not was_asked,
        "no_name": any(isinstance(one, socket.gaierror) for one in causes) or "name or service" in said,
        "refused": any(isinstance(one, ConnectionRefusedError) for one in causes) or "refused" in said,
        "late": isinstance(error, TimeoutError | httpx.TimeoutException) and knows_time,
        "unreachable": isinstance(error, OSError | httpx.TimeoutException | httpx.ConnectError),
        "broken": knows_time,
    }
    return next((trouble for trouble, shows in signs.items() if shows), "not_onvif")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
