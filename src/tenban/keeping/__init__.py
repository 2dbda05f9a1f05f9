"""How long what is kept, what is held beyond that, and the proof of what was destroyed.

Owns periods at work, legal holds, deletions and a person's request. Refuses to decide what a period should
be: that is the shop's, in ``tenban.toml``.
"""
