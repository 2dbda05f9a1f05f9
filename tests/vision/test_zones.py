"""Zones files, and zones as masks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.vision.zones import parse_zones, rasterise, read_zones

SQUARE = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]]


def test_a_zones_file_reads(tmp_path: Path) -> None:
    """A plain zones file gives its zones, in order."""
    path = tmp_path / "zones.json"
    path.write_text(json.dumps({"zones": [{"role": "scan", "polygon": SQUARE}]}), encoding="utf-8")
    (zone,) = read_zones(path)
    assert (zone.role, len(zone.polygon)) == ("scan", 4)


@pytest.mark.parametrize(
    ("zone", "named"),
    [
        ({"role": "shelf", "polygon": SQUARE}, "zones[0].role"),
        ({"role": "scan", "polygon": SQUARE[:2]}, "zones[0].polygon"),
        ({"role": "scan", "polygon": [[0.1, 0.1], [1.4, 0.1], [0.5, 0.5]]}, "zones[0].polygon[1]"),
        ({"role": "scan", "polygon": [[0.1, 0.1], [0.5, 0.5], [0.5, 0.1], [0.1, 0.5]]}, "cross"),
        ({"role": "scan", "polygon": "all"}, "zones[0].polygon"),
        ("bagging", "zones[0]"),
    ],
)
def test_a_wrong_zone_is_named(zone: object, named: str) -> None:
    """The error names the zone, what was expected and what came."""
    with pytest.raises(BadInput) as caught:
        parse_zones({"zones": [zone]}, where="z.json")
    assert named in str(caught.value)
    assert "z.json" in str(caught.value)


@pytest.mark.parametrize("text", ["{", "[]", '{"zones": []}', '{"zones": {}}', "null"])
def test_what_is_no_zones_file_is_refused(tmp_path: Path, text: str) -> None:
    """No JSON, no list and an empty list are bad input."""
    path = tmp_path / "zones.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput):
        read_zones(path)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=4)
    )
)
def test_no_polygon_breaks_the_reader(polygon: object) -> None:
    """Whatever stands where a polygon should: zones or bad input, nothing else."""
    try:
        parse_zones({"zones": [{"role": "scan", "polygon": polygon}]}, where="z")
    except BadInput:
        return


def test_a_mask_covers_its_part_of_the_picture() -> None:
    """A square of 0.4 by 0.4 covers about a sixth of the picture."""
    (zone,) = parse_zones({"zones": [{"role": "scan", "polygon": SQUARE}]}, where="z")
    mask = rasterise(zone, width=200, height=100)
    assert mask.shape == (100, 200)
    assert 0.15 < (mask > 0).mean() < 0.18
