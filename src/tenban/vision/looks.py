"""Looking on while a view is watched: boxes, tracks and counted moves, over a local socket.

The watcher offers them, the web process hands them to a browser. Nobody looking costs one look-up of a
dictionary per frame. Whoever looks gets the latest state ten times a second at most; what a slow one misses
are states, never counted moves. Zones that are only drawn may be tried: they are watched beside the lane's
own, for as long as somebody looks.

request   one line of JSON {"register", "camera", "zones": null | [{"role", "polygon"}], "detector"}
answer    lines of JSON; an error is {"error": {"code", "message"}} and the end
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socketserver
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tenban.base.clock import SECOND, Instant
from tenban.base.errors import BadInput, Conflict, NotFound, TenbanError, Unavailable
from tenban.base.log import get_log
from tenban.sites.model import View
from tenban.video.frames import Frame
from tenban.vision.model import Observation
from tenban.vision.watch import Look, ViewWatch
from tenban.vision.zones import parse_zones

MOST_LOOKERS = 8
MOST_DRAFTS = 2
"""Drawn zones are watched on the same thread as the lane; more than two at once would be felt."""
EVERY_US = SECOND // 10
BEAT_S = 5.0
_MOST_REQUEST_BYTES = 64 << 10
_MOST_LINE_BYTES = 256 << 10
_MOST_MOVES = 200

log = get_log(__name__)


class Looker:
    """One who looks on.

    Args:
        register: whose view.
        camera: which view.
        draft: watches the zones that are being tried; None to look at the lane's own.

    Attributes:
        missed: states that nobody fetched before the next came.
    """

    def __init__(self, register: str, camera: str, draft: ViewWatch | None) -> None:
        self.register = register
        self.camera = camera
        self.draft = draft
        self.missed = 0
        self._ready = threading.Condition()
        self._state: dict[str, Any] | None = None
        self._moves: list[dict[str, Any]] = []
        self._shown_at: Instant = 0
        self._gone: str | None = None

    def show(self, frame: Frame, watch: ViewWatch, seen: list[Observation]) -> None:
        """Take over what a watch has before it; never waits."""
        if not seen and frame.captured_at - self._shown_at < EVERY_US:
            return
        self._shown_at = frame.captured_at
        state = _as_json(watch.look(), frame)
        with self._ready:
            self.missed += self._state is not None
            self._state = state
            self._moves = (self._moves + [_move(one) for one in seen])[-_MOST_MOVES:]
            self._ready.notify()

    def try_out(self, frame: Frame, now_at: Instant) -> None:
        """Let the drawn zones see a frame as well."""
        if self.draft is None or self._gone is not None:
            return
        try:
            self.show(frame, self.draft, self.draft.see(frame, now_at))
        except Exception as error:  # worker loop
            # Policy: whatever goes wrong with drawn zones must not touch the lane that is watched.
            log.exception("drawn zones broke off", register=self.register)
            self.end(f"{type(error).__name__}: {error}")

    def end(self, why: str) -> None:
        """Tell the one who looks that it is over."""
        with self._ready:
            self._gone = why
            self._ready.notify()

    def next(self, patience_s: float) -> dict[str, Any] | None:
        """Return the latest state with all moves since the last, or None where nothing came in time.

        Raises:
            Unavailable: the watching of this view has ended or begun anew.
        """
        with self._ready:
            if self._state is None and self._gone is None:
                self._ready.wait(patience_s)
            if self._gone is not None:
                raise Unavailable(self._gone)
            state, self._state = self._state, None
            if state is not None:
                state["moves"], self._moves = self._moves, []
            return state


class LookServer:
    """Hands looks out on a local socket, on threads of its own.

    Args:
        path: of the socket; one left by a killed process is replaced.
        views: says whether a register is watched by a camera, and returns that view; raises NotFound.
    """

    def __init__(self, path: Path, views: Callable[[str, str], View]) -> None:
        self._path = path
        self._views = views
        self._lock = threading.Lock()
        self._lookers: dict[str, tuple[Looker, ...]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._server = _Server(str(path), self)
        path.chmod(0o660)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.2,), name="looks", daemon=True
        )
        self._thread.start()

    def at(self, camera: str) -> tuple[Looker, ...]:
        """Return who looks at a camera's views; cheap, and empty nearly always."""
        return self._lookers.get(camera, ())

    def end(self, camera: str, why: str) -> None:
        """Tell everybody at a camera that its watching begins anew."""
        for looker in self.at(camera):
            looker.end(why)

    def close(self) -> None:
        """Stop offering."""
        for camera in tuple(self._lookers):
            self.end(camera, "the watcher ends")
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
        self._path.unlink(missing_ok=True)

    def join(self, request: bytes) -> Looker:
        """Take in one who wants to look.

        Raises:
            BadInput: the request cannot be read, or its zones do not check.
            NotFound: that view is not watched here.
            Conflict: enough look already.
        """
        try:
            asked = json.loads(request)
            register, camera, drawn = str(asked["register"]), str(asked["camera"]), asked["zones"]
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput("look request", expected="register, camera, zones", came=error) from error
        view = self._views(register, camera)
        draft = None
        if drawn is not None:
            zones = tuple(parse_zones({"zones": drawn}, where="zones"))
            draft = ViewWatch(View(camera, zones, view.detector, view.analysis_fps))
        looker = Looker(register, camera, draft)
        with self._lock:
            everybody = [one for group in self._lookers.values() for one in group]
            if len(everybody) >= MOST_LOOKERS:
                raise Conflict(f"expected fewer than {MOST_LOOKERS} people looking on at once")
            if draft is not None and sum(one.draft is not None for one in everybody) >= MOST_DRAFTS:
                raise Conflict(f"expected fewer than {MOST_DRAFTS} drafts being tried at once")
            self._lookers[camera] = (*self.at(camera), looker)
        return looker

    def leave(self, looker: Looker) -> None:
        """Let one go who has looked."""
        with self._lock:
            rest = tuple(one for one in self.at(looker.camera) if one is not looker)
            if rest:
                self._lookers[looker.camera] = rest
            else:
                self._lookers.pop(looker.camera, None)


