"""Requests to addresses that somebody typed: looked up once, checked, sent to the number that was checked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import httpx

from tenban.base.errors import TenbanError
from tenban.sites.reach import Reach


class TooLong(TenbanError):  # noqa: N818  # reads as what happened
    """An answer is longer than anybody would read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the content is empty where nobody wants to read it."""

    status: int
    content: bytes = b""


async def post(
    reach: Reach,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    patience_s: float,
    most_bytes: int = 0,
) -> Answer:
    """Post to a URL; redirects are not followed.

    Args:
        reach: where it may lead.
        url: http or https, with a host.
        body: what is sent.
        headers: with it, besides the host's name.
        patience_s: for all of it.
        most_bytes: of the answer; 0: it is not read.

    Raises:
        NotReached: the address leads where nothing may be sent.
        TooLong: more than that came.
        OSError, httpx.HTTPError, TimeoutError: nobody answered.
    """
    parts = urlsplit(url)
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = await asyncio.to_thread(reach.addresses, host, port)
    number = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
    # To the number that was checked; the name goes along for TLS and for the receiver.
    target = urlunsplit(parts._replace(netloc=f"{number}:{port}", fragment=""))
    told = {**headers, "host": parts.netloc}
    async with (
        asyncio.timeout(patience_s),
        httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=patience_s) as client,
        client.stream(
            "POST", target, content=body, headers=told, extensions={"sni_hostname": host}
        ) as answer,
    ):
        content = bytearray()
        if most_bytes:
            async for piece in answer.aiter_raw():
                content += piece
                if len(content) > most_bytes:
                    raise TooLong(f"expected an answer of at most {most_bytes} bytes, got more")
        return Answer(answer.status_code, bytes(content))
