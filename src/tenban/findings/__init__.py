"""Rules joining sale and sight, live and in replay with the same answer."""
