"""The desk at which settings are changed: notices hand edits, checks, keeps revisions, writes the file.

Everything that writes the file goes through one lock of the one process that writes it. A revision is
durable before the file is touched, and says so once the file holds it; what a crash left between the two is
finished at the next look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Clock, Instant
from tenban.base.errors import BadInput, Conflict, Forbidden, NotFound
from tenban.base.log import get_log
from tenban.db import Connection, Database
from tenban.db.vault import is_marker
from tenban.settings import queries
from tenban.settings.changes import Change
from tenban.settings.differences import Effect, differences, effects
from tenban.settings.file import (
    FileText,
    check,
    mistake_in,
    read_file,
    sha256_of,
    signature,
    write_file,
)
from tenban.settings.mistakes import refusal_of
from tenban.settings.model import Difference, Revision, RevisionKind, SettingsMoved
from tenban.sites.address import password_of, with_password
from tenban.sites.blocks import Address
from tenban.sites.config import ConfigMistakes
from tenban.sites.edit import Edit
from tenban.sites.model import Sites

log = get_log(__name__)

HAND = Actor("system", "system:file", "tenban.toml", None, frozenset())
_STREAMS = ("url", "sub")
SEE = (Function.SETTINGS_EDIT, Function.RULES_EDIT)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change would do, or has done.

    Attributes:
        revision: the one that was saved; None for a trial.
        what: how the file differs.
        effects: what starts anew.
    """

    revision: Revision | None
    what: Sequence[Difference]
    effects: Sequence[Effect]


