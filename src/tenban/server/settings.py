"""What ``tenban serve`` is told: where things lie, where it listens, which parts run."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from tenban.access.keys import KEYS
from tenban.base.errors import BadInput
from tenban.db.engine import normalise_url, sqlite_url

SELF_SIGNED = "self-signed"


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Everything the processes of one machine share.

    Attributes:
        config: path of ``tenban.toml``.
        data_dir: footage, blobs, database and sockets lie under it.
        database: its URL; a SQLite file in the data folder when None.
        host: address the web process listens on.
        port: its port.
        log_level: debug, info, warning or error.
        tls: ``self-signed``: certificates of this machine's own; None: given files, or plain http.
        tls_cert: a certificate's file with what stands above it, in PEM.
        tls_key: its private key's file.
        tls_names: names and addresses that the machine's own certificate holds besides those it finds.
        redirect_port: where http leads to https; None: nowhere.
    """

    config: Path
    data_dir: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    log_level: str = "info"
    tls: str | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_names: tuple[str, ...] = ()
    redirect_port: int | None = None

    def __post_init__(self) -> None:
        if self.tls not in {None, SELF_SIGNED}:
            raise BadInput("--tls", expected=SELF_SIGNED, came=str(self.tls))
        if (self.tls_cert is None) != (self.tls_key is None):
            raise BadInput("--tls-cert, --tls-key", expected="both or none", came="one of them")
        if self.tls is not None and self.tls_cert is not None:
            raise BadInput("--tls", expected="self-signed or given files", came="both")

    @property
    def database_url(self) -> str:
        """URL of the database, with its driver."""
        return normalise_url(self.database or sqlite_url(self.data_dir.resolve() / "tenban.db"))

    @property
    def run_dir(self) -> Path:
        """Folder of the local sockets; short, because a socket's path may have 107 bytes at most."""
        folder = self.data_dir.resolve() / "run"
        if len(os.fsencode(folder)) > 70:
            # Not hash(): it differs between the processes that have to meet there.
            tag = hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]
            folder = Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / f"tenban-{tag}"  # noqa: S108  # sockets only
        return folder

    @property
    def packets_socket(self) -> Path:
        """Where the recorder offers packets."""
        return self.run_dir / "packets.sock"

    @property
    def stills_socket(self) -> Path:
        """Where the watcher answers for stills."""
        return self.run_dir / "stills.sock"

    @property
    def pictures_socket(self) -> Path:
        """Where the jobs process answers for pictures out of footage."""
        return self.run_dir / "pictures.sock"

    @property
    def looks_socket(self) -> Path:
        """Where the watcher lets others look on."""
        return self.run_dir / "looks.sock"

    @property
    def blobs_dir(self) -> Path:
        """Folder of stills and clips."""
        return self.data_dir / "blobs"

    @property
    def keys_dir(self) -> Path:
        """Folder of the keys only the server reads."""
        return self.data_dir / KEYS
