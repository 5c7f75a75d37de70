"""Burning: a client that has published gives its upload token back, and it is worth nothing from then on.

It never fails for a token that is unknown or burnt already: a client burns after its uploads, and nothing it could do about an
error would help anybody.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest, parse
from trustpub.storage import tokens
from trustpub.storage.events import Event, record
from trustpub.storage.publishers import publisher_by_id
from trustpub.usecases.payload import Refusal, token_in
from trustpub.usecases.reify import ACTOR

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.storage.database import Connection, Database


def burn(database: Database, body: bytes, now: float) -> Future[Refusal | None]:
    """End the life of the upload token in the body; None when it has ended, a refusal only for a body that holds none."""
    text = token_in(body)
    token = None if isinstance(text, Refusal) else parse(text)
    if token is None:
        done: Future[Refusal | None] = Future()
        done.set_result(text if isinstance(text, Refusal) else None)
        return done
    name = digest(token.text)
    return database.write(lambda connection: _burn(connection, name, now))


def _burn(connection: Connection, name: str, now: float) -> None:
    burnt = tokens.burn_upload_token(connection, name, now)
    if burnt is None:
        return
    row = publisher_by_id(connection, burnt)
    if row is None:
        return
    detail: dict[str, JSON] = {"publisher": row.publisher.specifier, "publisher_id": row.id}
    for project in row.projects or (None,):
        record(connection, Event("upload-token:burnt", ACTOR, now, detail, project))
