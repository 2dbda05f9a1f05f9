"""What a revision changed, said in Japanese and English."""

from __future__ import annotations

from typing import Any, Final

from tenban.findings.settings import describe
from tenban.findings.words import TITLES
from tenban.settings.model import Difference

LANGUAGES: Final = ("ja", "en")

ROLES: Final[dict[str, dict[str, str]]] = {
    "basket": {"ja": "かご", "en": "basket"},
    "scan": {"ja": "スキャン", "en": "scan"},
    "bagging": {"ja": "袋詰め", "en": "bagging"},
    "operator": {"ja": "操作位置", "en": "operator"},
    "customer": {"ja": "客", "en": "customer"},
    "exit": {"ja": "出口", "en": "exit"},
    "mask": {"ja": "ぼかし", "en": "blurred"},
}

KEPT: Final[dict[str, dict[str, str]]] = {
    "footage": {"ja": "録画", "en": "footage"},
    "sale_stills": {"ja": "取引開始時の静止画", "en": "stills of each sale's beginning"},
    "pictures": {"ja": "インシデントの静止画と動画", "en": "stills and clips of incidents"},
    "incidents": {"ja": "インシデントの記録", "en": "records of incidents"},
    "sales": {"ja": "取引の記録", "en": "records of sales"},
    "sessions": {"ja": "サインインの記録", "en": "records of sign-ins"},
}

ROLE_NAMES: Final[dict[str, dict[str, str]]] = {
    "cashier": {"ja": "レジ係", "en": "register cashier"},
    "attendant": {"ja": "係員", "en": "attendant"},
    "supervisor": {"ja": "責任者", "en": "supervisor"},
    "analyst": {"ja": "アナリスト", "en": "analyst"},
    "desk_operator": {"ja": "監視卓の担当者", "en": "desk operator"},
    "installer": {"ja": "設置担当者", "en": "installer"},
    "auditor": {"ja": "監査担当者", "en": "auditor"},
    "administrator": {"ja": "管理者", "en": "administrator"},
}

_KINDS = {
    "self": {"ja": "セルフ", "en": "self"},
    "semi_self": {"ja": "セミセルフ", "en": "semi-self"},
    "staffed": {"ja": "有人", "en": "staffed"},
}

