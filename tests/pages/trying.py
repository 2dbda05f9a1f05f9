"""A worker behind the pages' shop: what the jobs process does with tries, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pages.shop import PageShop
from tenban.db.wake import Listener
from tenban.server.tries import TryWorker
from tenban.tries.files import TryFiles


def files_of(shop: PageShop) -> TryFiles:
    """Where the shop's tries lie."""
    return TryFiles(shop.here.data_dir.resolve() / "tries", 0, shop.here.blobs.vault)


@contextmanager
def try_worker(shop: PageShop) -> Iterator[TryWorker]:
    """Work on the shop's tries until the block ends."""
    stop = threading.Event()
    worker = TryWorker(shop.here.db, shop.here.clock, files_of(shop), shop.here.sites.trying)

    async def work() -> None:
        folder = str(shop.here.data_dir)
        async with Listener(shop.here.db.url, folder, "tries", patience_s=0.2) as listener:
            await worker.run(listener, stop)

    thread = threading.Thread(target=lambda: asyncio.run(work()), daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        stop.set()
        thread.join(20)
