"""``tenban count`` from the outside."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import av
import pytest
from typer.testing import CliRunner

from tenban.base.errors import BadInput
from tenban.cli import app
from tenban.cli.count import read_registered
from vision.table import BAGGING, BASKET, Item, carry, film

DATA = Path(os.environ.get("TENBAN_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
BELT = DATA / "video" / "items" / "intel_fruit_conveyor.gif"
BAGGING_FILE = {"role": "bagging", "polygon": [[0.64, 0.15], [0.97, 0.15], [0.97, 0.75], [0.64, 0.75]]}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "one.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 480, 270, "yuv420p"
        for number, frame in enumerate(film([Item(BASKET)], [carry(0, 1.5, BASKET, BAGGING)], length_s=6)):
            picture = frame.picture.reformat(format="yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 15)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


@pytest.fixture
def zones(tmp_path: Path) -> Path:
    path = tmp_path / "zones.json"
    path.write_text(json.dumps({"zones": [BAGGING_FILE]}), encoding="utf-8")
    return path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_it_reports_one_object(clip: Path, zones: Path) -> None:
    """With --json the report is exactly the promised object."""
    report = json.loads(run("count", clip, "--zones", zones, "--json"))
    assert set(report) == {"registered", "brought_in", "judgement", "moves"}
    assert (report["registered"], report["brought_in"], report["judgement"]) == (None, 1, None)
    (move,) = report["moves"]
    assert set(move) == {"at_s", "from", "to", "track", "confidence"}
    assert move["to"] == "bagging"


@pytest.mark.parametrize(
    ("registered", "judgement"), [(0, "detected"), (1, "not_detected"), (2, "not_detected")]
)
def test_more_brought_in_than_registered_is_detected(
    clip: Path, zones: Path, registered: int, judgement: str
) -> None:
    """The judgement compares what came with what was registered."""
    report = json.loads(run("count", clip, "--zones", zones, "--registered", registered, "--json"))
    assert report["judgement"] == judgement


def test_the_annotated_video_plays_anywhere(clip: Path, zones: Path, tmp_path: Path) -> None:
    """H.264, yuv420p, the input's size, pictures and times."""
    out = tmp_path / "out.mp4"
    text = run("count", clip, "--zones", zones, "--registered", 0, "--annotated", out)
    assert "Number of items brought in (estimated): 1" in text
    assert "Judgement of fraud: detected" in text
    with av.open(str(out)) as written, av.open(str(clip)) as given:
        stream = written.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == (480, 270)
        times = [[frame.time for frame in video.decode(video=0)] for video in (written, given)]
    assert len(times[0]) == len(times[1])
    assert max(abs(a - b) for a, b in zip(*times, strict=True)) < 0.001


def test_a_truncated_video_counts_what_it_shows(clip: Path, zones: Path, tmp_path: Path) -> None:
    """A file that breaks off is bad input or counted as far as it goes, never a traceback."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(clip.read_bytes()[:2000])
    with pytest.raises(BadInput, match=r"broken\.mp4"):
        run("count", broken, "--zones", zones)


def test_zones_without_a_destination_are_bad_input(clip: Path, tmp_path: Path) -> None:
    """Counting needs somewhere to count into."""
    path = tmp_path / "zones.json"
    path.write_text(json.dumps({"zones": [BAGGING_FILE | {"role": "scan"}]}), encoding="utf-8")
    with pytest.raises(BadInput, match="bagging"):
        run("count", clip, "--zones", path)


def test_sale_events_are_summed_and_bad_lines_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Quantities add up, voids take off, weight counts one, repeats and bad lines count nothing."""
    lines = [
        {"event_id": "a", "sale": "s", "type": "sale_started"},
        {"event_id": "b", "sale": "s", "type": "item_registered", "item": {"line": "1", "quantity": 3}},
        {"event_id": "b", "sale": "s", "type": "item_registered", "item": {"line": "1", "quantity": 3}},
        {"event_id": "c", "sale": "s", "type": "item_registered", "item": {"line": "2", "weight_g": 412}},
        {"event_id": "d", "sale": "s", "type": "item_voided", "item": {"line": "1", "quantity": 1}},
        {"event_id": "e", "sale": "s", "type": "item_registered", "item": {"line": "3", "quantity": -2}},
    ]
    path = tmp_path / "sale.jsonl"
    path.write_text("\n".join([*map(json.dumps, lines), "{broken", ""]), encoding="utf-8")
    assert read_registered(path) == 3
    said = capsys.readouterr().err
    assert "line 6 set aside" in said
    assert "line 7 set aside" in said


@pytest.mark.data
@pytest.mark.skipif(not BELT.exists(), reason=f"no shared clip at {BELT}")
def test_an_animated_gif_counts(tmp_path: Path) -> None:
    """Four things come along a belt into the left half of an animated GIF."""
    path = tmp_path / "zones.json"
    left = {"role": "bagging", "polygon": [[0, 0.3], [0.5, 0.3], [0.5, 1], [0, 1]]}
    path.write_text(json.dumps({"zones": [left]}), encoding="utf-8")
    assert json.loads(run("count", BELT, "--zones", path, "--json"))["brought_in"] == 4
