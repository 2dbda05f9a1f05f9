"""Tenban (店番, "minding the shop"): a store-security server."""

__version__ = "0.1.0"
