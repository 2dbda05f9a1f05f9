"""What this machine knows of its own clock: whether it is disciplined, and how far it may be off."""

from __future__ import annotations

import ctypes
from typing import Any, Final

_UNSYNCHRONISED: Final = 5
_FIELDS_OF_TIMEX: Final = 52
"""More longs than ``struct timex`` has; the kernel writes no further than its end."""


def host_clock() -> dict[str, Any]:
    """Return ``synchronised`` and ``maximum_error_us`` as the kernel tells them (adjtimex(2), Linux).

    Both are None where the system does not tell. The error is this moment's; whoever looks into a recording
    compares it with what the clock was known to do then.
    """
    told: dict[str, Any] = {"synchronised": None, "maximum_error_us": None}
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        buffer = (ctypes.c_long * _FIELDS_OF_TIMEX)()  # modes = 0: only read
        state = libc.adjtimex(ctypes.byref(buffer))
    except (OSError, AttributeError):
        return told  # Policy: a system without the call is one that does not tell.
    if state < 0:
        return told
    told["synchronised"] = state != _UNSYNCHRONISED
    told["maximum_error_us"] = int(buffer[3])
    return told
