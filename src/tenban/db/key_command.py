"""Sealing keys that a command tells: the way to a key-management service, a module, a password store.

``TENBAN_KEYS_COMMAND`` is split as a shell would and run without one; what it prints is what ``TENBAN_KEYS``
would hold. The keys are then only in the memory of the server's processes, in no file and no environment.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenban.base.clock import Clock
from tenban.base.errors import BadInput
from tenban.base.log import get_log
from tenban.db.keyring import LocalKeyring, Wrapped, keys_of, open_keyring

log = get_log(__name__)

COMMAND = "TENBAN_KEYS_COMMAND"
"""Such as ``aws kms decrypt …``, ``vault kv get …``, ``systemd-creds decrypt …`` or a script of one's own."""
PATIENCE_S = 20.0
AGAIN_S = 30.0
"""A command that told no key is asked again no sooner."""


class CommandKeyring(LocalKeyring):
    """Keys as a command tells them, at the first use and when one is missing.

    Args:
        ask: returns what the command printed; raises OSError or subprocess.SubprocessError.
        clock: says when to ask again.
    """

    where = f"what {COMMAND} prints"

    def __init__(self, ask: Callable[[], str], clock: Clock) -> None:
        super().__init__({})
        self._ask = ask
        self._clock = clock
        self._asked_s: float | None = None

    def newest(self) -> int:
        """Return the version that wraps from now on."""
        self._look(missing=not self._ciphers)
        return super().newest()

    def versions(self) -> tuple[int, ...]:
        """Return the versions that can be unwrapped, ascending."""
        self._look(missing=not self._ciphers)
        return super().versions()

    def unwrap(self, wrapped: Wrapped, bound_to: bytes) -> bytes:
        """Return what was wrapped for this purpose; see :class:`tenban.db.keyring.Keyring`."""
        self._look(missing=wrapped.version not in self._ciphers)
        return super().unwrap(wrapped, bound_to)

    def _look(self, *, missing: bool) -> None:
        now_s = self._clock.monotonic_s()
        if not missing or (self._asked_s is not None and now_s < self._asked_s + AGAIN_S):
            return
        self._asked_s = now_s
        try:
            told = keys_of(self._ask().strip(), COMMAND)
        except (OSError, subprocess.SubprocessError, BadInput) as error:
            # Policy: as with a key file that is away: what needs the key says so, recording goes on, and the
            # command is asked again. What it printed is told to nobody.
            why = (
                f"exit {error.returncode}"
                if isinstance(error, subprocess.CalledProcessError)
                else type(error).__name__
            )
            log.warning("no sealing keys from the command", why=why)
            return
        self._ciphers = {version: AESGCM(key) for version, key in told.items()}


def open_told_keyring(
    folder: Path, environ: Mapping[str, str], clock: Clock, *, at_least: int = 1, make: bool = True
) -> LocalKeyring:
    """Return the keys a command tells where one is named, else those of the environment or a folder.

    The arguments and errors are those of :func:`tenban.db.keyring.open_keyring`.
    """
    if not environ.get(COMMAND):
        return open_keyring(folder, environ, at_least=at_least, make=make)
    words = shlex.split(environ[COMMAND])
    return CommandKeyring(lambda: _printed(words), clock)


def _printed(words: list[str]) -> str:
    done = subprocess.run(  # whoever sets the server's environment runs the server
        words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=PATIENCE_S, check=True
    )
    return done.stdout.decode()
