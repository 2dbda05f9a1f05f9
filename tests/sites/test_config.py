"""Reading tenban.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenban.base.errors import BadInput
from tenban.sites.config import ConfigMistakes, load_sites

GOOD = """
[company]
name = "Tenban"

[[shop]]
id = "demo"
name = "見本店"
timezone = "Asia/Tokyo"
currency = "JPY"

[[shop.group]]
id = "front"
name = "Front"

[[shop.camera]]
id = "cam-1"
name = "Lane 1"
url = "rtsp://camera/1"

[[shop.register]]
id = "lane-1"
name = "1"
kind = "self"
group = "front"

[shop.register.rules.item_not_registered]
before_s = 3.0

[[shop.register.view]]
camera = "cam-1"

[[shop.register.view.zone]]
role = "bagging"
polygon = [[0.5, 0.1], [0.9, 0.1], [0.9, 0.9]]
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "tenban.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_right_file_describes_the_shop(tmp_path: Path) -> None:
    """Company, shop, group, camera, register, view, zone and the register's rules are read."""
    sites = load_sites(_write(tmp_path, GOOD))
    register = sites.register("lane-1")
    assert sites.company == "Tenban"
    assert sites.shop("demo").name == "見本店"
    assert register.views[0].zones[0].role == "bagging"
    assert register.rules == {"item_not_registered": {"before_s": 3.0}}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "self"', 'kind = "selfie"', r"shop\[0\]\.register\[0\]\.kind: expected 'self', 'semi_self'"),
        ('url = "rtsp://camera/1"', "", r"shop\[0\]\.camera\[0\]\.url: expected a value, got nothing"),
        ('name = "Front"', 'name = "Front"\nnaem = "x"', r"group\[0\]\.naem: expected no such key"),
        ('"Asia/Tokyo"', '"Asia/Tokio"', r"timezone: expected an IANA zone .* got 'Asia/Tokio'"),
        (
            'group = "front"',
            'group = "back"',
            r"register\[0\]\.group: expected the id of a group .*\(front\)",
        ),
        ('camera = "cam-1"', 'camera = "cam-9"', r"view\[0\]\.camera: expected the id of a camera"),
        ('role = "bagging"', 'role = "bag"', r"zone\[0\]\.role: expected basket"),
        ("[0.9, 0.9]]", "[1.9, 0.9]]", r"polygon\[2\]: expected x and y between 0 and 1"),
        ("[0.9, 0.1], ", "", r"zone\[0\]\.polygon: expected at least three points"),
        ('id = "demo"', 'id = "Demo Shop"', r"shop\[0\]\.id: expected"),
    ],
)
def test_a_mistake_is_told_with_file_key_expected_and_came(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Every mistake names the file, the key, what was expected and what came."""
    assert old in GOOD
    path = _write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ConfigMistakes, match=message) as told:
        load_sites(path)
    assert str(told.value).startswith(f"{path}: ")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """A file with three mistakes is told all three in one go."""
    text = (
        GOOD.replace('kind = "self"', 'kind = "x"')
        .replace('"JPY"', '"yen"')
        .replace('id = "front"', "id = 3")
    )
    with pytest.raises(ConfigMistakes) as told:
        load_sites(_write(tmp_path, text))
    assert len(told.value.mistakes) == 3


def test_an_id_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    """Registers have ids of their own, over all shops."""
    twice = GOOD + '\n[[shop.register]]\nid = "lane-1"\nname = "2"\nkind = "staffed"\n'
    with pytest.raises(ConfigMistakes, match=r"every register to have its own id, got 'lane-1' twice"):
        load_sites(_write(tmp_path, twice))


def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    """A file that is no TOML is refused with the place of the mistake."""
    with pytest.raises(BadInput, match=r"expected TOML, got .*line 1"):
        load_sites(_write(tmp_path, "[company\n"))


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    """A file that is not there is named."""
    with pytest.raises(BadInput, match=r"nowhere\.toml: expected a configuration file, got no such file"):
        load_sites(tmp_path / "nowhere.toml")


def test_a_register_has_its_receipt_printer(tmp_path: Path) -> None:
    """Address, port and the width of its paper; a mistake in it is told with its key."""
    path = tmp_path / "tenban.toml"
    text = """
[company]
name = "x"
[[shop]]
id = "s"
name = "s"
[[shop.register]]
id = "lane-1"
name = "1"
kind = "self"
printer = { host = "192.168.1.50", columns = 32 }
"""
    path.write_text(text, encoding="utf-8")
    printer = load_sites(path).register("lane-1").printer
    assert printer is not None
    assert (printer.host, printer.port, printer.columns) == ("192.168.1.50", 9100, 32)
    path.write_text(text.replace("columns = 32", "colums = 32"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"printer\.colums"):
        load_sites(path)


def test_how_long_an_incident_may_wait_is_the_shops_or_the_groups(tmp_path: Path) -> None:
    """A group's own time wins over its shop's; without any it is a minute; nought means for ever."""
    shop = load_sites(_write(tmp_path, GOOD)).shop("demo")
    assert shop.pass_on_ms("front") == 60_000
    text = GOOD.replace('currency = "JPY"', 'currency = "JPY"\npass_on_s = 0')
    assert load_sites(_write(tmp_path, text)).shop("demo").pass_on_ms("front") is None
    text = text.replace('name = "Front"', 'name = "Front"\npass_on_s = 90.5')
    assert load_sites(_write(tmp_path, text)).shop("demo").pass_on_ms("front") == 90_500


def test_two_registers_cannot_stand_in_one_place(tmp_path: Path) -> None:
    """A cell of the map that is given twice is a mistake that names both."""
    one = GOOD.replace('kind = "self"', 'kind = "self"\nat = [2, 1]')
    assert load_sites(_write(tmp_path, one)).register("lane-1").at == (2, 1)
    two = one + '[[shop.register]]\nid = "lane-2"\nname = "2"\nkind = "self"\nat = [2, 1]\n'
    with pytest.raises(ConfigMistakes, match=r"one register per cell.*lane-1 and lane-2"):
        load_sites(_write(tmp_path, two))
