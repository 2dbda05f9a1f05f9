"""``tenban serve``: one command starts what the configuration asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tenban.base.errors import BadInput

if TYPE_CHECKING:
    from tenban.server.settings import ServeSettings

Config = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
DataDir = Annotated[Path, typer.Option("--data", "-d", help="Where footage and the database lie.")]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", envvar="TENBAN_DATABASE", help="PostgreSQL URL; a SQLite file otherwise."),
]
TlsMode = Annotated[
    str | None, typer.Option("--tls", help="self-signed: certificates of this machine's own, see /trust.")
]
TlsCert = Annotated[
    Path | None, typer.Option("--tls-cert", help="A certificate's file (PEM), with its chain.")
]
TlsKey = Annotated[Path | None, typer.Option("--tls-key", help="Its private key's file (PEM).")]
TlsNames = Annotated[
    list[str] | None, typer.Option("--tls-name", help="A name or address more for the own certificate.")
]
RedirectPort = Annotated[
    int | None,
    typer.Option(
        "--redirect-port", min=1, max=65535, help="Where http leads to https; with --tls the port after."
    ),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"], typer.Option("--log-level", help="How much is said.")
]


def of_a_shop(data: Path, database: str | None) -> None:
    """Refuse a folder that no server has written to: a report on nothing would read as good news.

    Raises:
        BadInput: there is no such folder, and no database is named.
    """
    if database is None and not data.is_dir():
        raise BadInput("--data", expected="the folder of a shop's data", came=f"no such folder: {data}")


def serve(
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
    log_level: LogLevel = "info",
    tls: TlsMode = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_name: TlsNames = None,
    redirect_port: RedirectPort = None,
    demo_accounts: Annotated[
        Path | None, typer.Option(help="Accounts and tokens of a demo, made if missing.", hidden=True)
    ] = None,
) -> None:
    """Run the shop's server: pages, recording, watching, clips."""
    from tenban.server.serve import serve as run

    if tls is not None and redirect_port is None:
        redirect_port = port + 1
    settings = _settings(
        config, data, database, host, port, log_level, tls, tls_cert, tls_key, tls_name, redirect_port
    )
    run(settings, demo_accounts=demo_accounts)


def part(
    name: Annotated[str, typer.Argument(help="web, recorder, watcher or jobs.")],
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option()] = 8080,
    log_level: LogLevel = "info",
    tls: TlsMode = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    tls_name: TlsNames = None,
    redirect_port: RedirectPort = None,
) -> None:
    """Run one part of the server in this process; ``tenban serve`` does this for you."""
    from tenban.server.parts import run_part

    settings = _settings(
        config, data, database, host, port, log_level, tls, tls_cert, tls_key, tls_name, redirect_port
    )
    run_part(name, settings)


def _settings(
    config: Path,
    data: Path,
    database: str | None,
    host: str,
    port: int,
    log_level: str,
    tls: str | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    tls_names: list[str] | None,
    redirect_port: int | None,
) -> ServeSettings:
    """Return what both commands were told."""
    from tenban.server.settings import ServeSettings

    names = tuple(tls_names or ())
    return ServeSettings(
        config, data, database, host, port, log_level, tls, tls_cert, tls_key, names, redirect_port
    )
