"""A post that keeps what it is given, for tests, and fails when it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.mail.message import message

if TYPE_CHECKING:
    from trustpub.errors import TrustpubError
    from trustpub.parties.mail.port import Letter


class FakePost:
    """`sent` are the letters that went, in order; while `failing` is an error, none goes."""

    def __init__(self, sender: str = "index@example.org") -> None:
        self.sent: list[Letter] = []
        self.failing: TrustpubError | None = None
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Keep the letter, or raise as a real post does."""
        message(letter, self._sender)
        if self.failing is not None:
            raise self.failing
        self.sent.append(letter)
