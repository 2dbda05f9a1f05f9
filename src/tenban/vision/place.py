"""One zone in which items come to rest: what came and what went, once hands are gone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tenban.sites.zone import ZoneRole
from tenban.vision.change import Blob, Change, alike, find_blobs, judge, parts_of
from tenban.vision.settled import SettledPicture
from tenban.vision.zones import Mask

QUIET_S = 0.25
"""A zone in which nothing moved for this long is quiet: its changes are judged."""

ALONE_S = 1.0
"""A change that held for this long with nothing moving near it is judged although the zone is busy."""

PATIENT_S = 3.0
"""As ALONE_S for something that went: it may only be on its way to another spot of the same zone."""

LONE_CAME, LONE_WENT = 0.3, -0.3
"""Polarities from which a change is believed to have come, or gone, while the zone is busy."""

SMALLEST_SHARE = 0.005
"""Share of its zone below which a change is no item."""

TOUCHED = 0.02
"""Share of a change that may lie close to something moving before it counts as being held."""

REACH = 12
"""How far beyond its zone a place looks to see whether a change belongs to it, in pixels."""

HOLDER_SHARE = 0.5
"""Share of its zone from which a change is a basket or a bag: nobody's arm."""

HELD_REACH = 8
"""A change that reaches this far out of its zone is held by whoever stands there, in pixels."""

HELD_PART = 0.1
"""And what reaches out is at least as large as this part of it: an arm, not the rest of some shadow."""

PUT_DOWN_S = 1.0
"""A hand that stays longer over what it brought only rests: the thing lay there before it left."""

HELD_S = 4.0
"""After this long nobody holds it any more: it is something large that lies across the edge."""

GHOST = -0.4
"""Polarity from which what reaches out of a zone is where somebody was, not somebody."""

_CLOSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
_OPEN = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))


@dataclass(frozen=True, slots=True)
class Settlement:
    """One thing that came to or went from a place.

    Attributes:
        change: what and where.
        at_s: since when the picture has been like this.
        busy_s: when something began to move in the place before it.
        seen_s: when it could be seen to be so, hands being gone.
    """

    change: Change
    at_s: float
    busy_s: float
    seen_s: float


