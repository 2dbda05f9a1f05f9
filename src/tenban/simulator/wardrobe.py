"""Sprites painted once and shared by all lanes of a process: people, baskets, bags, products, screens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tenban.simulator.furniture import Holder, make_bag, make_basket, paint_screen
from tenban.simulator.paint import Colour
from tenban.simulator.people import Figure, make_figure
from tenban.simulator.products import Product, paint_product
from tenban.simulator.sprites import Sprite, make_sprite

_UNIFORMS: tuple[Colour, ...] = ((110, 60, 30), (50, 110, 40), (40, 40, 46))


class Wardrobe:
    """Paints on first use and keeps what it painted.

    Args:
        scale: picture width over 960.
        variety: how many different people, baskets and bags there are; looks beyond that repeat.
    """

    def __init__(self, scale: float, *, variety: int = 16) -> None:
        self.scale = scale
        self._variety = variety
        self._figures: dict[int, Figure] = {}
        self._staff: dict[int, Figure] = {}
        self._baskets: dict[int, Holder] = {}
        self._bags: dict[int, Holder] = {}
        self._products: dict[tuple[str, int], Sprite] = {}
        self._screens: dict[tuple[int, str], Sprite] = {}

    def shopper(self, seed: int) -> Figure:
        """Return a shopper's or passer-by's sprites."""
        key = seed % self._variety
        if key not in self._figures:
            self._figures[key] = make_figure(1000 + key, self.scale)
        return self._figures[key]

    def staff(self, seed: int) -> Figure:
        """Return the sprites of somebody in uniform."""
        key = seed % len(_UNIFORMS)
        if key not in self._staff:
            self._staff[key] = make_figure(2000 + key, self.scale, uniform=_UNIFORMS[key])
        return self._staff[key]

    def basket(self, seed: int) -> Holder:
        """Return a basket's sprites."""
        key = seed % self._variety
        if key not in self._baskets:
            self._baskets[key] = make_basket(np.random.default_rng(key), self.scale)
        return self._baskets[key]

    def bag(self, seed: int) -> Holder:
        """Return a bag's sprites."""
        key = seed % self._variety
        if key not in self._bags:
            self._bags[key] = make_bag(np.random.default_rng(key), self.scale)
        return self._bags[key]

    def product(self, product: Product) -> Sprite:
        """Return an article's sprite."""
        key = (product.kind, product.look)
        if key not in self._products:
            self._products[key] = make_sprite(
                paint_product(product), scale=self.scale, shadow_blur_px=5, shadow_opacity=0.42
            )
        return self._products[key]

    def screen(self, lines: int, state: str) -> Sprite:
        """Return the register's screen."""
        key = (min(lines, 12), state)
        if key not in self._screens:
            self._screens[key] = paint_screen(key[0], state, self.scale)
        return self._screens[key]

    def fill(self, assortment: list[Product]) -> Iterator[None]:
        """Paint everything there is, one piece per step, so that a caller may show progress."""
        for product in assortment:
            self.product(product)
            yield
        for key in range(self._variety):
            self.shopper(key)
            yield
            self.basket(key)
            self.bag(key)
            yield
        for key in range(len(_UNIFORMS)):
            self.staff(key)
            yield
        for state in ("idle", "scanning", "paying", "thanks"):
            for lines in range(9):
                self.screen(lines, state)
            yield
