"""Detect, track, zones, transfers of items, presence. Sees; does not judge."""
