"""Composition root: which parts run in this process."""
