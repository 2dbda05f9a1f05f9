"""``tenban check-config``: is ``tenban.toml`` right?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenban.base.errors import BadInput


def check_config(
    config: Annotated[Path, typer.Argument(help="The configuration file.")] = Path("tenban.toml"),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Check a configuration file, say every mistake, and do nothing else."""
    from tenban.findings.settings import rules_of
    from tenban.sites.config import ConfigMistakes, load_sites

    mistakes: list[BadInput] = []
    sites = None
    try:
        sites = load_sites(config)
        rules_of(sites, str(config))
    except ConfigMistakes as error:
        mistakes = error.mistakes
    except BadInput as error:
        mistakes = [error]
    if as_json:
        report = {
            "ok": not mistakes,
            "mistakes": [{"where": m.where, "expected": m.expected, "came": str(m.came)} for m in mistakes],
        }
        typer.echo(json.dumps(report, ensure_ascii=False))
    elif mistakes:
        for mistake in mistakes:
            typer.echo(f"tenban: {mistake}", err=True)
    elif sites is not None:
        typer.echo(
            f"{config} is right: {len(sites.shops)} shop(s), {len(sites.registers)} register(s), "
            f"{len(sites.cameras)} camera(s)."
        )
    if mistakes:
        raise typer.Exit(2)
