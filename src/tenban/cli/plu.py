"""``tenban plu``: bring the PLU master in, and show it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tenban.cli.serve import Config, DatabaseUrl, DataDir

if TYPE_CHECKING:
    from tenban.db import Database
    from tenban.server.settings import ServeSettings
    from tenban.sites.model import Shop

plu = typer.Typer(help="The PLU master: articles, their codes and prices.", no_args_is_help=True)

ShopId = Annotated[str | None, typer.Option("--shop", help="One shop; every shop when left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a report for machines.")]


@plu.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or Shift_JIS) or JSON.")],
    shop: ShopId = None,
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove articles that the file does not name.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take articles in; bad lines are said and set aside, the rest goes in, the tills are told."""
    from rich.console import Console

    from tenban.access.model import system_actor
    from tenban.base.clock import SystemClock
    from tenban.base.errors import BadInput
    from tenban.pos.plu import import_plu
    from tenban.pos.plu_file import read_plu
    from tenban.server.settings import ServeSettings

    settings = ServeSettings(config, data, database)
    shops = _shops(settings, shop)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(str(file), expected="a file that can be read", came=error.strerror) from error
    done = []
    console = Console(stderr=True)
    with console.status(f"Reading {file.name} …"):
        read = read_plu(content, where=file.name)
    with _open(settings) as db:
        for each in shops:
            take_in = partial(
                import_plu,
                actor=system_actor("console"),
                now_at=SystemClock().now(),
                shop=each,
                file=read,
                source=file.name,
                replace=replace,
            )
            with console.status(f"Taking {len(read.items)} articles into {each.name} …"):
                done.append(db.write_now(take_in))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in done], ensure_ascii=False))
        return
    for bad in read.bad:
        typer.echo(f"{file.name}, line {bad.line}: {bad.message}", err=True)
    for one in done:
        typer.echo(
            f"{one.shop}: version {one.version}, {one.added} added, {one.changed} changed, "
            f"{one.unchanged} as they were, {one.removed} removed, {len(one.bad)} lines set aside"
        )


@plu.command("show")
def show(
    shop: ShopId = None,
    code: Annotated[str | None, typer.Option(help="Only what this code means, scanned or typed.")] = None,
    config: Config = Path("tenban.toml"),
    data: DataDir = Path("data"),
    database: DatabaseUrl = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the articles of a shop's PLU master."""
    from tenban.access.model import system_actor
    from tenban.pos.plu import look_up, plu_master
    from tenban.server.settings import ServeSettings

    settings = ServeSettings(config, data, database)
    actor = system_actor("console")
    found: list[dict[str, Any]] = []
    with _open(settings) as db:
        for one in _shops(settings, shop):
            version, items = db.read_now(partial(plu_master, actor=actor, shop=one.id))
            if code is not None:
                item = db.read_now(partial(look_up, actor=actor, shop=one.id, text=code))
                items = [] if item is None else [item]
            found.append({"shop": one.id, "version": version, "items": [asdict(item) for item in items]})
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for master in found:
        typer.echo(f"{master['shop']}: version {master['version']}, {len(master['items'])} articles")
        for item in master["items"]:
            price = "-" if item["unit_price"] is None else item["unit_price"]
            typer.echo(f"{item['code']}\t{price}\t{item['unit']}\t{item['name']}")


def _shops(settings: ServeSettings, shop: str | None) -> list[Shop]:
    from tenban.base.errors import BadInput
    from tenban.sites.config import load_sites

    shops = load_sites(settings.config).shops
    if shop is not None and shop not in {one.id for one in shops}:
        raise BadInput("--shop", expected=" | ".join(one.id for one in shops), came=repr(shop))
    return [one for one in shops if shop in {None, one.id}]


@contextmanager
def _open(settings: ServeSettings) -> Iterator[Database]:
    """Open the database so that a running server hears of what is written."""
    from tenban.db import Database
    from tenban.db.migrate import upgrade

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database_url)
    db = Database.open(settings.database_url, str(settings.run_dir))
    try:
        yield db
    finally:
        db.close()
