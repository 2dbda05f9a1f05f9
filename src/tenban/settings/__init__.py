"""Editing ``tenban.toml`` by people: what may be changed, who changed what and when, and the way back.

Owns the revisions of the file. Refuses to keep settings anywhere else: on a single machine the file is the
truth, and a hand edit counts as much as a page's.
"""
