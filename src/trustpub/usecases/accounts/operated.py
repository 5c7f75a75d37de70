"""The mail about what those who run the index did to an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.mails import add_mail
from trustpub.usecases.letters import letter

if TYPE_CHECKING:
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection


def tell_operated(connection: Connection, user: User, what: str, now: float) -> None:
    """Tell somebody `what` changed (a word of `letters/words.py`), if the address is theirs; of a closed account, too."""
    if user.email_verified:
        text = letter("operated", user.language, {"user": user.name, "change": what})
        add_mail(connection, user.email, text.subject, text.body, now)
