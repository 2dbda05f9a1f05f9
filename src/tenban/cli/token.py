"""``tenban token``: what tills, devices and services prove themselves by."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer

from tenban.cli.serve import Config, DatabaseUrl, DataDir, of_a_shop

token = typer.Typer(help="Tokens of tills, devices and services.", no_args_is_help=True)

_UNITS = {"m": 60, "h": 3600, "d": 86_400}
_LENGTH = re.compile(r"^(\d{1,6})([mhd])$")


@token.command("new")
def new_token(
    subject: Annotated[str, typer.Argument(help="The register it speaks for, or the service's own name.")],
    kind: Annotated[str, typer.Option(help="register, device or service.")] = "register",
    shop: Annotated[str | None, typer.Option(help="Of a service: its only shop.")] = None,
    function: Annotated[
        list[str] | None, typer.Option(help="The only things it may do, such as incidents:read.")
    ] = None,
    expires: Annotated[str | None, typer.Option(help="Ends after so long, such as 90d; never else.")] = None,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Make a token and print it once; only its hash is kept."""
    from tenban.server.devices import new_token as make
    from tenban.server.settings import ServeSettings

    issued = make(
        ServeSettings(config, data, database),
        kind=kind,
        subject=subject,
        shop=shop,
        name=name,
        functions=function or None,
        expires_s=None if expires is None else _length_s("--expires", expires),
    )
    typer.echo(issued.secret)


@token.command("list")
def list_tokens(
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """List the tokens that work, and those that ended in the last days."""
    from tenban.server.devices import list_tokens as listed
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    found = listed(ServeSettings(config, data, database))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        ends = f"ends {one['expires_at']}" if one["expires_at"] else "does not end"
        seen = f"last used {one['seen_at']}" if one["seen_at"] else "never used"
        typer.echo(f"{one['id']}\t{one['kind']}\t{one['subject']}\t{one['shop']}\t{ends}\t{seen}")
    if not found:
        typer.echo("No token yet: tenban token new REGISTER")


@token.command("rotate")
def rotate(
    token_id: Annotated[str, typer.Argument(help="As tenban token list prints it.")],
    overlap: Annotated[str, typer.Option(help="The old one works on for so long, such as 24h.")] = "24h",
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Make a token's successor and print it once; the old one works on for a while."""
    from tenban.server.devices import rotate_token
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    length_s = _length_s("--overlap", overlap)
    typer.echo(rotate_token(ServeSettings(config, data, database), token_id, length_s).secret)


@token.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(help="As tenban token list prints it.")],
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """End a token at once; a server that runs knows within five seconds."""
    from tenban.server.devices import revoke_token
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    ended = revoke_token(ServeSettings(config, data, database), token_id)
    typer.echo(f"The token of {ended.kind} {ended.subject} has ended.")


def _length_s(where: str, text: str) -> float:
    from tenban.base.errors import BadInput

    found = _LENGTH.match(text)
    if found is None:
        raise BadInput(where, expected="a length such as 30m, 24h or 90d", came=repr(text[:40]))
    return int(found[1]) * _UNITS[found[2]]
