"""Commands, progress and exit codes.

Exit codes: 0 done, 1 something Tenban depends on failed, 2 bad input; always with one clear sentence,
never a traceback. Heavy imports stay inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys

import click
import typer

from tenban.base.errors import BadInput, TenbanError
from tenban.cli import count, presence

app = typer.Typer(
    name="tenban",
    help="Tenban (店番): joins what the till says with what the cameras see.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("count")(count.count)
app.command("presence")(presence.presence)


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        code = app(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except TenbanError as error:
        print(f"tenban: {error}", file=sys.stderr)  # noqa: T201  # the command's own voice
        sys.exit(2 if isinstance(error, BadInput) else 1)
    sys.exit(code if isinstance(code, int) else 0)
