"""``tenban tls``: the fingerprint that a tablet compares before it trusts this server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenban.cli.serve import DataDir


def tls(
    data: DataDir = Path("data"),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Print this machine's own certificate authority and its fingerprint (SHA-256)."""
    from tenban.base.errors import NotFound
    from tenban.server.certificates import Certificates, fingerprint
    from tenban.server.settings import ServeSettings

    own = Certificates(ServeSettings(Path("tenban.toml"), data).keys_dir / "tls")
    if not own.authority.exists():
        raise NotFound(f"there is no authority in {own.folder} yet: tenban serve --tls self-signed makes it")
    told = {"file": str(own.authority), "sha256": fingerprint(own.authority_der())}
    typer.echo(json.dumps(told) if as_json else f"{told['file']}\nSHA-256 {told['sha256']}")
