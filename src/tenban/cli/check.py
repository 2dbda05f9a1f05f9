"""``tenban check``: is the footage what the index says it is?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenban.cli.serve import Config, DatabaseUrl, DataDir, of_a_shop


def check(
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    camera: Annotated[
        list[str] | None, typer.Option(help="Only this camera; may be given several times.")
    ] = None,
    *,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read every byte: open seals, decode pictures.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Set right what can be, of cameras nobody records now.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Compare footage with its index; it may run beside the server. Exit code 1: something is wrong."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from tenban.server.checking import check_footage
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("checking", total=None)
        report = check_footage(
            ServeSettings(config, data, database),
            cameras=camera or [],
            deep=deep,
            repair=repair,
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
        )
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for one in report["problems"]:
            mark = "set right" if one["repaired"] else one["kind"]
            detail = f" ({one['detail']})" if one["detail"] else ""
            typer.echo(f"{mark}\t{one['path']}\t{one['words']}{detail}; {one['fragments']} fragments")
        for name, why in report["refused"].items():
            typer.echo(f"not set right\t{name}\t{why}")
        wrong = sum(not one["repaired"] for one in report["problems"])
        typer.echo(
            f"{report['files']} files ({report['growing']} growing), {report['fragments']} fragments: "
            + (f"{wrong} things are wrong." if wrong else "all is as it must be.")
        )
    if not report["sound"]:
        raise typer.Exit(1)
