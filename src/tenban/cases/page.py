"""The offline page of a package: one file that needs no server, no network and no other file to be read.

A page opened from a disk may show pictures and play videos beside it, and may not read them. So it carries
what it tells (journal, history, notes) within itself, and asks for the folder or the ZIP to prove its files.
It allows itself nothing but its own script, pictures and videos of the disk: nothing leaves it.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from typing import Any

import orjson

_ROOM = files("tenban.cases").joinpath("offline")


def offline_page(shown: dict[str, Any]) -> bytes:
    """Return the page for a package.

    Args:
        shown: the manifest without its files, and ``items`` as
            :class:`tenban.cases.gathering.Gathered` has them.
    """
    style, script = (_ROOM.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    # Inside a script element only "<" could end it, or begin a comment; JSON may say it in other words.
    data = orjson.dumps(shown).decode().replace("<", "\\u003c")
    page = _ROOM.joinpath("page.html").read_text(encoding="utf-8")
    for mark, text in (
        ("{style_hash}", _hash(style)),
        ("{script_hash}", _hash(script)),
        ("{style}", style),
        ("{script}", script),
        ("{data}", data),
    ):
        page = page.replace(mark, text, 1)
    return page.encode()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
