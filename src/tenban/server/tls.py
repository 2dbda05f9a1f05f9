"""Serving by https: given files, or certificates of this machine's own; renewed without a restart."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from tenban.base.clock import Clock
from tenban.base.errors import BadInput, TenbanError
from tenban.base.log import get_log
from tenban.server.certificates import Certificates, fingerprint, names_of_machine
from tenban.server.settings import SELF_SIGNED, ServeSettings
from tenban.web.trust import trust_app

log = get_log(__name__)

LOOK_S = 3600.0
# TLS 1.3 brings its own suites; of 1.2 only those with forward secrecy and authenticated encryption.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"


@dataclass(slots=True)
class Tls:
    """The certificate a server shows.

    Attributes:
        chain: the file it is in, with what stands above it.
        key: its private key's file.
        own: this machine's own authority; None where files were given.
    """

    settings: ServeSettings
    clock: Clock
    chain: Path
    key: Path
    own: Certificates | None = None
    _seen: tuple[int, int] = (0, 0)

    @classmethod
    def of(cls, settings: ServeSettings, clock: Clock) -> Tls | None:
        """Return what the settings ask for, made if need be; None: plain http.

        Raises:
            BadInput: a file is missing or no certificate, or the key is another one's.
        """
        if settings.tls == SELF_SIGNED:
            own = Certificates(settings.keys_dir / "tls")
            tls = cls(settings, clock, own.chain, own.key, own)
        elif settings.tls_cert is not None and settings.tls_key is not None:
            tls = cls(settings, clock, settings.tls_cert, settings.tls_key)
        else:
            return None
        tls.renewed()
        tls.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        return tls

    def renewed(self) -> bool:
        """Renew what ends soon; tell whether the files are others than at the last look."""
        if self.own is not None:
            names = names_of_machine(self.settings.host, self.settings.tls_names)
            self.own.renew(names, self.clock.now())
        try:
            seen = (self.chain.stat().st_mtime_ns, self.key.stat().st_mtime_ns)
        except OSError as error:
            raise BadInput(
                str(error.filename), expected="a certificate's file", came=error.strerror
            ) from error
        was, self._seen = self._seen, seen
        return was != seen

    def load_into(self, context: ssl.SSLContext) -> None:
        """Let a server show the certificate from the next connection on.

        Raises:
            BadInput: it cannot be read, or the key does not belong to it.
        """
        try:
            context.load_cert_chain(self.chain, self.key)
        except (OSError, ssl.SSLError) as error:
            raise BadInput(
                f"{self.chain}, {self.key}", expected="a certificate and its key in PEM", came=error
            ) from error

    def prepare(self, config: uvicorn.Config) -> None:
        """Let a server speak TLS 1.2 and 1.3 with this certificate."""
        config.ssl_certfile, config.ssl_keyfile = str(self.chain), str(self.key)
        config.ssl_ciphers = _CIPHERS
        config.load()
        assert config.ssl is not None  # noqa: S101  # made by load()
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        config.ssl.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE

    async def keep(self, context: ssl.SSLContext) -> None:
        """Renew and load the certificate for as long as the server runs."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                if await asyncio.to_thread(self.renewed):
                    self.load_into(context)
                    log.info("certificate renewed", file=str(self.chain))
            except (TenbanError, OSError) as error:
                # Policy: the old certificate holds for weeks still; the next look tries again.
                log.warning("certificate not renewed", why=str(error))

    def beside(self) -> uvicorn.Server | None:
        """Return the server that leads from http to https, and offers this machine's authority."""
        port = self.settings.redirect_port
        if port is None:
            return None
        der = self.own.authority_der() if self.own else None
        if der is not None:
            log.info("a tablet learns to trust this server at /trust", port=port, sha256=fingerprint(der))
        return uvicorn.Server(
            uvicorn.Config(
                trust_app(der, None if der is None else fingerprint(der), self.settings.port),
                host=self.settings.host,
                port=port,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=1,
            )
        )


@contextlib.asynccontextmanager
async def served_beside(tls: Tls | None, config: uvicorn.Config) -> AsyncIterator[None]:
    """Keep the certificate, and lead from http to https, for as long as the server itself runs."""
    if tls is None or config.ssl is None:
        yield
        return
    tasks = [asyncio.create_task(tls.keep(config.ssl), name="certificate")]
    beside = tls.beside()
    if beside is not None:
        # Signals end the server itself; this one ends with it.
        beside.capture_signals = contextlib.nullcontext  # type: ignore[assignment, method-assign]
        tasks.append(asyncio.create_task(beside.serve(), name="from-http"))
    try:
        yield
    finally:
        if beside is not None:
            beside.should_exit = True
        tasks[0].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
