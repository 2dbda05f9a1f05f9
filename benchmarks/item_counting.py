"""Counts items on the shared clips, zone layout by zone layout, and on simulated sales with known truth.

    python benchmarks/item_counting.py [--data DIR] [--sales N] [--no-robustness] [--jobs N]

Prints expected, counted and every miss, and writes ``benchmarks/results/item-counting.md``.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import av
import cv2
import numpy as np

from tenban.base.clock import SECOND
from tenban.simulator.clip import Studio
from tenban.simulator.script import Truth
from tenban.sites.zone import Zone
from tenban.video.frames import Frame, read_frames
from tenban.vision.model import Observation
from tenban.vision.presence import PresenceWatch
from tenban.vision.transfer import TransferCounter
from tenban.vision.zones import read_zones

Change = tuple[str, float]
"""Sign and second."""

TOLERANCE_S = 1.5
SALE_TOLERANCE_S = 3.0
FIRST_SALE = 1_000
SHIFTED = "zones 2 % to the left"
STUDIO = Studio(width=640, height=360, fps=15)
RESULTS = Path(__file__).parent / "results" / "item-counting.md"


@dataclass(frozen=True)
class Case:
    """A clip, the zones drawn on it, and what has to be counted."""

    clip: str
    layout: str
    zones: tuple[tuple[str, float, float, float, float], ...]
    want: tuple[Change, ...]


LEFT, MIDDLE, RIGHT = (0.05, 0.25, 0.28, 0.95), (0.38, 0.25, 0.60, 0.95), (0.75, 0.25, 0.98, 0.95)
OF_LEFT = (("-", 7.1), ("+", 13.4), ("-", 17.9), ("+", 28.9))
OF_MIDDLE = (("-", 17.9), ("+", 24.3))
OF_RIGHT = (("-", 32.1), ("+", 36.5))
BOTTLES, BLOCKS, CUPS = "intel_bottle.mp4", "sam2_03_blocks.mp4", "sam2_02_cups.mp4"
COFFEE, BELT = "sam2_04_coffee.mp4", "intel_fruit_conveyor.gif"
ROW = (("+", 2.6), ("+", 7.5), ("+", 9.4))
BELT_TRUTH = (("+", 1.15), ("+", 2.2), ("+", 4.8), ("+", 6.2))

CASES = (
    Case(BOTTLES, "left bagging", (("bagging", *LEFT),), OF_LEFT),
    Case(BOTTLES, "middle bagging", (("bagging", *MIDDLE),), OF_MIDDLE),
    Case(BOTTLES, "right bagging", (("bagging", *RIGHT),), OF_RIGHT),
    Case(
        BOTTLES,
        "all three bagging",
        (("bagging", *LEFT), ("bagging", *MIDDLE), ("bagging", *RIGHT)),
        OF_LEFT + OF_MIDDLE + OF_RIGHT,
    ),
    Case(
        BOTTLES, "whole shelf bagging", (("bagging", 0.03, 0.2, 0.99, 0.97),), OF_LEFT + OF_MIDDLE + OF_RIGHT
    ),
    Case(BOTTLES, "left basket, right bagging", (("basket", *LEFT), ("bagging", *RIGHT)), OF_RIGHT),
    Case(BOTTLES, "left basket, middle bagging", (("basket", *LEFT), ("bagging", *MIDDLE)), OF_MIDDLE),
    Case(BLOCKS, "centre row", (("bagging", 0.3, 0.42, 0.85, 0.57),), ROW),
    Case(BLOCKS, "narrow row", (("bagging", 0.35, 0.42, 0.80, 0.55),), ROW),
    Case(BLOCKS, "wide row", (("bagging", 0.3, 0.38, 0.82, 0.6),), ROW),
    Case(BLOCKS, "row, basket above", (("basket", 0.5, 0, 1, 0.4), ("bagging", 0.35, 0.42, 0.8, 0.56)), ROW),
    Case(BLOCKS, "left side, pushed in place", (("bagging", 0.1, 0.3, 0.34, 0.98),), ()),
    Case(CUPS, "table", (("bagging", 0.02, 0.5, 0.98, 0.98),), ()),
    Case(CUPS, "whole picture", (("bagging", 0, 0, 1, 1),), ()),
    Case(CUPS, "middle", (("bagging", 0.2, 0.35, 0.85, 0.9),), ()),
    Case(CUPS, "basket beside", (("basket", 0, 0.6, 0.2, 1), ("bagging", 0.2, 0.4, 0.9, 0.95)), ()),
    Case(COFFEE, "table", (("bagging", 0.02, 0.55, 0.98, 0.98),), ()),
    Case(COFFEE, "whole picture", (("bagging", 0, 0, 1, 1),), ()),
    Case(COFFEE, "mug", (("bagging", 0.5, 0.4, 0.95, 0.98),), ()),
    Case(
        COFFEE,
        "kettle basket, mug bagging",
        (("basket", 0.1, 0.3, 0.5, 0.98), ("bagging", 0.55, 0.4, 0.95, 0.98)),
        (),
    ),
    Case(BELT, "left half bagging", (("bagging", 0, 0.3, 0.5, 1),), BELT_TRUTH),
    Case(BELT, "left half exit", (("exit", 0, 0.3, 0.5, 1),), BELT_TRUTH),
    Case(BELT, "scan, bagging", (("scan", 0.4, 0.3, 0.6, 1), ("bagging", 0, 0.3, 0.4, 1)), BELT_TRUTH),
    Case(
        BELT,
        "scan, bagging off the edge",
        (("scan", 0.4, 0.3, 0.6, 1), ("bagging", 0.05, 0.3, 0.38, 1)),
        BELT_TRUTH,
    ),
    Case(
        BELT,
        "basket, scan, bagging",
        (("basket", 0.6, 0.3, 1, 1), ("scan", 0.4, 0.3, 0.6, 1), ("bagging", 0, 0.3, 0.4, 1)),
        BELT_TRUTH,
    ),
)

VISITS = (
    (7.4, 18.4, 19.8),
    (24.0, 43.5, 45.1),
    (51.7, 68.2, 70.0),
    (76.2, 85.1, 86.9),
    (93.9, 118.1, 120.0),
    (125.0, 134.4, 136.0),
)
POSITIONS = {
    "round the table": (0.40, 0.35, 0.72, 0.95),
    "whole centre": (0.25, 0.05, 0.85, 1.0),
    "table top": (0.45, 0.15, 0.70, 0.60),
    "feet": (0.40, 0.60, 0.72, 0.98),
    "narrow": (0.48, 0.30, 0.66, 0.90),
    "whole picture": (0.0, 0.0, 1.0, 1.0),
}

Pictures = Iterable[tuple[int, np.ndarray]]
Variant = Callable[[Pictures], Iterator[tuple[int, np.ndarray]]]


def _thinned(pictures: Pictures) -> Iterator[tuple[int, np.ndarray]]:
    return (one for number, one in enumerate(pictures) if number % 2 == 0)


def _ten_a_second(pictures: Pictures) -> Iterator[tuple[int, np.ndarray]]:
    due = None
    for at, picture in pictures:
        if due is None or at >= due:
            yield at, picture
            due = (at if due is None else due) + SECOND // 10


def _each(change: Callable[[np.ndarray], np.ndarray]) -> Variant:
    return lambda pictures: ((at, np.ascontiguousarray(change(picture))) for at, picture in pictures)


def _scaled(factor: float) -> Variant:
    return _each(lambda p: np.clip(p * factor, 0, 255).astype(np.uint8))


def _gamma(exponent: float) -> Variant:
    table = (255 * (np.arange(256) / 255) ** exponent).astype(np.uint8)
    return _each(lambda p: cv2.LUT(p, table))


def _compressed(picture: np.ndarray) -> np.ndarray:
    _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 25])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))


def _noisy(pictures: Pictures) -> Iterator[tuple[int, np.ndarray]]:
    rng = np.random.default_rng(5)
    for at, picture in pictures:
        yield at, np.clip(picture + rng.normal(0, 6, picture.shape), 0, 255).astype(np.uint8)


def _shaken(pictures: Pictures) -> Iterator[tuple[int, np.ndarray]]:
    rng = np.random.default_rng(6)
    for at, picture in pictures:
        x, y = rng.uniform(-1, 1, 2)
        shift = np.array([[1, 0, x], [0, 1, y]])
        size = (picture.shape[1], picture.shape[0])
        yield at, cv2.warpAffine(picture, shift, size, borderMode=cv2.BORDER_REPLICATE)


def _ramped(pictures: Pictures) -> Iterator[tuple[int, np.ndarray]]:
    kept = list(pictures)
    for (at, picture), factor in zip(kept, np.linspace(1.0, 0.7, len(kept)), strict=True):
        yield at, (picture * factor).astype(np.uint8)


VARIANTS: dict[str, Variant] = {
    "every second picture": _thinned,
    "10 pictures a second": _ten_a_second,
    "half size": _each(lambda p: cv2.resize(p, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)),
    "mirrored": _each(lambda p: p[:, ::-1]),
    "darker (x0.65)": _scaled(0.65),
    "brighter (x1.35, clipped)": _scaled(1.35),
    "gamma 1.5": _gamma(1.5),
    "gamma 0.7": _gamma(0.7),
    "exposure from 1 to 0.7": _ramped,
    "noise (sigma 6)": _noisy,
    "JPEG, quality 25": _each(_compressed),
    "shaken by up to 1 pixel": _shaken,
}


def zones_of(case: Case, *, mirrored: bool = False, shift: float = 0.0) -> list[Zone]:
    zones = []
    for role, x0, y0, x1, y1 in case.zones:
        left, right = (1 - x1, 1 - x0) if mirrored else (x0, x1)
        left, right = max(0.0, left - shift), min(1.0, right - shift)
        zones.append(Zone.checked(role, [(left, y0), (right, y0), (right, y1), (left, y1)], where="case"))
    return zones


def pictures_of(path: Path) -> list[tuple[int, np.ndarray]]:
    """Return a clip at the analysed width and rate, so that it is decoded once for all layouts."""
    kept: list[tuple[int, np.ndarray]] = []
    for frame in read_frames(path):
        if not kept or frame.captured_at - kept[-1][0] >= 0.055 * SECOND:
            kept.append((frame.captured_at, frame.bgr(320)))
    return kept


def count(pictures: Iterable[tuple[int, np.ndarray]], zones: list[Zone]) -> tuple[list[Change], list[float]]:
    counter = TransferCounter(zones, camera="clip")
    seen = []
    for at, picture in pictures:
        seen += counter.see(Frame("clip", at, av.VideoFrame.from_ndarray(picture, format="bgr24")))
    seen = [one for one in [*seen, *counter.finish()] if one.kind.startswith("item_")]
    changes = [("+" if one.kind == "item_moved" else "-", one.at / SECOND) for one in seen]
    return changes, [(one.proven_at - one.at) / SECOND for one in seen]


def compare(got: list[Change], want: Iterable[Change], within_s: float) -> tuple[list[Change], list[Change]]:
    """Return what was missed and what was counted too much."""
    missed, extra = list(want), []
    for sign, at_s in got:
        near = [one for one in missed if one[0] == sign and abs(one[1] - at_s) <= within_s]
        if near:
            missed.remove(min(near, key=lambda one: abs(one[1] - at_s)))
        else:
            extra.append((sign, round(at_s, 2)))
    return missed, extra


Outcome = tuple[list[Change], list[float], list[Change], list[Change]]
_CLIPS: dict[str, list[tuple[int, np.ndarray]]] = {}  # decoded once, and inherited by the processes


def _on_case(number: int, worsened_by: str | None) -> Outcome:
    """Count one layout; return what was counted, how long proofs took, what was missed and what too much."""
    case = CASES[number]
    shift = 0.02 if worsened_by == SHIFTED else 0.0
    zones = zones_of(case, mirrored=worsened_by == "mirrored", shift=shift)
    variant = VARIANTS.get(worsened_by or "", iter)
    got, delays = count(variant(_CLIPS[case.clip]), zones)
    return got, delays, *compare(got, case.want, TOLERANCE_S)


def on_clips(folder: Path, *, robustness: bool, jobs: int) -> list[str]:
    lines = [
        "## Shared clips",
        "",
        "| clip | zones | expected | counted | missed | too much | proof after, s |",
        "|---|---|---|---|---|---|---|",
    ]
    _CLIPS.update({name: pictures_of(folder / "items" / name) for name in {case.clip for case in CASES}})
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        wanted = missed_all = extra_all = 0
        plain = pool.map(_on_case, range(len(CASES)), [None] * len(CASES))
        for case, (got, delays, missed, extra) in zip(CASES, plain, strict=True):
            wanted += len(case.want)
            missed_all, extra_all = missed_all + len(missed), extra_all + len(extra)
            delay = f"{np.median(delays):.2f}" if delays else ""
            cells = (case.clip, case.layout, len(case.want), len(got), _text(missed), _text(extra), delay)
            lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
            print(lines[-1], flush=True)
        lines += ["", f"{wanted} changes expected, {missed_all} missed, {extra_all} too much."]
        if robustness:
            lines += _on_worsened(pool)
    return lines


def _on_worsened(pool: ProcessPoolExecutor) -> list[str]:
    head = "### The same clips, worsened"
    lines = ["", head, "", "| worsened by | missed | too much |", "|---|---|---|"]
    names = [*VARIANTS, SHIFTED]
    waiting = {name: pool.map(_on_case, range(len(CASES)), [name] * len(CASES)) for name in names}
    for name, outcomes in waiting.items():
        missed_all = extra_all = 0
        for _, _, missed, extra in outcomes:
            missed_all, extra_all = missed_all + len(missed), extra_all + len(extra)
        lines.append(f"| {name} | {missed_all} | {extra_all} |")
        print(lines[-1], flush=True)
    return lines


def on_visits(folder: Path) -> list[str]:
    lines = [
        "",
        "## Operator presence",
        "",
        "| position | visits | arrival off by, s | left in time |",
        "|---|---|---|---|",
    ]
    watches: dict[str, PresenceWatch] = {}
    for name, (x0, y0, x1, y1) in POSITIONS.items():
        zone = Zone.checked("operator", [(x0, y0), (x1, y0), (x1, y1), (x0, y1)], where=name)
        watches[name] = PresenceWatch([zone], camera="clip")
    seen: dict[str, list[Observation]] = {name: [] for name in watches}
    for frame in read_frames(folder / "people" / "intel_one-by-one-person.mp4"):
        for name, watch in watches.items():
            seen[name].extend(watch.see(frame))
    for name, watch in watches.items():
        told = [*seen[name], *watch.finish()]
        starts = [one.at / SECOND for one in told if one.kind == "operator_arrived"]
        ends = [one.at / SECOND for one in told if one.kind == "operator_left"]
        spans = list(zip(starts, ends, strict=True))
        off = [start - visit[0] for (start, _), visit in zip(spans, VISITS, strict=False)]
        timely = sum(
            visit[1] - 0.3 <= end <= visit[2] + 0.6 for (_, end), visit in zip(spans, VISITS, strict=False)
        )
        lines.append(f"| {name} | {len(spans)} of 6 | {min(off):+.1f} to {max(off):+.1f} | {timely} of 6 |")
        print(lines[-1], flush=True)
    return lines


def _on_sale(seed: int) -> tuple[Truth, list[Change], list[Change], list[Change]]:
    """Film and count one sale; return its truth, what was counted, missed, and counted too much."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{seed}.mp4"
        truth = STUDIO.render_clip(seed=seed, path=path)
        pictures = ((f.captured_at, f.bgr(320)) for f in read_frames(path))
        got, _ = count(pictures, read_zones(path.with_suffix(".zones.json")))
    want = [("+", m.released_at_s) if m.to_zone == "bagging" else ("-", m.entered_at_s) for m in truth.moves]
    return truth, got, *compare(got, want, SALE_TOLERANCE_S)


