"""The audit log's pages as customers see them."""

from __future__ import annotations

from functools import partial

from pages.shop import PageShop
from tenban.access.audit import AuditEvent, seal, write_down
from tenban.access.keys import KEYS, sealing_key
from tenban.access.looks import Seen, write_look
from tenban.access.model import Actor, Function, Role, system_actor
from tenban.access.queries import person_by_name
from tenban.access.staff_codes import give
from tenban.access.tables import staff_codes
from tenban.base.clock import seconds
from tenban.db import Connection
from tenban.pos.queries import EventRow, add_new

SERVER = system_actor("turns")


def people(shop: PageShop) -> dict[str, Actor]:
    """Add who acts in the log; returns them by the name they sign in with."""
    shown = {"kanri": "管理 花子", "mori": "森 由紀子", "kimura": "木村 あさひ"}
    shop.add_person("kanri", shown["kanri"], Role.ADMINISTRATOR, shop=None)
    shop.add_person("mori", shown["mori"], Role.SUPERVISOR)
    shop.add_person("kimura", shown["kimura"])
    known = {name: shop.here.db.read_now(partial(person_by_name, name=name)) for name in shown}
    return {
        name: Actor("person", f"person:{row['id']}", shown[name], row["shop"], frozenset())
        for name, row in known.items()
        if row is not None
    }


def fill(shop: PageShop, *, days: int = 2) -> dict[str, Actor]:
    """Write some days down, the last rows not signed yet; returns who acts."""
    actors = people(shop)
    now_at = shop.here.clock.now()
    mori, kimura = actors["mori"], actors["kimura"]
    key = sealing_key(shop.here.data_dir / KEYS)
    for day in range(days, -1, -1):
        at = now_at - seconds(day * 86_400)
        incident = f"01a20375-3059-70f8-9f5c-ff31e4bd1a{day:02d}"
        seen = {"shop": "shop-1", "place": "lane-3"}
        rows = (
            (AuditEvent.SIGNED_IN, kimura, kimura.id.removeprefix("person:"), {}),
            (AuditEvent.MEDIA_VIEWED, kimura, incident, {**seen, "blob": "8f0c.jpg"}),
            (AuditEvent.MEDIA_VIEWED, mori, incident, {**seen, "blob": "8f0c.mp4"}),
            (AuditEvent.INCIDENT_PASSED_ON, SERVER, incident, {"shop": "shop-1", "after_s": 45}),
            (
                AuditEvent.APPROVAL_GIVEN,
                mori,
                "01a2-approval",
                {"what": "age", "register": "lane-2", "sale": "0412"},
            ),
            (AuditEvent.LIVE_OPENED, mori, "lane-5", {"shop": "shop-1", "viewing": "v"}),
            (AuditEvent.SIGN_IN_REFUSED, system_actor("web"), "kimrua", {}),
            (
                AuditEvent.SETTINGS_CHANGED,
                actors["kanri"],
                "12",
                {"what": [{"key": "zones"}], "shop": "shop-1"},
            ),
        )
        for n, (event, actor, subject, detail) in enumerate(rows):
            told = partial(
                write_down, event=event, actor=actor, at=at - seconds(600 - n * 61), subject=subject
            )
            shop.here.db.write_now(partial(told, **detail))
        if day:
            shop.here.db.write_now(lambda c, at=at: seal(c, key, at))
    return actors


def serve(shop: PageShop, actors: dict[str, Actor]) -> None:
    """Let Kimura be at lane 3 this morning, and others look at pictures of it."""
    now_at, kimura = shop.here.clock.now(), actors["kimura"].id.removeprefix("person:")
    hour = seconds(3600)
    system = system_actor("test")
    signed = ((5 * hour, "cashier_signed_on"), (hour, "cashier_signed_off"))
    events = [
        EventRow(
            f"signing-{n}", "shop-1", "lane-3", None, n, kind, now_at - ago, now_at, now_at - ago, 0, False,
            None, None, None, None, None, "0412", "{}",
        )
        for n, (ago, kind) in enumerate(signed)
    ]  # fmt: skip
    looks = (
        (AuditEvent.MEDIA_VIEWED, Function.MEDIA_VIEW, "incident-1", 3 * hour, 20, "a.mp4"),
        (AuditEvent.MEDIA_VIEWED, Function.MEDIA_VIEW, "incident-1", 3 * hour, 0, "b.jpg"),
        (AuditEvent.LIVE_CLOSED, Function.MEDIA_VIEW, "lane-3", 2 * hour, 240, None),
        (AuditEvent.MEDIA_VIEWED, Function.SETTINGS_EDIT, "camera:cam-3", 2 * hour, 0, None),
    )

    def write(connection: Connection) -> None:
        give(connection, system, now_at, kimura, {"shop-1": "0412"})
        connection.execute(staff_codes.update().values(since_at=0))  # known here for long
        add_new(connection, events)
        for event, function, subject, ago, length_s, blob in looks:
            detail = {"blob": blob, "place": "lane-3"} if blob else {}
            seen = Seen(("lane-3",), now_at - ago, now_at - ago + seconds(length_s))
            actor = actors["kanri"] if function is Function.SETTINGS_EDIT else actors["mori"]
            write_look(
                connection,
                event,
                actor,
                now_at,
                subject,
                shop="shop-1",
                function=function,
                seen=seen,
                **detail,
            )

    shop.here.db.write_now(write)
