"""Each rule's precision by lane, from the attendants' labels, and the settings it is turned by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Annotated, Any

from fastapi import APIRouter, Query

from tenban.access.model import Function
from tenban.api.context import AnActor, TheServer
from tenban.api.settings import desk_of, revision_of
from tenban.base.clock import SECOND, to_rfc3339
from tenban.findings.settings import RulesSettings, Setting, describe, renamed, rules_of
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
    shop: Annotated[str | None, Query(description="only this shop's lanes")] = None,
) -> dict[str, Any]:
    """Return what people said of each rule's incidents, with its uncertainty, and what can be turned."""
    shop = actor.shop if shop is None else shop
    actor.must(Function.RULES_EDIT, shop=shop)
    now = await desk_of(here).read(actor)
    there = actor if shop is None else replace(actor, shop=shop)
    until_at = here.clock.now()
    since_at = until_at - days * _DAY_US
    labels = await here.db.read(lambda connection: labels_in(connection, there, since_at, until_at))
    sites = check(now.text)[0] if now.mistake is None else here.sites
    lanes = [one for one in sites.registers if there.reaches(one.shop)]
    in_force = rules_of(sites, "tenban.toml")
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
                "settings": [_setting(one, sites, lanes, in_force) for one in describe() if one.rule == rule],
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


def _setting(
    setting: Setting, sites: Sites, lanes: Sequence[Register], in_force: RulesSettings
) -> dict[str, Any]:
    told = {one.id: renamed(setting.rule, one.rules.get(setting.rule, {})) for one in lanes}
    own = {register: table[setting.key] for register, table in told.items() if setting.key in table}
    return {
        "key": setting.key,
        "title": setting.title,
        "unit": setting.unit,
        "default": setting.default,
        "least": setting.least,
        "most": setting.most,
        "choices": setting.choices,
        "shared": renamed(setting.rule, sites.rules.get(setting.rule, {})).get(setting.key),
        "lanes": own,
        "in_force": {
            register.id: getattr(getattr(in_force.lane(register.id), setting.rule), setting.key)
            for register in lanes
        },
    }
