"""What the demo writes for the product."""

from __future__ import annotations

from pathlib import Path

from tenban.simulator.clip import Studio
from tenban.simulator.demo_files import SHOP_ID, accounts, configuration, lane_zones
from tenban.simulator.lanes import Shop
from tenban.simulator.scene import Scene
from tenban.simulator.wardrobe import Wardrobe
from tenban.sites.config import load_sites

SHOP = Shop(seed=1, lanes=3)


def test_the_product_reads_the_configuration(tmp_path: Path) -> None:
    """Every lane has its camera, its zones and its group."""
    path = tmp_path / "tenban.toml"
    text = configuration(SHOP, {1: 9001, 2: 9002, 3: 9001}, width=640, height=360, fps=15)
    path.write_text(text, encoding="utf-8")
    sites = load_sites(path)
    register = sites.register("lane-2")
    assert register.kind == "self"
    assert {zone.role for zone in register.views[0].zones} == {"basket", "scan", "bagging", "operator"}
    assert [sites.register(f"try-{kind}").name for kind in ("self", "semi", "staffed")] == ["4", "5", "6"]


def test_zones_are_those_of_the_filmed_picture() -> None:
    """The zones written before anything is painted are those of the lane's camera."""
    studio = Studio(width=640, height=360, articles=8, variety=1)
    scene = Scene(SHOP.lane_seed(2), studio.assortment, Wardrobe(640 / 960), width=640, height=360)
    assert lane_zones(SHOP, 2, width=640, height=360) == scene.view.zones()


def test_every_till_has_its_token() -> None:
    """One token for each register, and people of each role; the administrator is of the whole company."""
    written = accounts(SHOP, {1: "a", 2: "b", 3: "c"}, "secret")
    assert [token["register"] for token in written["tokens"]] == ["lane-1", "lane-2", "lane-3"]
    of_company = {person["name"] for person in written["people"] if person["shop"] != SHOP_ID}
    assert of_company == {"admin"}
