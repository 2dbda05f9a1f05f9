"""What browsers complain of in their consoles: a test says which complaints it brings about on purpose."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page


class Complaints:
    """Errors in the consoles of a test's pages.

    A browser may say at any later time what went wrong: what is forgiven is forgiven for the whole test.
    """

    def __init__(self) -> None:
        self._said: list[str] = []
        self._forgiven: set[str] = set()

    def hear(self, page: Page) -> None:
        """Listen to one page."""
        page.on("console", self._note)
        page.on("pageerror", lambda error: self._said.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._said.append(message.text)

    def forgive(self, *parts: str) -> None:
        """Let pass whatever holds one of these parts, said already or later."""
        self._forgiven.update(parts)

    def forgive_refusals(self) -> None:
        """Let pass what browsers say of requests that the server refuses: a status from 400 to 499."""
        self.forgive("status of 4")

    def forgive_cuts(self) -> None:
        """Let pass what browsers say of requests that a server or a network gone left without an answer."""
        self.forgive("net::ERR_", "WebSocket connection to")

    @property
    def unforgiven(self) -> list[str]:
        """What nobody brought about on purpose."""
        return [text for text in self._said if not any(part in text for part in self._forgiven)]
