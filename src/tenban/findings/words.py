"""What findings say, in Japanese and English. Neutral: what was seen, never what somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tenban.base.clock import SECOND, to_datetime
from tenban.findings.facts import Observation

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tenban.findings.facts import Fact
    from tenban.findings.model import Label, Phrase, Reason

Language: TypeAlias = Literal["ja", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("ja", "en")

TITLES: dict[str, dict[str, str]] = {
    "item_not_registered": {"ja": "商品未登録", "en": "Item not registered"},
    "scan_omission": {"ja": "スキャン漏れ", "en": "Scan omission"},
    "items_left_in_basket": {"ja": "かご内商品の残り", "en": "Items left in the basket"},
    "left_without_paying": {"ja": "未会計退出", "en": "Left without paying"},
}

SENTENCES: dict[str, dict[str, str]] = {
    "item_not_registered.window.none": {
        "ja": "{moved_at} に商品が袋に入りましたが、前{before_s}秒・後{after_s}秒に登録が見つかりません。",
        "en": "An item entered the bag at {moved_at} and no registration was found within {before_s} s "
        "before or {after_s} s after.",
    },
    "item_not_registered.window.taken": {
        "ja": "{moved_at} に商品が袋に入りましたが、前{before_s}秒・後{after_s}秒の登録{others}点は"
        "ほかの商品のものとみられます。",
        "en": "An item entered the bag at {moved_at}; each of the {others} registered within {before_s} s "
        "before or {after_s} s after goes with another item.",
    },
    "item_not_registered.payment.none": {
        "ja": "{moved_at} に商品が袋に入りましたが、前{before_s}秒から {closed_at} の支払い開始までに"
        "登録が見つかりません。",
        "en": "An item entered the bag at {moved_at} and no registration was found within {before_s} s "
        "before or until payment began at {closed_at}.",
    },
    "item_not_registered.payment.taken": {
        "ja": "{moved_at} に商品が袋に入りましたが、前{before_s}秒から {closed_at} の支払い開始までの"
        "登録{others}点はほかの商品のものとみられます。",
        "en": "An item entered the bag at {moved_at}; each of the {others} registered within {before_s} s "
        "before or until payment began at {closed_at} goes with another item.",
    },
    "item_not_registered.leaving.none": {
        "ja": "{moved_at} に商品が袋に入りましたが、前{before_s}秒から {closed_at} に操作位置を離れるまでに"
        "登録が見つかりません。",
        "en": "An item entered the bag at {moved_at} and no registration was found within {before_s} s "
        "before or until the operator left at {closed_at}.",
    },
    "item_not_registered.leaving.taken": {
        "ja": "{moved_at} に商品が袋に入りましたが、前{before_s}秒から {closed_at} に操作位置を離れるまでの"
        "登録{others}点はほかの商品のものとみられます。",
        "en": "An item entered the bag at {moved_at}; each of the {others} registered within {before_s} s "
        "before or until the operator left at {closed_at} goes with another item.",
    },
    "scan_omission": {
        "ja": "{paying_at} の支払い開始時に、持ち込まれた商品は{brought_in}点（推定）、"
        "登録は{registered}点でした。",
        "en": "When payment began at {paying_at}, {brought_in} items had been brought in (estimated) and "
        "{registered} registered.",
    },
    "items_left_in_basket": {
        "ja": "{paid_at} に支払いが済みましたが、{grace_s}秒後もかごに商品が残っています。",
        "en": "Payment was done at {paid_at} and products were still in the basket {grace_s} s later.",
    },
    "left_without_paying": {
        "ja": "{left_at} に操作者が離れ、{grace_s}秒以内に戻りません。登録済みの{unpaid}点が未会計です。",
        "en": "The operator left at {left_at} and had not come back after {grace_s} s; registered and "
        "unpaid: {unpaid}.",
    },
}

HINTS: dict[str, dict[str, str]] = {
    "item_not_registered": {
        "ja": "最後に袋に入れた商品の登録をご確認ください。",
        "en": "Please check that the last item was registered.",
    },
    "scan_omission": {
        "ja": "お支払いの前に、すべての商品の登録をご確認ください。",
        "en": "Please check that all items are registered before paying.",
    },
    "items_left_in_basket": {
        "ja": "かごに商品が残っていないかご確認ください。",
        "en": "Please check that nothing is left in the basket.",
    },
    "left_without_paying": {
        "ja": "お支払いがまだ済んでいません。",
        "en": "Payment is not finished yet.",
    },
}
"""What the register's own screen tells the shopper; it asks, and claims nothing."""

