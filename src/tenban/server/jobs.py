"""The jobs process: cuts what was ordered out of footage. Nothing here is needed for a brief."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from tenban.access.model import Actor, system_actor
from tenban.base.clock import SECOND, Clock, Instant, seconds
from tenban.base.errors import BadInput, Conflict, NotFound, TenbanError
from tenban.base.log import get_log
from tenban.db import Connection, Database
from tenban.db.blobs import BlobStore
from tenban.db.wake import Listener
from tenban.incidents import engine
from tenban.incidents.model import Clip, Incident, Still
from tenban.settings.file import signature
from tenban.sites.config import load_sites
from tenban.sites.fisheye import Aim
from tenban.sites.model import NOTHING_BLURRED, Blurring, Sites
from tenban.video.clips import ClipPlan, NoFootage, plan_clip, write_clip
from tenban.video.footage import Footage
from tenban.video.frames import length_s
from tenban.video.orders import MediaOrder, due_orders, next_due_at, settle_order, tell_progress
from tenban.video.queries import FootageIndex
from tenban.video.reason_words import words_of
from tenban.video.reasons import reason_of
from tenban.video.stills import still_from_footage
from tenban.vision.masking import Polygon, mask_clip
from tenban.vision.turned import turn_clip, turn_frame

log = get_log(__name__)

FRAGMENT_PATIENCE_S = 2.2
"""A fragment is written about half a second after its first picture, and indexed once the disk has it."""
GIVE_UP_S = 20.0
"""How long a span without any footage is waited for before the order fails."""
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Eye:
    """What is known of the camera, or the named view of one, that an order names.

    Attributes:
        source: the camera that records.
        aim: how its picture is turned.
        blurring: what is blurred on it for whoever may not see all of it.
    """

    source: str
    aim: Aim | None = None
    blurring: Blurring = NOTHING_BLURRED


@dataclass(slots=True)
class Eyes:
    """The cameras: as the configuration says now, or said before it erred."""

    config: Path
    _known: Sites | None = None
    _seen: tuple[int, int, int] = (-1, -1, -1)

    def __call__(self, camera_id: str) -> Eye:
        """Return what is known of a camera; of one that is gone from the file, its id."""
        sites = self._now()
        try:
            camera = sites.camera(camera_id) if sites else None
        except NotFound:
            camera = None  # Policy: footage outlives the camera it came from.
        if camera is None or sites is None:
            return Eye(camera_id)
        return Eye(camera.source, camera.aim, sites.blurring(camera_id))

    def copy(self, incident: Incident, clip: Clip) -> Eye:
        """Return what is blurred in a copy of an incident's clip: what is drawn, and all heads."""
        sites = self._now()
        shop = None if sites is None else next((s for s in sites.shops if s.id == incident.shop), None)
        if sites is None or shop is None:
            return Eye("")
        views = [view for one in shop.registers if one.id == incident.place for view in one.views]
        # Clips from before do not say which camera they are of: all the register's zones are laid over them.
        cameras = [clip.camera] if clip.camera else [view.camera for view in views]
        aim = self(clip.camera).aim if clip.camera else None
        return Eye(clip.camera or "", aim, Blurring(sites.masks(*cameras), shop.masking.model))

    def _now(self) -> Sites | None:
        # Asked for every order that waits, at every look: a file that stands as it stood is not read again.
        seen = signature(self.config)
        if seen == self._seen:
            return self._known
        self._seen = seen
        try:
            self._known = load_sites(self.config)
        except BadInput:
            log.warning("cameras as they were: the configuration does not check")  # Policy: as all parts do.
        return self._known


