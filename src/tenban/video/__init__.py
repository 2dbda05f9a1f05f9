"""Footage: one reader per camera, fragments, the index, clips, stills, live fan-out."""
