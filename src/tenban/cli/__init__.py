"""Commands, progress and exit codes.

Exit codes: 0 done, 1 something Tenban depends on failed, 2 bad input; always with one clear sentence,
never a traceback. Heavy imports stay inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tenban import __version__
from tenban.base.errors import BadInput, TenbanError
from tenban.cli import (
    audit,
    cameras,
    check,
    check_config,
    clip,
    count,
    demo,
    dewarp,
    evidence,
    keys,
    people,
    person,
    plu,
    presence,
    replay,
    retention,
    serve,
    tls,
    token,
    try_camera,
    turn_clip,
)

app = typer.Typer(
    name="tenban",
    help="Tenban (店番): joins what the till says with what the cameras see.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:  # noqa: FBT001  # typer calls it with the flag
    if wanted:
        typer.echo(f"tenban {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """Keep commands named even while there is only one."""


app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("check")(check.check)
app.command("check-config")(check_config.check_config)
app.command("try-camera")(try_camera.try_camera)
app.add_typer(cameras.cameras, name="cameras")
app.command("count")(count.count)
app.command("dewarp")(dewarp.dewarp)
app.command("turn-clip", hidden=True)(turn_clip.turn_clip)
app.command("clip")(clip.clip)
app.command("presence")(presence.presence)
app.command("replay")(replay.replay)
app.add_typer(people.user, name="user")
app.add_typer(token.token, name="token")
app.add_typer(plu.plu, name="plu")
app.add_typer(audit.audit, name="audit")
app.add_typer(evidence.evidence, name="evidence")
app.command("tls")(tls.tls)
app.add_typer(keys.keys, name="keys")
app.add_typer(retention.retention, name="retention")
app.add_typer(person.person, name="person")
app.command("part", hidden=True)(serve.part)


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except TenbanError as error:
        print(f"tenban: {error}", file=sys.stderr)  # noqa: T201  # the command's own voice
        sys.exit(2 if isinstance(error, BadInput) else 1)
