"""Detectors, one file each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenban.base.errors import BadInput

if TYPE_CHECKING:
    from tenban.vision.detectors.onnx import OnnxDetector


def load_detector(text: str, *, least: float = 0.3) -> OnnxDetector | None:
    """Return the detector a command line or a configuration names; None for the built-in one.

    Args:
        text: ``motion``, ``onnx:PATH``, or ``onnx:URL#sha256=HEX``.
        least: score below which nothing is returned.

    Raises:
        BadInput: it names no detector, or the detector cannot be loaded.
    """
    if text == "motion":
        return None
    kind, _, where = text.partition(":")
    if kind != "onnx" or not where:
        raise BadInput("detector", expected="motion, onnx:PATH or onnx:URL#sha256=HEX", came=text)
    from tenban.vision.detectors.onnx import OnnxDetector  # ONNX Runtime costs 0.2 s of import

    return OnnxDetector.open(where, least=least)