async def look_on(
    path: Path, register: str, camera: str, zones: list[dict[str, Any]] | None
) -> AsyncIterator[dict[str, Any] | None]:
    """Yield what a view has before it for as long as it is wanted; None where nothing came for a while.

    Args:
        path: the watcher's socket.
        register: whose view.
        camera: which view.
        zones: to be tried; None for those that are in force.

    Raises:
        Unavailable: the watcher does not answer, or begins anew; asking again helps.
        NotFound: that view is not watched.
        BadInput: the zones do not check.
        Conflict: enough look already.
    """
    request = json.dumps({"register": register, "camera": camera, "zones": zones}).encode() + b"\n"
    try:
        reader, writer = await asyncio.open_unix_connection(str(path), limit=_MOST_LINE_BYTES)
    except OSError as error:
        raise Unavailable(f"watcher: no answer: {error}") from error
    try:
        writer.write(request)
        while True:
            line = await reader.readline()
            if not line:
                raise Unavailable("watcher: it has ended")
            state = json.loads(line)
            if state is not None and "error" in state:
                raise _error(**state["error"])
            yield state
    except (OSError, ValueError) as error:
        raise Unavailable(f"watcher: expected a line, got: {error}") from error
    finally:
        writer.close()


def _error(code: str, message: str) -> TenbanError:
    if code == BadInput.code:
        return BadInput("zones", expected="zones that check", came=message)
    kinds: dict[str, type[TenbanError]] = {NotFound.code: NotFound, Conflict.code: Conflict}
    return kinds.get(code, Unavailable)(message)


def _as_json(look: Look, frame: Frame) -> dict[str, Any]:
    return {
        "at": frame.captured_at,
        "tracks": [
            {"n": one.number, "box": one.box, "found": one.found, "trail": one.trail} for one in look.tracks
        ],
        "brought_in": look.brought_in,
        "visitor": None if look.visitor is None else {"arrived": look.visitor[0], "box": look.visitor[1]},
        "moves": [],
    }


def _move(seen: Observation) -> dict[str, Any]:
    return {
        "kind": seen.kind,
        "at": seen.at,
        "from": seen.from_zone,
        "to": seen.to_zone,
        "box": seen.box or seen.left_box,
        "confidence": round(seen.confidence, 2),
        "remains": seen.remains,
    }


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 16

    def __init__(self, path: str, looks: LookServer) -> None:
        self.looks = looks
        super().__init__(path, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        del request, client_address
        log.error("a look broke off", exc_info=True)  # noqa: LOG014  # called while it is handled


class _Handler(socketserver.StreamRequestHandler):
    timeout = 10.0
    server: _Server

    def handle(self) -> None:
        # Policy: whoever looks on may go at any time.
        with contextlib.suppress(OSError):
            try:
                looker = self.server.looks.join(self.rfile.readline(_MOST_REQUEST_BYTES))
            except TenbanError as error:
                self._say({"error": {"code": error.code, "message": str(error)}})
                return
            try:
                while True:
                    self._say(looker.next(BEAT_S))
            except Unavailable as error:
                self._say({"error": {"code": error.code, "message": str(error)}})
            finally:
                self.server.looks.leave(looker)

    def _say(self, state: dict[str, Any] | None) -> None:
        self.wfile.write(json.dumps(state).encode() + b"\n")