REASONS: dict[Reason, dict[str, str]] = {
    "registered": {"ja": "登録が確認できました。", "en": "A registration was found."},
    "registered_late": {"ja": "商品が遅れて登録されました。", "en": "The item was registered late."},
    "put_back": {"ja": "商品が袋から戻されました。", "en": "The item was put back."},
    "shopper_put_back": {
        "ja": "お客様が商品を戻したとお答えになりました。",
        "en": "The shopper answered that the item was put back.",
    },
    "staff_assisted": {"ja": "係員が対応しました。", "en": "Staff assisted."},
    "sale_cancelled": {"ja": "取引が中止されました。", "en": "The sale was cancelled."},
    "sale_voided": {"ja": "取引が取り消されました。", "en": "The sale was voided."},
    "sale_suspended": {"ja": "取引が保留されました。", "en": "The sale was suspended."},
    "paid": {"ja": "会計が済みました。", "en": "The sale was paid."},
    "came_back": {"ja": "操作者が戻りました。", "en": "The operator came back."},
    "basket_emptied": {"ja": "かごが空になりました。", "en": "The basket was emptied."},
    "next_sale": {"ja": "続けて次の取引が始まりました。", "en": "The next sale followed at once."},
    "told_otherwise": {
        "ja": "商品未登録として通知済みです。",
        "en": "It was told as an item not registered.",
    },
    "new_facts": {"ja": "新しい情報により説明がつきました。", "en": "New facts explain it."},
}

WITHDRAWN: dict[str, str] = {"ja": "取り下げ", "en": "withdrawn"}
COUNTS: dict[str, str] = {
    "ja": "不正疑い行動 {standing}件、取り下げ {withdrawn}件",
    "en": "{standing} finding(s), {withdrawn} withdrawn",
}

LABELS: dict[Label, dict[str, str]] = {
    "enters_bagging": {"ja": "袋に入る時", "en": "Entering the bag"},
    "left_basket": {"ja": "かごを離れる時", "en": "Leaving the basket"},
    "last_move": {"ja": "袋に入る時", "en": "Entering the bag"},
    "leaving": {"ja": "離れる時", "en": "Leaving"},
    "empty_position": {"ja": "離れた後の操作位置", "en": "The empty position"},
    "basket_at_payment": {"ja": "会計時のかご", "en": "The basket at payment"},
    "basket_after_payment": {"ja": "会計後のかご", "en": "The basket after payment"},
}

_FACTS: dict[str, dict[str, str]] = {
    "sale_started": {"ja": "取引開始", "en": "sale started"},
    "item_registered": {"ja": "商品登録", "en": "item registered"},
    "item_voided": {"ja": "一部取り消し", "en": "line voided"},
    "payment_started": {"ja": "支払い開始", "en": "payment started"},
    "paid": {"ja": "支払い完了", "en": "paid"},
    "item_moved": {"ja": "商品が袋に入った", "en": "item entered the bag"},
    "item_returned": {"ja": "商品が袋から出た", "en": "item taken out of the bag"},
    "sale_cancelled": {"ja": "取引中止", "en": "sale cancelled"},
    "sale_suspended": {"ja": "取引保留", "en": "sale suspended"},
    "sale_resumed": {"ja": "取引再開", "en": "sale resumed"},
    "refunded": {"ja": "返金", "en": "refunded"},
    "sale_voided": {"ja": "取引取り消し", "en": "sale voided"},
    "drawer_opened": {"ja": "引き出し開", "en": "drawer opened"},
    "assist_requested": {"ja": "係員呼び出し", "en": "staff called"},
    "cashier_signed_on": {"ja": "係員サインオン", "en": "staff signed on"},
    "cashier_signed_off": {"ja": "係員サインオフ", "en": "staff signed off"},
    "hint_answered": {"ja": "案内への回答", "en": "hint answered"},
    "operator_arrived": {"ja": "操作者が来た", "en": "operator arrived"},
    "operator_left": {"ja": "操作者が離れた", "en": "operator left"},
    "basket_state": {"ja": "かごに商品あり", "en": "products in the basket"},
}


def say(phrase: Phrase, language: Language, zone: ZoneInfo) -> str:
    """Return a finding's sentence; instants are said as the time of day in the shop's zone."""
    said: dict[str, object] = {}
    for name, value in phrase.params.items():
        if name.endswith("_at") and isinstance(value, int):
            said[name] = time_of_day(value, zone)
        else:
            said[name] = f"{value:g}" if isinstance(value, float) else value
    return SENTENCES[phrase.key][language].format_map(said)


def say_fact(fact: Fact, language: Language, zone: ZoneInfo) -> str:
    """Return one fact as a short line: when, what, which product."""
    if isinstance(fact, Observation):
        return f"{time_of_day(fact.at, zone, tenths=True)} {_FACTS[fact.kind][language]}"
    line = f"{time_of_day(fact.occurred_at, zone, tenths=True)} {_FACTS[fact.type][language]}"
    if fact.item is None:
        return line
    pieces = "" if fact.item.quantity is None else f" ×{fact.item.quantity}"
    return f"{line} {fact.item.name or fact.item.plu or fact.item.line or ''}{pieces}"


def time_of_day(at: int, zone: ZoneInfo, *, tenths: bool = False) -> str:
    """Return an instant as hours, minutes and seconds in a shop's zone."""
    text = to_datetime(at).astimezone(zone).strftime("%H:%M:%S")
    return f"{text}.{at % SECOND * 10 // SECOND}" if tenths else text
