"""Tries: a video that a person brings or picks, counted once, shown, and deleted by itself."""
