"""Addresses whose password is kept sealed in the database, opened for whoever connects."""

from __future__ import annotations

from tenban.db.vault import Vault, is_marker
from tenban.sites.address import password_of, with_password


def opened_address(url: str, vault: Vault | None) -> str:
    """Return a camera's address with its password; as it is where the password stands there itself.

    Raises:
        Gone: the password is not kept here; it was sealed on another machine.
        KeyMissing: the key is not here.
        NotOurs: it was changed.
    """
    password = password_of(url)
    if vault is None or not is_marker(password):
        return url
    return with_password(url, vault.secret("camera", password))
