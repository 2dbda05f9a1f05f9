"""ONNX detectors: families, corrupt files, checksums."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from tenban.base.errors import BadInput
from tenban.video.frames import read_frames
from tenban.vision.detectors import load_detector, nanodet, yolox
from tenban.vision.detectors.onnx import OnnxDetector

DATA = Path(os.environ.get("TENBAN_DATA", Path(__file__).resolve().parents[4] / "shared" / "data"))
MODELS = DATA / "models"
needs_models = pytest.mark.skipif(not MODELS.is_dir(), reason=f"no shared models at {MODELS}")


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x08\x07\x12\x04"])
def test_a_corrupt_file_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    """A file that is no model is bad input that names the file and the way out."""
    path = tmp_path / "broken.onnx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"broken\.onnx.*(download it again|families)"):
        load_detector(f"onnx:{path}")


@pytest.mark.parametrize("text", ["yolo", "onnx:", "onnx", ""])
def test_an_unknown_detector_is_bad_input(text: str) -> None:
    """A detector is motion or onnx with a place."""
    with pytest.raises(BadInput, match="motion, onnx:PATH"):
        load_detector(text)


def test_a_url_needs_a_checksum() -> None:
    """A model from the network is never taken unchecked."""
    with pytest.raises(BadInput, match="sha256="):
        OnnxDetector.open("https://example.com/model.onnx")


def test_an_unknown_provider_is_named(tmp_path: Path) -> None:
    """A provider this ONNX Runtime does not have is said with those it has."""
    with pytest.raises(BadInput, match=r"MoonProvider.*CPUExecutionProvider"):
        OnnxDetector(b"", name="x", providers=["MoonProvider"])


def test_yolox_decodes_a_cell() -> None:
    """A cell's offset and logarithm of size become a box in the model's pixels."""
    answer = np.zeros((3549, 85), dtype=np.float32)
    cell = 52 * 10 + 20  # stride 8, row 10, column 20
    answer[cell, :6] = (0.5, 0.5, np.log(4), np.log(2), 0.9, 0.8)
    boxes, scores, classes = yolox.decode(answer, 416, 416)
    assert np.allclose(boxes[cell], (164 - 16, 84 - 8, 164 + 16, 84 + 8), atol=1e-3)
    assert scores[cell] == pytest.approx(0.72)
    assert classes[cell] == 0


def test_nanodet_decodes_distributions() -> None:
    """Each side is the expectation of its distribution, in strides."""
    cells, _ = nanodet.grid(320, 320)
    answer = np.full((len(cells), 80 + 32), -20, dtype=np.float32)
    cell = 40 * 5 + 7  # stride 8, row 5, column 7
    answer[cell, 3] = 0.8
    for side, bins in enumerate((1, 2, 3, 4)):
        answer[cell, 80 + 8 * side + bins] = 20
    boxes, scores, classes = nanodet.decode(answer, 320, 320)
    assert np.allclose(boxes[cell], (56 - 8, 40 - 16, 56 + 24, 40 + 32), atol=1e-2)
    assert (scores[cell], classes[cell]) == (pytest.approx(0.8), 3)


def test_families_are_told_apart_by_their_shapes() -> None:
    """No export fits two families."""
    yolox_shapes = ({"images": [1, 3, 416, 416]}, {"output": [1, 3549, 85]})
    cells = len(nanodet.grid(416, 416)[0])
    nanodet_shapes = ({"data": [1, 3, 416, 416]}, {"output": [1, cells, 112]})
    assert yolox.fits(*yolox_shapes)
    assert not nanodet.fits(*yolox_shapes)
    assert nanodet.fits(*nanodet_shapes)
    assert not yolox.fits(*nanodet_shapes)


@pytest.mark.data
@needs_models
@pytest.mark.parametrize("name", ["deimv2_atto_coco", "deimv2_femto_coco", "yolox_nano_416"])
def test_every_shared_model_finds_a_person(name: str) -> None:
    """The person at the table is found where they stand."""
    detector = OnnxDetector.open(str(MODELS / f"{name}.onnx"))
    frames = read_frames(DATA / "video" / "people" / "intel_one-by-one-person.mp4")
    picture = next(frame for frame in frames if frame.captured_at > 12_000_000).bgr()
    people = detector.people(picture)
    assert len(people) >= 1
    x0, y0, x1, y1 = people.boxes[people.scores.argmax()]
    assert x0 < 0.58 < x1
    assert y0 < 0.45 < y1


@pytest.mark.data
@needs_models
def test_a_model_of_another_kind_is_refused_by_name() -> None:
    """A sound model is no detector, and the error lists the families."""
    with pytest.raises(BadInput, match="DEIM, YOLOX, NanoDet"):
        OnnxDetector.open(str(MODELS / "silero_vad_16k.onnx"))


def test_letterbox_keeps_proportions() -> None:
    """A wide picture fills the width and leaves grey below."""
    from tenban.vision.detectors.picture import letterbox

    canvas, scale = letterbox(np.zeros((90, 160, 3), dtype=np.uint8), 416, 416)
    assert scale == pytest.approx(2.6)
    assert cv2.countNonZero(canvas[:234, :, 0]) == 0
    assert (canvas[240:] == 114).all()