SENTENCES: Final[dict[str, dict[str, str]]] = {
    "company.name": {
        "ja": "会社名を「{old}」から「{new}」に変更",
        "en": "Company renamed from {old} to {new}",
    },
    "mqtt": {"ja": "MQTTの設定を変更", "en": "MQTT settings changed"},
    "network": {
        "ja": "ネットワークの許可（[network]）を変更",
        "en": "What may be reached ([network]) changed",
    },
    "step_up.people": {
        "ja": "利用者とトークンの管理の前の本人確認を{old}から{new}に変更",
        "en": "Asking once more before managing people and tokens changed from {old} to {new}",
    },
    "step_up.audit": {
        "ja": "監査記録の持ち出しの前の本人確認を{old}から{new}に変更",
        "en": "Asking once more before taking the audit log along changed from {old} to {new}",
    },
    "step_up.keeping": {
        "ja": "保全の解除と消去の前の本人確認を{old}から{new}に変更",
        "en": "Asking once more before letting holds go and erasing changed from {old} to {new}",
    },
    "step_up.evidence": {
        "ja": "ケースのパッケージの作成と持ち出しの前の本人確認を{old}から{new}に変更",
        "en": "Asking once more before giving packages of cases away changed from {old} to {new}",
    },
    "step_up.settings": {
        "ja": "設定の変更の前の本人確認を{old}から{new}に変更",
        "en": "Asking once more before changing settings changed from {old} to {new}",
    },
    "step_up.rules": {
        "ja": "ルールの調整の前の本人確認を{old}から{new}に変更",
        "en": "Asking once more before turning rules changed from {old} to {new}",
    },
    "step_up.pictures": {
        "ja": "ぼかしのない画像を見る前の本人確認を{old}から{new}に変更",
        "en": "Asking once more before seeing what is blurred changed from {old} to {new}",
    },
    "step_up.sound": {
        "ja": "音声を聞く前の本人確認を{old}から{new}に変更",
        "en": "Asking once more before listening to sound changed from {old} to {new}",
    },
    "step_up.minutes": {
        "ja": "本人確認の有効時間を{old}分から{new}分に変更",
        "en": "Having shown who one is holds for {new} instead of {old} minutes",
    },
    "step_up.switch_h": {
        "ja": "PINでの交代ができる時間を{old}時間から{new}時間に変更",
        "en": "Taking a tablet over by PIN holds for {new} instead of {old} hours",
    },
    "step_up.app_roles": {
        "ja": "二つ目の確認を必須とする役割を「{old}」から「{new}」に変更",
        "en": "Roles that need a second factor changed from “{old}” to “{new}”",
    },
    "sessions.limits": {
        "ja": "{role}のサインイン：無操作{idle_min}分、最長{absolute_h}時間に変更",
        "en": "Sessions of {role}: {idle_min} minutes unused, {absolute_h} hours at most",
    },
    "sessions.default": {
        "ja": "{role}のサインイン時間を既定値に戻す",
        "en": "Sessions of {role}: back to the default",
    },
    "oidc.on": {
        "ja": "会社のアカウントでのサインインを開始（{issuer}）",
        "en": "Sign-in by the company's provider switched on ({issuer})",
    },
    "oidc.off": {
        "ja": "会社のアカウントでのサインインを停止",
        "en": "Sign-in by the company's provider switched off",
    },
    "oidc.issuer": {
        "ja": "会社のIDプロバイダーを{old}から{new}に変更",
        "en": "The company's provider changed from {old} to {new}",
    },
    "oidc.only": {
        "ja": "会社のアカウントだけを使う設定を{old}から{new}に変更",
        "en": "Signing in by the company's provider alone changed from {old} to {new}",
    },
    "oidc.client_secret": {
        "ja": "会社のIDプロバイダーのシークレットを変更",
        "en": "The secret for the company's provider changed",
    },
    "oidc.rest": {
        "ja": "会社のアカウントでのサインインの設定を変更",
        "en": "Settings of the sign-in by the company's provider changed",
    },
    "audit": {
        "ja": "監査記録のタイムスタンプ（[audit]）を変更",
        "en": "Time stamps of the audit log ([audit]) changed",
    },
    "mqtt.on": {
        "ja": "表示灯のMQTTを使用開始（ブローカー：{address}）",
        "en": "Lamps over MQTT switched on (broker {address})",
    },
    "mqtt.off": {"ja": "表示灯のMQTTを停止", "en": "Lamps over MQTT switched off"},
    "mqtt.address": {
        "ja": "MQTTブローカーを{old}から{new}に変更",
        "en": "MQTT broker changed from {old} to {new}",
    },
    "mqtt.user": {
        "ja": "MQTTのユーザー名を「{old}」から「{new}」に変更",
        "en": "MQTT user name changed from “{old}” to “{new}”",
    },
    "mqtt.password": {"ja": "MQTTのパスワードを変更", "en": "MQTT password changed"},
    "file.broken": {"ja": "設定ファイルに誤りがあります", "en": "The file does not check"},
    "file.mended": {"ja": "設定ファイルの誤りを解消", "en": "The file checks again"},
    "file.comments": {"ja": "コメントや並びだけの変更", "en": "Only comments or order changed"},
    "shop.added": {"ja": "店舗「{name}」を追加", "en": "Shop {name} added"},
    "shop.removed": {"ja": "店舗「{name}」を削除", "en": "Shop {name} removed"},
    "shop.name": {"ja": "店舗名を「{old}」から「{new}」に変更", "en": "Shop renamed from {old} to {new}"},
    "shop.timezone": {
        "ja": "{name}：タイムゾーンを{old}から{new}に変更",
        "en": "{name}: time zone changed from {old} to {new}",
    },
    "shop.currency": {
        "ja": "{name}：通貨を{old}から{new}に変更",
        "en": "{name}: currency changed from {old} to {new}",
    },
    "retention": {
        "ja": "{name}：{kept}の保存期間を{old}日から{new}日に変更",
        "en": "{name}: {kept} kept for {new} days instead of {old}",
    },
    "sealing.on": {"ja": "{name}：録画を暗号化して保存", "en": "{name}: footage is sealed from now on"},
    "sealing.off": {
        "ja": "{name}：録画の暗号化を停止",
        "en": "{name}: footage is no longer sealed",
    },
    "notice.on": {"ja": "{name}：カメラのお知らせを公開", "en": "{name}: notice about cameras published"},
    "notice.off": {
        "ja": "{name}：カメラのお知らせを非公開",
        "en": "{name}: notice about cameras withdrawn",
    },
    "notice": {"ja": "{name}：カメラのお知らせの内容を変更", "en": "{name}: notice about cameras changed"},
    "shop.area": {
        "ja": "{name}：エリアを{old}から{new}に変更",
        "en": "{name}: area changed from {old} to {new}",
    },
    "group.added": {"ja": "グループ「{name}」を追加", "en": "Group {name} added"},
    "group.removed": {"ja": "グループ「{name}」を削除", "en": "Group {name} removed"},
    "group.name": {
        "ja": "グループ名を「{old}」から「{new}」に変更",
        "en": "Group renamed from {old} to {new}",
    },
    "camera.added": {"ja": "カメラ「{name}」を追加（{address}）", "en": "Camera {name} added ({address})"},
    "camera.removed": {"ja": "カメラ「{name}」を削除", "en": "Camera {name} removed"},
    "camera.keep_days": {
        "ja": "カメラ「{name}」：録画の保存日数を{old}から{new}に変更",
        "en": "Camera {name}: footage kept for {new} days instead of {old}",
    },
    "camera.keep_days_on": {
        "ja": "カメラ「{name}」：録画を{new}日で削除",
        "en": "Camera {name}: footage kept for {new} days",
    },
    "camera.keep_days_off": {
        "ja": "カメラ「{name}」：録画の保存日数を店舗の設定に合わせる",
        "en": "Camera {name}: footage kept as long as the shop's",
    },
    "camera.max_gb_on": {
        "ja": "カメラ「{name}」：録画の上限を{new} GBに設定",
        "en": "Camera {name}: at most {new} GB of footage",
    },
    "camera.max_gb_off": {
        "ja": "カメラ「{name}」：録画の上限をなくす",
        "en": "Camera {name}: no limit to its footage",
    },
    "camera.max_gb": {
        "ja": "カメラ「{name}」：録画の上限を{old} GBから{new} GBに変更",
        "en": "Camera {name}: at most {new} GB of footage instead of {old}",
    },
    "camera.name": {
        "ja": "カメラ名を「{old}」から「{new}」に変更",
        "en": "Camera renamed from {old} to {new}",
    },
    "camera.address": {
        "ja": "カメラ「{name}」：アドレスを{old}から{new}に変更",
        "en": "Camera {name}: address changed from {old} to {new}",
    },
    "camera.user": {
        "ja": "カメラ「{name}」：ユーザー名を「{old}」から「{new}」に変更",
        "en": "Camera {name}: user name changed from “{old}” to “{new}”",
    },
    "camera.password": {"ja": "カメラ「{name}」：パスワードを変更", "en": "Camera {name}: password changed"},
    "camera.sub": {
        "ja": "カメラ「{name}」：画像解析に小さい映像（{address}）を使用",
        "en": "Camera {name}: watched by its smaller stream ({address})",
    },
    "camera.sub_off": {
        "ja": "カメラ「{name}」：画像解析に録画と同じ映像を使用",
        "en": "Camera {name}: watched by the stream that is recorded",
    },
    "camera.sub_password": {
        "ja": "カメラ「{name}」：小さい映像のユーザー名またはパスワードを変更",
        "en": "Camera {name}: user name or password of the smaller stream changed",
    },
    "camera.transport": {
        "ja": "カメラ「{name}」：伝送を{old}から{new}に変更",
        "en": "Camera {name}: transport changed from {old} to {new}",
    },
    "camera.speed": {
        "ja": "カメラ「{name}」：再生速度を{old}から{new}に変更",
        "en": "Camera {name}: speed changed from {old} to {new}",
    },
    "camera.loop": {
        "ja": "カメラ「{name}」：繰り返しを{old}から{new}に変更",
        "en": "Camera {name}: loop changed from {old} to {new}",
    },
    "camera.record": {
        "ja": "カメラ「{name}」：録画を{old}から{new}に変更",
        "en": "Camera {name}: recording changed from {old} to {new}",
    },
    "camera.sound": {
        "ja": "カメラ「{name}」：音声の録音を{old}から{new}に変更",
        "en": "Camera {name}: recording its sound changed from {old} to {new}",
    },
    "camera.fisheye_on": {
        "ja": "カメラ「{name}」：魚眼レンズとして設定（画角：{views}）",
        "en": "Camera {name}: set up as a fisheye camera (views: {views})",
    },
    "camera.fisheye_off": {
        "ja": "カメラ「{name}」：魚眼レンズの設定を解除",
        "en": "Camera {name}: no fisheye camera any more",
    },
    "camera.fisheye": {
        "ja": "カメラ「{name}」：レンズまたは画角を変更（画角：{views}）",
        "en": "Camera {name}: lens or views changed (views: {views})",
    },
    "register.added": {"ja": "{lane}を追加", "en": "{lane} added"},
    "register.removed": {"ja": "{lane}を削除", "en": "{lane} removed"},
    "register.name": {
        "ja": "レジ名を「{old}」から「{new}」に変更",
        "en": "Register renamed from {old} to {new}",
    },
    "register.kind": {
        "ja": "{lane}：種類を{old}から{new}に変更",
        "en": "{lane}: kind changed from {old} to {new}",
    },
    "register.group": {
        "ja": "{lane}：グループを{old}から{new}に変更",
        "en": "{lane}: group changed from {old} to {new}",
    },
    "view.added": {
        "ja": "{lane}：カメラ「{camera}」を割り当て（領域{count}個）",
        "en": "{lane}: camera {camera} assigned ({count} zones)",
    },
    "view.removed": {
        "ja": "{lane}：カメラ「{camera}」の割り当てを解除",
        "en": "{lane}: camera {camera} taken off",
    },
    "view.camera": {
        "ja": "{lane}：カメラを「{old}」から「{new}」に変更",
        "en": "{lane}: camera changed from {old} to {new}",
    },
    "view.detector": {
        "ja": "{lane}：検出器を{old}から{new}に変更",
        "en": "{lane}: detector changed from {old} to {new}",
    },
    "view.analysis_fps": {
        "ja": "{lane}：解析の毎秒枚数を{old}から{new}に変更",
        "en": "{lane}: pictures analysed per second changed from {old} to {new}",
    },
    "view.zones": {"ja": "{lane}：領域を変更（{zones}）", "en": "{lane}: zones changed ({zones})"},
    "rules.shared": {
        "ja": "{title}（共通）：{setting}を{old}から{new}に変更",
        "en": "{title}, all lanes: “{setting}” changed from {old} to {new}",
    },
    "rules.lane": {
        "ja": "{title}（{lane}）：{setting}を{old}から{new}に変更",
        "en": "{title}, {lane}: “{setting}” changed from {old} to {new}",
    },
}

