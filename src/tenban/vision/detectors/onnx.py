"""Detectors from an ONNX file: which family an export belongs to is read off its inputs and outputs."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urldefrag

import httpx
import numpy as np
import onnxruntime as ort

from tenban.base.errors import BadInput, Unavailable
from tenban.vision.detectors import deim, nanodet, yolox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tenban.video.frames import Picture
    from tenban.vision.detection import Detection
    from tenban.vision.detectors.picture import Shapes

PERSON = 0
"""The person's number among the 80 classes of COCO, on which all three families are trained."""


class Family(Protocol):
    """What an export wants and how its answer reads. One module per family."""

    NAME: str

    def fits(self, inputs: Shapes, outputs: Shapes) -> bool:
        """Tell whether a model with these inputs and outputs is of this family."""
        ...

    def feed(self, picture: Picture, inputs: Shapes) -> Mapping[str, NDArray[np.generic]]:
        """Return what goes into the model for a BGR picture."""
        ...

    def read(
        self, outputs: Mapping[str, NDArray[np.float32]], picture: Picture, inputs: Shapes, least: float
    ) -> Detection:
        """Return what the model found, with scores of at least `least`."""
        ...


FAMILIES: tuple[Family, ...] = (deim, yolox, nanodet)


class OnnxDetector:
    """A detector from an ONNX file.

    Args:
        model: the file's bytes.
        name: for error sentences.
        providers: ONNX Runtime's execution providers, in order of preference.
        least: score below which nothing is returned.

    Raises:
        BadInput: the bytes are no ONNX model, or of a family that is not known here.
    """

    def __init__(
        self,
        model: bytes,
        *,
        name: str,
        providers: Sequence[str] = ("CPUExecutionProvider",),
        least: float = 0.3,
    ) -> None:
        unknown = [provider for provider in providers if provider not in ort.get_available_providers()]
        if unknown:
            came = f"{', '.join(unknown)} (here are {', '.join(ort.get_available_providers())})"
            raise BadInput("providers", expected="execution providers of this ONNX Runtime", came=came)
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = ort.InferenceSession(model, options, providers=list(providers))
        except _LOAD_ERRORS as error:
            raise BadInput(
                name, expected="an ONNX model; download it again or check its sha256", came=_first_line(error)
            ) from error
        self._inputs: Shapes = {one.name: one.shape for one in self._session.get_inputs()}
        outputs: Shapes = {one.name: one.shape for one in self._session.get_outputs()}
        fitting = [family for family in FAMILIES if family.fits(self._inputs, outputs)]
        if not fitting:
            known = ", ".join(family.NAME for family in FAMILIES)
            came = f"inputs {self._inputs}, outputs {outputs}"
            raise BadInput(name, expected=f"an export of one of the families {known}", came=came)
        self.family = fitting[0].NAME
        self._family = fitting[0]
        self._least = least

    @classmethod
    def open(
        cls, where: str, *, providers: Sequence[str] = ("CPUExecutionProvider",), least: float = 0.3
    ) -> Self:
        """Load a model from a path, or from a URL that ends in ``#sha256=HEX``.

        Raises:
            BadInput: there is no such file, the checksum is missing or another, or it is no known model.
            Unavailable: the URL does not answer.
        """
        return cls(_fetch(where), name=where, providers=providers, least=least)

    def detect(self, picture: Picture) -> Detection:
        """Return what is found in a BGR picture."""
        feed = dict(self._family.feed(picture, self._inputs))
        names = [one.name for one in self._session.get_outputs()]
        answers = dict(zip(names, self._session.run(names, feed), strict=True))
        return self._family.read(answers, picture, self._inputs, self._least)

    def people(self, picture: Picture) -> Detection:
        """Return the people found in a BGR picture."""
        found = self.detect(picture)
        return found[found.classes == PERSON]


def _fetch(where: str) -> bytes:
    from pathlib import Path  # only this function touches files

    if not where.startswith(("http://", "https://")):
        path = Path(where)
        try:
            return path.read_bytes()
        except OSError as error:
            raise BadInput(where, expected="an ONNX file that can be read", came=error.strerror) from error
    url, fragment = urldefrag(where)
    expected = fragment.removeprefix("sha256=").lower()
    if not fragment.startswith("sha256=") or len(expected) != 64:
        raise BadInput(
            where, expected="a URL that ends in #sha256= and 64 hexadecimal digits", came=fragment or "none"
        )
    try:
        answer = httpx.get(url, follow_redirects=True, timeout=60.0)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise Unavailable(f"{url}: the model cannot be downloaded: {error}") from error
    actual = hashlib.sha256(answer.content).hexdigest()
    if actual != expected:
        raise BadInput(where, expected=f"sha256 {expected}", came=actual)
    return answer.content


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0][:160] if str(error) else type(error).__name__


_LOAD_ERRORS = (
    ort.capi.onnxruntime_pybind11_state.Fail,
    ort.capi.onnxruntime_pybind11_state.InvalidArgument,
    ort.capi.onnxruntime_pybind11_state.InvalidGraph,
    ort.capi.onnxruntime_pybind11_state.InvalidProtobuf,
    ort.capi.onnxruntime_pybind11_state.NoModel,
    ort.capi.onnxruntime_pybind11_state.NoSuchFile,
    ort.capi.onnxruntime_pybind11_state.NotImplemented,
    ort.capi.onnxruntime_pybind11_state.RuntimeException,
)
