"""A command of ours in a process of its own, spoken to by pipes: what may break or be slow stays there."""

from __future__ import annotations

import asyncio
import os
import sys

_READ_BYTES = 64 * 1024


async def begin_child(*words: str, limit: int = _READ_BYTES) -> asyncio.subprocess.Process:
    """Start ``tenban`` with these words; its input and output are pipes, it has one thread for pictures.

    Args:
        words: of the command line, which every list of processes shows: no secrets.
        limit: how many bytes may wait to be read.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tenban",
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=limit,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
