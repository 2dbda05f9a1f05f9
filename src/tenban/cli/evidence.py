"""``tenban evidence``: proves a package of a case, with no server and no network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

evidence = typer.Typer(help="Packages of cases, and the proof of them.", no_args_is_help=True)


@evidence.callback()
def _root() -> None:
    """Keep commands named even while there is only one."""


@evidence.command("verify")
def verify(
    package: Annotated[Path, typer.Argument(help="The ZIP file, or the folder it was unpacked into.")],
    *,
    key: Annotated[
        list[Path] | None,
        typer.Option("--key", help="The shop's public key in PEM, from the shop itself; may be repeated."),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(help="A log of tenban audit export that must hold the row which ordered the package."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a report for machines.")] = False,
) -> None:
    """Prove a package, offline; exit 1 and name the first bad file where it was changed."""
    from tenban.access.keys import public_key
    from tenban.cases.proof import Fault, opened_package, prove_package
    from tenban.server.audit import row_in_file

    trusted = [public_key(path) for path in key or []]
    with opened_package(package) as folder:
        proof = prove_package(folder, trusted)
    manifest = proof.manifest or {}
    chained = None
    if log is not None and proof.fault is None:
        ordered = manifest["audit"]
        chained = row_in_file(log, int(ordered["ordered_n"]), str(ordered["ordered_hash"]))
        if not chained:
            what = f"row {ordered['ordered_n']} of {log} is not the one that ordered it"
            proof.fault = Fault("manifest.json", what)
    fault, case = proof.fault, manifest.get("case", {})
    if as_json:
        report = {
            "whole": fault is None,
            "files": proof.files,
            "bytes": proof.size,
            "key_id": proof.key_id,
            "trusted": proof.trusted,
            "in_the_log": chained,
            "case": case.get("reference"),
            "manifest_sha256": proof.manifest_sha256,
            "first_bad_file": fault.path if fault else None,
            "fault": fault.what if fault else None,
        }
        typer.echo(json.dumps(report, ensure_ascii=False))
    elif fault is not None:
        typer.echo(f"NOT WHOLE: {fault.path}: {fault.what}. {proof.files} files before it hold.")
    else:
        form, made_at = manifest["package"]["form"], manifest["package"]["made_at"]
        typer.echo(f"Whole: {proof.files} files, {proof.size} bytes; signed with key {proof.key_id}.")
        typer.echo(f"Case {case['reference']}, {case['company']}, {form}, made {made_at}.")
        if proof.trusted is None:
            typer.echo(
                "The key came with the package: compare its name with what the shop says, or give --key."
            )
    if fault is not None:
        raise typer.Exit(1)
