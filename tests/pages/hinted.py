"""A hint as the judge gives it: its finding, its incident, the command with picture and clip."""

from __future__ import annotations

from pages.pictures import evidence
from pages.shop import JUDGE, PageShop
from tenban.db import Connection
from tenban.findings.tables import findings
from tenban.findings.words import HINTS
from tenban.incidents.model import Incident
from tenban.pos.link import issue_command


def hinted(shop: PageShop, sale: str, *, about: str, clip: bool = True, lane: int = 1) -> Incident:
    """Tell a lane a hint about a move that no registration followed."""
    operator, whole, crop, box = evidence(1)
    stills = (("enters_bagging", whole, crop, box),)
    incident = shop.open(lane, operator=operator, stills=stills, fold=about, about=f"sale:{sale}")
    key = incident.causes[-1].key
    now_at = shop.here.clock.now()
    row = {
        "key": key,
        "fold": about,
        "rule": "item_not_registered",
        "register": f"lane-{lane}",
        "sale": sale,
        "at": now_at,
        "decidable_at": now_at,
        "found_at": now_at,
        "body": {},
    }
    still = incident.causes[-1].evidence[0].crop
    body = {"text": HINTS["item_not_registered"], "rule": "item_not_registered", "about": key, "answers": 2}
    more = {"still": still, "clip": "follows"} if clip else {"still": still}

    def write(connection: Connection) -> None:
        connection.execute(findings.insert().values(**row))
        issue_command(connection, f"lane-{lane}", "hint", {**body, **more}, now_at, actor=JUDGE)

    shop.here.db.write_now(write)
    return incident
