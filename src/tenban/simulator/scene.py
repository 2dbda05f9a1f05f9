"""Draws one lane at one moment: what stands still from a cache, what moves on top of it.

``Scene.picture`` is a pure function of the script, the moment and the lane's seed; the cache changes only how
fast it answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tenban.simulator.camera_view import Sensor, View
from tenban.simulator.counter import SCREEN_AT, paint_counter
from tenban.simulator.people import FOREARM_PX, HAND_REACH_PX, Figure
from tenban.simulator.products import Product
from tenban.simulator.script import (
    ACTORS,
    BAG,
    BASKET,
    SHOULDER_PX,
    Actor,
    Limb,
    Placement,
    Point,
    Script,
    hand_angle,
)
from tenban.simulator.sprites import Frame, Sprite, blit, blit_shadow
from tenban.simulator.wardrobe import Wardrobe

_PASSER_SLOT_S = 8.0
_UNFOLD_S = 1.4


@dataclass(frozen=True, slots=True)
class _Passer:
    """Somebody who walks through the picture."""

    begin_s: float
    speed_px_s: float
    forwards: bool
    front: bool
    y: float
    figure: int


class Scene:
    """One lane's picture.

    Args:
        seed: of the lane: its furniture, camera, light and passers-by.
        assortment: the lane's articles.
        wardrobe: sprites of the right scale.
        width: pixels, even.
        height: pixels, even.
    """

    def __init__(
        self, seed: int, assortment: list[Product], wardrobe: Wardrobe, *, width: int = 960, height: int = 540
    ) -> None:
        self._seed = seed
        self._assortment = assortment
        self._wardrobe = wardrobe
        self.view = View.hang(np.random.default_rng((seed, 1)), width, height)
        self._sensor = Sensor(seed, width, height)
        self._empty = self.view.take(paint_counter(np.random.default_rng((seed, 2))))
        self._matrix: list[list[float]] = self.view.matrix().tolist()
        self._grow = self.view.zoom / wardrobe.scale
        self._slots: dict[int, _Passer | None] = {}
        self._still: Frame = self._empty
        self._still_key: object = None

    def film(self, script: Script, at_s: float, *, lane_s: float, frame: int) -> Frame:
        """Return what the camera sends: ``picture`` with light, tremor and noise, planar YUV 4:2:0."""
        clean = self.picture(script, at_s, lane_s=lane_s)
        shake = self._sensor.tremor(lane_s, self._bumps(script, at_s))
        return self._sensor.expose(clean, lane_s, frame=frame, shake=shake)

    def picture(self, script: Script, at_s: float, *, lane_s: float) -> Frame:
        """Return the lane at a moment of a sale, BGR, without light changes and noise."""
        frame = self._stand_still(script, at_s).copy()
        for thing in (BASKET, BAG):
            if script.placement(thing, at_s)[1].place in {"hand", "body"} or self._unfolds(
                script, thing, at_s
            ):
                self._holder(frame, script, thing, at_s, shadow_px=14)
        self._passers(frame, lane_s, front=False)
        for actor in ACTORS:
            if script.bodies[actor]:
                self._person(frame, script, actor, at_s)
        self._passers(frame, lane_s, front=True)
        return frame

    # What stands still

    def _stand_still(self, script: Script, at_s: float) -> Frame:
        screen = max((turn for turn in script.screens if turn[0] <= at_s), default=script.screens[0])
        resting = [
            (thing, index)
            for thing in script.things
            for index, placement in [script.placement(thing, at_s)]
            if placement.place in {"counter", "basket", "bag"}
        ]
        moving = tuple(
            script.placement(thing, at_s)[1].place != "counter" or self._unfolds(script, thing, at_s)
            for thing in (BASKET, BAG)
        )
        key = (script.seed, tuple(resting), screen, moving)
        if key != self._still_key:
            self._still = self._lay_still(script, at_s, screen, moving)
            self._still_key = key
        return self._still

    def _lay_still(
        self, script: Script, at_s: float, screen: tuple[float, int, str], moving: tuple[bool, ...]
    ) -> Frame:
        frame = self._empty.copy()
        self._blit(frame, self._wardrobe.screen(screen[1], screen[2]), SCREEN_AT, 0.0)
        for thing, moves in zip((BASKET, BAG), moving, strict=True):
            if not moves:
                self._holder(frame, script, thing, at_s, shadow_px=6)
        for item in self._lying(script, "counter", at_s):
            self._item(frame, script, item, at_s, lift=0.0)
        return frame

    def _lying(self, script: Script, place: str, at_s: float) -> list[int]:
        """Return the items that lie somewhere, the lowest first."""
        found = [
            (placement.from_s, item)
            for item in range(len(script.items))
            for placement in [script.placement(item, at_s)[1]]
            if placement.place == place
        ]
        return [item for _, item in sorted(found)]

    def _unfolds(self, script: Script, thing: int, at_s: float) -> bool:
        index, placement = script.placement(thing, at_s)
        changed = index > 0 and script.things[thing][index - 1].size != placement.size
        return changed and at_s < placement.from_s + _UNFOLD_S

    def _size(self, script: Script, thing: int, at_s: float) -> float:
        index, placement = script.placement(thing, at_s)
        if not self._unfolds(script, thing, at_s):
            return placement.size
        before = script.things[thing][index - 1].size
        part = (at_s - placement.from_s) / _UNFOLD_S
        return before + (placement.size - before) * (3 * part**2 - 2 * part**3)

    def _holder(self, frame: Frame, script: Script, thing: int, at_s: float, *, shadow_px: float) -> None:
        """Lay a basket or bag with all that is in it."""
        where, seed = script.where(thing, at_s), script.holders[thing]
        if where is None or seed is None:
            return
        holder = self._wardrobe.basket(seed) if thing == BASKET else self._wardrobe.bag(seed)
        spot, angle = where
        size = self._size(script, thing, at_s)
        self._shadow(frame, holder.below, spot, angle, lift_px=shadow_px, size=size)
        self._blit(frame, holder.below, spot, angle, size=size)
        for item in self._lying(script, "basket" if thing == BASKET else "bag", at_s):
            self._item(frame, script, item, at_s, lift=0.0, shade=0.86 if thing == BASKET else 0.72)
        self._blit(frame, holder.rim, spot, angle, size=size)

    # What moves

    def _item(
        self, frame: Frame, script: Script, item: int, at_s: float, *, lift: float, shade: float = 1.0
    ) -> None:
        where = script.where(item, at_s)
        if where is None:
            return
        sprite = self._wardrobe.product(self._assortment[script.items[item]])
        self._shadow(frame, sprite, where[0], where[1], lift_px=4 + 12 * lift)
        self._blit(frame, sprite, where[0], where[1], size=1 + 0.06 * lift, shade=shade)

    def _lift(self, script: Script, item: int, at_s: float, held: Placement) -> float:
        """Return how far a held item is off the counter: up within a quarter second, down likewise."""
        index = script.placement(item, at_s)[0]
        after = script.things[item][index + 1].from_s if index + 1 < len(script.things[item]) else math.inf
        part = min(1.0, (at_s - held.from_s) / 0.25, (after - at_s) / 0.25)
        return max(0.0, part)

    def _person(self, frame: Frame, script: Script, actor: Actor, at_s: float) -> None:
        figure = (
            self._wardrobe.shopper(script.figures[actor])
            if actor == "shopper"
            else self._wardrobe.staff(script.figures[actor])
        )
        body = script.body(actor, at_s)
        if not (-260 < body[0] < 1220 and body[1] < 720):
            return
        limbs: tuple[Limb, Limb] = ((actor, "left"), (actor, "right"))
        for item in range(len(script.items)):
            placement = script.placement(item, at_s)[1]
            if placement.place == "hand" and placement.limb in limbs:
                self._item(frame, script, item, at_s, lift=self._lift(script, item, at_s, placement))
        hands = [script.hand(limb, at_s) for limb in limbs]
        lean_x = sum(hand[0] - body[0] for hand in hands)
        lean_y = sum(hand[1] - body[1] + 74 for hand in hands)
        turn = self._heading(script, actor, at_s)
        tilt = turn + 0.0008 * lean_x
        head = (body[0] + 0.07 * lean_x, body[1] - 14 + 0.06 * lean_y)
        trunk = (body[0] + 0.03 * lean_x, body[1] + 0.02 * lean_y)
        for limb, hand in zip(limbs, hands, strict=True):
            x, y = SHOULDER_PX[limb[1]]
            cos, sin = math.cos(tilt), math.sin(tilt)
            shoulder = (trunk[0] + cos * x - sin * y, trunk[1] + sin * x + cos * y)
            self._arm(frame, figure, limb, (hand, shoulder), pose=script.pose(limb, at_s), body=body)
        self._shadow(frame, figure.body, trunk, tilt, lift_px=16)
        self._blit(frame, figure.body, trunk, tilt)
        self._shadow(frame, figure.head, head, tilt, lift_px=7)
        self._blit(frame, figure.head, head, tilt * 1.3)

    def _heading(self, script: Script, actor: Actor, at_s: float) -> float:
        """Return how far a walking body is turned."""
        before, after = script.body(actor, at_s - 0.12), script.body(actor, at_s + 0.12)
        dx, dy = (after[0] - before[0]) / 0.24, (after[1] - before[1]) / 0.24
        speed = math.hypot(dx, dy)
        return max(-0.7, min(0.7, math.atan2(dx, max(abs(dy), 1)))) * min(1.0, max(0.0, (speed - 20) / 130))

    def _arm(
        self, frame: Frame, figure: Figure, limb: Limb, ends: tuple[Point, Point], *, pose: str, body: Point
    ) -> None:
        """Draw an arm between a hand and a shoulder."""
        hand, shoulder = ends
        side = limb[1]
        angle = hand_angle(hand, body, side)
        wrist = (hand[0] - math.sin(angle) * HAND_REACH_PX, hand[1] + math.cos(angle) * HAND_REACH_PX)
        dx, dy = wrist[0] - shoulder[0], wrist[1] - shoulder[1]
        reach = max(math.hypot(dx, dy), 1.0)
        # Seen from above an arm is foreshortened as the hand comes near: both parts always span the reach.
        part = max(0.56 * reach, 44.0)
        bulge = math.sqrt(max(part**2 - reach**2 / 4, 0.0)) * (-1 if side == "left" else 1)
        elbow = (
            (wrist[0] + shoulder[0]) / 2 - dy / reach * bulge,
            (wrist[1] + shoulder[1]) / 2 + dx / reach * bulge,
        )
        stretch = part / FOREARM_PX
        upper = math.atan2(elbow[0] - shoulder[0], shoulder[1] - elbow[1])
        fore = math.atan2(wrist[0] - elbow[0], elbow[1] - wrist[1])
        sprites = figure.hands if side == "right" else figure.mirrored
        palm = sprites[pose]
        self._shadow(frame, figure.forearm, elbow, fore, lift_px=15, stretch=stretch)
        self._shadow(frame, palm, wrist, angle, lift_px=11)
        self._blit(frame, palm, wrist, angle, size=1.12)
        self._blit(frame, figure.forearm, elbow, fore, stretch=stretch)
        self._blit(frame, figure.upper_arm, shoulder, upper, stretch=stretch)

    def _passers(self, frame: Frame, lane_s: float, *, front: bool) -> None:
        """Draw people who walk by: behind the operator, or on the counter's far side."""
        last = int(lane_s // _PASSER_SLOT_S)
        for slot in (last - 1, last):
            passer = self._passer(slot)
            if passer is None or passer.front != front:
                continue
            along = (lane_s - passer.begin_s) * passer.speed_px_s - 200
            if not -200 <= along <= 1200:
                continue
            figure = self._wardrobe.shopper(passer.figure)
            x = along if passer.forwards else 960 - along
            y = passer.y + 4 * math.sin(lane_s * 5)
            turn = (math.pi / 2 if passer.forwards else -math.pi / 2) + 0.07 * math.sin(lane_s * 5)
            self._shadow(frame, figure.body, (x, y), turn, lift_px=20)
            self._blit(frame, figure.body, (x, y), turn, size=0.94)
            self._blit(frame, figure.head, (x, y), turn, size=0.94)

    def _passer(self, slot: int) -> _Passer | None:
        if slot not in self._slots:
            rng = np.random.default_rng((self._seed, 3, slot % 2**32))
            front = bool(rng.random() < 0.62)
            passer = _Passer(
                begin_s=slot * _PASSER_SLOT_S + rng.uniform(0, 5),
                speed_px_s=rng.uniform(170, 330),
                forwards=bool(rng.random() < 0.5),
                front=front,
                y=rng.uniform(548, 606) if front else rng.uniform(-46, 2),
                figure=int(rng.integers(1 << 16)),
            )
            self._slots[slot] = passer if rng.random() < 0.4 else None
        return self._slots[slot]

    def _bumps(self, script: Script, at_s: float) -> tuple[float, ...]:
        return tuple(
            at_s - placement.from_s
            for thing in (BASKET, BAG)
            for placement in script.things[thing]
            if placement.place == "counter"
        )

    # Into the picture

    def _to_picture(self, spot: Point) -> Point:
        (a, b, left), (c, d, top) = self._matrix
        return a * spot[0] + b * spot[1] + left, c * spot[0] + d * spot[1] + top

    def _blit(
        self,
        frame: Frame,
        sprite: Sprite,
        spot: Point,
        angle: float,
        *,
        size: float = 1.0,
        stretch: float = 1.0,
        shade: float = 1.0,
    ) -> None:
        x, y = self._to_picture(spot)
        turn = angle + self.view.angle
        blit(frame, sprite, x, y, angle=turn, scale=size * self._grow, stretch=stretch, shade=shade)

    def _shadow(
        self,
        frame: Frame,
        sprite: Sprite,
        spot: Point,
        angle: float,
        *,
        lift_px: float,
        size: float = 1.0,
        stretch: float = 1.0,
    ) -> None:
        x, y = self._to_picture((spot[0] + 0.7 * lift_px, spot[1] + lift_px))
        turn = angle + self.view.angle
        blit_shadow(frame, sprite, x, y, angle=turn, scale=size * self._grow, stretch=stretch)
