"""A PostgreSQL server as the database of an index: many processes, one writer at a time among all of them.

A write begins by taking an advisory lock that ends with its transaction, so what a call looked at stays so until its commit,
whatever process it runs in (docs/adr/0010-one-writer-everywhere.md). Every other statement sees what was committed before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from trustpub.errors import Broken, TrustpubError, Unreachable

if TYPE_CHECKING:
    from psycopg import Connection
    from sqlalchemy import URL, Engine

    from trustpub.storage.serial_batches import SerialBatches
    from trustpub.storage.statements import Driver

WRITER = 0x7472757374707562
"""The key of the advisory lock: "trustpub" in ASCII. Another index in the same database would need another."""

KEPT = 16
"""Read connections that are kept open: as many as there are threads that read."""

CONNECTING: dict[str, str | int] = {
    "connect_timeout": 5,
    "application_name": "trustpub",
    # Of several hosts the one that takes writes: reads must see the last acknowledged one.
    "target_session_attrs": "read-write",
    # A host that vanished is noticed within half a minute.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""What the URL may say otherwise."""

AGAIN = "See whether PostgreSQL runs, and has this database and this user, then try again"
"""What to do about a database that does not answer."""

SESSION = """
SELECT set_config('synchronous_commit',
                  CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),
       set_config('lock_timeout', '30s', false),
       set_config('statement_timeout', '30s', false),
       set_config('idle_in_transaction_session_timeout', '30s', false),
       set_config('TimeZone', 'UTC', false)
"""
"""A commit is on the disk before it is answered, and nobody waits, or is waited for, without end."""

_WRITE = f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_advisory_xact_lock({WRITER})"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(frozen=True, slots=True)
class Server:
    """One PostgreSQL database. It has no `path`: its files are its own affair."""

    url: URL
    path: None = None
    kept: int = KEPT

    def writer(self) -> Engine:
        """An engine for the one connection that writes (and for migrations)."""
        return self._engine()

    def reader(self) -> Engine:
        """An engine for connections that read; who uses it keeps them."""
        return self._engine()

    def begin_write(self, below: Driver) -> None:
        """Begin a transaction as the one writer of all processes; waits for the others' commits, in the order of asking."""
        # One message. The lock is a statement of its own, and the next one's snapshot is taken after it was granted.
        below.execute(_WRITE, prepare=False)  # type: ignore[call-arg]

    def begin_read(self, below: Driver) -> None:
        """Begin a transaction that sees one moment, and cannot write."""
        below.execute(_READ)

    def lost(self, below: Driver) -> bool:
        """Whether this connection is of no more use: the server ended it, or nobody can reach it."""
        driver: Any = below
        return bool(driver.closed)

    def trouble(self, problem: BaseException) -> TrustpubError | None:
        """The error to raise when the server cannot be asked now; None for any other failure."""
        from psycopg import InterfaceError, OperationalError
        from psycopg.errors import ReadOnlySqlTransaction

        original = problem.orig if isinstance(problem, DBAPIError) else problem
        if isinstance(original, OperationalError | InterfaceError | ReadOnlySqlTransaction):
            why = str(original).partition("\n")[0] or type(original).__name__
            return Unreachable("the database", why=why, next_step=AGAIN)
        return None

    def serials(self) -> SerialBatches:
        """A reader of serials for the loop that runs now."""
        from trustpub.storage.serial_batches import SerialBatches

        return SerialBatches(self._connect)

    def _engine(self) -> Engine:
        # Autocommit is the driver's: BEGIN and COMMIT are written by us, where they can be seen.
        options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "poolclass": NullPool, "use_native_hstore": False}
        try:
            engine = create_engine(self.url, connect_args=self._defaults(), **options)
        except ModuleNotFoundError as missing:
            raise _without_driver() from missing
        event.listen(engine, "connect", _prepare)
        return engine

    def _connect(self) -> Connection:
        """A connection of psycopg's own, each of whose statements is a transaction."""
        import psycopg

        _, options = self.url.get_dialect()().create_connect_args(self.url)
        connection = psycopg.connect(**{**self._defaults(), **options}, autocommit=True)
        _prepare(connection, None)
        return connection

    def _defaults(self) -> dict[str, str | int]:
        return {name: value for name, value in CONNECTING.items() if name not in self.url.query}


def _prepare(connection: Connection, _record: object) -> None:
    from psycopg.types.string import StrDumper

    class AnyText(StrDumper):
        """Writes every text: what PostgreSQL has no place for (NUL, half of a surrogate pair) is asked for as another letter.

        Such a text names nothing that is stored, so a question finds nothing; SQLite answers the same.
        """

        def dump(self, obj: str) -> bytes:
            return obj.replace("\0", "\ufffd").encode("utf-8", "replace")

    connection.adapters.register_dumper(str, AnyText)
    connection.execute(SESSION).close()


def _without_driver() -> Broken:
    why = "the driver for PostgreSQL is not installed"
    return Broken("[index] database", why=why, next_step="Install it: `pip install 'trustpub[scale]'`")
