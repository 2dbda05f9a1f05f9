"""What the shop sells: articles with numbers, prices and looks, endless variety within each kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tenban.simulator import fresh, packages
from tenban.simulator.paint import Painting, Rng


@dataclass(frozen=True, slots=True)
class Product:
    """One article: what the till calls it and how it is painted.

    Attributes:
        kind: name of the painter.
        name: what the till shows.
        plu: 13 digits with a right check digit.
        price: in yen.
        look: seed of its looks, so that every piece of one article looks the same.
        keyed: sold without a barcode, chosen on the screen.
    """

    kind: str
    name: str
    plu: str
    price: int
    look: int
    keyed: bool


_KINDS: dict[str, tuple[Callable[[Rng], Painting], str, float, bool]] = {
    "box": (packages.paint_box, "ビスケット", 3.0, False),
    "can": (packages.paint_can, "缶コーヒー", 2.0, False),
    "tin": (packages.paint_tin, "ツナ缶", 1.0, False),
    "bottle": (packages.paint_bottle, "ペットボトル飲料", 2.5, False),
    "carton": (packages.paint_carton, "牛乳 1L", 1.3, False),
    "pouch": (packages.paint_pouch, "ポテトチップス", 2.2, False),
    "fruit": (fresh.paint_fruit, "果物", 1.2, True),
    "bananas": (fresh.paint_bananas, "バナナ", 0.7, True),
    "greens": (fresh.paint_greens, "長ねぎ", 0.8, True),
    "tray": (fresh.paint_tray, "精肉", 1.8, False),
    "bread": (fresh.paint_bread, "食パン", 1.4, False),
    "onigiri": (fresh.paint_onigiri, "おにぎり", 1.0, False),
    "small": (packages.paint_small, "板チョコ", 1.6, False),
    "cup": (packages.paint_cup, "カップ麺", 1.5, False),
}


def paint_product(product: Product) -> Painting:
    """Paint one article; the same article always looks the same."""
    return _KINDS[product.kind][0](np.random.default_rng(product.look))


def make_assortment(rng: Rng, size: int) -> list[Product]:
    """Return different articles, drawn by how often shoppers buy each kind."""
    kinds = list(_KINDS)
    weights = np.array([_KINDS[kind][2] for kind in kinds])
    chosen = rng.choice(len(kinds), size=size, p=weights / weights.sum())
    products: list[Product] = []
    for number, pick in enumerate(chosen):
        kind = kinds[pick]
        stem = f"49{rng.integers(10**6):06d}{number:04d}"
        products.append(
            Product(
                kind=kind,
                name=f"{_KINDS[kind][1]} {number + 1}",
                plu=stem + _check_digit(stem),
                price=int(rng.integers(8, 60)) * 10 - 2,
                look=int(rng.integers(2**31)),
                keyed=_KINDS[kind][3],
            )
        )
    return products


def _check_digit(twelve: str) -> str:
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(twelve))
    return str(-total % 10)
