"""When API tokens were last used to read, or by `/api/v1`: noted beside the request, which waits for nothing.

Uploads note it in their own transaction (`upload_placing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.accounts import NOTED_EVERY, find_api_token, note_use

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.storage.database import Connection, Database

MOST = 10_000
"""Tokens that are remembered at once; beyond them memory begins anew, which costs a look into the database each."""


class TokenUses:
    """Notes uses, of each token once an hour at most. Any number of threads may call it."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._noted: dict[str, float] = {}

    def note(self, digest: str) -> None:
        """The token of this digest, which was found to be good, is used now. Most calls look into a dictionary, no more."""
        now = self._clock()
        if now - self._noted.get(digest, -NOTED_EVERY) < NOTED_EVERY:
            return
        if len(self._noted) >= MOST:
            self._noted.clear()
        self._noted[digest] = now

        def work(connection: Connection) -> None:
            token = find_api_token(connection, digest)
            if token is not None:
                note_use(connection, token, now)

        self._database.write(work)
