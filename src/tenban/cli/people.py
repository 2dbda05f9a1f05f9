"""``tenban user``: the first people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenban.cli.serve import Config, DatabaseUrl, DataDir, of_a_shop

user = typer.Typer(help="People who sign in.", no_args_is_help=True)


@user.command("add")
def add_user(
    name: Annotated[str, typer.Argument(help="What is typed at sign-in.")],
    role: Annotated[list[str], typer.Option(help="attendant, supervisor or administrator; may be repeated.")],
    shop: Annotated[str | None, typer.Option(help="The only shop; every shop when left out.")] = None,
    display_name: Annotated[str | None, typer.Option(help="How screens call the person.")] = None,
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    password: Annotated[
        str | None,
        typer.Option(envvar="TENBAN_PASSWORD", help="Asked for when left out.", show_default=False),
    ] = None,
) -> None:
    """Add a person; the password is asked for."""
    from tenban.server.accounts import add_person
    from tenban.server.settings import ServeSettings

    secret = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    add_person(
        ServeSettings(config, data, database),
        name=name,
        password=secret,
        roles=role,
        shop=shop,
        display_name=display_name,
    )
    typer.echo(f"{name} can sign in now.")


@user.command("invite")
def invite_user(
    name: Annotated[str, typer.Argument(help="What is typed at sign-in; who is there gets a new password.")],
    role: Annotated[
        list[str] | None, typer.Option(help="Of somebody new: attendant, supervisor, …; may be repeated.")
    ] = None,
    shop: Annotated[str | None, typer.Option(help="The only shop; every shop when left out.")] = None,
    area: Annotated[str | None, typer.Option(help="The only area.")] = None,
    url: Annotated[
        str, typer.Option(help="How the server is reached from a browser.")
    ] = "http://127.0.0.1:8080",
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Print a one-time link by which a person chooses a password; it holds for 72 hours."""
    from tenban.server.accounts import invite_person
    from tenban.server.settings import ServeSettings

    path = invite_person(
        ServeSettings(config, data, database), name=name, roles=role or [], shop=shop, area=area
    )
    typer.echo(url.rstrip("/") + path)


@user.command("list")
def list_users(
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """List who can sign in."""
    from tenban.server.accounts import people
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    found = people(ServeSettings(config, data, database))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for person in found:
        typer.echo(f"{person['name']}\t{', '.join(person['roles'])}\t{person['shop'] or 'every shop'}")
    if not found:
        typer.echo("Nobody can sign in yet: tenban serve prints a link for the first administrator")
