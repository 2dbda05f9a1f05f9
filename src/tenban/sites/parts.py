"""What every part of ``tenban.toml`` is checked by: no misspelt keys, ids, names, roles."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="lower-case letters, digits, - and _")
]
Name = Annotated[str, Field(min_length=1, max_length=100)]

RoleName = Literal[
    "cashier", "attendant", "supervisor", "analyst", "desk_operator", "installer", "auditor", "administrator"
]


class Part(BaseModel):
    """A table of the file: a key it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", strict=True)
