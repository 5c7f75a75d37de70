"""Mails that wait: a row is written with what it tells of, and sent afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, insert, select, update

from trustpub.storage.tables import mails


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that waits; `attempts` is how often sending it failed."""

    id: int
    recipient: str
    subject: str
    body: str = field(repr=False)
    """May hold a link that is somebody's key."""
    created: float
    attempts: int


def add_mail(connection: Connection, recipient: str, subject: str, body: str, now: float) -> int:
    """Let a mail wait to be sent, and return its id."""
    row = {"recipient": recipient, "subject": subject, "body": body, "created": now, "due": now}
    mail_id: int = connection.execute(insert(mails).returning(mails.c.id), row).scalar_one()
    return mail_id


def due_mails(connection: Connection, now: float, limit: int = 20) -> tuple[Mail, ...]:
    """Mails to send now, the longest due first."""
    columns = (mails.c.id, mails.c.recipient, mails.c.subject, mails.c.body, mails.c.created, mails.c.attempts)
    query = select(*columns).where(mails.c.due <= now).order_by(mails.c.due, mails.c.id).limit(limit)
    return tuple(Mail(*row) for row in connection.execute(query))


def claim_mail(connection: Connection, mail: Mail, until: float) -> bool:
    """Keep a mail to oneself until then: False when another process took it meanwhile."""
    mine = (mails.c.id == mail.id, mails.c.attempts == mail.attempts)
    done = connection.execute(update(mails).where(*mine).values(attempts=mail.attempts + 1, due=until))
    return done.rowcount == 1


def postpone_mail(connection: Connection, mail_id: int, due: float) -> None:
    """Try a mail again later."""
    connection.execute(update(mails).where(mails.c.id == mail_id).values(due=due))


def remove_mail(connection: Connection, mail_id: int) -> None:
    """Forget a mail: it was sent, or never will be."""
    connection.execute(delete(mails).where(mails.c.id == mail_id))


def waiting_mails(connection: Connection) -> int:
    """How many mails wait."""
    return connection.execute(select(func.count()).select_from(mails)).scalar_one()
