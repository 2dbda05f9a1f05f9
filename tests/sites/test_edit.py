"""Changing a configuration's text."""

from __future__ import annotations

import tomllib

import pytest

from tenban.base.errors import BadInput, NotFound
from tenban.sites.blocks import REMOVED, NotEditable
from tenban.sites.edit import Edit, refuse_known

TEXT = """[[shop]]
id = "a"

# first
[[shop.register]]
id = "r1"
[[shop.register.view]]
camera = "c1"

[[shop.register.view.zone]] # one
role = "scan"

# two
[[shop.register.view.zone]]
role = "bagging"

[[shop]]
id = "b"
"""


def test_what_is_added_stands_with_its_like() -> None:
    """A new element follows the last of its array, in its own shop, with a blank line before it."""
    edit = Edit(TEXT)
    shop = edit.named((), "shop", "a")
    edit.add(shop, "register", {"id": "r2"})
    edit.add(edit.named((), "shop", "b"), "camera", {"id": "c1"})
    edit.add(shop, "camera", {"id": "c2"})
    document = tomllib.loads(edit.text)
    assert [one["id"] for one in document["shop"][0]["register"]] == ["r1", "r2"]
    assert document["shop"][1]["camera"] == [{"id": "c1"}]
    assert document["shop"][0]["camera"] == [{"id": "c2"}]


def test_a_list_keeps_the_comments_of_what_stays() -> None:
    """One zone changed, one gone, one new: the changed one keeps its comment, the gone one takes its own."""
    edit = Edit(TEXT)
    view = (*edit.register("r1"), "view", 0)
    edit.set_list(view, "zone", [(0, {"role": "exit"}), (None, {"role": "basket"})])
    assert '[[shop.register.view.zone]] # one\nrole = "exit"' in edit.text
    assert "# two" not in edit.text
    assert [zone["role"] for zone in edit.at(view)["zone"]] == ["exit", "basket"]


def test_a_list_written_in_line_stays_in_line() -> None:
    """Zones given as an array of inline tables are set as one."""
    edit = Edit('[[shop]]\nid = "a"\nzone = [{ role = "scan" }] # z\n')
    edit.set_list(("shop", 0), "zone", [(0, {"role": "exit"})])
    assert tomllib.loads(edit.text)["shop"][0]["zone"] == [{"role": "exit"}]
    assert "# z" in edit.text


@pytest.mark.parametrize(
    "text",
    [
        "[rules.one]\nkey = 1 # k\n",
        "[rules]\none.key = 1 # k\n",
        "rules.one.key = 1 # k\n",
        "[rules]\none = { key = 1 } # k\n",
    ],
)
def test_a_nested_setting_is_changed_however_it_is_written(text: str) -> None:
    """Under a header, dotted, at the top or in line: the key changes where it stands."""
    edit = Edit(text)
    edit.set_nested(("rules", "one"), {"key": 2})
    assert tomllib.loads(edit.text) == {"rules": {"one": {"key": 2}}}
    assert edit.text == text.replace("1", "2")


def test_a_setting_that_is_nowhere_gets_a_table_of_its_own() -> None:
    """The first own setting of a register stands below its header, before its views."""
    edit = Edit(TEXT)
    edit.set_nested((*edit.register("r1"), "rules", "one"), {"key": 2})
    assert edit.text.index("[shop.register.rules.one]") < edit.text.index("[[shop.register.view]]")
    edit.set_nested((*edit.register("r1"), "rules", "one"), {"key": REMOVED})
    assert tomllib.loads(edit.text)["shop"][0]["register"][0]["rules"] == {"one": {}}


def test_what_is_not_there_is_said_not_to_be() -> None:
    """Unknown ids are not found; taken ones are refused for something new."""
    edit = Edit(TEXT)
    with pytest.raises(NotFound, match="no register 'r9'"):
        edit.register("r9")
    with pytest.raises(NotFound, match="no shop 'z'"):
        edit.named((), "shop", "z")
    with pytest.raises(BadInput, match="an id that is free"):
        refuse_known(edit, (), "shop", "a")


def test_a_form_that_cannot_be_edited_is_left_to_a_person() -> None:
    """An array in line cannot be added to here; nothing is written."""
    edit = Edit('[[shop]]\nid = "a"\ncamera = [{ id = "c1" }]\n')
    with pytest.raises(NotEditable):
        edit.add(("shop", 0), "camera", {"id": "c2"})
