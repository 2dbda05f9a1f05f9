"""Settings of the rules: what can be set, between which limits, and why the defaults are what they are.

``design/rules.md`` holds the measurements behind the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenban.base.errors import BadInput

if TYPE_CHECKING:
    from tenban.sites.model import Sites

Tables: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Rule → key → value, as TOML gives it."""


def _texts(ja: str, en: str, unit: str = "") -> dict[str, Any]:
    return {"ja": ja, "en": en, "unit": unit}


def _length(ja: str, en: str, *, least: float, most: float) -> Any:
    return Field(ge=least, le=most, allow_inf_nan=False, json_schema_extra=_texts(ja, en, "s"))


def _share(ja: str, en: str) -> Any:
    return Field(ge=0, le=1, allow_inf_nan=False, json_schema_extra=_texts(ja, en))


def _switch(ja: str, en: str) -> Any:
    return Field(json_schema_extra=_texts(ja, en))


FORMER_KEYS = {("sale", "hint_shows"): "hint_still"}
"""What a setting was called before; a file that still says so is read as it was meant."""


def renamed(rule: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file says of a rule under the keys of today; what it says of both, the new one tells."""
    told = dict(table)
    if rule == "sale" and isinstance(told.get("hint_still"), bool):
        shown = "still" if told.pop("hint_still") else "nothing"
        told.setdefault("hint_shows", shown)
    return told


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SaleSettings(_Part):
    """What all rules share: where a sale begins and ends, and what staff at the register mean."""

    lead_in_s: Annotated[
        float, _length("取引開始前の観測を含める時間", "Observations this long before a sale count for it",
                       least=0, most=60)
    ] = 5.0  # fmt: skip
    tail_s: Annotated[
        float, _length("会計後の観測を含める時間", "Observations this long after payment count for it",
                       least=0, most=120)
    ] = 6.0  # fmt: skip
    till_delay_s: Annotated[
        float, _length("レジの通知を待つ時間", "How long a till's event may be on its way", least=0, most=10)
    ] = 0.3  # fmt: skip
    vision_delay_s: Annotated[
        float, _length("観測を待つ時間", "How long an observation may need for its proof", least=0, most=10)
    ] = 1.5  # fmt: skip
    staff_clears: Annotated[
        bool, _switch("係員の対応で取り下げる", "Staff at the register withdraw a finding")
    ] = True  # fmt: skip
    assist_s: Annotated[
        float, _length("係員の対応が有効な時間", "Staff this long before or after count as at hand",
                       least=0, most=600)
    ] = 30.0  # fmt: skip
    self_answers: Annotated[
        int,
        Field(ge=0, le=100, json_schema_extra=_texts(
            "「戻しました」を認める回数", "Times in a sale that the shopper's own answer withdraws", "pcs")),
    ] = 2  # fmt: skip
    answer_s: Annotated[
        float, _length("「スキャンします」の後に待つ時間", "How long after the answer the scan may come",
                       least=1, most=600)
    ] = 60.0  # fmt: skip
    hold_after: Annotated[
        int,
        Field(ge=0, le=100, json_schema_extra=_texts(
            "会計を止める件数（0は止めない）", "Findings from which payment is held; 0: never", "pcs")),
    ] = 0  # fmt: skip
    hint_shows: Annotated[
        Literal["nothing", "still", "clip"],
        Field(json_schema_extra={
            **_texts("レジの案内に添えるもの", "What the hint at the register shows"),
            "choices": {
                "nothing": {"ja": "文字のみ", "en": "words alone"},
                "still": {"ja": "商品の画像", "en": "the item's picture"},
                "clip": {"ja": "画像のあと動画", "en": "the picture, then the clip"},
            },
        }),
    ] = "nothing"  # fmt: skip
    skip_plu: Annotated[
        tuple[str, ...], Field(strict=False, json_schema_extra=_texts(
            "数えない商品コード（レジ袋など）", "Codes that are nothing in the hand, such as carrier bags"))
    ] = ()  # fmt: skip
    clip_before_s: Annotated[
        float, _length("動画の前の長さ", "How much the clip shows before", least=0, most=60)
    ] = 5.0  # fmt: skip
    clip_after_s: Annotated[
        float, _length("動画の後の長さ", "How much the clip shows after", least=0, most=60)
    ] = 5.0  # fmt: skip


class ItemNotRegisteredSettings(_Part):
    """A move into the bag without a registration near it."""

    on: Annotated[bool, _switch("使う", "In use")] = True
    before_s: Annotated[
        float, _length("袋に入る前、登録を探す時間", "How long before the move its registration may lie",
                       least=0.1, most=60)
    ] = 6.0  # fmt: skip
    after_s: Annotated[
        float, _length("袋に入った後、登録を待つ時間", "How long after the move its registration may come",
                       least=0.1, most=60)
    ] = 3.0  # fmt: skip
    each_more_s: Annotated[
        float, _length("数量1個ごとに延ばす時間", "Further seconds for each further piece of a line",
                       least=0, most=30)
    ] = 3.0  # fmt: skip
    late_s: Annotated[
        float, _length("遅れた登録で取り下げる時間", "A spare registration this late withdraws the finding",
                       least=0, most=600)
    ] = 10.0  # fmt: skip
    void_grace_s: Annotated[
        float, _length("一部取り消し後、商品が戻るのを待つ時間", "How long a voided item may stay in the bag",
                       least=0, most=120)
    ] = 8.0  # fmt: skip
    spare_explains: Annotated[
        bool, _switch("余った登録があれば知らせない", "A registration left over in the sale explains a move")
    ] = False  # fmt: skip
    min_confidence: Annotated[
        float, _share("単独で知らせる確信度", "A move less certain than this is not told alone")
    ] = 0.5  # fmt: skip


class ScanOmissionSettings(_Part):
    """More brought in than registered, counted at payment."""

    on: Annotated[bool, _switch("使う", "In use")] = True
    least_missing: Annotated[
        int,
        Field(ge=1, le=1000, json_schema_extra=_texts("知らせる不足数", "Told from this many", "pcs")),
    ] = 1  # fmt: skip
    settle_s: Annotated[
        float, _length("支払い開始後に待つ時間", "How long after payment began the last move may be proven",
                       least=0, most=30)
    ] = 1.5  # fmt: skip
    once: Annotated[
        bool, _switch("商品未登録で知らせた商品は除く", "Leave out what item_not_registered told already")
    ] = True  # fmt: skip
    min_confidence: Annotated[
        float, _share("数える確信度", "A move less certain than this is not counted")
    ] = 0.4  # fmt: skip


class ItemsLeftInBasketSettings(_Part):
    """Paid while products remain in the basket zone."""

    on: Annotated[bool, _switch("使う", "In use")] = True
    grace_s: Annotated[
        float, _length("会計後、かごが空くのを待つ時間", "How long after payment the basket may be emptied",
                       least=0, most=120)
    ] = 5.0  # fmt: skip
    next_sale_s: Annotated[
        float, _length("続けて始めた取引で取り下げる時間", "A next sale this soon, nobody leaving, clears it",
                       least=0, most=600)
    ] = 60.0  # fmt: skip
    min_confidence: Annotated[
        float, _share("信じる確信度", "A sight of the basket less certain than this is not believed")
    ] = 0.5  # fmt: skip


class LeftWithoutPayingSettings(_Part):
    """The operator left while registered items are unpaid."""

    on: Annotated[bool, _switch("使う", "In use")] = True
    grace_s: Annotated[
        float, _length("離れてから戻るのを待つ時間", "How long the operator may be away", least=0, most=600)
    ] = 10.0  # fmt: skip
    cancel_s: Annotated[
        float, _length("取引中止で取り下げる時間", "A cancel this long after the finding withdraws it",
                       least=0, most=3600)
    ] = 120.0  # fmt: skip
    min_confidence: Annotated[
        float, _share("信じる確信度", "A leaving less certain than this is not believed")
    ] = 0.5  # fmt: skip


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """The settings in force at one register."""

    sale: SaleSettings = field(default_factory=SaleSettings)
    item_not_registered: ItemNotRegisteredSettings = field(default_factory=ItemNotRegisteredSettings)
    scan_omission: ScanOmissionSettings = field(default_factory=ScanOmissionSettings)
    items_left_in_basket: ItemsLeftInBasketSettings = field(default_factory=ItemsLeftInBasketSettings)
    left_without_paying: LeftWithoutPayingSettings = field(default_factory=LeftWithoutPayingSettings)


_PARTS: dict[str, type[_Part]] = {
    "sale": SaleSettings,
    "item_not_registered": ItemNotRegisteredSettings,
    "scan_omission": ScanOmissionSettings,
    "items_left_in_basket": ItemsLeftInBasketSettings,
    "left_without_paying": LeftWithoutPayingSettings,
}


@dataclass(frozen=True, slots=True)
class RulesSettings:
    """The settings of all registers: the shared ones, and the registers that differ."""

    shared: LaneSettings = field(default_factory=LaneSettings)
    lanes: Mapping[str, LaneSettings] = field(default_factory=dict)

    def lane(self, register: str) -> LaneSettings:
        """Return the settings in force at a register."""
        return self.lanes.get(register, self.shared)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set, as a settings page shows it.

    Attributes:
        title: by language.
        unit: ``s``, ``pcs`` or nothing.
        least: the lowest allowed value, where there is one.
        choices: what may be chosen, by value, in words; None where it is no choice.
    """

    rule: str
    key: str
    title: dict[str, str]
    unit: str
    default: object
    least: float | None
    most: float | None
    choices: dict[str, dict[str, str]] | None = None


def parse_rules(
    shared: Tables, lanes: Mapping[str, Tables] | None = None, *, where: str = "rules"
) -> RulesSettings:
    """Check the settings of rules, the shared ones first and then what each register has of its own.

    Args:
        shared: ``{"item_not_registered": {"before_s": 4.0}}``.
        lanes: the same per register; what a register doesn't name is as shared.
        where: what a mistake is told to be in, such as the file's name.

    Raises:
        BadInput: naming the key, what was expected and what came.
    """
    return RulesSettings(
        _lane(shared, {}, where),
        {register: _lane(shared, own, f"{where} of {register}") for register, own in (lanes or {}).items()},
    )


def rules_of(sites: Sites, where: str) -> RulesSettings:
    """Return the settings of every register that ``tenban.toml`` describes.

    At a staffed register a signed-on cashier is the rule and clears nothing, unless the file says otherwise.

    Raises:
        BadInput: naming the key, what was expected and what came.
    """
    lanes: dict[str, Tables] = {}
    for register in sites.registers:
        own: dict[str, Mapping[str, Any]] = dict(register.rules)
        shared_sale = sites.rules.get("sale", {})
        if register.kind == "staffed" and isinstance(own.get("sale", {}), Mapping):
            own["sale"] = {"staff_clears": False, **shared_sale, **own.get("sale", {})}
        lanes[register.id] = own
    return parse_rules(sites.rules, lanes, where=f"{where}: rules")


def check_rules(sites: Sites, where: str) -> None:
    """Check the settings of rules; raises BadInput at the first mistake."""
    rules_of(sites, where)


def describe() -> list[Setting]:
    """Return every setting there is, in the order of the rules."""
    settings = []
    for rule, part in _PARTS.items():
        properties = part.model_json_schema()["properties"]
        for key, told in properties.items():
            settings.append(
                Setting(
                    rule,
                    key,
                    {"ja": told["ja"], "en": told["en"]},
                    told["unit"],
                    part.model_fields[key].default,
                    told.get("minimum"),
                    told.get("maximum"),
                    told.get("choices"),
                )
            )
    return settings


def _lane(shared: Tables, own: Tables, where: str) -> LaneSettings:
    for rule in (*shared, *own):
        if rule not in _PARTS:
            raise BadInput(f"{where}.{rule}", expected=f"one of {', '.join(_PARTS)}", came=repr(rule))
    return LaneSettings(
        **{rule: _part(rule, part, shared, own, where) for rule, part in _PARTS.items()}  # type: ignore[arg-type]  # each part is made by its own class
    )


def _part(rule: str, part: type[_Part], shared: Tables, own: Tables, where: str) -> _Part:
    for table in (shared, own):
        if not isinstance(table.get(rule, {}), Mapping):
            raise BadInput(f"{where}.{rule}", expected="a table of settings", came=repr(table[rule]))
    try:
        told = {**renamed(rule, shared.get(rule, {})), **renamed(rule, own.get(rule, {}))}
        return part.model_validate(told)
    except ValidationError as error:
        mistake = error.errors()[0]
        key = ".".join(str(step) for step in mistake["loc"])
        raise BadInput(
            f"{where}.{rule}.{key}", expected=_expected(part, mistake), came=repr(mistake["input"])[:120]
        ) from error


def _expected(part: type[_Part], mistake: Any) -> str:
    if mistake["type"] == "extra_forbidden":
        return f"one of {', '.join(part.model_fields)}"
    text = str(mistake["msg"]).removeprefix("Input should be ")
    told = part.model_json_schema()["properties"].get(str(mistake["loc"][0]), {})
    if "minimum" in told:
        text = f"a number from {told['minimum']:g} to {told['maximum']:g} {told['unit']}".rstrip()
    return text