_SALE = {"ja": "取引の共通設定", "en": "All rules"}
_DEFAULT = {"ja": "既定値（{value}）", "en": "the default ({value})"}
_AS_SHARED = {"ja": "「全レーンと同じ」", "en": "as for all lanes"}
_ZONE_CHANGES = {
    "added": {"ja": "追加：{roles}", "en": "added: {roles}"},
    "removed": {"ja": "削除：{roles}", "en": "removed: {roles}"},
    "moved": {"ja": "形を変更：{roles}", "en": "reshaped: {roles}"},
}


def say(one: Difference) -> dict[str, str]:
    """Return the sentence of a difference in both languages."""
    return {language: _say(one, language) for language in LANGUAGES}


def rule_title(rule: str) -> dict[str, str]:
    """Return what a rule is called."""
    return TITLES.get(rule, _SALE)


def _say(one: Difference, language: str) -> str:
    values = {name: _value(value, language) for name, value in one.values.items()}
    if "name" in values:
        values["lane"] = _lane(str(one.values["name"]), language)
    if one.key == "retention":
        values["kept"] = KEPT[str(one.values["kind"])][language]
    if one.key == "register.kind":
        values |= {name: _KINDS.get(str(one.values[name]), {}).get(language, "") for name in ("old", "new")}
    values |= _roles(one, language)
    if one.key == "view.zones":
        values["zones"] = _zones(one.values, language)
    if one.key.startswith("rules."):
        rule, key = str(one.values["rule"]), str(one.values["key"])
        titles = {(known.rule, known.key): known for known in describe()}
        values["title"] = rule_title(rule)[language]
        setting = titles.get((rule, key))
        values["setting"] = setting.title[language] if setting else key
        shared = one.key == "rules.shared"
        for name in ("old", "new"):
            choices = setting.choices or {} if setting else {}
            if one.values[name] in choices:
                values[name] = choices[str(one.values[name])][language]
            if one.values[name] is None:
                default = _value(setting.default if setting else None, language)
                default = choices.get(default, {}).get(language, default)
                values[name] = (_DEFAULT if shared else _AS_SHARED)[language].format(value=default)
    return SENTENCES[one.key][language].format(**values)


