"""``tenban person``: what is kept about a member of staff, and the end of their name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenban.cli.serve import Config, DatabaseUrl, DataDir, of_a_shop

person = typer.Typer(help="A member of staff's own data, written out or erased.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What the person signs in with, or their id.")]


@person.command("export")
def export(
    name: Name,
    out: Annotated[Path, typer.Argument(help="The zip to write.")],
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Write all that is kept about a person: JSON, and the files they brought."""
    from tenban.server.person import export as run
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    rows = run(ServeSettings(config, data, database), name, out)
    if as_json:
        typer.echo(json.dumps({"file": str(out), "rows": rows}))
        return
    typer.echo(f"{out}: " + ", ".join(f"{count} {table}" for table, count in rows.items()))


@person.command("erase")
def erase(
    name: Name,
    reason: Annotated[str, typer.Option(help="Why, such as: left the company and asked for it.")],
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a person's name out of everything; what they did stays under their id, and cannot be undone."""
    from tenban.keeping.people import STAYS
    from tenban.server.person import erase as run
    from tenban.server.settings import ServeSettings

    if not yes:
        typer.confirm(f"Erase {name}? It cannot be undone", abort=True)
    of_a_shop(data, database)
    instead = run(ServeSettings(config, data, database), name, reason)
    typer.echo(f"{name} is {instead} from now on and cannot sign in. What stays:")
    for line in STAYS:
        typer.echo(f"- {line}")
