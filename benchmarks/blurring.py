"""Blurring people: how many pictures in which somebody is seen are covered, and what a picture costs.

Needs the test data (``TENBAN_DATA``, or ``../shared/data`` beside the checkout). For each model and clip:

    present     pictures in which somebody stands by the counted truth, or all where somebody always does
    covered     part of them in which anything is covered
    noses       noses a pose model finds on the people of the largest detector, in every fifth picture
    on them     part of those noses that lie below what is covered
    as found    the same without holding and filling in: what a detector alone would cover
    ms          of one core per picture: looking for people; and beside it decoding alone, the baseline

The noses are those of people the largest detector found: whom it misses as well is not among them.

Run: python benchmarks/blurring.py [--write]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort

from tenban.base.clock import SECOND
from tenban.video.frames import Picture, read_frames
from tenban.vision.heads import Polygon, follow_heads, heads, load_people_detector

RESULTS = Path(__file__).resolve().parent / "results" / "blurring.md"
DATA = Path(os.environ.get("TENBAN_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
MODELS = ("deimv2_atto_coco", "deimv2_femto_coco", "yolox_nano_416")
VISITS = ((7.4, 18.4), (24.0, 43.5), (51.7, 68.2), (76.2, 85.1), (93.9, 118.1), (125.0, 134.4))
CLIPS = {
    "intel_one-by-one-person.mp4": VISITS,
    "solomon_checkout_lines.mp4": ((0.0, 99.0),),
    "intel_prev_store-aisle-detection.gif": ((0.0, 99.0),),
}


def nose(pose: ort.InferenceSession, picture: Picture, box: Sequence[float]) -> tuple[float, float] | None:
    """Return where the nose of a person is, in 0–1 of the picture; None where it is not surely seen."""
    height, width = picture.shape[:2]
    x, y = (box[0] + box[2]) / 2 * width, (box[1] + box[3]) / 2 * height
    half = 0.6 * max((box[2] - box[0]) * width, (box[3] - box[1]) * height)
    scale = 96 / half
    move = np.array([[scale, 0, 96 - x * scale], [0, scale, 96 - y * scale]])
    crop = cv2.warpAffine(picture, move, (192, 192))[:, :, ::-1]
    points = pose.run(None, {pose.get_inputs()[0].name: crop[None].astype(np.uint8)})[0][0, 0]
    at_y, at_x, score = points[0]
    if score < 0.4:
        return None
    return (at_x * 192 - move[0, 2]) / scale / width, (at_y * 192 - move[1, 2]) / scale / height


def lies_below(point: tuple[float, float], covers: Sequence[Polygon]) -> bool:
    return any(one[0][0] <= point[0] <= one[2][0] and one[0][1] <= point[1] <= one[2][1] for one in covers)


def measure(model: str, clip: Path, pose: ort.InferenceSession) -> str:
    detector = load_people_detector(f"onnx:{DATA}/models/{model}.onnx")
    largest = load_people_detector(f"onnx:{DATA}/models/deimv2_femto_coco.onnx")
    began_s = time.process_time()
    pictures = sum(frame.bgr().shape[0] > 0 for frame in read_frames(clip))
    decoding_s = time.process_time() - began_s
    began_s = time.process_time()
    covers = follow_heads(clip, detector)
    looking_s = time.process_time() - began_s
    present = covered = noses = hidden = alone = 0
    for number, frame in enumerate(read_frames(clip)):
        if any(start <= frame.captured_at / SECOND <= end for start, end in CLIPS[clip.name]):
            present += 1
            covered += bool(covers[number])
        if number % 5:
            continue
        picture = frame.bgr()
        found, now = largest.people(picture), heads(picture, detector)
        for box in found.boxes[found.scores >= 0.5]:
            point = nose(pose, picture, box)
            if point is not None:
                noses += 1
                hidden += lies_below(point, covers[number])
                alone += lies_below(point, now)
    shares = [f"{part / max(whole, 1):.1%}" for part, whole in ((covered, present), (hidden, noses))]
    costs = f"{looking_s / pictures * 1000:.1f} | {decoding_s / pictures * 1000:.1f}"
    return (
        f"| {model} | {clip.name} | {present} | {shares[0]} | {noses} | {shares[1]} | "
        f"{alone / max(noses, 1):.1%} | {costs} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="write the results page")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    if not (DATA / "models").is_dir():
        raise SystemExit(f"expected test data in {DATA}, got nothing; set TENBAN_DATA")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    pose = ort.InferenceSession(DATA / "models" / "movenet_lightning_deq.onnx", options)
    lines = [
        "| model | clip | present | covered | noses | on them | as found | ms | decoding ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines))
    for clip in CLIPS:
        for model in MODELS:
            lines.append(measure(model, DATA / "video" / "people" / clip, pose))
            print(lines[-1], flush=True)
    if given.write:
        RESULTS.write_text(f"# Blurring people\n\n{__doc__}\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
