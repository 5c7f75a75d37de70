"""Whether an index can do its work, and how much it holds: what monitoring asks."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, BinaryIO, Protocol

from trustpub.storage import accounts, totals
from trustpub.usecases.upload_credential import Admission, credential

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.storage.blobs import Temp
    from trustpub.storage.database import Database

PATIENCE = 5.0
"""Seconds for the database to commit: an index that needs longer is not ready for anybody."""

NOBODYS = "0" * 64
"""A content address that no file has."""


class Stored(Protocol):
    """Where the bytes of files live."""

    def temp(self, sha256: str = "") -> Temp:
        """Open an empty temp file."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob. Raises FileNotFoundError."""
        ...


class Health:
    """Asks the stores of one index."""

    def __init__(self, database: Database, blobs: Stored, clock: Callable[[], float]) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    def failing(self) -> tuple[str, ...]:
        """The parts that cannot do their work now: `database`, `blobs`; nothing when all can. Waits for the disk."""
        parts = {"database": self._commit, "blobs": self._reach}
        return tuple(name for name, asks in parts.items() if not _works(asks))

    def held(self) -> totals.Totals:
        """How much there is."""
        with self._database.read() as connection:
            return totals.totals(connection)

    def is_operator(self, authorization: str | None) -> bool:
        """Whether this header holds a valid API token, for everything of its user, of somebody who manages the whole index."""
        read = credential(authorization)
        if not isinstance(read, Admission):
            return False
        with self._database.read() as connection:
            token = accounts.find_api_token(connection, read.digest)
        if token is None or not token.admin or token.project_id is not None or token.scope == "upload":
            return False
        return token.expires is None or self._clock() < token.expires

    def _commit(self) -> None:
        self._database.write(totals.touch).result(PATIENCE)

    def _reach(self) -> None:
        temp = self._blobs.temp()
        try:
            temp.write(b"\0")
        finally:
            temp.discard()
        with contextlib.suppress(FileNotFoundError):
            self._blobs.open(NOBODYS).close()


def _works(asks: Callable[[], None]) -> bool:
    try:
        asks()
    except Exception:  # noqa: BLE001 - whatever it is: the part cannot do its work, and nobody outside is told more
        return False
    return True
