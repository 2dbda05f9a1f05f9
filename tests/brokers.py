"""A real MQTT broker in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

BROKER = """
import asyncio, sys
from amqtt.broker import Broker

async def main():
    listener = {"type": "tcp", "bind": "127.0.0.1:" + sys.argv[1], "max_connections": 20}
    if len(sys.argv) > 3:
        listener |= {"ssl": True, "certfile": sys.argv[3], "keyfile": sys.argv[4]}
    plugins = {
        "anyone": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        "nobody": {"amqtt.plugins.authentication.FileAuthPlugin": {"password_file": "/dev/null"}},
    }
    broker = Broker({"listeners": {"default": listener}, "plugins": plugins[sys.argv[2]]})
    await broker.start()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Broker:
    """A broker that can be stopped and started again on the same port.

    Args:
        wants_user: it knows nobody and lets nobody in.
        tls: files of its certificate and key, where it speaks TLS.
    """

    def __init__(self, *, wants_user: bool = False, tls: tuple[Path, Path] | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._wants_user = wants_user
        self._tls = [str(path) for path in tls or ()]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it listens."""
        who = "nobody" if self._wants_user else "anyone"
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", BROKER, str(self.port), who, *self._tls],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ),
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def stop(self) -> None:
        """Return when it is gone."""
        if self._process is None:
            return
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
