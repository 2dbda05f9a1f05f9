"""``tenban keys``: the keys that seal stills and clips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenban.cli.serve import Config, DatabaseUrl, DataDir, of_a_shop

keys = typer.Typer(help="The keys that seal stills, clips and uploads.", no_args_is_help=True)


@keys.command("status")
def status(
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Say which keys there are and what each seals; exit 1 where one is missing."""
    from tenban.server.sealing import key_state
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    state = key_state(ServeSettings(config, data, database))
    missing = [key["version"] for key in state["keys"] if not key["here"]]
    if as_json:
        typer.echo(json.dumps(state))
    else:
        for key in state["keys"]:
            note = (
                "newest" if key["version"] == state["newest"] else "seals nothing" if not key["files"] else ""
            )
            where = "" if key["here"] else f"MISSING: put it back into {state['where']}"
            typer.echo(f"key {key['version']}\t{key['files']} files\t{where or note}")
        typer.echo(
            f"{state['unsealed']} files from before are not sealed yet; the server seals them by itself."
        )
    if missing:
        raise typer.Exit(1)


@keys.command("rotate")
def rotate(
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Make a new key and wrap every data key with it; files are not touched, the server may run."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    from tenban.server.sealing import rotate as run
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("wrapping", total=None)
        newest, count = run(
            ServeSettings(config, data, database),
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    typer.echo(f"Key {newest} wraps from now on; {count} data keys were wrapped anew.")
    typer.echo(
        "Keep a copy of the new key; the old ones open older backups: tenban keys forget N destroys one."
    )


@keys.command("forget")
def forget(
    version: Annotated[int, typer.Argument(help="Number of the key.")],
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Destroy a key file that seals nothing any more; backups from its time cannot be opened then."""
    from tenban.server.sealing import forget_key
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    forget_key(ServeSettings(config, data, database), version)
    typer.echo(f"Key {version} is destroyed.")
