"""``tenban retention``: what was destroyed, and what would be now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from tenban.cli.serve import Config, DatabaseUrl, DataDir, of_a_shop

retention = typer.Typer(help="What is kept how long, and what was destroyed.", no_args_is_help=True)

_MIB = 1 << 20


@retention.command("report")
def report(
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    shop: Annotated[str | None, typer.Option(help="Only this shop's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many rows, newest first.")] = 100,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Say what was destroyed when and why; each row has its own in the audit log (tenban audit verify)."""
    from tenban.server.keeping import destroyed, periods
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    settings = ServeSettings(config, data, database)
    rows, kept = destroyed(settings, shop=shop, limit=limit), periods(settings)
    if as_json:
        typer.echo(json.dumps({"periods_days": kept, "destroyed": rows}, ensure_ascii=False))
        return
    for row in rows:
        why = f"{row['period_days']} days over" if row["period_days"] is not None else row["why"]
        typer.echo(
            f"{row['at'][:19]}Z\t{row['shop'] or '-'}\t{row['kind']}\t{row['count']} "
            f"({row['bytes'] / _MIB:.1f} MiB)\t{row['from_at'][:10]} – {row['to_at'][:10]}\t{why}"
        )
    if not rows:
        typer.echo("Nothing was destroyed yet.")


@retention.command("run")
def run(
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be destroyed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Destroy what is past its period now; the server does so by itself once an hour."""
    from rich.console import Console

    from tenban.server.keeping import destroy_now
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    console = Console(stderr=True)
    with console.status("looking" if dry_run else "destroying"):
        rows: list[dict[str, Any]] = destroy_now(ServeSettings(config, data, database), dry=dry_run)
    if as_json:
        typer.echo(json.dumps({"dry_run": dry_run, "destroyed": rows}, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['shop'] or '-'}\t{row['kind']}\t{row['count']} ({row['size'] / _MIB:.1f} MiB)")
    verb = "would be destroyed" if dry_run else "were destroyed"
    typer.echo(f"{sum(row['count'] for row in rows)} things {verb}.")
