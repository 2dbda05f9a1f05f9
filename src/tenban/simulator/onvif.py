"""A network camera's ONVIF side: SOAP over HTTP with a proof of the password, and answers to a call to all.

It answers as real cameras do, oddities included, and points to streams of an ``RtspServer``::

    camera = OnvifCamera([OnvifStream("main", "lane-1", 1920, 1080, 15, 4096, 30)], rtsp_port=port)
    camera.start()
    ...  # http://127.0.0.1:{camera.port}/onvif/device_service
    camera.stop()
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import parse_http_list, parse_keqv_list

from tenban.base.clock import Clock, SystemClock, to_datetime
from tenban.base.errors import BadInput
from tenban.simulator.onvif_answers import QUESTIONS, OnvifStream, envelope, fault, word

QUIRKS = frozenset(
    {
        "no_media2",  # an older camera: Media only
        "no_services",  # older still: GetCapabilities only
        "bare",  # leaves out every field that may be left out
        "no_events",  # refuses to say what it can tell of
        "time_needs_proof",  # does not tell its time to strangers
        "no_time",  # tells a time that is none
        "http_digest",  # wants the proof in HTTP, not in SOAP
        "http_basic",  # wants the password in clear
        "elsewhere",  # gives out addresses of another machine
        "entities",  # answers with a document type that names a file
        "endless",  # never stops answering
        "no_xml",  # answers with a page for people
        "broken_stream",  # gives one stream no address
    }
)
_MOST_REQUEST = 65_536
_REALM = "simulated"
_ENTITIES = '<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
_CREATED_WITHIN_S = 5.0


class OnvifCamera:
    """Plays the part of one camera's ONVIF services.

    Args:
        streams: its profiles.
        rtsp_port: where the streams are.
        credentials: its only user and password.
        clock: ours.
        clock_off_s: how far its own clock is ahead of ours.
        quirks: of :data:`QUIRKS`.
        maker: as it names it.
        model: as it names it.
    """

    def __init__(
        self,
        streams: Sequence[OnvifStream],
        *,
        rtsp_port: int,
        credentials: tuple[str, str] = ("admin", "secret"),
        clock: Clock | None = None,
        clock_off_s: float = 0.0,
        quirks: frozenset[str] = frozenset(),
        maker: str = "Tenban",
        model: str = "Simulated camera",
    ) -> None:
        if quirks - QUIRKS:
            raise BadInput("quirks", expected=", ".join(sorted(QUIRKS)), came=", ".join(quirks - QUIRKS))
        self.streams: Mapping[str, OnvifStream] = {one.token: one for one in streams}
        self.rtsp_port = rtsp_port
        self.credentials = credentials
        self.clock = clock or SystemClock()
        self.clock_off_s = clock_off_s
        self.quirks = quirks
        self.maker, self.model = maker, model
        self.asked: list[str] = []
        self.refused = 0
        self._used: set[bytes] = set()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def start(self, *, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen, and return the port."""
        self._server = ThreadingHTTPServer((host, port), _handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="onvif", daemon=True
        )
        self._thread.start()
        return self.port

    def stop(self) -> None:
        """End the thread."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(10)
            self._server = None

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None  # noqa: S101  # it was started
        return int(self._server.server_address[1])

    @property
    def now(self) -> datetime:
        """The camera's own time."""
        return to_datetime(self.clock.now()) + timedelta(seconds=self.clock_off_s)

    def answer(self, request: bytes, authorization: str, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the answer to a question."""
        asked = word(request, "asked")
        self.asked.append(asked)
        open_to_all = asked == "GetSystemDateAndTime" and "time_needs_proof" not in self.quirks
        if not open_to_all and not self._is_proven(request, authorization, path):
            self.refused += 1
            return self._refusal()
        known = QUESTIONS.get(asked)
        body = None if known is None else known(self, request)
        if body is None:
            return 400, {}, fault("s:Receiver", "ter:ActionNotSupported", "not implemented")
        if "no_xml" in self.quirks:
            return 200, {"Content-Type": "text/html"}, b"<html><body>Please sign in<br></body></html>"
        named = _ENTITIES if "entities" in self.quirks else ""
        return 200, {}, envelope(body, named)

    def _is_proven(self, request: bytes, authorization: str, path: str) -> bool:
        if {"http_digest", "http_basic"} & self.quirks:
            return self._is_digest(authorization, path)
        user, password = self.credentials
        try:
            nonce = base64.b64decode(word(request, "nonce"), validate=True)
            created = datetime.fromisoformat(word(request, "created"))
        except ValueError:
            return False
        if abs((created - self.now).total_seconds()) > _CREATED_WITHIN_S or not nonce or nonce in self._used:
            return False
        self._used.add(nonce)
        whole = nonce + word(request, "created").encode() + password.encode()
        wanted = base64.b64encode(hashlib.sha1(whole).digest()).decode()  # noqa: S324  # the standard's
        return user == word(request, "user") and hmac.compare_digest(wanted, word(request, "digest"))

    def _is_digest(self, authorization: str, path: str) -> bool:
        kind, _, rest = authorization.partition(" ")
        if kind.lower() != "digest" or "http_basic" in self.quirks:
            return False
        said = parse_keqv_list(parse_http_list(rest))
        user, password = self.credentials
        one = _md5(f"{user}:{_REALM}:{password}")
        two = _md5(f"POST:{path}")
        wanted = _md5(":".join([one, *(said.get(key, "") for key in ("nonce", "nc", "cnonce", "qop")), two]))
        return said.get("username") == user and hmac.compare_digest(wanted, said.get("response", ""))

    def _refusal(self) -> tuple[int, dict[str, str], bytes]:
        if "http_basic" in self.quirks:
            return 401, {"WWW-Authenticate": f'Basic realm="{_REALM}"'}, b""
        if "http_digest" in self.quirks:
            challenge = f'Digest realm="{_REALM}", nonce="{_md5(str(len(self.asked)))}", qop="auth"'
            return 401, {"WWW-Authenticate": challenge}, b""
        return 400, {}, fault("s:Sender", "ter:NotAuthorized", "Sender not authorized")

    def place(self, service: str) -> str:
        """Return the address it gives out for one of its services."""
        host = "10.255.255.1:8899" if "elsewhere" in self.quirks else f"127.0.0.1:{self.port}"
        return f"http://{host}/onvif/{service}"


def _handler_of(camera: OnvifCamera) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5.0

        def do_POST(self) -> None:
            length = min(int(self.headers.get("Content-Length") or 0), _MOST_REQUEST)
            request = self.rfile.read(length)
            status, headers, body = camera.answer(request, self.headers.get("Authorization", ""), self.path)
            self.send_response(status)
            for name, value in {"Content-Type": "application/soap+xml", **headers}.items():
                self.send_header(name, value)
            endless = "endless" in camera.quirks
            self.send_header("Content-Length", str(1 << 30 if endless else len(body)))
            self.end_headers()
            try:
                while endless:
                    self.wfile.write(b" " * 65_536)
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # whoever asked has heard enough

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's word
            pass

    return Handler


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324  # RFC 2617's
