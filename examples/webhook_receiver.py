"""Takes Tenban's webhooks and checks that they are Tenban's (Standard Webhooks). Standard library only.

    TENBAN_WEBHOOK_SECRET=whsec_... python webhook_receiver.py 8090

Add http://THIS-MACHINE:8090/ under Settings > Devices, and name the machine in ``[network] allow`` of
``tenban.toml`` where it stands in the shop's own network. In front of the internet, put TLS before it.
"""

from __future__ import annotations

import hmac
import json
import os
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOLERANCE_S = 300
LONGEST = 1_000_000


class NotGenuine(Exception):
    """The message is not from who knows the secret, or is an old one sent again."""


def verified(headers: Mapping[str, str], body: bytes, secret: str, now_s: float) -> dict[str, Any]:
    """Return the message.

    Args:
        headers: of the request.
        body: its bytes, exactly as they came.
        secret: ``whsec_…``, as it was shown when the webhook was added.
        now_s: seconds since 1970.

    Raises:
        NotGenuine: it is not signed with the secret, or is more than five minutes old.
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not timestamp.isdecimal() or abs(now_s - int(timestamp)) > TOLERANCE_S:
        raise NotGenuine("expected an id and a timestamp of the last five minutes")
    content = f"{message_id}.{timestamp}.".encode() + body
    wanted = hmac.digest(b64decode(secret.removeprefix("whsec_")), content, "sha256")
    for part in headers.get("webhook-signature", "").split():
        version, _, signature = part.partition(",")
        try:
            given = b64decode(signature, validate=True)
        except ValueError:
            continue
        # In constant time, so that nobody learns a signature byte by byte.
        if version == "v1" and hmac.compare_digest(wanted, given):
            message: dict[str, Any] = json.loads(body)
            return message
    raise NotGenuine("expected a signature made with the secret")


def make_server(port: int, secret: str, take: Callable[[dict[str, Any]], None]) -> ThreadingHTTPServer:
    """Return a server that hands each message over once, however often it is sent."""
    seen: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", "0"))
            if not 0 <= length <= LONGEST:
                self.send_error(413)
                return
            try:
                message = verified(self.headers, self.rfile.read(length), secret, time.time())
            except NotGenuine as error:
                self.send_error(401, str(error))
                return
            if self.headers["webhook-id"] not in seen:
                seen.add(self.headers["webhook-id"])
                take(message)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing; the messages themselves are told."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def say(message: dict[str, Any]) -> None:
    """Tell of a message in one line."""
    incident = message["data"].get("incident", {})
    title = incident.get("title", {}).get("en", "")
    print(message["timestamp"], message["type"], incident.get("register_name", ""), title, flush=True)


if __name__ == "__main__":
    make_server(int(sys.argv[1]), os.environ["TENBAN_WEBHOOK_SECRET"], say).serve_forever()
