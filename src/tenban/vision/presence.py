"""Whether somebody stands at the operator position.

Somebody is there when a good part of the zone is not what it is when empty, and they have arrived when
most of what is foreign has stopped moving: who merely walks through never does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import cv2
import numpy as np

from tenban.base.clock import SECOND, Instant, seconds
from tenban.base.errors import BadInput
from tenban.vision.change import Blob, find_blobs, judge
from tenban.vision.model import Box, Observation
from tenban.vision.settled import SettledPicture
from tenban.vision.zones import Mask, rasterise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenban.sites.zone import Zone
    from tenban.video.frames import Frame, Picture
    from tenban.vision.detection import Detection

WIDTH = 160
"""Width of the analysed picture, in pixels."""

STEP_S = 0.09
"""Pictures that follow faster than this are skipped."""

ENTER_SHARE = 0.05
"""Share of the zone that has to be foreign for somebody to be there."""

LEAVE_PART = 0.3
"""Part of what a person usually covers of the zone below which they have left."""

STAND_S = 0.8
"""For how long somebody must stand to have arrived."""

LINGER_S = 4.0
"""Somebody who keeps moving but stays this long has arrived as well."""

GONE_S = 0.4
"""For how long nobody may be seen before they have left."""

LAG_S = 0.4
"""How far the measure of restlessness runs behind: motion lasts 0.2 s in it, and is smoothed over 0.3 s."""

FORGET_S = 180.0
"""Something that has not moved at all for this long is furniture."""


class PeopleDetector(Protocol):
    """Anything that finds people in a picture."""

    def people(self, picture: Picture) -> Detection:
        """Return the people in a BGR picture."""
        ...


@dataclass(slots=True)
class _Visit:
    since_s: float
    standing_since_s: float | None = None
    arrived: bool = False
    usual: float = 0.0
    last_seen_s: float = 0.0
    box: Box | None = None


class PresenceWatch:
    """Watches the operator position of one camera.

    Args:
        zones: the camera's zones, one of them with the role ``operator``.
        camera: the camera's id, or the file's name.
        detector: finds people; without one, whatever is foreign in the zone counts.

    Raises:
        BadInput: there is no operator zone.
    """

    def __init__(self, zones: Sequence[Zone], *, camera: str, detector: PeopleDetector | None = None) -> None:
        self.camera = camera
        self._zones = [zone for zone in zones if zone.role == "operator"]
        if not self._zones:
            came = ", ".join(zone.role for zone in zones) or "none"
            raise BadInput("zones", expected='a zone with the role "operator"', came=came)
        self._detector = detector
        self._scene = SettledPicture(settle_s=1.0, levels=23.0)
        self._mask: Mask | None = None
        self._area = 1
        self._visit: _Visit | None = None
        self._restless = 1.0
        self._started_s = 0.0
        self._at: Instant | None = None
        self._anyone_yet = False

    @property
    def visitor(self) -> tuple[bool, Box | None] | None:
        """Whoever is in the zone: whether they have arrived, and where they are; None for nobody."""
        return None if self._visit is None else (self._visit.arrived, self._visit.box)

    def see(self, frame: Frame) -> list[Observation]:
        """Take in the next picture; return who came and who left."""
        if self._at is not None and frame.captured_at - self._at < seconds(STEP_S):
            return []
        at_s = frame.captured_at / SECOND
        step_s = 0.0 if self._at is None else (frame.captured_at - self._at) / SECOND
        self._at = frame.captured_at
        picture = frame.bgr(WIDTH)
        if self._mask is None:
            self._lay_out(picture.shape[1], picture.shape[0])
            self._started_s = at_s
        self._scene.see(picture, at_s)
        found = self._clear_ghosts(at_s)
        share, restless, box = self._measure(frame)
        self._restless += (restless - self._restless) * min(1.0, step_s / 0.3)
        found += self._follow(share, box, at_s)
        return found

    def finish(self) -> list[Observation]:
        """Return the leaving of whoever is there when the pictures end."""
        if self._visit is None or not self._visit.arrived or self._at is None:
            return []
        return [self._observe("operator_left", self._at / SECOND, self._visit)]

    def _lay_out(self, width: int, height: int) -> None:
        self._mask = np.zeros((height, width), dtype=np.uint8)
        for zone in self._zones:
            self._mask |= rasterise(zone, width=width, height=height)
        self._area = max(cv2.countNonZero(self._mask), 1)

    def _measure(self, frame: Frame) -> tuple[float, float, Box | None]:
        """Return the share of the zone somebody covers, how much of that moves, and where they are."""
        mask = self._inside()
        foreign = cv2.bitwise_and(cv2.morphologyEx(self._scene.foreign, cv2.MORPH_OPEN, _KERNEL), mask)
        covered = cv2.countNonZero(foreign)
        moving = cv2.countNonZero(cv2.bitwise_and(foreign, self._scene.moving))
        restless = moving / covered if covered else 1.0
        height, width = mask.shape
        if self._detector is not None:
            return self._measure_people(self._detector.people(frame.bgr()), restless)
        if covered < ENTER_SHARE * self._area:
            return covered / self._area, restless, None
        x, y, w, h = cv2.boundingRect(foreign)
        return covered / self._area, restless, (x / width, y / height, (x + w) / width, (y + h) / height)

    def _measure_people(self, people: Detection, restless: float) -> tuple[float, float, Box | None]:
        mask = self._inside()
        height, width = mask.shape
        best, where = 0.0, None
        for box in people.boxes:
            x0, y0, x1, y1 = (float(v) for v in box)
            part = mask[
                int(y0 * height) : int(np.ceil(y1 * height)), int(x0 * width) : int(np.ceil(x1 * width))
            ]
            share = cv2.countNonZero(part) / self._area if part.size else 0.0
            if share > best:
                best, where = share, (x0, y0, x1, y1)
        return best, restless, where

    def _follow(self, share: float, box: Box | None, at_s: float) -> list[Observation]:
        visit = self._visit
        if visit is None:
            if share >= ENTER_SHARE:
                self._visit = _Visit(at_s, last_seen_s=at_s, usual=share, box=box)
                self._restless = 1.0
            return []
        if share >= max(0.4 * ENTER_SHARE, LEAVE_PART * visit.usual):
            visit.last_seen_s = at_s
            visit.usual += 0.1 * (share - visit.usual)
            visit.box = box or visit.box
            return [] if visit.arrived else self._arrive(visit, at_s)
        if at_s - visit.last_seen_s < GONE_S:
            return []
        self._visit = None
        return [self._observe("operator_left", visit.last_seen_s, visit)] if visit.arrived else []

    def _arrive(self, visit: _Visit, at_s: float) -> list[Observation]:
        if self._restless < 0.5:
            if visit.standing_since_s is None:
                visit.standing_since_s = at_s
        elif self._restless > 0.7:
            visit.standing_since_s = None
        stood = visit.standing_since_s is not None and at_s - visit.standing_since_s >= STAND_S
        if not stood and at_s - visit.since_s < LINGER_S:
            return []
        visit.arrived = True
        self._anyone_yet = True
        at_s = visit.since_s
        if visit.standing_since_s is not None:
            at_s = max(at_s, visit.standing_since_s - LAG_S)
        return [self._observe("operator_arrived", at_s, visit)]

    def _clear_ghosts(self, at_s: float) -> list[Observation]:
        """Forget furniture, and the hole left by somebody who was there from the first picture on."""
        mask = self._inside()
        scene = self._scene
        elsewhere = cv2.bitwise_and(scene.foreign, cv2.bitwise_not(mask))
        elsewhere[scene.held_s < 5.0] = 0
        scene.absorb(np.asarray(elsewhere, dtype=np.uint8))
        still = np.asarray(cv2.bitwise_and(scene.foreign, scene.settled), dtype=np.uint8)
        found: list[Observation] = []
        for blob in find_blobs(still, smallest=max(8, round(0.01 * self._area))):
            if blob.share_of(mask) == 0:
                continue
            held_s = float(np.median(blob.crop(scene.held_s)[blob.mask > 0]))
            ghost = not self._anyone_yet and self._is_hole(blob)
            if not ghost and held_s < FORGET_S:
                continue
            hole = np.zeros_like(mask)
            blob.paint(hole)
            scene.absorb(np.asarray(cv2.dilate(hole, _KERNEL), dtype=np.uint8))
            if ghost:
                self._anyone_yet = True
                visit = _Visit(self._started_s, arrived=True)
                self._visit = None
                found = [
                    self._observe("operator_arrived", self._started_s, visit),
                    self._observe("operator_left", at_s - held_s, visit),
                ]
        return found

    def _is_hole(self, blob: Blob) -> bool:
        covered = blob.share_of(self._inside()) * blob.area
        foreign = cv2.countNonZero(cv2.bitwise_and(self._scene.foreign, self._inside()))
        if covered < ENTER_SHARE * self._area or covered < 0.7 * foreign:
            return False
        change = judge(blob, self._scene.before, self._scene.now, levels=self._scene.telling_above)
        return change.verdict == "went" and change.polarity < -0.5

    def _inside(self) -> Mask:
        assert self._mask is not None  # noqa: S101  # laid out with the first picture
        return self._mask

    def _observe(
        self, kind: Literal["operator_arrived", "operator_left"], at_s: float, visit: _Visit
    ) -> Observation:
        return Observation(
            kind=kind,
            camera=self.camera,
            started_at=seconds(visit.since_s),
            at=seconds(at_s),
            proven_at=self._at or 0,
            confidence=round(min(1.0, 0.5 + 2.0 * visit.usual), 3),
            to_zone="operator" if kind == "operator_arrived" else None,
            from_zone="operator" if kind == "operator_left" else None,
            box=visit.box,
        )


_KERNEL = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
