"""Fisheye cameras in the settings: lens and named views, from a page into the file and back."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from settings.test_desk import TEXT, Office
from tenban.base.errors import NotFound
from tenban.db import Database
from tenban.settings import words
from tenban.settings.differences import views_of, watched_cameras
from tenban.settings.file import check
from tenban.settings.model import SettingsRefused
from tenban.sites.fisheye import Turn

LENS: dict[str, Any] = {
    "kind": "fisheye",
    "shop": "demo",
    "camera": "cam-1",
    "mount": "ceiling",
    "lens": "equisolid",
    "circle": [0.5, 0.51, 0.28],
    "fov": 186,
    "views": [
        {"id": "cam-1-a", "name": "レジ1", "pan": 30, "tilt": -50, "zoom": 1.5},
        {"id": "cam-1-b", "name": "Way out", "pan": -120, "tilt": -30},
    ],
}


@pytest.fixture
def office(tmp_path: Path, database: Database) -> Office:
    return Office(tmp_path, database)


def look_through(office: Office, camera: str) -> None:
    office.save(kind="view", register="lane-1", place=0, camera=camera)


def test_a_lens_and_its_views_are_set_told_and_taken_away(office: Office) -> None:
    """Each view is found like a camera of its own, which records as the camera it belongs to."""
    plan = office.save(**LENS)
    sites = check(office.text)[0]
    fisheye = sites.camera("cam-1").fisheye
    assert fisheye is not None
    assert (fisheye.lens, fisheye.fov_deg, fisheye.centre, fisheye.radius) == (
        "equisolid",
        186.0,
        (0.5, 0.51),
        0.28,
    )
    view = sites.camera("cam-1-a")
    assert (view.name, view.source, sites.camera("cam-1").source) == ("レジ1", "cam-1", "cam-1")
    assert view.aim is not None
    assert view.aim.turn == Turn(30, -50, 1.5)
    assert [camera.id for camera in sites.cameras] == ["cam-1"]  # one is recorded, not three
    assert words.say(plan.what[0]) == {
        "ja": "カメラ「Lane 1」：魚眼レンズとして設定（画角：レジ1、Way out）",
        "en": "Camera Lane 1: set up as a fisheye camera (views: レジ1, Way out)",
    }
    assert "# camera" in office.text
    office.save(**LENS | {"on": False})
    assert tomllib.loads(office.text) == tomllib.loads(TEXT)
    with pytest.raises(NotFound):
        check(office.text)[0].camera("cam-1-a")


def test_a_register_looks_through_a_view(office: Office) -> None:
    """What is decoded for it is the camera; a turned view begins its watching anew, and no recording."""
    office.save(**LENS)
    look_through(office, "cam-1-a")
    sites = check(office.text)[0]
    assert watched_cameras(sites) == ["cam-1"]
    (watched,) = views_of(sites, "cam-1")
    assert watched.aim == sites.camera("cam-1-a").aim
    turned = {**LENS, "views": [{**LENS["views"][0], "pan": 40}, LENS["views"][1]]}
    plan = office.save(trial=True, **turned)
    assert [(one.what, one.id) for one in plan.effects] == [("watching", "lane-1")]
    renamed = {**LENS, "views": [{**LENS["views"][0], "name": "1"}, LENS["views"][1]]}
    assert office.save(trial=True, **renamed).effects == []


def test_a_view_that_is_looked_through_stays(office: Office) -> None:
    """Neither the view nor its camera goes while a register uses it; another view may."""
    office.save(**LENS)
    look_through(office, "cam-1-a")
    for change in (
        LENS | {"on": False},
        LENS | {"views": LENS["views"][1:]},
        {"kind": "remove", "shop": "demo", "of": "camera", "id": "cam-1"},
    ):
        with pytest.raises(SettingsRefused) as refused:
            office.save(**change)
        assert refused.value.mistakes[0].came == "1"
    office.save(**LENS | {"views": LENS["views"][:1]})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fov": 300}, "fov"),
        ({"mount": "floor"}, "mount"),
        ({"lens": "orthographic"}, "fov"),
        ({"lens": "polynomial"}, "coefficients"),
        ({"circle": [0.5, 0.5, 0]}, "circle"),
        ({"views": [{"id": "cam-1", "name": "X"}]}, "id"),
        ({"views": [{"id": "x", "name": "X", "tilt": 95}]}, "view[0].tilt"),
    ],
)
def test_mistakes_stand_beside_their_fields(office: Office, change: dict[str, Any], field: str) -> None:
    """The refusal names the key of the form."""
    with pytest.raises(SettingsRefused) as refused:
        office.save(**LENS | change)
    assert refused.value.mistakes[0].field == field
    assert office.text == TEXT