@dataclass(slots=True)
class SettingsDesk:
    """Reads and changes one configuration file.

    Attributes:
        path: of the file.
        seal: keeps a secret, given what it is of, and returns what stands in its place in the file; None
            leaves secrets in the file as they are.
    """

    path: Path
    db: Database
    clock: Clock
    seal: Callable[[str, str], str] | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _seen: tuple[int, int, int] = (-1, -1, -1)

    async def look(self) -> Revision:
        """Return what the file holds now as a revision; a hand edit is written down first."""
        async with self._lock:
            return await asyncio.to_thread(self._notice)

    async def keep_watch(self) -> None:
        """Look where the file was touched since the last time this was called."""
        seen = signature(self.path)
        if seen != self._seen:
            await self.look()
            self._seen = seen

    async def read(self, actor: Actor) -> Revision:
        """Return the present revision to somebody who may see it; raises Forbidden."""
        must_see(actor)
        return await self.look()

    async def history(
        self, actor: Actor, *, before: int | None = None, shop: str | None = None, limit: int = 50
    ) -> list[Revision]:
        """Return revisions that concern the actor, newest first; of one shop where ``shop`` is given."""
        must_see(actor)
        await self.look()
        found: list[Revision] = []
        while len(found) < limit:
            rows = await self.db.read(partial(queries.before, n=before, limit=limit))
            if not rows:
                break
            before = rows[-1].n
            found += [one for one in rows if concerns(actor, one) and (shop is None or touches(shop, one))]
        return found[:limit]

    async def save(self, actor: Actor, base: str, change: Change, *, trial: bool = False) -> Plan:
        """Make a change on the revision the form was read at.

        Args:
            actor: who changes it.
            base: SHA-256 of that revision.
            change: what to change.
            trial: only check, and tell what would happen.

        Raises:
            SettingsMoved: the file has another revision by now.
            SettingsRefused: the change does not check.
            Conflict: the file does not check as it is.
            NotEditable: the file is written in a form that pages do not edit.
        """
        actor.must(change.function)
        if not trial:
            actor.must_prove(change.proof)
        async with self._lock:
            return await asyncio.to_thread(self._save, actor, base, change, trial=trial)

    async def undo(self, actor: Actor, base: str, to: int, *, trial: bool = False) -> Plan:
        """Put an earlier revision's text back as a new revision.

        Args:
            actor: who puts it back.
            base: SHA-256 of the revision the actor saw.
            to: the number of the one to put back.
            trial: only tell what would happen.

        Raises:
            NotFound: there is no such revision.
            SettingsMoved: the file has another revision by now.
            Conflict: the text does not check any more, or is what the file holds.
            Forbidden: it would change what the actor may not.
        """
        must_see(actor)
        async with self._lock:
            return await asyncio.to_thread(self._undo, actor, base, to, trial=trial)

    def _notice(self) -> Revision:
        now_at = self.clock.now()
        held = read_file(self.path)
        newest = self.db.read_now(queries.newest)
        if newest is not None and newest.sha256 == held.sha256:
            if newest.written_at is None:
                self.db.write_now(lambda connection: queries.mark_written(connection, newest.n, now_at))
            return newest
        if newest is not None and newest.written_at is None and newest.base_sha256 == held.sha256:
            # It was accepted, and the process ended before it came into the file.
            write_file(self.path, newest.text)
            self.db.write_now(lambda connection: queries.mark_written(connection, newest.n, now_at))
            return newest
        what = [] if newest is None else _differing(newest, held)
        kind: RevisionKind = "found" if newest is None else "hand"
        revision = self._revision(HAND, now_at, kind, what, held, newest)

        def write(connection: Connection) -> int:
            n = queries.add(connection, revision)
            if kind == "hand":
                write_down(
                    connection, AuditEvent.SETTINGS_HAND_EDITED, HAND, now_at, str(n), sha256=held.sha256
                )
            return n

        n = self.db.write_now(write)
        log.info("configuration file noticed", kind=kind, revision=n, checks=revision.mistake is None)
        return replace(revision, n=n)

    def _save(self, actor: Actor, base: str, change: Change, *, trial: bool) -> Plan:
        newest = self._notice()
        self._must_be_at(base, newest)
        if newest.mistake is not None:
            raise Conflict(
                f"expected a file that checks, got: {newest.mistake.splitlines()[0]}; "
                "mend it by hand, or put an earlier revision back"
            )
        before, _ = check(newest.text)
        edit = Edit(newest.text)
        address: Address = ()
        try:
            address, shop = change.edit(edit)
            _must_be_of(actor, shop or None, before)
            text = edit.text
            after, _ = check(text)
        except (ConfigMistakes, BadInput) as error:
            raise refusal_of(error, address) from error
        what, starts = differences(before, after), effects(before, after)
        if trial or text == newest.text:
            return Plan(None, what, starts)
        if self.seal is not None:
            text = _with_sealed(Edit(newest.text), Edit(text), self.seal)
        revision = self._put(actor, "page", what, text, newest)
        return Plan(revision, what, starts)

    def _undo(self, actor: Actor, base: str, to: int, *, trial: bool) -> Plan:
        newest = self._notice()
        self._must_be_at(base, newest)
        target = self.db.read_now(lambda connection: queries.by_number(connection, to))
        if target is None:
            raise NotFound(f"there is no revision {to}")
        if target.sha256 == newest.sha256:
            raise Conflict(f"expected an earlier revision, got {to}, which is what the file holds")
        try:
            after, _ = check(target.text)
        except BadInput as error:
            raise Conflict(f"revision {to} does not check any more: {error}") from error
        before = _sites(newest)
        what = [Difference("file.mended")] if before is None else differences(before, after)
        for one in what:
            actor.must(function_of(one))
            if not trial:
                actor.must_prove(proof_of(one))
            _must_be_of(actor, one.shop, after)
        starts = [] if before is None else effects(before, after)
        if trial:
            return Plan(None, what, starts)
        revision = self._put(actor, "undo", what, target.text, newest, back_to=to)
        return Plan(revision, what, starts)

    def _must_be_at(self, base: str, newest: Revision) -> None:
        if base == newest.sha256:
            return
        known = self.db.read_now(lambda connection: queries.newest_with(connection, base))
        since = self.db.read_now(
            lambda connection: queries.after(connection, known.n if known else newest.n - 1)
        )
        raise SettingsMoved(since)

    def _put(
        self,
        actor: Actor,
        kind: RevisionKind,
        what: Sequence[Difference],
        text: str,
        newest: Revision,
        *,
        back_to: int | None = None,
    ) -> Revision:
        now_at = self.clock.now()
        held = FileText(text, sha256_of(text.encode()))
        revision = self._revision(actor, now_at, kind, what, held, newest)
        event = AuditEvent.SETTINGS_PUT_BACK if kind == "undo" else AuditEvent.SETTINGS_CHANGED

        def write(connection: Connection) -> int:
            n = queries.add(connection, revision)
            told: dict[str, Any] = {"what": [one.as_json() for one in what], "sha256": held.sha256}
            touched = {one.shop for one in what}
            if len(touched) == 1:
                told["shop"] = touched.pop()
            if back_to is not None:
                told["back_to"] = back_to
            write_down(connection, event, actor, now_at, str(n), **told)
            return n

        n = self.db.write_now(write)
        write_file(self.path, text)
        self.db.write_now(lambda connection: queries.mark_written(connection, n, self.clock.now()))
        return replace(revision, n=n)

    def _revision(
        self,
        actor: Actor,
        at: Instant,
        kind: RevisionKind,
        what: Sequence[Difference],
        held: FileText,
        newest: Revision | None,
    ) -> Revision:
        by_page = kind in {"page", "undo"}
        return Revision(
            n=0,
            at=at,
            actor=actor.id,
            actor_name=actor.name,
            kind=kind,
            what=tuple(what),
            sha256=held.sha256,
            base_sha256=newest.sha256 if newest else None,
            text=held.text,
            mistake=None if by_page else mistake_in(held),
            written_at=None if by_page else at,
        )


