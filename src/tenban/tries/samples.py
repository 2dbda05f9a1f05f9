"""The sample clips: simulated sales whose truth is known, rendered at first need. Nothing is shipped."""

from __future__ import annotations

from dataclasses import dataclass

from tenban.base.errors import NotFound

WIDTH, HEIGHT, FPS = 640, 360, 15


@dataclass(frozen=True, slots=True)
class Sample:
    """A simulated sale.

    Attributes:
        key: stable name.
        seed: of the sale.
        behaviours: what its shopper does.
        title: what happens, in ja and en.
        registered: what the till has at the end.
        brought_in: what really lies in bagging at the end.
        length_s: about how long the clip is.
    """

    key: str
    seed: int
    behaviours: tuple[str, ...]
    title: dict[str, str]
    registered: int
    brought_in: int
    length_s: int


SAMPLES = (
    Sample(
        "forgotten",
        6,
        ("forgotten_scan",),
        {"ja": "1点の登録を忘れる", "en": "One item is not scanned"},
        3,
        4,
        24,
    ),
    Sample("honest", 11, (), {"ja": "すべて登録する", "en": "Every item is scanned"}, 2, 2, 23),
    Sample(
        "quantity",
        6,
        ("quantity",),
        {"ja": "数量をまとめて登録する", "en": "A quantity is entered at once"},
        5,
        5,
        26,
    ),
    Sample(
        "two-at-once",
        5,
        ("two_at_once",),
        {"ja": "2点を一度に移す（数えにくい例）", "en": "Two items in one hand (hard to count)"},
        5,
        6,
        27,
    ),
)


def sample_of(key: str) -> Sample:
    """Return a sample clip, or raise NotFound."""
    for sample in SAMPLES:
        if sample.key == key:
            return sample
    raise NotFound(f"there is no sample clip {key[:40]!r}")
