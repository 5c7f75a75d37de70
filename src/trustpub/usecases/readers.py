"""Readers of a private index, as whoever runs it registers them: identities whose ID tokens are exchanged for read tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage import readers
from trustpub.storage.events import Event, record
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.projects.principal import administrator, reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.readers import Reader
    from trustpub.usecases.projects.principal import Actor

GONE = not_done(404, "not-found", "there is no reader of this id")
THERE = not_done(409, "already-there", "this identity may read already")
OPERATOR = "operator"


class Readers:
    """For administrators, and (with no actor) for whoever can reach the data folder."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def listed(self, actor: Actor | None) -> tuple[Reader, ...] | NotDone:
        """Every reader."""
        with self._database.read() as connection:
            who = None if actor is None else reading(connection, actor, self._clock())
            if isinstance(who, NotDone):
                return who
            if who is not None and not (who.admin and who.only is None):
                return not_done(403, "not-admin", f"user `{who.name}` is no administrator of this index")
            return readers.all_readers(connection)

    def add(self, actor: Actor | None, asked: Publisher | NotDone) -> Reader | NotDone:
        """Let an identity read; `asked` was read already, or holds all that is wrong with it."""
        now = self._clock()

        def work(connection: Connection) -> Reader | NotDone:
            by = _by(connection, actor, now)
            if isinstance(by, NotDone):
                return by
            if isinstance(asked, NotDone):
                return asked
            made = readers.add_reader(connection, asked, by, now)
            if made is None:
                return THERE
            record(connection, Event("reader:added", by, now, _detail(made)))
            return made

        return self._database.write(work).result()

    def remove(self, actor: Actor | None, reader_id: int) -> Reader | NotDone:
        """Let an identity read no more; tokens that it holds are worth nothing from now on."""
        now = self._clock()

        def work(connection: Connection) -> Reader | NotDone:
            by = _by(connection, actor, now)
            if isinstance(by, NotDone):
                return by
            found = readers.find_reader(connection, reader_id)
            if found is None:
                return GONE
            readers.remove_reader(connection, reader_id)
            record(connection, Event("reader:removed", by, now, _detail(found)))
            return found

        return self._database.write(work).result()


def _by(connection: Connection, actor: Actor | None, now: float) -> str | NotDone:
    if actor is None:
        return OPERATOR
    who = administrator(connection, actor, now)
    return who if isinstance(who, NotDone) else who.name


def _detail(reader: Reader) -> dict[str, JSON]:
    return {"reader": reader.publisher.specifier, "reader_id": reader.id}
