"""What people do with cases: every function demands an actor, and each change is written down.

A case holds what is in it: footage by locks, incidents and sales because :mod:`tenban.keeping` asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping

from tenban.access import queries as access_queries
from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor, Function
from tenban.base.clock import Instant, seconds, to_datetime
from tenban.base.errors import BadInput, Conflict, NotFound
from tenban.base.ids import new_id
from tenban.base.span import Span
from tenban.cases import queries
from tenban.cases.hearing import may_order, note_taken
from tenban.cases.model import Case, Form, Item, Package, PackageState, State, lock_name
from tenban.incidents import engine
from tenban.incidents.model import Incident
from tenban.pos.sales import sale
from tenban.sites.model import Register, Sites

AROUND_S = 30
"""Footage from this long before the first moment of an incident or a sale to this long after its last."""
LONGEST_S = 4 * 3600
MOST_ITEMS = 100
PAGE = 50
_SALE = "sale:"


def open_case(connection: Connection, actor: Actor, at: Instant, sites: Sites, shop: str, title: str) -> Case:
    """Begin a case.

    Raises:
        Forbidden: not among the actor's functions.
        NotFound: there is no such shop, or it is another one.
        BadInput: no title.
    """
    actor.must(Function.CASES_EDIT, shop=shop)
    zone = sites.shop(shop).timezone
    year = f"{to_datetime(at).astimezone(zone).year:04d}"
    last = queries.last_reference(connection, shop, year)
    number = 1 if last is None else int(last.partition("-")[2]) + 1
    named = actor.id, actor.name[:100]
    title = _said("title", title, 200)
    case = Case(new_id(at), shop, f"{year}-{number:04d}", title, State.OPEN, at, *named, at)
    queries.add_case(connection, case)
    _record(connection, actor, at, case, AuditEvent.CASE_OPENED, "opened")
    return case


def get(connection: Connection, actor: Actor, case_id: str, function: Function = Function.CASES_READ) -> Case:
    """Return a case the actor may see.

    Raises:
        NotFound: there is none (any more), or it is another shop's.
    """
    case = queries.case_by_id(connection, case_id)
    if case is None or case.state is State.DELETED:
        raise NotFound(f"there is no case {case_id[:40]!r}")
    actor.must(function, shop=case.shop)
    return case


def find(
    connection: Connection,
    actor: Actor,
    *,
    text: str | None = None,
    state: str | None = None,
    shop: str | None = None,
    before: str | None = None,
) -> list[tuple[Case, int, int]]:
    """Return the cases the actor may see with their counts of items and finished packages, newest first.

    Args:
        connection: of the transaction.
        actor: who asks.
        text: part of the title or reference.
        state: ``open`` or ``sealed``.
        shop: only this one's.
        before: id of the last case of the page before.
    """
    function = Function.CASES_READ if actor.may(Function.CASES_READ) else Function.CASES_PROVE
    actor.must(function, shop=shop)
    last = None if before is None else queries.case_by_id(connection, before)
    return queries.find_cases(
        connection,
        actor.shops if shop is None else {shop},
        text=None if text is None else text.strip(),
        state=state,
        before=None if last is None else (last.opened_at, last.id),
        limit=PAGE,
    )


def contents(connection: Connection, case: Case) -> tuple[list[Item], list[Package], list[RowMapping]]:
    """Return items, packages and history of a case that the caller may see."""
    return (
        queries.items_of(connection, case.id),
        [one for one in queries.packages_of(connection, case.id) if one.state is not PackageState.DELETED],
        queries.history(connection, case.id),
    )


def of_incident(connection: Connection, actor: Actor, incident_id: str) -> list[Case]:
    """Return the cases an incident is in."""
    incident = engine.get(connection, actor, incident_id)
    actor.must(Function.CASES_READ, shop=incident.shop)
    return queries.cases_of_incident(connection, incident_id)


def rename(connection: Connection, actor: Actor, at: Instant, case_id: str, title: str) -> Case:
    """Give an open case another title."""
    case = _open(connection, actor, case_id)
    changed = replace(case, title=_said("title", title, 200))
    queries.change_case(connection, case.id, title=changed.title)
    _record(connection, actor, at, changed, AuditEvent.CASE_CHANGED, "renamed")
    return changed


def add_incident(
    connection: Connection, actor: Actor, at: Instant, sites: Sites, case_id: str, incident_id: str
) -> Item:
    """Put an incident into a case: its history, pictures and sale, and the register's footage around it.

    Raises:
        NotFound: there is no such case or incident, or it is another shop's.
        Conflict: the case is sealed, or holds it already.
    """
    case = _open(connection, actor, case_id)
    incident = engine.get(connection, actor, incident_id, Function.MEDIA_VIEW)
    _same_shop(case, incident.shop)
    if any(one.incident == incident.id for one in queries.items_of(connection, case.id)):
        raise Conflict(f"case {case.reference}: expected an incident that is not in it, got one that is")
    about = incident.about or ""
    number = about.removeprefix(_SALE) if about.startswith(_SALE) else None
    return _add(
        connection,
        actor,
        at,
        case,
        sites=sites,
        kind="incident",
        incident=incident.id,
        register=incident.place,
        sale=number,
        cameras=_cameras(sites, incident.place),
        span=_around(incident),
    )


def add_sale(
    connection: Connection,
    actor: Actor,
    at: Instant,
    sites: Sites,
    register: Register,
    case_id: str,
    number: str,
) -> Item:
    """Put a sale into a case: its journal and receipt, and the register's footage of it.

    Raises:
        NotFound: there is no such case or sale, or it is another shop's.
        Conflict: the case is sealed, or holds it already.
    """
    case = _open(connection, actor, case_id)
    actor.must(Function.SALES_READ, shop=register.shop)
    _same_shop(case, register.shop)
    known = sale(connection, register.id, number)
    if known is None:
        raise NotFound(f"register {register.id!r} has no sale {number[:64]!r}")
    there = (one for one in queries.items_of(connection, case.id) if one.kind == "sale")
    if any((one.register, one.sale) == (register.id, number) for one in there):
        raise Conflict(f"case {case.reference}: expected a sale that is not in it, got one that is")
    times = [event.occurred_at for event in known.events if event.register == register.id]
    return _add(
        connection,
        actor,
        at,
        case,
        sites=sites,
        kind="sale",
        register=register.id,
        sale=number,
        cameras=tuple(dict.fromkeys(view.camera for view in register.views)),
        span=Span(min(times) - seconds(AROUND_S), max(times) + seconds(AROUND_S)),
    )


def add_footage(
    connection: Connection,
    actor: Actor,
    at: Instant,
    sites: Sites,
    case_id: str,
    cameras: Sequence[str],
    span: Span,
) -> Item:
    """Put some cameras' footage of a span into a case; a named view's is cut from its camera's, and turned.

    Raises:
        NotFound: there is no such case or camera, or it is another shop's.
        BadInput: the span is empty, too long or lies ahead.
        Conflict: the case is sealed.
    """
    case = _open(connection, actor, case_id)
    actor.must(Function.MEDIA_VIEW, shop=case.shop)
    own = {one.id for whole in sites.shop(case.shop).cameras for one in (whole, *whole.presets())}
    for camera in set(cameras) - own:
        raise NotFound(f"there is no camera {camera[:60]!r}")
    if not 0 < span.length_s <= LONGEST_S or not cameras:
        expected = f"at least one camera, and a span of up to {LONGEST_S // 3600} hours"
        raise BadInput("footage", expected=expected, came=f"{len(cameras)} and {span.length_s:.0f} s")
    if span.end_at > at:
        raise BadInput("to", expected="a time that has passed", came="one ahead")
    chosen = tuple(dict.fromkeys(cameras))
    return _add(connection, actor, at, case, sites=sites, kind="footage", cameras=chosen, span=span)


def add_note(connection: Connection, actor: Actor, at: Instant, case_id: str, text: str) -> Item:
    """Put a note into a case."""
    case = _open(connection, actor, case_id)
    return _add(connection, actor, at, case, kind="note", text=_said("text", text, 4000))


def remove(connection: Connection, actor: Actor, at: Instant, case_id: str, item_id: str) -> None:
    """Take something out of an open case; what only the case held goes when its period is over."""
    case = _open(connection, actor, case_id)
    known = next((one for one in queries.items_of(connection, case.id) if one.id == item_id), None)
    if known is None:
        raise NotFound(f"case {case.reference} has no item {item_id[:40]!r}")
    queries.drop_items(connection, case.id, item_id)
    queries.unlock_footage(connection, lock_name(case.id, item_id))
    _record(connection, actor, at, case, AuditEvent.CASE_ITEM_REMOVED, "item_removed", _about(known))


def seal(connection: Connection, actor: Actor, at: Instant, case_id: str) -> Case:
    """Close a case for good: nothing is added, removed or renamed from now on.

    Raises:
        Conflict: it is sealed already, or empty.
    """
    case = _open(connection, actor, case_id)
    items = queries.items_of(connection, case.id)
    if not items:
        raise Conflict(f"case {case.reference}: expected something in it to seal, got an empty one")
    named = {"sealed_at": at, "sealed_by": actor.id, "sealed_by_name": actor.name[:100]}
    queries.change_case(connection, case.id, state=State.SEALED.value, **named)
    _record(connection, actor, at, case, AuditEvent.CASE_SEALED, "sealed", {"items": len(items)})
    return get(connection, actor, case_id)


def order_package(
    connection: Connection,
    actor: Actor,
    at: Instant,
    case_id: str,
    *,
    form: str,
    purpose: str,
    receiver: str = "",
    side_by_side: bool = False,
    sound: bool = False,
) -> Package:
    """Order a package of a sealed case; the jobs process makes it.

    Args:
        connection: of the transaction.
        actor: who gives it away.
        at: now.
        case_id: of which case.
        form: ``original`` or ``blurred``.
        purpose: why it is given away.
        receiver: to whom; may be left empty.
        side_by_side: add a video with the cameras of each item beside one another.
        sound: keep what was heard; not in the blurred form, where a voice would tell who it is.

    Raises:
        StepUpNeeded: the actor has to show once more who it is.
        Forbidden: the original form is for those only who may see pictures unblurred, sound for who may hear.
        BadInput: no purpose, or no such form.
        Conflict: the case is not sealed, or a package is being made.
    """
    case = get(connection, actor, case_id, Function.CASES_EXPORT)
    if form not in set(Form):
        raise BadInput("form", expected=" | ".join(Form), came=repr(form)[:40])
    if form == Form.ORIGINAL:
        actor.must(Function.MEDIA_UNMASKED, shop=case.shop)
        actor.must_prove(Function.MEDIA_UNMASKED)
    may_order(actor, case, form, sound=sound)
    actor.must_prove(Function.CASES_EXPORT)
    if case.state is not State.SEALED:
        raise Conflict(f"case {case.reference}: expected a sealed case, got one that is {case.state.value}")
    earlier = queries.packages_of(connection, case.id)
    if any(one.state is PackageState.WAITING for one in earlier):
        raise Conflict(f"case {case.reference}: expected no package being made, got one; wait for it")
    number = 1 + max((one.number for one in earlier), default=0)
    purpose = _said("purpose", purpose, 500)
    told = {"package": number, "form": form, "side_by_side": side_by_side, "sound": sound}
    _record(connection, actor, at, case, AuditEvent.CASE_PACKAGE_ORDERED, "package_ordered", told)
    ordered = access_queries.last_audit(connection)
    assert ordered is not None, "written in this transaction"  # noqa: S101
    package = Package(
        id=new_id(at),
        case_id=case.id,
        number=number,
        state=PackageState.WAITING,
        form=Form(form),
        side_by_side=side_by_side,
        purpose=purpose,
        receiver=receiver.strip()[:200],
        progress=0.0,
        why=None,
        attempts=0,
        lease_at=None,
        size=None,
        sha256=None,
        manifest_sha256=None,
        files=None,
        ordered_n=ordered[0],
        ordered_hash=ordered[1],
        ordered_at=at,
        ordered_by=actor.id,
        ordered_by_name=actor.name[:100],
        made_at=None,
        sound=sound,
    )
    queries.add_package(connection, package)
    return package


def package_to_take(
    connection: Connection, actor: Actor, package_id: str, function: Function = Function.CASES_EXPORT
) -> tuple[Case, Package]:
    """Return a finished package that the actor may take along, or prove.

    Raises:
        NotFound: there is none (any more), or it is another shop's.
        Conflict: it is not made.
    """
    package = queries.package_by_id(connection, package_id)
    if package is None or package.state is PackageState.DELETED:
        raise NotFound(f"there is no package {package_id[:40]!r}")
    case = get(connection, actor, package.case_id, function)
    if function is Function.CASES_EXPORT and package.form is Form.ORIGINAL:
        actor.must(Function.MEDIA_UNMASKED, shop=case.shop)
        if package.sound:  # only this form ever has it
            actor.must(Function.MEDIA_HEAR, shop=case.shop)
    if package.state is not PackageState.READY:
        raise Conflict(f"package {package.number}: expected one that is made, got one {package.state.value}")
    return case, package


def taken(connection: Connection, actor: Actor, at: Instant, case: Case, package: Package) -> None:
    """Write down that somebody takes a package along, before its first byte leaves."""
    told = {"package": package.number, "form": package.form.value, "sha256": package.sha256}
    note_taken(connection, actor, at, case, package)
    _record(connection, actor, at, case, AuditEvent.CASE_PACKAGE_TAKEN, "package_taken", told)


def drop_package(connection: Connection, actor: Actor, at: Instant, package_id: str) -> Package:
    """Delete one package; the case stays. The caller destroys its file."""
    package = queries.package_by_id(connection, package_id)
    if package is None or package.state is PackageState.DELETED:
        raise NotFound(f"there is no package {package_id[:40]!r}")
    case = get(connection, actor, package.case_id, Function.CASES_EXPORT)
    queries.delete_packages(connection, [package.id])
    told = {"package": package.number}
    _record(connection, actor, at, case, AuditEvent.CASE_PACKAGE_DELETED, "package_deleted", told)
    return package


def delete(connection: Connection, actor: Actor, at: Instant, case_id: str, *, reason: str) -> list[Package]:
    """Delete a case and let go of all it held; return its packages, whose files the caller destroys.

    Raises:
        NotFound: there is no such case, or it is another shop's.
        StepUpNeeded: the actor has to show once more who it is.
        BadInput: no reason.
    """
    case = get(connection, actor, case_id, Function.HOLDS_MANAGE)
    actor.must_prove(Function.HOLDS_MANAGE)
    reason = _said("reason", reason, 500)
    items, packages = queries.items_of(connection, case.id), queries.packages_of(connection, case.id)
    for item in items:
        queries.unlock_footage(connection, lock_name(case.id, item.id))
    queries.drop_items(connection, case.id)
    queries.delete_packages(connection, [one.id for one in packages])
    queries.change_case(connection, case.id, state=State.DELETED.value, title="")
    _record(connection, actor, at, case, AuditEvent.CASE_DELETED, "deleted", {"reason": reason})
    return packages


def _add(
    connection: Connection,
    actor: Actor,
    at: Instant,
    case: Case,
    *,
    kind: str,
    sites: Sites | None = None,
    incident: str | None = None,
    register: str | None = None,
    sale: str | None = None,
    cameras: tuple[str, ...] = (),
    span: Span | None = None,
    text: str | None = None,
) -> Item:
    if len(queries.items_of(connection, case.id)) >= MOST_ITEMS:
        raise Conflict(f"case {case.reference}: expected fewer than {MOST_ITEMS} items in it, got as many")
    item = Item(
        id=new_id(at),
        case_id=case.id,
        kind=kind,
        incident=incident,
        register=register,
        sale=sale,
        cameras=cameras,
        start_at=span.start_at if span and cameras else None,
        end_at=span.end_at if span and cameras else None,
        text=text,
        added_at=at,
        added_by=actor.id,
        added_by_name=actor.name[:100],
    )
    queries.add_item(connection, item)
    if item.span is not None and sites is not None:
        recording = {sites.camera(one).source for one in item.cameras}
        queries.lock_footage(connection, lock_name(case.id, item.id), item, recording)
    _record(connection, actor, at, case, AuditEvent.CASE_ITEM_ADDED, "item_added", _about(item))
    return item


def _open(connection: Connection, actor: Actor, case_id: str) -> Case:
    case = get(connection, actor, case_id, Function.CASES_EDIT)
    if case.state is not State.OPEN:
        raise Conflict(f"case {case.reference}: expected an open case, got one that is {case.state.value}")
    return case


def _same_shop(case: Case, shop: str) -> None:
    if shop != case.shop:
        raise Conflict(f"case {case.reference}: expected something of shop {case.shop!r}, got {shop!r}")


def _around(incident: Incident) -> Span:
    times = [cause.occurred_at for cause in incident.causes] or [incident.occurred_at]
    clips = [cause.clip for cause in incident.causes if cause.clip is not None]
    start_at = min([*(at - seconds(AROUND_S) for at in times), *(clip.start_at for clip in clips)])
    end_at = max([*(at + seconds(AROUND_S) for at in times), *(clip.end_at for clip in clips)])
    # Folded for hours, an incident is its latest moments; whoever needs the rest adds it as footage.
    return Span(max(start_at, end_at - seconds(LONGEST_S)), end_at)


def _cameras(sites: Sites, register_id: str) -> tuple[str, ...]:
    try:
        views = sites.register(register_id).views
    except NotFound:
        return ()  # Policy: the register is gone from the file; its pictures and history are held anyway.
    return tuple(dict.fromkeys(view.camera for view in views))


def _about(item: Item) -> dict[str, Any]:
    about: dict[str, Any] = {"item": item.id, "kind": item.kind, "incident": item.incident}
    about |= {"sale": item.sale, "register": item.register, "cameras": list(item.cameras) or None}
    return {name: value for name, value in about.items() if value is not None}


def _record(
    connection: Connection,
    actor: Actor,
    at: Instant,
    case: Case,
    event: AuditEvent,
    what: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write a step down: words that people typed stand in the case's own history, not in the chain."""
    told = detail or {}
    named = {"actor": actor.id, "actor_name": actor.name[:100]}
    queries.add_history(connection, case_id=case.id, at=at, what=what, detail=told, **named)
    queries.change_case(connection, case.id, changed_at=at)
    chained = {name: value for name, value in told.items() if name != "reason"}
    write_down(connection, event, actor, at, case.id, shop=case.shop, reference=case.reference, **chained)


def _said(field: str, text: str, most: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= most:
        raise BadInput(field, expected=f"1 to {most} characters", came=f"{len(text)}")
    return text
