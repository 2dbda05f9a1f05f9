"""Which of the cameras that were found are in the settings already. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from tenban.video.onvif.model import FoundCamera


def known_names(found: FoundCamera, known: Iterable[tuple[str, str]]) -> list[str]:
    """Return the names of known cameras that stand at one of the addresses of a found one.

    Args:
        found: the camera that answered.
        known: name and stream address of each camera of the settings.
    """
    hosts = {urlsplit(address).hostname for address in found.addresses} - {None}
    return [name for name, url in known if _host(url) in hosts]


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None  # the path of a file that reads like an address