class Place:
    """Watches one zone on the analysed picture.

    Args:
        role: what the zone is for.
        mask: where it lies.
        waits: whether what hangs together with somebody outside is left until it does so no more. Where
            a basket tells what left it, bagging can wait; elsewhere what came is believed at once.
    """

    def __init__(self, role: ZoneRole, mask: Mask, *, waits: bool) -> None:
        self.role = role
        self._waits = waits
        self.mask = mask
        self.reach = np.asarray(cv2.dilate(mask, np.ones((2 * REACH + 1,) * 2, np.uint8)), dtype=np.uint8)
        self._far = cv2.distanceTransform(cv2.bitwise_not(mask), cv2.DIST_L2, 3) > HELD_REACH
        self.area = cv2.countNonZero(mask)
        self.smallest = max(20, round(SMALLEST_SHARE * self.area))
        self.quiet_s = 0.0
        self.busy_since_s: float | None = None
        self.last_busy_s = float("-inf")
        self._at_s: float | None = None

    def see(self, scene: SettledPicture, active: Mask, at_s: float) -> list[Settlement]:
        """Take in the next picture; return what can be judged by now."""
        step_s = 0.0 if self._at_s is None else at_s - self._at_s
        self._at_s = at_s
        inside = cv2.bitwise_and(active, self.mask)
        if cv2.countNonZero(inside) >= self.smallest:
            self.quiet_s = 0.0
            if self.busy_since_s is None or at_s - self.last_busy_s > 2.0:
                self.busy_since_s = at_s
            self.last_busy_s = at_s
        else:
            self.quiet_s += step_s
        return self._judge(scene, active, scene.settled, ending=False)

    def finish(self, scene: SettledPicture, active: Mask, still: Mask) -> list[Settlement]:
        """Judge with what is there when the pictures end."""
        return self._judge(scene, active, still, ending=True)

    def _judge(self, scene: SettledPicture, active: Mask, still: Mask, *, ending: bool) -> list[Settlement]:
        self._take_back(scene)
        changed = cv2.bitwise_and(cv2.bitwise_and(scene.foreign, still), self.reach)
        if cv2.countNonZero(cv2.bitwise_and(changed, self.mask)) < self.smallest:
            return []
        around = cv2.morphologyEx(changed, cv2.MORPH_CLOSE, _CLOSE)
        around = cv2.morphologyEx(around, cv2.MORPH_OPEN, _OPEN)
        changed = cv2.bitwise_and(around, self.mask)
        near = cv2.dilate(active, np.ones((5, 5), np.uint8))
        ripe: list[Change] = []
        decided = np.zeros_like(self.mask)
        held = np.zeros_like(self.mask)
        blobs = find_blobs(changed, smallest=8)
        strange = self._strange(scene) if blobs else held
        for blob in blobs:
            if blob.share_of(near) > TOUCHED:
                continue
            if self._waits and self._in_hand(scene, blob, strange):
                blob.paint(held)
                continue
            found = self._ripe(scene, blob, around, ending=ending)
            if found is not None:
                ripe += found
                blob.paint(decided)
        settlements = [self._settle(scene, change) for change in _without_shifts(ripe)]
        if decided.any():
            scene.absorb(cv2.bitwise_and(cv2.dilate(decided, _CLOSE), still))
        if held.any() and not ending:
            scene.lend(cv2.bitwise_and(cv2.dilate(held, _CLOSE), still))
        return settlements

    def _ripe(self, scene: SettledPicture, blob: Blob, around: Mask, *, ending: bool) -> list[Change] | None:
        """Return what a change turned out to be, nothing for no item; None where it cannot be told yet."""
        quiet = self.quiet_s >= QUIET_S
        if blob.area < self.smallest or self._belongs_elsewhere(blob, around):
            return [] if quiet else None
        change = judge(blob, scene.before, scene.now, levels=scene.telling_above)
        if change.verdict == "unclear" and (quiet or ending):
            parts = self._judge_parts(scene, blob)
            if len(parts) > 1:  # at the end, what went may still be in a hand
                return parts if quiet else [part for part in parts if part.verdict == "came"]
        surely_last = ending and change.verdict == "came" and change.polarity > LONE_CAME
        if quiet or surely_last or self._alone(change, self._held(scene, blob)):
            return [change]
        return None

    def _judge_parts(self, scene: SettledPicture, blob: Blob) -> list[Change]:
        """Judge the parts of a blob apart, as where something came right beside what went."""
        parts = [
            judge(part, scene.before, scene.now, levels=scene.telling_above)
            for part in parts_of(blob)
            if part.area >= self.smallest
        ]
        return parts if len({part.verdict for part in parts} & {"came", "went"}) > 0 else []

    def _belongs_elsewhere(self, blob: Blob, around: Mask) -> bool:
        """Tell whether a change at the zone's edge lies for the most part outside of it."""
        height, width = around.shape
        x0, y0 = max(blob.x - REACH, 0), max(blob.y - REACH, 0)
        x1, y1 = min(blob.x + blob.width + REACH, width), min(blob.y + blob.height + REACH, height)
        beyond = cv2.bitwise_and(around[y0:y1, x0:x1], cv2.bitwise_not(self.mask[y0:y1, x0:x1]))
        own = np.zeros_like(beyond)
        own[blob.y - y0 :, blob.x - x0 :][: blob.height, : blob.width] = blob.mask
        _, labels = cv2.connectedComponents(cv2.bitwise_or(beyond, own), connectivity=8)
        joined = np.isin(labels, np.unique(labels[own > 0])) & (beyond > 0)
        return int(np.count_nonzero(joined)) > blob.area

    def _strange(self, scene: SettledPicture) -> NDArray[np.int32]:
        """Return numbered regions of all that rests and is not the shop itself: people, what they brought."""
        strange = cv2.bitwise_or(cv2.bitwise_and(scene.foreign, cv2.bitwise_not(scene.moving)), scene.lent)
        strange = cv2.morphologyEx(strange, cv2.MORPH_OPEN, _OPEN)
        return np.asarray(cv2.connectedComponents(strange, connectivity=8)[1])

    def _in_hand(self, scene: SettledPicture, blob: Blob, strange: NDArray[np.int32]) -> bool:
        """Tell whether a change hangs together with somebody outside: an arm that rests is no item."""
        if blob.area >= HOLDER_SHARE * self.area or self._held(scene, blob) >= HELD_S:
            return False
        mine = _among(strange, blob.crop(strange)[blob.mask > 0])
        whole = mine[strange]
        if np.count_nonzero(whole & self._far) < HELD_PART * blob.area:
            return False
        return not self._is_ghost(scene, whole)

    def _reaching(self, strange: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return by number whether a region reaches out of the zone."""
        return _among(strange, strange[self._far])

    def _is_ghost(self, scene: SettledPicture, where: NDArray[np.bool_]) -> bool:
        """Tell whether what reaches out is where somebody was when the picture was agreed on."""
        beyond = cv2.bitwise_and(
            where.view(np.uint8) * np.uint8(255), cv2.bitwise_and(scene.foreign, ~self.mask)
        )
        blobs = find_blobs(beyond, smallest=self.smallest)
        return (
            bool(blobs)
            and judge(blobs[0], scene.before, scene.now, levels=scene.telling_above).polarity < GHOST
        )

    def _take_back(self, scene: SettledPicture) -> None:
        """Judge again what rested in somebody's hand and does so no more, or has for too long."""
        lent = cv2.bitwise_and(scene.lent, self.mask)
        if not cv2.countNonZero(lent):
            return
        strange = self._strange(scene)
        loose = _among(strange, strange[lent > 0]) & ~self._reaching(strange)
        over = loose[strange] | (scene.lent_s > HELD_S)
        scene.reclaim(cv2.bitwise_and(lent, over.view(np.uint8) * np.uint8(255)))

    def _alone(self, change: Change, held_s: float) -> bool:
        if change.verdict == "came":
            return held_s >= ALONE_S and change.polarity > LONE_CAME
        if change.verdict == "went":
            return held_s >= PATIENT_S and change.polarity < LONE_WENT
        return False

    def _held(self, scene: SettledPicture, blob: Blob) -> float:
        return float(np.median(blob.crop(scene.held_s)[blob.mask > 0]))

    def _settle(self, scene: SettledPicture, change: Change) -> Settlement:
        now_s = self._at_s or 0.0
        rested_s = self._held(scene, change.blob)
        if self._waits:
            covered_s = float(np.median(change.blob.crop(scene.strange_s)[change.blob.mask > 0]))
            rested_s = max(rested_s, covered_s - PUT_DOWN_S)
        at_s = now_s - rested_s
        busy_s = self.busy_since_s if self.busy_since_s is not None else at_s
        return Settlement(change, at_s, min(busy_s, at_s), now_s)


def _among(regions: NDArray[np.int32], found: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return by number whether a region is among those found; 0 is none."""
    among = np.zeros(int(regions.max()) + 1, dtype=bool)
    among[found] = True
    among[0] = False
    return among


def _without_shifts(changes: list[Change]) -> list[Change]:
    """Drop light, and pairs of which one went and one alike came: a thing that only changed its spot."""
    came = [change for change in changes if change.verdict == "came"]
    went = [change for change in changes if change.verdict == "went"]
    pairs = sorted(
        ((alike(a, b), i, j) for i, a in enumerate(came) for j, b in enumerate(went)), reverse=True
    )
    gone_came: set[int] = set()
    gone_went: set[int] = set()
    for likeness, i, j in pairs:
        if likeness < 0.4 or i in gone_came or j in gone_went:
            continue
        gone_came.add(i)
        gone_went.add(j)
    kept = [change for i, change in enumerate(came) if i not in gone_came]
    kept += [change for j, change in enumerate(went) if j not in gone_went]
    return kept + [change for change in changes if change.verdict == "unclear"]
