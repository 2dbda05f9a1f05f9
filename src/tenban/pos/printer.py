"""Bytes to a receipt printer over TCP (port 9100, "raw"); an error says what happened."""

from __future__ import annotations

import asyncio
import contextlib

from tenban.base.errors import Unavailable
from tenban.sites.model import Printer
from tenban.sites.reach import NotReached, Reach

PATIENCE_S = 5.0


async def send(printer: Printer, data: bytes, reach: Reach, *, patience_s: float = PATIENCE_S) -> None:
    """Hand bytes to a printer and wait until it has taken them all.

    Args:
        printer: where it is said to be.
        data: what it is sent.
        reach: where a printer may be.
        patience_s: for all of it.

    Raises:
        Unavailable: no such host, not allowed, refused, silent, or gone in the middle; says which.
    """
    where = f"printer {printer.host}:{printer.port}"
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(patience_s):
            addresses = await asyncio.to_thread(reach.addresses, printer.host, printer.port)
            _, writer = await asyncio.open_connection(addresses[0], printer.port)
            writer.write(data)
            await writer.drain()
            writer.write_eof()
    except NotReached as error:
        raise Unavailable(f"{where}: {error}") from error
    except TimeoutError as error:
        raise Unavailable(f"{where}: expected an answer within {patience_s:g} s, got none") from error
    except ConnectionRefusedError as error:
        raise Unavailable(
            f"{where}: expected a printer, got a refusal; is it on, and its port open?"
        ) from error
    except OSError as error:
        raise Unavailable(f"{where}: expected a printer, got {error.strerror or error}") from error
    finally:
        if writer is not None:
            writer.close()
            with contextlib.suppress(OSError, TimeoutError):  # Policy: what was sent was sent.
                async with asyncio.timeout(patience_s):
                    await writer.wait_closed()