def must_see(actor: Actor) -> None:
    """Refuse who may change neither settings nor rules."""
    if not any(actor.may(function) for function in SEE):
        actor.must(SEE[0])


def concerns(actor: Actor, revision: Revision) -> bool:
    """Tell whether somebody may read what a revision changed: all of it is of the actor's shop, or shared."""
    return all(one.shop is None or actor.reaches(one.shop) for one in revision.what)


def touches(shop: str, revision: Revision) -> bool:
    """Tell whether a revision changed something of a shop, or of all; the beginning is everybody's."""
    return not revision.what or any(one.shop in {None, shop} for one in revision.what)


def function_of(one: Difference) -> Function:
    """Return what somebody must be allowed to do who makes this difference."""
    if one.key in {"shop.added", "shop.removed", "shop.area"} or _is_of_signing_in(one):
        return Function.COMPANY_EDIT
    if one.key == "retention" or one.key.startswith(("notice", "sealing")):
        return Function.RETENTION_EDIT
    return Function.RULES_EDIT if one.key.startswith("rules.") else Function.SETTINGS_EDIT


def proof_of(one: Difference) -> Function:
    """Return what somebody must have shown who they are for who makes this difference."""
    return Function.PEOPLE_MANAGE if _is_of_signing_in(one) else function_of(one)


def _is_of_signing_in(one: Difference) -> bool:
    return one.key.partition(".")[0] in {"step_up", "sessions", "oidc"}


def may_change_shared(actor: Actor, sites: Sites) -> bool:
    """Tell whether the actor's change of what all shops share touches no shop that is not the actor's."""
    return actor.shops is None or {one.id for one in sites.shops} <= actor.shops


def _must_be_of(actor: Actor, shop: str | None, sites: Sites) -> None:
    """Refuse what is of another shop, or of all where there are others."""
    actor.must_reach(shop)
    if shop is None and not may_change_shared(actor, sites):
        raise Forbidden("this would also change what is not of your shop")


def _with_sealed(before: Edit, after: Edit, seal: Callable[[str, str], str]) -> str:
    """Return the changed text with sealed secrets where the change wrote others; what stood there stays."""
    known = {str(camera.get(key)) for _, camera in _cameras(before) for key in _STREAMS}
    for address, camera in _cameras(after):
        changed = {
            key: with_password(str(camera[key]), seal("camera", password_of(str(camera[key]))))
            for key in _STREAMS
            if key in camera and str(camera[key]) not in known and _is_bare(password_of(str(camera[key])))
        }
        if changed:
            after.set(address, changed)
    old, new = (edit.at(("mqtt",)) or {} for edit in (before, after))
    password = str(new.get("password") or "")
    if password and not is_marker(password) and password != old.get("password"):
        after.set_nested(("mqtt",), {"password": seal("broker", password)})
    old, new = (edit.at(("oidc",)) or {} for edit in (before, after))
    secret = str(new.get("client_secret") or "")
    elsewhere = is_marker(secret) or secret.startswith(("env:", "file:"))
    if secret and not elsewhere and secret != old.get("client_secret"):
        after.set_nested(("oidc",), {"client_secret": seal("oidc", secret)})
    return after.text


def _is_bare(password: str) -> bool:
    return bool(password) and not is_marker(password)


def _cameras(edit: Edit) -> Iterator[tuple[Address, dict[str, Any]]]:
    for number, shop in enumerate(edit.at(("shop",)) or []):
        for place, camera in enumerate(shop.get("camera", [])):
            yield ("shop", number, "camera", place), camera


def _differing(newest: Revision, held: FileText) -> list[Difference]:
    before = _sites(newest)
    if mistake_in(held) is not None:
        return [Difference("file.broken")]
    after, _ = check(held.text)
    if before is None:
        return [Difference("file.mended")]
    return differences(before, after) or [Difference("file.comments")]


def _sites(revision: Revision) -> Sites | None:
    if revision.mistake is not None:
        return None
    try:
        return check(revision.text)[0]
    except BadInput:
        return None  # Policy: an older version's text that does not check any more has nothing to compare.
