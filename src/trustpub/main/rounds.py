"""Which jobs an index has: what is done, and how often."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trustpub.main.housekeeping import Job, Leased
from trustpub.storage.mails import due_mails
from trustpub.storage.publishers import pending_since
from trustpub.usecases.collect_garbage import collect_garbage
from trustpub.usecases.own_address import own_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.parties.mail.port import Post
    from trustpub.settings import ServerSettings
    from trustpub.web.service import Service

MAILS_EVERY = 3.0
"""Seconds: somebody waits for the mail that they were promised."""
ROWS_EVERY = 600.0


def jobs(service: Service, leased: Leased) -> Iterator[Job]:
    """The jobs of one index. Mails need no lease: each is claimed by who sends it."""
    yield Job(f"mails{service.settings.path}", Mails(service), MAILS_EVERY)
    yield leased.job("sweep blobs", lambda: collect_garbage(service.database, service.blobs, service.clock))
    yield leased.job("sweep rows", lambda: _sweep_rows(service), ROWS_EVERY)
    yield leased.job("sweep pending publishers", lambda: _sweep_pending(service))


class Mails:
    """Sends what waits. Asks one question of the database as long as nothing does, and loads nothing for it."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def __call__(self) -> None:
        """One round."""
        with self._service.database.read() as connection:
            waiting = due_mails(connection, self._service.clock(), limit=1)
        if waiting:
            from trustpub.usecases.accounts.mailing import Mailer, signature_of

            service = self._service
            signature = signature_of(service.settings.name, own_address(service.settings, service.address))
            Mailer(service.database, post(service.settings), service.clock, signature).send_waiting()


def post(settings: ServerSettings) -> Post:
    """Where mail goes: to the server of the settings, or into the folder `outbox`. Raises `BadInput`."""
    if settings.mail.server is None:
        from trustpub.parties.mail.outbox import Outbox

        return Outbox(settings.data / "outbox", settings.mail.sender)
    from trustpub.parties.mail.smtp import SmtpPost, server_of

    return SmtpPost(server_of(settings.mail.server, os.environ), settings.mail.sender)


def _sweep_rows(service: Service) -> None:
    from trustpub.usecases.sweep_rows import sweep_rows

    sweep_rows(service.database, service.clock)


def _sweep_pending(service: Service) -> None:
    """Let pending publishers go whose days are over, and remind of those that will; load nothing while none waits."""
    with service.database.read() as connection:
        waiting = pending_since(connection, service.clock(), 1)
    if waiting:
        service.publishing.sweep()
