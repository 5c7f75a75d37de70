"""Sending the mails that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.parties.mail.port import Post
    from trustpub.storage.database import Database


class Mailer:
    """Takes mails from the table to the post, again later when it fails, and gives up in the end."""

    def __init__(self, database: Database, post: Post) -> None:
        self._database = database
        self._post = post

    def send_waiting(self, now: float) -> int:
        """Send what is due at `now`; how many were sent. Never raises for a mail that does not go."""
        raise NotImplementedError