def _roles(one: Difference, language: str) -> dict[str, str]:
    """Return what the roles are called that a difference names."""
    if "role" in one.values:
        return {"role": _role(str(one.values["role"]), language)}
    if one.key != "step_up.app_roles":
        return {}
    joined = "・" if language == "ja" else ", "
    said = {name: joined.join(_role(role, language) for role in one.values[name]) for name in ("old", "new")}
    return {name: text or _value(None, language) for name, text in said.items()}


def _role(role: str, language: str) -> str:
    return ROLE_NAMES.get(role, {}).get(language, role)


def _lane(name: str, language: str) -> str:
    if name.isdecimal():
        return f"レーン{name}" if language == "ja" else f"Lane {name}"
    return name


def _zones(values: dict[str, Any], language: str) -> str:
    told = []
    for change, sentence in _ZONE_CHANGES.items():
        roles = [ROLES.get(role, {}).get(language, role) for role in values.get(change, [])]
        if roles:
            told.append(sentence[language].format(roles=("・" if language == "ja" else ", ").join(roles)))
    return ("、" if language == "ja" else "; ").join(told)


def _value(value: Any, language: str) -> str:
    if value is None or value == "":
        return {"ja": "なし", "en": "nothing"}[language]
    if isinstance(value, bool):
        return {True: {"ja": "オン", "en": "on"}, False: {"ja": "オフ", "en": "off"}}[value][language]
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ("、" if language == "ja" else ", ").join(str(one) for one in value) or _value(None, language)
    return str(value)
