"""``tenban serve``: check everything first, then keep every part running."""

from __future__ import annotations

import signal
import socket
from functools import partial
from pathlib import Path

from tenban.base.clock import SystemClock
from tenban.base.errors import Unavailable
from tenban.base.log import get_log, set_up_log
from tenban.db import Database
from tenban.db.migrate import upgrade
from tenban.server.accounts import first_link
from tenban.server.demo_accounts import make_demo_accounts
from tenban.server.parts import load_part, run_part
from tenban.server.sealing import open_vault
from tenban.server.settings import ServeSettings
from tenban.server.supervisor import Part, Supervisor
from tenban.settings.follow import text_to_run

log = get_log(__name__)


def serve(settings: ServeSettings, *, demo_accounts: Path | None = None) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        BadInput: the configuration is wrong.
        Unavailable: the port is taken, or the database does not answer or is of a newer version.
    """
    set_up_log(process="serve", level=settings.log_level)
    _check_port(settings.host, settings.port)
    if settings.redirect_port is not None:
        _check_port(settings.host, settings.redirect_port)
    _check_certificates(settings)
    for folder in (settings.data_dir, settings.run_dir, settings.blobs_dir):
        folder.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)
    _check_settings(settings)
    _check_keys(settings)
    if demo_accounts is not None:
        make_demo_accounts(settings, demo_accounts)
    else:
        _tell_first_link(settings)
    # Recording begins before the rest is loaded.
    parts = [
        Part(name, partial(run_part, name, settings), partial(load_part, name))
        for name in ("recorder", "watcher", "jobs", "web")
    ]
    supervisor = Supervisor(parts, SystemClock())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stop())
    supervisor.run()


def _tell_first_link(settings: ServeSettings) -> None:
    """Print the one-time link that makes the first administrator, while there is none."""
    path = first_link(settings)
    if path is None:
        return
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  # compared only
    scheme = "http" if settings.tls is None and settings.tls_cert is None else "https"
    print(  # noqa: T201  # for whoever started the server, and for no log
        "Nobody can sign in yet. Whoever opens this link becomes the administrator (once, for 24 hours):\n"
        f"  {scheme}://{host}:{settings.port}{path}",
        flush=True,
    )


def _check_certificates(settings: ServeSettings) -> None:
    """Refuse to start with certificates that do not fit; make this machine's own where they are asked for."""
    if settings.tls is None and settings.tls_cert is None:
        return
    # What it needs takes a second to import: recording does not wait for it where there is no https.
    from tenban.server.certificates import fingerprint
    from tenban.server.tls import Tls

    tls = Tls.of(settings, SystemClock())
    if tls is not None and tls.own is not None:
        log.info("certificate authority", sha256=fingerprint(tls.own.authority_der()))


def _check_settings(settings: ServeSettings) -> None:
    """Refuse to start with a file that never checked; with one that did once, that revision runs."""
    db = Database(settings.database_url)
    try:
        text_to_run(settings.config, db)
    finally:
        db.close()


def _check_keys(settings: ServeSettings) -> None:
    """Make the first sealing key, and say so loudly where one is missing; recording begins in either case."""
    db = Database(settings.database_url)
    try:
        for version, count in open_vault(settings, db).missing().items():
            log.error(
                "sealing key missing",
                key=version,
                files=count,
                what_to_do=f"put sealing-{version}.key back into {settings.keys_dir} from where you keep a "
                "copy; until then what it sealed cannot be shown",
            )
    finally:
        db.close()


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(
                f"port {port} on {host}: expected a free port, got: {error.strerror}"
            ) from error
