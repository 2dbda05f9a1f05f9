"""Putting together what goes into a package: every file with where its bytes come from, and what it shows.

Everything is read as it stands at this moment: a name that was erased meanwhile is not in the package, and a
picture that was erased is said to be missing. Nothing is decoded here but what has to be blurred.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from tenban.access.model import Actor
from tenban.base.clock import Instant, to_datetime, to_rfc3339
from tenban.base.errors import BadInput, NotFound, TenbanError, Unavailable
from tenban.base.span import Span
from tenban.cases.blurring import blurred_clip, blurred_still
from tenban.cases.model import Case, Form, Item, Package
from tenban.cases.originals import originals
from tenban.cases.telling import journal_lines, receipt_text
from tenban.db import Connection, Database
from tenban.db.blobs import BlobStore
from tenban.db.sealing import Damaged
from tenban.db.vault import in_parts
from tenban.findings.evidence import camera_of, operator_box
from tenban.findings.queries import operator_still
from tenban.incidents import engine
from tenban.incidents.model import Incident
from tenban.pos.receipt import receipt_of
from tenban.pos.sales import ENDED, Sale, sale
from tenban.sites.fisheye import Aim
from tenban.sites.model import NOTHING_BLURRED, Blurring, Register, Shop, Sites
from tenban.video.clips import ClipPlan, NoFootage, plan_clip, read_range, write_clip
from tenban.video.footage import Footage
from tenban.video.queries import FootageIndex
from tenban.video.sound_strip import muted

_BLOB = "blob:"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file on its way into a package.

    Attributes:
        path: its name there.
        kind: what it is.
        read: yields its bytes, from the beginning each time.
        about: what the manifest says of it besides.
    """

    path: str
    kind: str
    read: Callable[[], Iterator[bytes]]
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Gathered:
    """All of a case.

    Attributes:
        pieces: the files.
        shown: one entry per item: what the offline page shows of it.
        missing: what should be there and is not, in ja and en.
    """

    pieces: list[Piece] = field(default_factory=list)
    shown: list[dict[str, Any]] = field(default_factory=list)
    missing: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Gathering:
    """Reads a case's things for one package.

    Attributes:
        scratch: a folder for what is made on the way; the caller takes it away.
        told: called between steps, to show progress; may raise to stop.
    """

    db: Database
    blobs: BlobStore
    footage: Footage
    sites: Sites
    case: Case
    package: Package
    actor: Actor
    scratch: Path
    told: Callable[[], None] = lambda: None
    _found: Gathered = field(default_factory=Gathered)
    _made: int = 0

    def gather(self, items: list[Item]) -> Gathered:
        """Return what goes into the package."""
        for number, item in enumerate(items, start=1):
            self._found.shown.append(self._item(number, item))
        if not self._blurred:
            self._originals(items)
        return self._found

    @property
    def _blurred(self) -> bool:
        return self.package.form is Form.BLURRED

    @property
    def _shop(self) -> Shop:
        return self.sites.shop(self.case.shop)

    def _item(self, number: int, item: Item) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "n": number,
            "kind": item.kind,
            "added_at": to_rfc3339(item.added_at),
            "added_by": item.added_by_name,
            "register": self._register_name(item.register),
            "sale": item.sale,
            "text": item.text,
            "clips": [],
            "stills": [],
        }
        incident = None
        if item.incident is not None:
            incident = self._incident(number, item.incident, shown)
        if item.sale is not None and item.register is not None:
            self._sale(number, item.register, item.sale, shown)
        if item.span is not None:
            # A named view of a fisheye camera is turned; its camera's picture as recorded is beside it.
            cameras = item.cameras if self._blurred else (*self._recording(item.cameras), *item.cameras)
            for camera in dict.fromkeys(cameras):
                shown["clips"] += self._footage_of(number, camera, item.span)
            if self.package.side_by_side and len(item.cameras) > 1:
                shown["clips"] += self._side_by_side(number, item.cameras, item.span)
        if incident is not None:
            self._incident_media(number, incident, shown)
        if item.kind == "note":
            self._add(f"notes/{number:02d}.txt", "note", _bytes((item.text or "").encode()), item=number)
        return shown

    # --- footage

    def _footage_of(self, number: int, camera: str, span: Span) -> list[dict[str, Any]]:
        """Cut a camera's footage of a span: one clip, or one for each coding the camera had meanwhile."""
        index, at = FootageIndex(self.db), span.start_at
        clips: list[dict[str, Any]] = []
        while at < span.end_at:
            try:
                plan = plan_clip(
                    index, self._source(camera), Span(at, span.end_at), around=at, sound=self.package.sound
                )
            except NoFootage as error:
                if not clips:
                    self._lack(f"カメラ{camera}の録画がありません（{error}）", f"No footage: {error}")
                break
            clips.append(self._clip(number, camera, plan))
            if plan.note is None or plan.span.end_at <= at:
                break
            at = plan.span.end_at
        return clips

    def _clip(self, number: int, camera: str, plan: ClipPlan) -> dict[str, Any]:
        span = plan.span
        path = f"clips/{number:02d}-{_safe(camera)}-{self._stamp(span.start_at)}.mp4"
        told = {
            "item": number,
            "camera": camera,
            "camera_name": self._camera_name(camera),
            **_times(span),
            "frames": plan.frames,
            "gaps": [{**_times(gap.span), "why": gap.why} for gap in plan.gaps],
            "blurred": self._blurred,
            "sound": plan.sound is not None,
        }
        aim = self._aim(camera)
        if self._blurred:
            made = self._blur_clip(camera, plan)
            self._add(path, "clip", partial(in_parts, made), **told)
        elif aim is not None:
            told["pictures"] = "turned, coded anew"
            self._add(path, "clip", partial(in_parts, self._turned_clip(plan, aim)), **told)
        else:
            # Nothing is coded anew: an edit list hides what stands before the span, see design/evidence.md.
            told["pictures"] = "as recorded"
            self._add(path, "clip", partial(read_range, plan, self.footage), **told)
        return {"path": path, **told}

    def _blur_clip(self, camera: str, plan: ClipPlan) -> Path:
        plain, to = self._fresh("plain.mp4"), self._fresh("blurred.mp4")
        write_clip(plan, self.footage, plain)
        self.told()
        blurred_clip(plain, self._blurring(camera), self._aim(camera), to, lambda _at_s: self.told())
        return to

    def _turned_clip(self, plan: ClipPlan, aim: Aim) -> Path:
        from tenban.vision.turned import turn_clip  # OpenCV and PyAV

        plain, to = self._fresh("plain.mp4"), self._fresh("turned.mp4")
        write_clip(plan, self.footage, plain)
        self.told()
        turn_clip(plain, aim, to)
        plain.unlink()
        return to

    def _blurring(self, *cameras: str) -> Blurring:
        """Return what a receiver does not see: what is drawn, and heads where the shop can find them."""
        return Blurring(self.sites.masks(*cameras), self._shop.masking.model)

    def _originals(self, items: list[Item]) -> None:
        index = FootageIndex(self.db)
        spans: dict[str, list[Span]] = {}
        for item in items:
            if item.span is not None:
                for camera in self._recording(item.cameras):
                    spans.setdefault(camera, []).append(item.span)
        for camera, wanted in sorted(spans.items()):
            for one in originals(index, self.footage, camera, wanted, sound=self.package.sound):
                self._add(
                    f"original/{_safe(camera)}/{Path(one.path).stem}.mp4",
                    "original",
                    partial(one.read, self.footage),
                    camera=camera,
                    camera_name=self._camera_name(camera),
                    recorded_as=one.path,
                    bytes_of_it=[list(part) for part in one.ranges],
                    **_times(one.span),
                )

    def _side_by_side(self, number: int, cameras: tuple[str, ...], span: Span) -> list[dict[str, Any]]:
        from tenban.vision.side_by_side import Beside, write_side_by_side  # OpenCV and PyAV

        if self._blurred and self._shop.masking.model:
            self._lack(
                "全カメラを並べた動画は、ぼかし処理済みの形式では作成していません",
                "The video with all cameras in one picture is not made in the blurred form here",
            )
            return []
        to, folder = self._fresh("beside.mp4"), self._fresh("beside")
        folder.mkdir()
        besides = [
            Beside(self._source(one), one, self.sites.masks(one) if self._blurred else (), self._aim(one))
            for one in cameras
        ]
        try:
            shown = write_side_by_side(
                FootageIndex(self.db),
                self.footage,
                besides,
                span,
                to,
                zone=self._shop.timezone,
                scratch=folder,
                told=lambda _share: self.told(),
            )
        except NoFootage:
            return []  # Policy: that there is none of any camera was said before.
        path = f"clips/{number:02d}-side-by-side-{self._stamp(shown.start_at)}.mp4"
        told = {"item": number, "cameras": list(cameras), "blurred": self._blurred, "gaps": []}
        told |= {**_times(shown), "pictures": "coded anew"}
        self._add(path, "side_by_side", partial(in_parts, to), **told)
        return [{"path": path, "side_by_side": True, **told}]

    # --- incidents

    def _incident(self, number: int, incident_id: str, shown: dict[str, Any]) -> Incident:
        incident, rows = self.db.read_now(partial(self._read_incident, incident_id=incident_id))
        history = [
            {
                "at": to_rfc3339(row["at"]),
                "who": row["actor_name"],
                "what": row["what"],
                "detail": row["detail"],
            }
            for row in rows
        ]
        causes = [
            {
                "occurred_at": to_rfc3339(cause.occurred_at),
                "title": cause.title,
                "sentence": cause.sentence,
                "facts": cause.facts,
                "withdrawn": cause.withdrawn,
            }
            for cause in incident.causes
        ]
        document = {
            "id": incident.id,
            "rule": incident.kind,
            "register": incident.place,
            "about": incident.about,
            "state": incident.state.value,
            "outcome": incident.outcome.value if incident.outcome else None,
            "reason": incident.reason,
            "owner": incident.owner_name,
            "opened_at": to_rfc3339(incident.opened_at),
            "causes": causes,
            "history": history,
        }
        path = f"incidents/{number:02d}.json"
        self._add(path, "incident", _bytes(_json(document)), item=number)
        shown["incident"] = document
        return incident

    def _read_incident(
        self, connection: Connection, incident_id: str
    ) -> tuple[Incident, list[dict[str, Any]]]:
        incident = engine.get(connection, self.actor, incident_id)
        return incident, engine.history_of(connection, self.actor, incident_id)

    def _incident_media(self, number: int, incident: Incident, shown: dict[str, Any]) -> None:
        """Add the pictures people saw when they decided, and the clip of the incident itself."""
        register = self._register(incident.place)
        what = self._of_register(register)
        if incident.operator_still is not None:
            self._operator(number, incident.operator_still, register, what, shown)
        for place, cause in enumerate(incident.causes, start=1):
            for still in cause.evidence:
                name = f"{number:02d}-{place}-{_safe(still.label)}"
                self._still(
                    f"stills/{name}.jpg", number, still.label, still.ref, what, shown, still.captured_at
                )
                if still.crop is not None and (still.part is not None or not self._blurred):
                    # Of older cut-outs it is not known which part of the picture they are.
                    path, label = f"stills/{name}-part.jpg", f"{still.label}_part"
                    at = still.captured_at
                    self._still(path, number, label, still.crop, what, shown, at, still.part)
            if cause.clip is None or cause.clip.state != "ready":
                continue
            ref = cause.clip.ref
            if self._blurred:
                # Of a finished clip only a form that was written anew is without hidden pictures.
                ref = cause.clip.blurred if what.model else cause.clip.masked
            if ref is not None:
                told: dict[str, Any] = {
                    "item": number,
                    **_times(Span(cause.clip.start_at, cause.clip.end_at)),
                }
                path = f"clips/{number:02d}-incident-{place}.mp4"
                if self._blob(path, "incident_clip", ref, **told):
                    shown["clips"].append({"path": path, "incident": True, "gaps": [], **told})

    def _operator(
        self,
        number: int,
        ref: str,
        register: Register | None,
        what: Blurring,
        shown: dict[str, Any],
    ) -> None:
        part = None
        camera = None if register is None else camera_of(register, None)
        if register is not None and camera is not None:
            part = operator_box(register, camera)
        self._still(f"stills/{number:02d}-operator.jpg", number, "operator", ref, what, shown, None, part)

    def _still(
        self,
        path: str,
        number: int,
        label: str,
        ref: str,
        what: Blurring,
        shown: dict[str, Any],
        at: Instant | None,
        part: tuple[float, float, float, float] | None = None,
    ) -> None:
        told: dict[str, Any] = {"item": number, "label": label, "blurred": self._blurred}
        if at is not None:
            told["captured_at"] = to_rfc3339(at)
        if self._blob(path, "still", ref, what=what if self._blurred else NOTHING_BLURRED, part=part, **told):
            shown["stills"].append({"path": path, **told})

    def _blob(
        self,
        path: str,
        kind: str,
        ref: str,
        *,
        what: Blurring = NOTHING_BLURRED,
        part: tuple[float, float, float, float] | None = None,
        **about: Any,
    ) -> bool:
        """Add a picture or clip that is kept by itself; False where it is not kept any more."""
        try:
            blob = self.blobs.open(ref.removeprefix(_BLOB))
            if kind == "incident_clip" and not self.package.sound:
                self._add(path, kind, muted(blob).read, **about)
            elif what:
                self._add(path, kind, _bytes(blurred_still(blob.all(), what, part)), **about)
            else:
                self._add(path, kind, blob.read, **about)
        except (Damaged, ValueError) as error:
            raise Unavailable(f"{path}: {error}") from error
        except (NotFound, BadInput):
            self._lack(
                f"{path}は保存されていません（消去済み）", f"{path} is not kept any more: it was erased"
            )
            return False
        return True

    # --- sales

    def _sale(self, number: int, register_id: str, sale_number: str, shown: dict[str, Any]) -> None:
        def read(connection: Connection) -> tuple[Sale | None, str | None]:
            return sale(connection, register_id, sale_number), operator_still(
                connection, register_id, sale_number
            )

        known, still = self.db.read_now(read)
        if known is None:
            self._lack(f"取引{sale_number}の記録がありません", f"Sale {sale_number} is not known (any more)")
            return
        name = f"{number:02d}-{_safe(register_id)}-{_safe(sale_number)}"
        events = [{**asdict(event), "n": event.n} for event in known.events]
        document = {"register": register_id, "sale": sale_number, "events": events}
        self._add(f"journal/{name}.json", "journal", _bytes(_json(document)), item=number, sale=sale_number)
        shown["journal"] = journal_lines(known)
        register = self._register(register_id)
        if register is not None and known.state in ENDED:
            text = receipt_text(receipt_of(known, self._shop, register))
            self._add(f"receipts/{name}.txt", "receipt", _bytes(text.encode()), item=number, sale=sale_number)
            shown["receipt"] = text
        if still is not None and not any(one["label"] == "operator" for one in shown["stills"]):
            self._operator(number, still, register, self._of_register(register), shown)

    # --- what all of them need

    def _add(self, path: str, kind: str, read: Callable[[], Iterator[bytes]], **about: Any) -> None:
        self.told()
        if any(one.path == path for one in self._found.pieces):
            return  # the same picture of the same item, such as the operator's of a sale and its incident
        self._found.pieces.append(Piece(path, kind, read, about))

    def _lack(self, ja: str, en: str) -> None:
        self._found.missing.append({"ja": ja, "en": en})

    def _fresh(self, name: str) -> Path:
        self._made += 1
        return self.scratch / f"{self._made}-{name}"

    def _stamp(self, at: Instant) -> str:
        return f"{to_datetime(at).astimezone(self._shop.timezone):%Y%m%dT%H%M%S}"

    def _register(self, register_id: str) -> Register | None:
        try:
            return self.sites.register(register_id)
        except NotFound:
            return None  # Policy: what happened outlives the register it happened at.

    def _register_name(self, register_id: str | None) -> str | None:
        register = None if register_id is None else self._register(register_id)
        return register_id if register is None else register.name

    def _of_register(self, register: Register | None) -> Blurring:
        return self._blurring(*(() if register is None else (view.camera for view in register.views)))

    def _source(self, camera: str) -> str:
        try:
            return self.sites.camera(camera).source
        except NotFound:
            return camera  # Policy: footage outlives the camera it is of.

    def _recording(self, cameras: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._source(one) for one in cameras))

    def _aim(self, camera: str) -> Aim | None:
        try:
            return self.sites.camera(camera).aim
        except NotFound:
            return None  # Policy: as above.

    def _camera_name(self, camera: str) -> str:
        try:
            return self.sites.camera(camera).name
        except TenbanError:
            return camera  # Policy: footage outlives the camera it is of.


def _times(span: Span) -> dict[str, str]:
    return {"start_at": to_rfc3339(span.start_at), "end_at": to_rfc3339(span.end_at)}


def _bytes(data: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter((data,))


def _json(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text)[:60] or "_"
