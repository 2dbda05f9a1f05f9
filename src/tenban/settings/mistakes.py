"""Mistakes of a changed file, led back to the field of the form they came from. Pure."""

from __future__ import annotations

from tenban.base.errors import BadInput
from tenban.settings.model import Mistake, SettingsRefused
from tenban.sites.address import HIDDEN
from tenban.sites.blocks import Address
from tenban.sites.config import ConfigMistakes

_FILE = "tenban.toml: "
_RULES = "tenban.toml: rules"


def refusal_of(error: BadInput, address: Address) -> SettingsRefused:
    """Return the refusal that names the fields.

    Args:
        error: what the checks said.
        address: of the table that was changed.
    """
    found = error.mistakes if isinstance(error, ConfigMistakes) else [error]
    return SettingsRefused([_mistake(one, address) for one in found])


def _mistake(error: BadInput, address: Address) -> Mistake:
    where = error.where.removeprefix(_FILE)
    came = str(error.came)
    prefix = _prefix(address)
    field = ""
    if error.where.startswith(_RULES):
        field = where.rpartition(".")[2]
    elif prefix and where.startswith(prefix):
        field = where.removeprefix(prefix)
    elif where.endswith(".id") and ": " not in where and "[" not in where:
        field = "id"
    elif not error.where.startswith(_FILE):
        field = where  # a check of the change itself, which speaks of its own fields
    if field in {"url", "sub"} or "url" in field or "@" in came:
        came = HIDDEN if "@" in came else came
    return Mistake({"url": "address", "username": "user"}.get(field, field), where, error.expected, came)


def _prefix(address: Address) -> str:
    text = ""
    for part in address:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".") + "." if text else ""
