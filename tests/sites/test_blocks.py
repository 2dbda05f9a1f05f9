"""A TOML text as blocks: nothing moves that was not touched."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.sites.blocks import NotEditable, split

INTERLEAVED = '''# top
[company] # c
name = "X"

# the shop
[[shop]]
id = "a"   # keep
note = """
[[not.a.header]]
# no comment
"""

[[shop.camera]]  # cam one
id = 'c1'

[[shop.register]]
id = "r1"
[[shop.register.view]]
camera = "c1"
polygon = [
  [0.5, 0.1],  # corner
  [0.9, 0.1],
]

# second lane
[[shop.camera]]
id = "c2"
[[shop.register]]
id = "r2"

[rules."item_not_registered"]
on = true
# the end
'''

comments = st.sampled_from(["", "# 係員\n", "\n# [[shop]]\n\n", "   # indented\n"])
values = st.one_of(
    st.integers(-5, 5).map(str),
    st.sampled_from(
        ['"a # b"', "'[x]'", "[[0.1, 0.2],\n  [0.3, 0.4]] # p", '"""m\n[[x]]\n"""', "true", "{ a = 1 }"]
    ),
)


@st.composite
def files(draw: st.DrawFn) -> str:
    text = draw(comments)
    for number in range(draw(st.integers(1, 4))):
        header = draw(st.sampled_from(["[[shop]]", "[[ shop ]]  # s"])) if number == 0 else "[[shop.camera]]"
        text += f"{header}\n"
        for key in range(draw(st.integers(0, 3))):
            text += f"k{key} = {draw(values)}\n{draw(comments)}"
    return text


@given(files())
def test_a_split_text_is_the_text(text: str) -> None:
    """Whatever stands in a file, its blocks together are the file, and each header has its own."""
    blocks = split(text)
    assert blocks.text == text
    assert len(blocks.blocks) == 1 + text.count("[[shop") + text.count("[[ shop") - text.count("# [[shop")


@given(files(), st.text('abc# é"\\', max_size=8))
def test_setting_a_key_touches_no_other_line(text: str, value: str) -> None:
    """Every line that does not hold the key is as it was, in its order."""
    blocks = split(text)
    blocks.set_keys(("shop", 0), {"k0": value})
    document = tomllib.loads(blocks.text)
    assert document["shop"][0]["k0"] == value
    before = [block.text for block in split(text).blocks]
    after = [block.text for block in split(blocks.text).blocks]
    assert before[:1] + before[2:] == after[:1] + after[2:]
    kept = [line for line in before[1].splitlines() if line.lstrip().startswith("#")]
    assert [line for line in after[1].splitlines() if line.lstrip().startswith("#")] == kept


def test_tables_written_alternately_keep_their_places() -> None:
    """Cameras and registers in turn stay in turn, with the comments above them."""
    blocks = split(INTERLEAVED)
    assert blocks.text == INTERLEAVED
    blocks.set_keys(("shop", 0, "camera", 1), {"id": "c9"})
    assert blocks.text == INTERLEAVED.replace('"c2"', '"c9"')
    blocks.set_keys(("rules", "item_not_registered"), {"on": False})
    assert "on = false\n# the end\n" in blocks.text


def test_a_removed_table_takes_its_own_comments_and_leaves_the_others() -> None:
    """What stands directly above a header goes with it; what stands elsewhere stays."""
    blocks = split(INTERLEAVED)
    blocks.remove(("shop", 0, "camera", 1))
    assert "# second lane" not in blocks.text
    assert [camera["id"] for camera in tomllib.loads(blocks.text)["shop"][0]["camera"]] == ["c1"]
    assert "# the shop" in blocks.text


def test_a_table_without_a_header_is_left_to_a_person() -> None:
    """What is written in line cannot be edited as a table of its own, and is told so."""
    with pytest.raises(NotEditable, match=r"expected a header \[\[shop\.camera\]\]"):
        split('[[shop]]\ncamera = [{ id = "c1" }]\n').set_keys(("shop", 0, "camera", 0), {"id": "x"})


def test_line_ends_of_windows_stay() -> None:
    """A file written on Windows keeps its line ends where it is not touched."""
    text = "[[shop]]\r\nid = 'a'\r\nname = 'b' # c\r\n"
    blocks = split(text)
    blocks.set_keys(("shop", 0), {"name": "z"})
    assert blocks.text == "[[shop]]\r\nid = 'a'\r\nname = \"z\" # c\r\n"
