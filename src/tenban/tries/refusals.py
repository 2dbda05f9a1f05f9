"""Why something was refused, as the person at the screen reads it: expected, came, and what was kept."""

from __future__ import annotations

from tenban.base.errors import Conflict, TenbanError, TooLarge, Unavailable


def too_large(most_mb: int, size: int | None) -> TenbanError:
    """A file over the limit; ``size`` in bytes where it is known."""
    came = f"{size / 1e6:,.0f} MB" if size is not None else f"> {most_mb} MB"
    error = TooLarge(f"upload: expected at most {most_mb} MB, got {came}")
    error.told = {
        "ja": f"{most_mb} MBまでのファイルが必要です。このファイルは{came}です。何も保存していません。",
        "en": f"Expected a file of at most {most_mb} MB; this one has {came}. Nothing of it was kept.",
    }
    return error


def too_many(most: int) -> TenbanError:
    """A person keeps as many as one may."""
    error = Conflict(f"tries: expected fewer than {most} kept at a time, got {most}")
    error.told = {
        "ja": f"一度に保存できるのは{most}件までです。一覧のいずれかを削除すると、新しく始められます。",
        "en": f"You can keep {most} at a time. Delete one of those in the list, then start a new one.",
    }
    return error


def no_space() -> TenbanError:
    """The disk is full."""
    error = Unavailable("upload: expected room on the disk, got none")
    error.told = {
        "ja": (
            "サーバーの空き容量が足りないため、受け取れませんでした。このファイルは保存していません。"
            "ほかのお試しはそのまま残っています。"
        ),
        "en": (
            "The server has no room on its disk for this file. Nothing of it was kept; "
            "your other tries are as they were."
        ),
    }
    return error


def broken_upload(expected: int | None, came: int) -> TenbanError:
    """A connection that ended before the file did."""
    error = Unavailable(f"upload: expected {expected} bytes, got {came}")
    error.told = {
        "ja": "アップロードが途中で切れました。何も保存していません。もう一度お試しください。",
        "en": "The upload broke off. Nothing of it was kept; please try again.",
    }
    return error


def gave_up() -> dict[str, str]:
    """The work on a try ended several times before it was done."""
    return {
        "ja": (
            "処理が何度も途中で終わりました。動画は残っています。別の動画か、短くした動画でお試しください。"
        ),
        "en": "The work broke off several times. The video is kept; try another one, or a shorter cut of it.",
    }


def over_limits() -> dict[str, str]:
    """Decoding or counting crashed, or took more memory than it may."""
    return {
        "ja": (
            "この動画は処理できませんでした。壊れているか、許された範囲のメモリーでは足りません。"
            "動画は残っています。画像を小さくした動画でお試しください。"
        ),
        "en": (
            "This video could not be worked on: it is damaged, or needs more memory than is allowed. "
            "It is kept; try one with a smaller picture."
        ),
    }


def too_slow(most_s: float) -> dict[str, str]:
    """It took longer than it may."""
    return {
        "ja": f"{most_s:.0f}秒以内に終わりませんでした。動画は残っています。短くした動画でお試しください。",
        "en": f"It was not done within {most_s:.0f} s. The video is kept; try a shorter cut of it.",
    }


def file_gone() -> dict[str, str]:
    """The file is no longer where it was kept."""
    return {
        "ja": "動画ファイルが見つかりません。もう一度アップロードしてください。",
        "en": "The video file is gone. Please upload it again.",
    }


def file_damaged() -> dict[str, str]:
    """The file is not as it was sealed, or its key is not here."""
    return {
        "ja": (
            "保存された動画を開けません（破損しているか、鍵がありません）。もう一度アップロードしてください。"
        ),
        "en": "The kept video is damaged, or its key is missing. Please upload it again.",
    }


def busy() -> TenbanError:
    """Another upload of this person, or enough of others, is on its way."""
    error = Unavailable("upload: expected no other upload on its way, got one")
    error.told = {
        "ja": "ほかのアップロードを受け取っています。終わってからもう一度お試しください。",
        "en": "Another upload is on its way. Please try again once it is done.",
    }
    return error
