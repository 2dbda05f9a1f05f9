"""``tenban turn-clip``: what the web process has turned elsewhere, since it decodes no video itself."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def turn_clip() -> None:
    """Turn a fisheye camera's clip as standard input says, and write the video to standard output."""
    from tenban.base.log import set_up_log
    from tenban.sites.fisheye import Aim
    from tenban.vision import turned

    set_up_log(process="turn-clip", level="error")
    os.nice(5)  # whoever saves a file can wait; the lanes cannot
    asked = json.loads(sys.stdin.read())
    turned.turn_clip(Path(asked["clip"]), Aim.from_json(asked["aim"]), sys.stdout.buffer)
    sys.stdout.buffer.flush()