def on_sales(number: int, *, jobs: int) -> list[str]:
    wanted = counted = missed_all = extra_all = off = exact = 0
    worst = []
    seeds = range(FIRST_SALE, FIRST_SALE + number)
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
        for seed, (truth, got, missed, extra) in zip(seeds, pool.map(_on_sale, seeds), strict=True):
            net = sum(1 if sign == "+" else -1 for sign, _ in got)
            wanted, counted = wanted + len(truth.moves), counted + len(got)
            missed_all, extra_all = missed_all + len(missed), extra_all + len(extra)
            off, exact = off + abs(net - truth.brought_in), exact + (net == truth.brought_in)
            if abs(net - truth.brought_in) > 1:
                acts = ", ".join(truth.behaviours) or "plain"
                worst.append(f"{seed} ({acts}): {truth.brought_in} brought in, {net} counted")
            print(f"sale {seed}: {truth.brought_in} brought in, {net} counted", flush=True)
    lines = ["", f"## Simulated sales ({number}, 640x360, 15 a second, H.264)", ""]
    recall, precision = 1 - missed_all / wanted, 1 - extra_all / max(counted, 1)
    lines += [f"- moves: recall {recall:.3f}, precision {precision:.3f} (of {wanted})"]
    lines += [f"- count: off by {off / number:.2f} items a sale, exact in {exact} of {number}"]
    return [*lines, *(["- off by more than one:", *(f"  - {one}" for one in worst)] if worst else [])]


def _text(changes: list[Change]) -> str:
    return ", ".join(f"{sign}{at_s:g} s" for sign, at_s in changes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("TENBAN_DATA", beside)))
    parser.add_argument("--sales", type=int, default=200)
    parser.add_argument("--no-robustness", action="store_true")
    parser.add_argument("--jobs", type=int, default=1, help="processes; no figure depends on it")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    lines = [
        "# Item counting",
        "",
        "Written by `benchmarks/item_counting.py`. Signs: + brought in, − taken out.",
        "",
    ]
    clips = asked.data / "video"
    if clips.is_dir():
        lines += on_clips(clips, robustness=not asked.no_robustness, jobs=asked.jobs) + on_visits(clips)
    else:
        lines += [f"The shared clips are missing at {asked.data}: not measured."]
        print(lines[-1])
    if asked.sales:
        lines += on_sales(asked.sales, jobs=asked.jobs)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
