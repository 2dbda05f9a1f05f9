"""Each rule's precision by lane, from the attendants' labels, and the settings it is turned by."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Annotated, Any

from fastapi import APIRouter, Query

from tenban.access.model import Function
from tenban.api.context import AnActor, TheServer
from tenban.api.settings import desk_of, revision_of
from tenban.base.clock import SECOND, to_rfc3339
from tenban.findings.settings import Setting, describe, rules_of
from tenban.incidents.labels import Labels, labels_in
from tenban.settings.file import check
from tenban.settings.words import rule_title
from tenban.sites.model import Register, Sites

router = APIRouter(prefix="/api/v1/settings", tags=["settings"])

_DAY_US = 86_400 * SECOND


@router.get("/rules", summary="Precision by rule and lane, and the thresholds")
async def read(
    here: TheServer,
    actor: AnActor,
    days: Annotated[int, Query(ge=1, le=400, description="how far back labels are counted")] = 28,
) -> dict[str, Any]:
    """Return what people said of each rule's incidents, with its uncertainty, and what can be turned."""
    actor.must(Function.RULES_EDIT)
    now = await desk_of(here).read(actor)
    until_at = here.clock.now()
    since_at = until_at - days * _DAY_US
    labels = await here.db.read(lambda connection: labels_in(connection, actor, since_at, until_at))
    sites = check(now.text)[0] if now.mistake is None else here.sites
    lanes = [one for one in sites.registers if actor.shop in {None, one.shop}]
    rules = list(dict.fromkeys(setting.rule for setting in describe()))
    return {
        "revision": revision_of(now, actor),
        "since_at": to_rfc3339(since_at),
        "until_at": to_rfc3339(until_at),
        "lanes": [{"id": lane.id, "name": lane.name} for lane in lanes],
        "rules": [
            {
                "rule": rule,
                "title": rule_title(rule),
                "settings": [_setting(one, sites, lanes) for one in describe() if one.rule == rule],
                "all": _labels([one for one in labels if one.kind == rule]),
                "lanes": [_labels([one]) for one in labels if one.kind == rule],
            }
            for rule in rules
        ],
    }


def _labels(found: Sequence[Labels]) -> dict[str, Any]:
    whole = reduce(add, found) if found else Labels("", "")
    low, high = whole.interval or (None, None)
    return {
        "register": whole.place,
        "told": whole.told,
        "true": whole.true,
        "false_alarm": whole.false_alarm,
        "unclear": whole.unclear,
        "withdrawn": whole.withdrawn,
        "base": whole.base,
        "precision": whole.precision,
        "low": low,
        "high": high,
    }


def _setting(setting: Setting, sites: Sites, lanes: Sequence[Register]) -> dict[str, Any]:
    in_force = rules_of(sites, "tenban.toml")
    own = {
        register.id: register.rules[setting.rule][setting.key]
        for register in lanes
        if setting.key in register.rules.get(setting.rule, {})
    }
    return {
        "key": setting.key,
        "title": setting.title,
        "unit": setting.unit,
        "default": setting.default,
        "least": setting.least,
        "most": setting.most,
        "shared": sites.rules.get(setting.rule, {}).get(setting.key),
        "lanes": own,
        "in_force": {
            register.id: getattr(getattr(in_force.lane(register.id), setting.rule), setting.key)
            for register in lanes
        },
    }
