"""Forgetting what is over: sessions, links, counted attempts, and the tokens of machines."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trustpub.storage.links import sweep_links
from trustpub.storage.sessions import sweep_sessions
from trustpub.storage.throttles import sweep_throttles
from trustpub.storage.tokens import START
from trustpub.storage.tokens import sweep as sweep_tokens
from trustpub.storage.totals import sweep_read_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.storage.database import Database

UNSEEN = 14 * 24 * 3600.0
"""Seconds after which a session that nobody used is forgotten: long after it stopped being good for anything."""


def sweep_rows(database: Database, clock: Callable[[], float]) -> None:
    """One round, a transaction for each kind: nothing here is ever asked for again, so it does not matter which go first."""
    now = clock()
    place = database.write(partial(sweep_tokens, now=now)).result()
    while place != START:
        place = database.write(partial(sweep_tokens, now=now, after=place)).result()
    for sweep in (sweep_read_tokens, sweep_links, sweep_throttles):
        database.write(partial(sweep, now=now)).result()
    database.write(lambda connection: sweep_sessions(connection, now, now - UNSEEN)).result()
