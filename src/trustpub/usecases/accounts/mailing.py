"""Sending the mails that wait. What tells of a change is written with it; here it goes out, sooner or later."""

from __future__ import annotations

import base64
from functools import partial
from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.errors import Denied, Unreachable
from trustpub.parties.mail.port import Letter
from trustpub.storage.events import Event, record
from trustpub.storage.mails import claim_mail, due_mails, postpone_mail, remove_mail

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON
    from trustpub.parties.mail.port import Post
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.mails import Mail

ACTOR = "mailer"
CLAIMED = 600
"""Seconds for which a process keeps a mail to itself: longer than a server may take to answer."""
ENOUGH = 3
"""Failures in a row that end a round: a server that is away lets everybody wait for its silence."""
FIRST_WAIT = 60
LONGEST_WAIT = 6 * 3600
GIVEN_UP_AFTER = 3 * 86_400
"""Seconds: to the second try, between two of them at most, and after which no more is made."""


class Mailer:
    """Takes mails from the table to the post, again later when it fails, and gives up in the end.

    Several processes may do it at once: each mail is claimed before it is sent. One that dies in between lets it wait, so that a
    mail may come twice and never gets lost.
    """

    def __init__(self, database: Database, post: Post, clock: Callable[[], float], signature: str = "") -> None:
        """`signature` stands below every mail: see `signature_of`."""
        self._database = database
        self._post = post
        self._clock = clock
        self._signature = signature

    def send_waiting(self) -> int:
        """Send what is due now; how many went. A mail that does not go is tried again later, and raises nothing."""
        with self._database.read() as connection:
            due = due_mails(connection, self._clock())
        went = failed = 0
        for mail in due:
            if failed == ENOUGH:
                break
            now = self._clock()  # a slow server makes rounds long: the claim of the last mail counts from its own turn
            if self._database.write(partial(claim_mail, mail=mail, until=now + CLAIMED)).result():
                sent = self._send(mail, now)
                went += sent is True
                failed = failed + 1 if sent is None else 0
        return went

    def _send(self, mail: Mail, now: float) -> bool | None:
        """Whether a claimed mail went; None when none can go now."""
        try:
            self._post.send(_letter(mail, self._signature))
        except Denied as problem:
            self._give_up(mail, str(problem), now)
            return False
        except Unreachable as problem:
            self._later(mail, str(problem), now)
            return None
        self._database.write(partial(remove_mail, mail_id=mail.id)).result()
        return True

    def _later(self, mail: Mail, why: str, now: float) -> None:
        if now - mail.created >= GIVEN_UP_AFTER:
            self._give_up(mail, why, now)
            return
        wait = min(FIRST_WAIT * 2 ** min(mail.attempts, 20), LONGEST_WAIT)
        self._database.write(lambda connection: postpone_mail(connection, mail.id, now + wait)).result()

    def _give_up(self, mail: Mail, why: str, now: float) -> None:
        def work(connection: Connection) -> None:
            remove_mail(connection, mail.id)
            tries = mail.attempts + 1
            detail: dict[str, JSON] = {"recipient": mail.recipient, "subject": mail.subject, "tries": tries, "why": why}
            record(connection, Event("mail:given-up", ACTOR, now, detail))

        self._database.write(work).result()


def signature_of(name: str, address: str) -> str:
    """Which index writes, and where it is: below the line with which mail readers know a signature."""
    return f"\n-- \n{name}\n{address}/\n"


def _letter(mail: Mail, signature: str) -> Letter:
    """The letter of a row. Its id is the same at every try, and tells nothing of what is in it."""
    name = base64.b32encode(bytes.fromhex(digest(f"{mail.id}:{mail.created}:{mail.recipient}"))[:15]).decode("ascii").lower()
    return Letter(name, mail.recipient, mail.subject, mail.body + signature, mail.created)
