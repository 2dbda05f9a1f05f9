"""Hands, arms, shoulders and heads as a camera above sees them. No faces: the camera looks at hair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tenban.simulator.paint import (
    FINE,
    Colour,
    Mask,
    Painting,
    Rng,
    blank,
    capsule,
    dim,
    ellipse,
    gleam,
    lay,
    lighten,
    model,
    noise,
    polygon,
    rounded,
    vary,
    vivid,
)
from tenban.simulator.sprites import Sprite, make_sprite

_F = FINE
SKINS: tuple[Colour, ...] = (
    (168, 196, 232),
    (150, 182, 224),
    (124, 160, 210),
    (96, 132, 188),
    (70, 102, 152),
    (48, 70, 108),
    (38, 52, 82),
)
HAIR: tuple[Colour, ...] = (
    (28, 26, 28),
    (30, 34, 44),
    (40, 56, 84),
    (70, 108, 150),
    (150, 152, 154),
    (60, 70, 130),
)

UPPER_ARM_PX, FOREARM_PX = 150.0, 150.0
HAND_REACH_PX = 46.0  # from the wrist to the middle of what the hand holds


@dataclass(frozen=True, slots=True)
class Figure:
    """The sprites of one person, ready to be laid.

    Attributes:
        hands: by pose (``grip``, ``flat``), painted as right hands pointing up, anchor at the wrist.
        mirrored: the same as left hands.
        forearm: anchor at the elbow, pointing up, ``FOREARM_PX`` long.
        upper_arm: anchor at the shoulder, pointing up, ``UPPER_ARM_PX`` long.
        body: shoulders, anchor between them, looking up.
        head: anchor at its middle, looking up.
    """

    hands: dict[str, Sprite]
    mirrored: dict[str, Sprite]
    forearm: Sprite
    upper_arm: Sprite
    body: Sprite
    head: Sprite


def _hand(rng: Rng, skin: Colour, *, spread: bool, glove: bool) -> Painting:
    height, width = 112 * _F, 84 * _F
    painting = blank(height, width)
    tone = (210, 206, 200) if glove else skin
    middle = width / 2
    palm = polygon(
        height,
        width,
        [
            (middle - 15 * _F, 108 * _F),
            (middle - 21 * _F, 62 * _F),
            (middle - 19 * _F, 48 * _F),
            (middle, 43 * _F),
            (middle + 19 * _F, 49 * _F),
            (middle + 21 * _F, 64 * _F),
            (middle + 15 * _F, 108 * _F),
        ],
    )
    lengths = (30, 36, 34, 26) if spread else (17, 20, 19, 15)
    fingers: list[Mask] = []
    for i, length in enumerate(lengths):
        x = middle + (-15 + 10.2 * i) * _F
        root = (x, (52 + (0, -3, -2, 3)[i]) * _F)
        lean = ((i - 1.5) * (5.5 if spread else 2.5) + rng.normal(0, 1)) * _F
        fingers.append(
            capsule(height, width, (root, (x + lean, root[1] - length * _F)), (5.9 * _F, 4.9 * _F))
        )
    reach = 24 if spread else 17
    thumb_joint = (middle - 27 * _F, 64 * _F)
    tip = (middle - (34 if spread else 24) * _F, (64 - reach) * _F)
    thumb = np.maximum(
        capsule(height, width, ((middle - 13 * _F, 80 * _F), thumb_joint), (9 * _F, 6.8 * _F)),
        capsule(height, width, (thumb_joint, tip), (6.6 * _F, 5.2 * _F)),
    )
    bumps = noise(rng, height, width, 16) * 0.5
    for shape in (thumb, *fingers, palm):
        part = blank(height, width)
        lay(part, shape, tone)
        model(part, 9 * _F, bumps=bumps, gloss=0.06)
        lay(painting, part[..., 3] / 255, part[..., :3])
    for i, finger in enumerate(fingers):  # shadows between fingers and over the knuckles
        x = middle + (-15 + 10.2 * i) * _F
        knuckle = ellipse(height, width, (x, 51 * _F), (5 * _F, 2.2 * _F))
        lay(painting, knuckle * painting[..., 3] / 255, dim(tone, 0.78), 0.5)
        if spread and not glove:
            top = finger * ellipse(
                height, width, (x + (i - 1.5) * 5 * _F, (52 - lengths[i] - 1) * _F), (3.4 * _F, 4 * _F)
            )
            gleam(painting, top * 0.10)
    lay(painting, palm * np.clip(noise(rng, height, width, 30), 0, 1), dim(tone, 0.9), 0.4)
    return painting


def _limb(
    rng: Rng, colour: Colour, length: float, radii: tuple[float, float], *, cloth: bool, cuff: Colour | None
) -> Painting:
    """A sleeve or bare arm, pointing up; 12 px beyond both joints."""
    height, width = int((length + 40) * _F), int((max(radii) * 2 + 10) * _F)
    painting = blank(height, width)
    ends = ((width / 2, height - 20 * _F), (width / 2, 20 * _F))
    lay(painting, capsule(height, width, ends, (radii[0] * _F, radii[1] * _F)), colour)
    if cloth:
        _weave(rng, painting)
        folds = noise(rng, height, width, 34 * _F, 3)
        across = (
            np.sin(np.arange(height)[:, np.newaxis] / (6.5 * _F) + folds * 3.2)
            * 2.2
            * _F
            * np.clip(folds + 0.3, 0, 1)
        )
        model(painting, max(radii) * _F, bumps=across.astype(np.float32), gloss=0.02)
    else:
        model(painting, max(radii) * _F, bumps=noise(rng, height, width, 9) * 0.6, gloss=0.07)
    if cuff is not None:
        top = rounded(height, width, (0, 0, width, 30 * _F), 2) * painting[..., 3] / 255
        lay(painting, top, cuff)
        lighten(painting, np.where(top > 0.5, 0.92, 1).astype(np.float32))
    return painting


def _weave(rng: Rng, painting: Painting) -> None:
    """Give cloth a pattern: plain, striped, checked or mottled."""
    height, width = painting.shape[:2]
    kind = rng.integers(5)
    second = vivid(rng)
    shape = painting[..., 3] / 255
    rows, columns = np.mgrid[0:height, 0:width]
    pitch = rng.uniform(7, 16) * _F
    if kind == 1:
        lay(painting, shape * ((rows % pitch) < pitch * 0.4), second, 0.8)
    elif kind == 2:
        lay(painting, shape * ((rows % pitch) < pitch * 0.5), second, 0.45)
        lay(painting, shape * ((columns % pitch) < pitch * 0.5), second, 0.45)
    elif kind == 3:
        lay(painting, shape * np.clip(noise(rng, height, width, 8 * _F), 0, 1), second, 0.5)
    lighten(painting, 1 + 0.06 * noise(rng, height, width, 2.2, 1))


def _shoulders(rng: Rng, colour: Colour, weave_seed: int) -> Painting:
    height, width = 150 * _F, 290 * _F
    painting = blank(height, width)
    body = ellipse(height, width, (width / 2, height / 2), (132 * _F, 62 * _F))
    chest = rounded(height, width, (30 * _F, 26 * _F, width - 30 * _F, height - 20 * _F), 55 * _F)
    lay(painting, np.maximum(body, chest), colour)
    _weave(np.random.default_rng(weave_seed), painting)
    folds = noise(rng, height, width, 60 * _F, 4) * 5 * _F
    model(painting, 60 * _F, bumps=folds, gloss=0.02)
    collar = ellipse(height, width, (width / 2, height / 2 - 4 * _F), (46 * _F, 42 * _F))
    lay(painting, collar, dim(colour, 0.7), 0.8)
    return painting


def _head(rng: Rng, skin: Colour) -> Painting:
    height, width = 130 * _F, 116 * _F
    painting = blank(height, width)
    middle = (width / 2, height / 2)
    for side in (-1, 1):
        lay(
            painting, ellipse(height, width, (middle[0] + side * 42 * _F, middle[1]), (7 * _F, 11 * _F)), skin
        )
    lay(painting, ellipse(height, width, (middle[0], middle[1] - 44 * _F), (9 * _F, 10 * _F)), skin)
    skull = ellipse(height, width, middle, (42 * _F, 51 * _F))
    style = rng.random()
    if style < 0.16:  # a cap
        colour = vivid(rng)
        peak = ellipse(height, width, (middle[0], middle[1] - 44 * _F), (32 * _F, 19 * _F))
        lay(painting, peak, dim(colour, 0.85))
        lay(painting, skull, colour)
        lay(painting, ellipse(height, width, middle, (4 * _F, 4 * _F)), dim(colour, 0.6))
        model(painting, 46 * _F, bumps=noise(rng, height, width, 20) * 0.8, gloss=0.03)
        return painting
    colour = vary(rng, HAIR[rng.integers(len(HAIR))], 5)
    if style < 0.24:  # bald
        lay(painting, skull, skin)
        model(painting, 46 * _F, gloss=0.18)
        return painting
    long = rng.random() < 0.4
    if long:
        lay(painting, ellipse(height, width, (middle[0], middle[1] + 16 * _F), (48 * _F, 45 * _F)), colour)
    lay(painting, skull, colour)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    whorl = (middle[0] + rng.normal(0, 5) * _F, middle[1] + 14 * _F)
    turn = np.arctan2(ys - whorl[1], xs - whorl[0])
    away = np.hypot(ys - whorl[1], xs - whorl[0])
    curl = noise(rng, height, width, 70) * 7 + away * 0.012
    strands = np.sin(turn * 31 + curl + noise(rng, height, width, 14) * 2.5)
    fine = np.sin(turn * 83 + curl * 2.3 + noise(rng, height, width, 9) * 4)
    far = np.clip(away / (34 * _F), 0.1, 1)
    model(painting, 46 * _F, bumps=((strands * 0.7 + fine * 0.5) * far).astype(np.float32), gloss=0.1)
    lighten(painting, (1 + (0.07 * strands + 0.07 * fine) * far).astype(np.float32))
    return painting


def make_figure(seed: int, scale: float, *, uniform: Colour | None = None) -> Figure:
    """Paint one person.

    Args:
        seed: who it is; the same seed always gives the same looks.
        scale: picture width over 960.
        uniform: colour of the clothes of staff; a shopper's are drawn from the seed.
    """
    rng = np.random.default_rng(seed)
    skin = vary(rng, SKINS[rng.integers(len(SKINS))], 5)
    muted: list[Colour] = [
        (60, 60, 64),
        (120, 118, 116),
        (214, 214, 210),
        (88, 62, 40),
        (52, 70, 96),
        (180, 190, 200),
    ]
    colour = uniform or (vivid(rng) if rng.random() < 0.5 else vary(rng, muted[rng.integers(len(muted))], 8))
    bare = uniform is None and rng.random() < 0.4
    glove = rng.random() < 0.08
    cuff = dim(colour, 0.8) if rng.random() < 0.6 else None
    weave_seed = int(rng.integers(2**31))

    def sleeve(radii: tuple[float, float], length: float, *, cloth: bool, cuffed: bool) -> Painting:
        again = np.random.default_rng(weave_seed)  # both parts of one sleeve, and the body, are of one cloth
        tone = colour if cloth else skin
        return _limb(again, tone, length, radii, cloth=cloth, cuff=cuff if cuffed else None)

    forearm = sleeve((21, 17) if bare else (27, 23), FOREARM_PX, cloth=not bare, cuffed=not bare)
    upper = sleeve((36, 29), UPPER_ARM_PX, cloth=True, cuffed=bare)
    hands: dict[str, Sprite] = {}
    mirrored: dict[str, Sprite] = {}
    for pose in ("grip", "flat"):
        painting = _hand(rng, skin, spread=pose == "flat", glove=glove)
        wrist = (painting.shape[1] / 2, 100.0 * _F)
        hands[pose] = make_sprite(painting, anchor=wrist, scale=scale, shadow_blur_px=7, shadow_opacity=0.34)
        other = np.ascontiguousarray(painting[:, ::-1])
        mirrored[pose] = make_sprite(other, anchor=wrist, scale=scale, shadow_blur_px=7, shadow_opacity=0.34)
    return Figure(
        hands=hands,
        mirrored=mirrored,
        forearm=_limb_sprite(forearm, scale),
        upper_arm=_limb_sprite(upper, scale),
        body=make_sprite(
            _shoulders(rng, colour, weave_seed), scale=scale, shadow_blur_px=16, shadow_opacity=0.42
        ),
        head=make_sprite(_head(rng, skin), scale=scale, shadow_blur_px=9, shadow_opacity=0.4),
    )


def _limb_sprite(painting: Painting, scale: float) -> Sprite:
    joint = (painting.shape[1] / 2, painting.shape[0] - 20.0 * _F)
    return make_sprite(painting, anchor=joint, scale=scale, shadow_blur_px=9, shadow_opacity=0.34)
