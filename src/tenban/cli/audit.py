"""``tenban audit``: proves that nobody changed what was written down, and writes it out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tenban.cli.serve import DatabaseUrl, DataDir, of_a_shop

audit = typer.Typer(help="What was written down, and the proof of it.", no_args_is_help=True)

Keys = Annotated[
    list[Path] | None,
    typer.Option(
        "--key", help="A public key to trust, in PEM; may be repeated. The data folder's if left out."
    ),
]
Stamping = Annotated[
    list[Path] | None,
    typer.Option(
        "--tsa",
        help="A certificate of a time-stamping authority to trust, in PEM; may be repeated."
        " Without one, time stamps are counted and not checked.",
    ),
]


@audit.command("verify")
def verify(
    file: Annotated[Path | None, typer.Argument(help="A log written out by tenban audit export.")] = None,
    *,
    key: Keys = None,
    tsa: Stamping = None,
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Prove the audit log, offline; exit 1 and name the first bad row where it was changed."""
    from tenban.base.clock import to_rfc3339
    from tenban.server.audit import prove_database, prove_file
    from tenban.server.settings import ServeSettings

    settings = ServeSettings(Path("tenban.toml"), data, database)
    keys, stamping = key or [], tsa or []
    proof = prove_file(file, settings, keys, stamping) if file else prove_database(settings, keys, stamping)
    stamped_at = None if proof.stamped_at is None else to_rfc3339(proof.stamped_at)
    fault = proof.fault
    if as_json:
        report = {
            "whole": fault is None,
            "rows": proof.rows,
            "seals": proof.seals,
            "sealed_to": proof.sealed_n,
            "stamps": proof.stamps,
            "stamped_to": proof.stamped_n,
            "stamped_at": stamped_at,
            "unchecked_stamps": proof.unchecked,
            "head": proof.head,
            "first_bad_row": fault.n if fault else None,
            "fault": fault.what if fault else None,
        }
        typer.echo(json.dumps(report))
    elif fault is not None:
        typer.echo(f"NOT WHOLE: {fault.what}. {proof.rows} rows before it hold.")
    else:
        typer.echo(f"Whole: {proof.rows} rows, {proof.seals} seals; signed up to row {proof.sealed_n}.")
        if proof.stamps:
            typer.echo(
                f"Stamped by a third party: {proof.stamps} times, to row {proof.stamped_n} at {stamped_at}."
            )
        if proof.unchecked:
            typer.echo(f"{proof.unchecked} time stamps were not checked: give the authority's file as --tsa.")
        typer.echo(f"Head: {proof.head}")
        if proof.rows > proof.sealed_n:
            typer.echo(
                f"{proof.rows - proof.sealed_n} rows came since the last seal: chained, not yet signed."
            )
    if fault is not None:
        raise typer.Exit(1)


@audit.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="The file to write, lines of JSON.")],
    *,
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Write the log and its seals to a file that can be proven elsewhere."""
    from tenban.server.audit import write_out
    from tenban.server.settings import ServeSettings

    of_a_shop(data, database)
    count = write_out(ServeSettings(Path("tenban.toml"), data, database), out)
    typer.echo(f"{out}: {count} rows")
