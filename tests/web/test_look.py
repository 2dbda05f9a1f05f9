"""The family look is held by numbers: contrast and sizes, and no style that the pages' policy would stop."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tenban.web

STATIC = Path(tenban.web.__file__).parent / "static"
ROLES = dict(
    re.findall(
        r"--([\w-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\)",
        (STATIC / "base.css").read_text(encoding="utf-8"),
    )
)
TEXT = ["ink", "muted", "accent", "urgent", "attention", "info", "ok", "off"]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative contrast."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def colour(role: str, theme: int) -> str:
    return ROLES[role].split(", ")[theme]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["surface", "raised"])
@pytest.mark.parametrize("role", TEXT)
def test_text_stands_out_seven_to_one(role: str, ground: str, theme: int) -> None:
    """Every colour that text may have is readable at arm's length on both grounds, in both themes."""
    assert contrast(colour(role, theme), colour(ground, theme)) >= 7


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_marks_and_edges_stand_out(theme: int) -> None:
    """What outlines a control or marks a state has 3:1 against its ground; a primary button's word 7:1."""
    assert contrast(colour("on-accent", theme), colour("accent", theme)) >= 7
    for role in ("edge", "urgent-mark"):
        for ground in ("surface", "raised"):
            assert contrast(colour(role, theme), colour(ground, theme)) >= 3


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_uses_the_familys_sizes(path: Path) -> None:
    """Only five text sizes, no gradients, no letter-spacing; states take their colours by role."""
    text = path.read_text(encoding="utf-8")
    sizes = re.findall(r"font-size: ([^;]+);", text)
    assert [size for size in sizes if not size.startswith("var(")] == []
    assert "gradient" not in text
    assert "letter-spacing" not in text
    assert set(re.findall(r"--text-\d: (\d+)px", text)) <= {"13", "15", "18", "24", "40"}


def test_no_script_or_template_sets_a_style_in_markup() -> None:
    """The policy stops inline styles and scripts: there are none."""
    for path in [*STATIC.rglob("*.js"), *(STATIC.parent / "templates").rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bstyle=|setAttribute\(\"style\"|\son\w+=\"|javascript:", text), path
        assert "http://" not in text.replace("http://www.w3.org/", ""), path
        assert not re.search(r"https://\w", text), path
