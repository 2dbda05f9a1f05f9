"""People, roles, sessions, tokens and the Actor that every domain function demands."""
