"""Item transfer: what was brought to bagging, and what was taken out again. Knows no product.

An item counts when a settled change says that something came to rest in bagging and stayed there after
the hands were gone, or when something that moves by itself (on a belt) has passed into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from tenban.base.clock import SECOND, Instant, seconds
from tenban.vision.basket import BasketState
from tenban.vision.detectors.motion import MotionDetector
from tenban.vision.ledger import Entry, Ledger
from tenban.vision.model import Box, Observation
from tenban.vision.passing import Passage, holds, passage_into
from tenban.vision.place import QUIET_S, Place, Settlement
from tenban.vision.settled import SettledPicture
from tenban.vision.steady import Steady
from tenban.vision.track import Track, Tracker
from tenban.vision.zones import Mask, rasterise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenban.sites.zone import Zone
    from tenban.video.frames import Frame
    from tenban.vision.detection import Floats
    from tenban.vision.detectors.onnx import OnnxDetector

WIDTH = 320
"""Width of the analysed picture, in pixels."""

STEP_S = 0.055
"""Pictures that follow faster than this are skipped: 15 a second suffice."""

OUTSIDE_S = 0.8
"""What settled for this long outside every zone is agreed on without a question."""

STAYED_S = 20.0
"""What rested for this long outside every zone is agreed on for good."""

PASSED_S = 3.0
"""For how long something that moved in by itself explains what comes to rest where it was."""

_SIGNS = {"item_moved": 1, "item_returned": -1}


class TransferCounter:
    """Counts items over the pictures of one camera.

    Args:
        zones: the camera's zones; those for people are ignored.
        camera: the camera's id, or the file's name.
        detector: a model whose boxes are followed instead of what moves; what counts stays the same.
    """

    def __init__(self, zones: Sequence[Zone], *, camera: str, detector: OnnxDetector | None = None) -> None:
        self.camera = camera
        self._model = detector
        self.zones = [zone for zone in zones if zone.role != "mask"]  # that is about showing, not seeing
        self._steady = Steady()
        self.scene = SettledPicture()
        self.detector = MotionDetector()
        self.tracker = Tracker()
        self.brought_in = 0
        self._places: list[Place] = []
        self._scan: list[Mask] = []
        self._sources: list[tuple[str, Mask]] = []
        self._passed: set[int] = set()
        self._baskets: dict[int, BasketState] = {}
        self._told: dict[int, bool] = {}
        self._known_from_s = 0.0
        self._at: Instant | None = None
        self._waits = any(zone.role == "basket" for zone in self.zones)
        self._ledger = Ledger(has_basket=self._waits)
        self._basket_seen_s = float("-inf")
        self._scan_seen_s = float("-inf")

    @property
    def tracks(self) -> list[Track]:
        """What is being followed at the moment."""
        return self.tracker.tracks

    @property
    def seen_s(self) -> float:
        """When the latest picture was taken."""
        return (self._at or 0) / SECOND

    def see(self, frame: Frame) -> list[Observation]:
        """Take in the next picture; return what it proved."""
        if self._at is not None and frame.captured_at - self._at < seconds(STEP_S):
            return []
        self._at = frame.captured_at
        at_s = frame.captured_at / SECOND
        picture = self._steady.put_back(frame.bgr(WIDTH))
        if not self._places:
            self._known_from_s = at_s + self.scene.warm_s + 0.2
            self._lay_out(picture.shape[1], picture.shape[0])
        self.scene.see(picture, at_s)
        active = self.detector.active(self.scene)
        self.tracker.update(
            self._model.detect(frame.bgr()) if self._model else self.detector.detect(self.scene, active), at_s
        )
        settled = [(place, place.see(self.scene, active, at_s)) for place in self._places]
        self._note_visits(active, at_s)
        found = self._book(settled, frame.captured_at)
        self._agree_elsewhere()
        found += self._pass(frame.captured_at, ending=False)
        return found

    def finish(self) -> list[Observation]:
        """Judge with what is there when the pictures end."""
        if self._at is None:
            return []
        still = (self.scene.held_s > 0).view(np.uint8) * np.uint8(255)
        restless = cv2.morphologyEx(cv2.bitwise_not(still), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        restless = np.asarray(restless, dtype=np.uint8)
        settled = [(place, place.finish(self.scene, restless, still)) for place in self._places]
        found = self._book(settled, self._at)
        return found + self._pass(self._at, ending=True)

    def _pass(self, proven_at: Instant, *, ending: bool) -> list[Observation]:
        """Count what moved into its destination by itself."""
        found = []
        for place in self._places:
            if place.role == "basket":
                continue
            for track in self.tracker.tracks:
                if track.number in self._passed:
                    continue
                passage = passage_into(track, place.mask, known_from_s=self._known_from_s, ending=ending)
                if passage is None:
                    continue
                self._passed.add(track.number)
                origin = self._passage_origin(track)
                if origin is None:
                    continue
                self.brought_in += 1
                found.append(self._observe_passage(passage, place.role, origin, proven_at))
        return found

    def _passage_origin(self, track: Track) -> str | None:
        """Return the zone a track came through; None where that must be the basket and was not."""
        crossed = {role for role, mask in self._sources if any(holds(mask, box) for _, box in track.path)}
        if "basket" in crossed:
            return "basket"
        if any(role == "basket" for role, _ in self._sources):  # the empty picture was not known at first
            return "basket" if track.path[0][0] <= self._known_from_s else None
        return "scan" if "scan" in crossed else "outside"

    def _observe_passage(
        self, passage: Passage, to_zone: str, from_zone: str, proven_at: Instant
    ) -> Observation:
        return Observation(
            kind="item_moved",
            camera=self.camera,
            started_at=seconds(passage.started_s),
            at=seconds(passage.at_s),
            proven_at=proven_at,
            confidence=round(0.5 + 0.4 * passage.steadiness, 3),
            from_zone=from_zone,
            to_zone=to_zone,
            track=passage.track,
            box=_as_box(passage.box),
            left_box=_as_box(passage.first_box),
        )

    def _lay_out(self, width: int, height: int) -> None:
        roles = {zone.role for zone in self.zones}
        goal = "bagging" if "bagging" in roles else "exit"
        masks = [(zone.role, rasterise(zone, width=width, height=height)) for zone in self.zones]
        self._places = [
            Place(role, mask, waits=self._waits) for role, mask in masks if role in {"basket", goal}
        ]
        self._sources = [(role, mask) for role, mask in masks if role in {"basket", "scan"}]
        self._scan = [mask for role, mask in masks if role == "scan"]
        within = np.zeros((height, width), dtype=np.uint8)
        self._near = within.copy()
        for place in self._places:
            within |= place.mask
            self._near |= place.reach
        self._elsewhere = np.asarray(cv2.bitwise_not(within), dtype=np.uint8)
        self._size = (width, height)

    def _note_visits(self, active: Mask, at_s: float) -> None:
        for place in self._places:
            if place.role == "basket" and place.last_busy_s == at_s:
                self._basket_seen_s = at_s
        for mask in self._scan:
            if cv2.countNonZero(cv2.bitwise_and(active, mask)) > 0.02 * cv2.countNonZero(mask):
                self._scan_seen_s = at_s

    def _agree_elsewhere(self) -> None:
        """Agree on what settled outside every zone, unless it reaches into one: that one judges it."""
        held = (self.scene.held_s >= OUTSIDE_S).view(np.uint8) * np.uint8(255)
        where = cv2.bitwise_and(cv2.bitwise_and(self.scene.foreign, held), self._elsewhere)
        if not cv2.countNonZero(where):
            return
        within = cv2.bitwise_and(self.scene.foreign, cv2.bitwise_not(self._elsewhere))
        if cv2.countNonZero(within):
            joined = cv2.bitwise_and(self.scene.foreign, cv2.bitwise_or(within, self._near))
            count, labels = cv2.connectedComponents(np.asarray(joined, dtype=np.uint8), connectivity=8)
            reaching = np.zeros(count, dtype=bool)
            reaching[labels[within > 0]] = True
            reaching[0] = False
            where[reaching[labels]] = 0
        if self._waits:
            self.scene.lend(np.asarray(where, dtype=np.uint8))
            where = cv2.bitwise_and(
                self._elsewhere, (self.scene.lent_s > STAYED_S).view(np.uint8) * np.uint8(255)
            )
        self.scene.absorb(np.asarray(where, dtype=np.uint8))

    def _book(self, settled: list[tuple[Place, list[Settlement]]], proven_at: Instant) -> list[Observation]:
        """Book what settled in the places, the basket first."""
        found = []
        for place, settlements in sorted(settled, key=lambda one: one[0].role != "basket"):
            if place.role == "basket":
                self._ledger.basket(settlements, zone_area=place.area)
                found += self._look_into(place, settlements, proven_at)
                continue
            entries = self._ledger.bagging(
                [one for one in settlements if not self._passed_there(one)],
                zone_area=place.area,
                basket_seen_s=self._basket_seen_s,
                basket_quiet=all(one.quiet_s >= QUIET_S for one in self._places if one.role == "basket"),
                scan_seen_s=self._scan_seen_s,
                quiet=place.quiet_s >= QUIET_S,
            )
            found += [self._observe(entry, place.role, proven_at) for entry in entries]
        self.brought_in += sum(_SIGNS.get(one.kind, 0) for one in found)
        return found

    def _look_into(
        self, place: Place, settlements: list[Settlement], proven_at: Instant
    ) -> list[Observation]:
        """Tell when the basket's state is known for the first time, or is another."""
        state = self._baskets.setdefault(id(place), BasketState(place))
        state.note(settlements)
        told, remains = self._told.get(id(place)), state.look(self.scene)
        if remains is None or remains == told:
            return []
        self._told[id(place)] = remains
        return [
            Observation(
                kind="basket_state",
                camera=self.camera,
                started_at=proven_at,
                at=proven_at,
                proven_at=proven_at,
                confidence=0.7,
                from_zone="basket",
                remains=remains,
            )
        ]

    def _passed_there(self, settlement: Settlement) -> bool:
        """Tell whether what came to rest was counted on its way already, because the belt stopped."""
        x0, y0, x1, y1 = self._box(settlement)
        return any(
            track.number in self._passed
            and abs(track.seen_s - settlement.at_s) < PASSED_S
            and track.box[0] < x1
            and track.box[2] > x0
            and track.box[1] < y1
            and track.box[3] > y0
            for track in [*self.tracker.tracks, *self.tracker.ended]
        )

    def _observe(self, entry: Entry, role: str, proven_at: Instant) -> Observation:
        settlement = entry.settlement
        box = self._box(settlement)
        track = self._carrier(box, settlement.at_s)
        moved = entry.meaning == "item_moved"
        return Observation(
            kind=entry.meaning,
            camera=self.camera,
            started_at=seconds(settlement.busy_s),
            at=seconds(entry.at_s),
            proven_at=proven_at,
            confidence=round(min(1.0, 0.4 + 0.6 * entry.sureness), 3),
            from_zone=entry.origin if moved else role,
            to_zone=role if moved else "outside",
            track=track.number if track else None,
            box=box if moved else None,
            left_box=None if moved else box,
        )

    def _box(self, settlement: Settlement) -> Box:
        width, height = self._size
        blob = settlement.change.blob
        return (
            blob.x / width,
            blob.y / height,
            (blob.x + blob.width) / width,
            (blob.y + blob.height) / height,
        )

    def _carrier(self, box: Box, at_s: float) -> Track | None:
        """Return the track that was last over a box about when the picture there came to rest."""
        best: tuple[float, Track] | None = None
        for track in [*self.tracker.tracks, *self.tracker.ended]:
            for seen_s, (x0, y0, x1, y1) in reversed(track.path[-60:]):
                meets = x0 < box[2] and x1 > box[0] and y0 < box[3] and y1 > box[1]
                if meets and seen_s <= at_s + 0.3:
                    if best is None or seen_s > best[0]:
                        best = (seen_s, track)
                    break
        return best[1] if best else None


def _as_box(box: Floats) -> Box:
    x0, y0, x1, y1 = (float(side) for side in box)
    return (x0, y0, x1, y1)
