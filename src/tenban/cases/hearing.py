"""Sound that leaves the house in a package: who may order it, and that it is written down."""

from __future__ import annotations

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant
from tenban.base.errors import BadInput
from tenban.cases.model import Case, Form, Package


def may_order(actor: Actor, case: Case, form: str, *, sound: bool) -> None:
    """Refuse a package with sound to whoever may not hear, and in the blurred form: a voice tells who it is.

    Raises:
        BadInput: it is the blurred form.
        Forbidden, StepUpNeeded: the actor may not hear, or has to show once more who it is.
    """
    if not sound:
        return
    if form != Form.ORIGINAL:
        raise BadInput("sound", expected="sound in the original form only", came=form)
    actor.must(Function.MEDIA_HEAR, shop=case.shop)
    actor.must_prove(Function.MEDIA_HEAR)


def note_taken(connection: Connection, actor: Actor, at: Instant, case: Case, package: Package) -> None:
    """Write down that somebody takes sound along, if it is in the package, before its first byte."""
    if not package.sound:
        return
    told = {"package": package.number, "what": "package"}
    write_down(connection, AuditEvent.SOUND_HEARD, actor, at, f"case:{case.id}", shop=case.shop, **told)