@dataclass(slots=True)
class Jobs:
    """Works off media orders.

    Attributes:
        eyes: what is known of a camera.
        done: orders settled as ready.
        failed: orders settled as failed, with the reason told.
    """

    db: Database
    clock: Clock
    blobs: BlobStore
    footage: Footage
    scratch_dir: Path
    eyes: Eyes
    actor: Actor = field(default_factory=lambda: system_actor("jobs"))
    done: int = 0
    failed: int = 0
    _slow: dict[str, Callable[[], None]] = field(default_factory=dict)

    async def run(self, listener: Listener, stop: threading.Event) -> None:
        """Work until told to stop; wakes at each commit and when an order falls due."""
        while not stop.is_set():
            waiting = await self.step()
            if self._slow:
                continue
            due_at = await self.db.read(next_due_at)
            if not waiting and due_at is not None:
                wait_s = (due_at - self.clock.now()) / SECOND
                if 0 < wait_s < 1:
                    await asyncio.sleep(wait_s)
                    continue
            await listener.wait()

    async def step(self) -> int:
        """Settle every order that can be settled now; return how many are due and still wait."""
        now_at = self.clock.now()
        orders = await self.db.read(lambda connection: due_orders(connection, now_at))
        waiting = 0
        for order in orders:
            if order.id in self._slow:
                continue
            try:
                settled = await asyncio.to_thread(self._settle, order, now_at)
            except Exception:
                # Worker loop: one order that cannot be carried out must not stop the others.
                log.exception("order failed", order=order.id, camera=order.camera)
                await asyncio.to_thread(self._fail, order, _unexpected())
                settled = True
            waiting += not settled and order.id not in self._slow
        if self._slow:
            # One at a time: a new clip waits no longer than for the blurring of one.
            key = next(iter(self._slow))
            await asyncio.to_thread(self._slow[key])
            del self._slow[key]
        return waiting

    def _settle(self, order: MediaOrder, now_at: Instant) -> bool:
        if order.kind == "blur":
            self._slow[order.id] = partial(self._copy, order)
            return False
        index, eye = FootageIndex(self.db), self.eyes(order.camera)
        recorded_at = index.recorded_until(eye.source)
        complete = recorded_at is not None and recorded_at >= order.end_at
        if not complete and now_at < order.end_at + seconds(FRAGMENT_PATIENCE_S):
            return False
        try:
            if order.kind == "clip":
                self._clip(index, order, eye)
            else:
                self._still(index, order, eye)
        except NoFootage as error:
            if now_at < order.end_at + seconds(GIVE_UP_S):
                return False
            self._fail(order, _both(f"録画がありません（{error}）", f"There is no footage: {error}"))
        except (TenbanError, OSError) as error:
            self._fail(order, _both(f"録画を読めません（{error}）", f"The footage cannot be read: {error}"))
        return True

    def _clip(self, index: FootageIndex, order: MediaOrder, eye: Eye) -> None:
        plan = plan_clip(index, eye.source, order.span, around=order.around_at, sound=True)
        self.scratch_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch_dir) as folder:
            path = Path(folder) / "clip.mp4"
            write_clip(plan, self.footage, path)
            blob = self.blobs.adopt(path, "mp4")
            now_at = self.clock.now()
            span = plan.span
            ref, why = f"blob:{blob}", _missing(plan)
            clip = Clip(
                order.id,
                span.start_at,
                span.end_at,
                "ready",
                ref,
                why,
                now_at,
                camera=order.camera,
                sound=plan.sound is not None,
            )

            def settle(connection: Connection) -> Any:
                return engine.settle_clip(connection, self.actor, now_at, order.held_for, order.part, clip)

            if not eye.blurring:
                self._finish(order, "ready", settle)
                return
            # Who may see all of it need not wait; the order stays open until the others can see it, too.
            self.db.write_now(settle)
            self._slow[order.id] = partial(self._mask, order, blob, eye)

    def _mask(self, order: MediaOrder, blob: str, eye: Eye) -> None:
        """Make the form of a clip with blurred zones; where that fails, who may not see all sees nothing."""
        try:
            ref = self._blurred(order, blob, eye)
        except (TenbanError, OSError, ValueError) as error:
            # Policy: the clip itself is there; that there is no blurred form of it is told in its place.
            log.warning("clip not blurred", order=order.id, why=str(error))
            self._finish(order, "ready", lambda _connection: None)
            return
        now_at = self.clock.now()
        self._finish(
            order,
            "ready",
            lambda connection: engine.add_masked_clip(
                connection, self.actor, now_at, order.held_for, order.part, ref
            ),
        )

    def _copy(self, order: MediaOrder) -> None:
        """Make a copy of a clip in which nobody can be recognised, on request."""
        try:
            incident = self.db.read_now(lambda connection: engine.get(connection, self.actor, order.held_for))
            clip = next((one.clip for one in incident.causes if one.key == order.part), None)
            eye = None if clip is None else self.eyes.copy(incident, clip)
            if clip is None or clip.ref is None or eye is None or not eye.blurring.model:
                raise Conflict(f"incident {incident.id}: expected a clip and a model, got one missing")
            ref = self._blurred(order, clip.ref.removeprefix("blob:"), eye)
        except (TenbanError, OSError, ValueError) as error:
            # Policy: the clip itself is there; whoever asked for the copy is told, and may ask again.
            log.warning("clip not copied", order=order.id, why=str(error))
            self._finish(order, "failed", lambda _connection: None)
            return
        now_at = self.clock.now()
        self._finish(
            order,
            "ready",
            lambda connection: engine.add_blurred_clip(
                connection, self.actor, now_at, order.held_for, order.part, ref
            ),
        )

    def _blurred(self, order: MediaOrder, blob: str, eye: Eye) -> str:
        """Write a clip anew with what is blurred; return the new one's reference.

        The zones of a named view lie where they were drawn, so its clip is turned first.
        """
        what = eye.blurring
        self.scratch_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch_dir) as folder:
            plain, blurred = Path(folder) / "plain.mp4", Path(folder) / "masked.mp4"
            with plain.open("wb") as file:
                for part in self.blobs.open(blob).read():
                    file.write(part)
            if eye.aim is not None:
                turned = Path(folder) / "turned.mp4"
                turn_clip(plain, eye.aim, turned)
                plain = turned
            progress = _Progress(self.db, order.id, length_s(plain) or 0.0, twice=bool(what.model))
            heads: Sequence[Sequence[Polygon]] = ()
            if what.model:
                from tenban.vision.heads import follow_heads, load_people_detector  # ONNX Runtime

                heads = follow_heads(plain, load_people_detector(what.model), progress.looked)
            mask_clip(plain, what.polygons, blurred, of_picture=heads, told=progress.written)
            return f"blob:{self.blobs.adopt(blurred, 'mp4')}"

    def _still(self, index: FootageIndex, order: MediaOrder, eye: Eye) -> None:
        now_at = self.clock.now()
        turn = None if eye.aim is None else partial(turn_frame, aim=eye.aim, camera=order.camera)
        still = partial(still_from_footage, index, self.footage, eye.source, order.around_at, turn=turn)
        whole = still()
        ref = f"blob:{self.blobs.put(whole.jpeg, 'jpg')}"
        crop = None
        if order.box is not None:
            crop = f"blob:{self.blobs.put(still(box=order.box).jpeg, 'jpg')}"
        operator = crop or ref if order.label == OPERATOR else None
        stills = (
            []
            if operator
            else [Still(order.label or "still", ref, whole.captured_at, crop, order.box, order.box)]
        )
        self._finish(
            order,
            "ready",
            lambda connection: engine.add_stills(
                connection, self.actor, now_at, order.held_for, order.part, stills, operator
            ),
        )

    def _fail(self, order: MediaOrder, why: dict[str, str]) -> None:
        now_at = self.clock.now()

        def tell(connection: Connection) -> Any:
            if order.kind == "still":
                return None
            camera = order.camera
            clip = Clip(order.id, order.start_at, order.end_at, "failed", None, why, now_at, camera=camera)
            return engine.settle_clip(connection, self.actor, now_at, order.held_for, order.part, clip)

        self._finish(order, "failed", tell)

    def _finish(
        self, order: MediaOrder, state: Literal["ready", "failed"], tell: Callable[[Connection], Any]
    ) -> None:
        def write(connection: Connection) -> None:
            if settle_order(connection, order.id, state, self.clock.now()):
                tell(connection)

        self.db.write_now(write)
        if state == "ready":
            self.done += 1
        else:
            self.failed += 1
            log.warning("order not carried out", order=order.id, kind=order.kind, camera=order.camera)


