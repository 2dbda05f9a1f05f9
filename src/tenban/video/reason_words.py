"""Reasons in words for people, in ja and en; what is to be done stands with them where that is known."""

from __future__ import annotations

from typing import Any

from tenban.video.reasons import Reason, reason_of

_WORDS = {
    "clock_back": ("このサーバーの時計が{s}秒戻されました", "This server's clock was set back by {s} s"),
    "clock_ahead": ("このサーバーの時計が{s}秒進められました", "This server's clock was set ahead by {s} s"),
    "only_held": (
        "ディスクがいっぱいで（空き{free} MiB）、残りの録画はすべて保全中です。{needed} MiB空くと再開します",
        "The disk is full ({free} MiB free), all footage left is held. It goes on with {needed} MiB free",
    ),
    "disk_full": (
        "ディスクがいっぱいです（空き{free} MiB）。{needed} MiB空くと録画を再開します",
        "The disk is full ({free} MiB free). Recording goes on once {needed} MiB are free",
    ),
    "disk_broken": (
        "ディスクに書き込めません。ディスクを確認してください",
        "The disk does not keep what is written. Have the disk checked",
    ),
    "no_space": ("ディスクに空きがありません", "There is no space left on the disk"),
    "unsealed": (
        "鍵が使えないため、暗号化せずに録画しています",
        "Recorded without being sealed, because there is no key for it",
    ),
    "password": (
        "ユーザー名またはパスワードが違います",
        "The camera wants another user name or password",
    ),
    "path": (
        "このパスの映像はカメラにありません。アドレスを確認してください",
        "The camera knows no stream of this path. Check its address",
    ),
    "silent": (
        "カメラから{s}秒間映像が届きませんでした。電源と配線を確認してください",
        "The camera sent nothing for {s} s. Check its power and cable",
    ),
    "ended": ("カメラが映像の送信を終えました", "The camera ended its stream"),
    "no_video": ("カメラから映像が送られていません（音声のみなど）", "The stream carries no video"),
    "codec": (
        "カメラの映像形式{codec}は録画できません。カメラをH.264に設定してください",
        "The camera sends {codec}, which cannot be recorded. Set it to H.264",
    ),
    "redirect": (
        "カメラが別のアドレスへ転送しています。転送先のアドレスを設定してください",
        "The camera sends on to another address. Set that address",
    ),
    "no_file": ("映像ファイルがありません", "There is no such video file"),
    "not_allowed": (
        "このアドレスへの接続は許可されていません",
        "Connections to this address are not allowed",
    ),
    "no_route": (
        "カメラへの経路がありません。電源、配線、ネットワークを確認してください",
        "The camera cannot be reached. Check its power, cable and network",
    ),
    "refused": (
        "カメラが接続を拒否しました。ポートとRTSPの設定を確認してください",
        "The camera refused the connection. Check the port, and that RTSP is switched on",
    ),
    "no_name": (
        "この名前の機器はネットワークに見つかりません",
        "There is no device of this name in the network",
    ),
    "late": ("カメラが時間内に応答しませんでした", "The camera did not answer in time"),
    "cut_off": ("カメラとの接続が切れました", "The connection to the camera was cut"),
    "broken": ("映像を読み取れませんでした", "The stream could not be read"),
    "none": ("この時刻の録画はありません", "There is no footage of this time"),
    "other": ("録画に問題がありました", "Something went wrong"),
}
_QUOTED = frozenset({"broken", "other", "disk_broken", "unsealed", "redirect", "no_file", "not_allowed"})
"""Codes that do not say all: what the device or system said stands behind them as it came."""


def words_of(reason: Reason) -> dict[str, str]:
    """Return a reason in ja and en; what a device said itself is quoted in its own words."""
    ja, en = (text.format_map(reason.values) for text in _WORDS[reason.code])
    if reason.said and reason.code in _QUOTED:
        ja, en = f"{ja}（「{reason.said}」）", f"{en} (“{reason.said}”)"
    return {"ja": ja, "en": en}


def told_reason(why: str | None) -> dict[str, Any] | None:
    """Return a reason as the API answers it beside its sentence: code, values, what was said, and words."""
    found = reason_of(why)
    return None if found is None else {**found._asdict(), "words": words_of(found)}
