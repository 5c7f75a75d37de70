"""Closing an account, by an administrator or at the data: one list of what ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.accounts import revoke_api_tokens, set_active
from trustpub.storage.events import Event, record
from trustpub.storage.invitations import remove_offers_by
from trustpub.storage.links import void_links
from trustpub.storage.publishers import all_pending, remove_pending
from trustpub.storage.sessions import end_sessions
from trustpub.usecases.accounts.operated import tell_operated

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection


def close(connection: Connection, user: User, by: str, now: float) -> None:
    """Let nobody sign in or act as this user: what would, ends for good. What they made, and their roles, stay.

    A pending publisher acts as them, too: its first exchange would make a project that is theirs.
    """
    void_links(connection, "reset", user.id, now)
    void_links(connection, "verify", user.id, now)
    remove_offers_by(connection, user.name)
    waiting = all_pending(connection, user_id=user.id)
    remove_pending(connection, [row.id for row in waiting])
    for row in waiting:
        removed: dict[str, JSON] = {"project": row.project, "publisher": row.publisher.specifier}
        record(connection, Event("pending-publisher:removed", by, now, removed, user_id=user.id))
    detail: dict[str, JSON] = {
        "user": user.name,
        "sessions": end_sessions(connection, user.id),
        "api_tokens": revoke_api_tokens(connection, user.id, now),
    }
    set_active(connection, user.id, active=False)
    record(connection, Event("account:closed", by, now, detail, user_id=user.id))
    tell_operated(connection, user, "closed", now)