@dataclass(slots=True)
class _Progress:
    """Tells how far a clip's copy has come, in steps of ten per cent."""

    db: Database
    order: str
    length_s: float
    twice: bool
    told: int = 0

    def looked(self, at_s: float) -> None:
        self._tell(50 * at_s / max(self.length_s, 0.1))

    def written(self, at_s: float) -> None:
        done = at_s / max(self.length_s, 0.1)
        self._tell(50 + 50 * done if self.twice else 100 * done)

    def _tell(self, percent: float) -> None:
        step = min(99, int(percent) // 10 * 10)
        if step > self.told:
            self.told = step
            self.db.write_now(lambda connection: tell_progress(connection, self.order, step))


def _missing(plan: ClipPlan) -> dict[str, str] | None:
    """Say what the clip lacks; None where it lacks nothing."""
    gap_s = sum(gap.span.length_s for gap in plan.gaps)
    if gap_s < 0.1 and plan.note is None:
        return None
    if gap_s < 0.1:
        size = f"{plan.info.width}x{plan.info.height}"
        return _both(f"カメラの設定が変わったため、{size}の部分だけです", f"{plan.note}")
    reasons = {words["en"]: words for words in map(_words_of, sorted({gap.why for gap in plan.gaps}))}
    ja = "、".join(words["ja"] for words in reasons.values())
    en = "; ".join(reasons)
    return _both(
        f"このうち{gap_s:.1f}秒は録画がありません（{ja}）", f"{gap_s:.1f} s of it were not recorded: {en}"
    )


def _words_of(why: str) -> dict[str, str]:
    reason = reason_of(why)
    return {"ja": why, "en": why} if reason is None else words_of(reason)


def _unexpected() -> dict[str, str]:
    return _both(
        "動画を作成できませんでした（記録を確認してください）", "The clip could not be made; see the log"
    )


def _both(ja: str, en: str) -> dict[str, str]:
    return {"ja": ja, "en": en}
