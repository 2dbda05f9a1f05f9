"""Why a camera is not recorded as it should be: the recorder's sentence, told apart into code and figures.

The recorder writes a sentence, in English, for logs and for whoever reads the table. Screens have words for
``code`` and ``values`` (:mod:`tenban.video.reason_words`); what a device or the system said itself stays
as it is, in ``said``. Sentences of earlier versions are told apart as well: old rows stay as they are.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Reason(NamedTuple):
    """A reason, told apart.

    Attributes:
        code: what it is; ``other`` where only ``said`` tells.
        values: figures and names in it.
        said: what a device, the system or a library said itself; None where all is in the code.
    """

    code: str
    values: dict[str, str]
    said: str | None


_HEAD = re.compile(r"^(?:recorder: )?camera [\w.-]+(?: address| url)?: ")
# The first that fits counts. A group named "said" is kept as it is, others are values.
_KNOWN = [
    (code, re.compile(pattern, re.DOTALL))
    for code, pattern in (
        ("clock_back", r"^this server's clock was set back by (?P<s>[\d.]+) s$"),
        ("clock_ahead", r"^this server's clock was set ahead by (?P<s>[\d.]+) s$"),
        ("only_held", r"^the disk is full: (?P<free>\d+) .* with (?P<needed>\d+) MiB; what is left is held"),
        ("disk_full", r"^the disk is full: (?P<free>\d+) .* with (?P<needed>\d+) MiB"),
        ("disk_broken", r"^the disk does not keep what is written: (?P<said>.*)$"),
        ("no_space", r"(?P<said>.*No space left on device.*)$"),
        ("unsealed", r"^(?P<said>.*(?:not sealed|seal).*)$"),
        ("password", r"it wants another user name or password$"),
        ("path", r"it knows no stream of this path$"),
        ("silent", r"it was silent for (?P<s>[\d.]+) s$"),
        ("ended", r"(?:ended its stream|its stream ended)$"),
        ("no_video", r"expected a video stream, got none$"),
        ("codec", r"expected H\.26.*, got (?P<codec>[^,]+)$"),
        ("redirect", r"expected the camera itself .*, got (?P<said>.+)$"),
        ("no_file", r"expected a video file, got (?P<said>.+)$"),
        ("not_allowed", r"^expected (?P<said>.*(?:allow|address|network).*), got .*$"),
        ("no_route", r"(?P<said>[^:]*(?:No route to host|no route to host|Network is unreachable)[^:]*)$"),
        ("refused", r"(?P<said>[^:]*Connection refused[^:]*)$"),
        ("no_name", r"(?P<said>[^:]*(?:Name or service not known|resolv|No address associated)[^:]*)$"),
        ("late", r"(?P<said>[^:]*timed out[^:]*)$"),
        ("cut_off", r"(?P<said>[^:]*(?:Connection reset|Connection closed|Broken pipe)[^:]*)$"),
        ("broken", r"(?:was lost|cannot be opened|cannot be read): (?P<said>.*)$"),
        ("none", r"^there is no footage of this time$"),
    )
]


def reason_of(why: str | None) -> Reason | None:
    """Return a reason out of the sentence that stands in the table; None where there is none."""
    if not why:
        return None
    plain = _HEAD.sub("", why)
    for code, pattern in _KNOWN:
        found = pattern.search(plain)
        if found is not None:
            values = found.groupdict()
            said = values.pop("said", None)
            return Reason(code, values, said.strip() if said else None)
    return Reason("other", {}, plain)
