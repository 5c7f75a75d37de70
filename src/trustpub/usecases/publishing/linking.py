"""Publishers of projects that exist: link, unlink, hold to something else. Each is one step inside a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.publishers import Provider, Publisher
from trustpub.storage import publishers
from trustpub.storage.events import Event, record
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.publishing.notices import tell_added, tell_held, tell_removed
from trustpub.usecases.publishing.registration import Registration, linked_to

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.storage.database import Connection
    from trustpub.storage.projects import Project

WITH_ENVIRONMENT = (Provider.GITHUB, Provider.GITLAB)
GONE = not_done(404, "not-found", "there is no publisher of this id")


def there_already(connection: Connection, project: Project, publisher: Publisher) -> Registration | NotDone | None:
    """The equal publisher that the project has; a refusal when it is held to something else; None when it has none."""
    identity = publisher.identity
    found = next((each for each in linked_to(connection, project.id) if each.publisher.identity == identity), None)
    if found is None or constraints(found.publisher) == constraints(publisher):
        return found
    why = "the project has this publisher, held to other refs or events. Change what it is held to instead"
    return not_done(409, "already-there", why, "refs")


def add(connection: Connection, by: str, project: Project, publisher: Publisher, now: float) -> Registration:
    """Let the publisher upload to the project, with an event and mail. The caller knows that it could not yet."""
    row_id = publishers.get_or_create_publisher(connection, publisher, now)
    publishers.link(connection, row_id, project.id, now, publisher)
    detail: dict[str, JSON] = {"publisher": publisher.specifier, "publisher_id": row_id, **constraints(publisher)}
    record(connection, Event("publisher:added", by, now, detail, project.id))
    tell_added(connection, project, publisher, by, now)
    return Registration(f"{row_id}-{project.id}", project.name, publisher, pending=False, new=True)


def remove(connection: Connection, by: str, project: Project, publisher_id: int, now: float) -> Registration | NotDone:
    """Take the publisher from the project; tokens that it holds are worth nothing there from now on."""
    there = of_link(connection, publisher_id, project)
    if there is None or not publishers.unlink(connection, publisher_id, project.id):
        return GONE
    detail: dict[str, JSON] = {"publisher": there.publisher.specifier, "publisher_id": publisher_id}
    record(connection, Event("publisher:removed", by, now, detail, project.id))
    tell_removed(connection, project, there.publisher, by, now)
    return there


def hold(
    connection: Connection, by: str, project: Project, there: Registration, wanted: Publisher, now: float
) -> Registration | NotDone:
    """Hold a publisher of the project to what `wanted` says. Another environment makes another identity of it."""
    publisher_id = int(there.id.partition("-")[0])
    before = there.publisher
    if wanted == before:
        return there
    if wanted.identity != before.identity:
        taken = there_already(connection, project, wanted)
        if taken is not None:
            return not_done(409, "already-there", "the project has a publisher like that already", "environment")
        row_id = publishers.get_or_create_publisher(connection, wanted, now)
        publishers.inherit_seen(connection, publisher_id, row_id)
        publishers.link(connection, row_id, project.id, now, wanted)
        publishers.unlink(connection, publisher_id, project.id)
        publisher_id = row_id
    else:
        publishers.hold(connection, publisher_id, project.id, wanted)
    detail: dict[str, JSON] = {
        "publisher": wanted.specifier,
        "publisher_id": publisher_id,
        "before": constraints(before),
        "after": constraints(wanted),
    }
    record(connection, Event("publisher:constrained", by, now, detail, project.id))
    tell_held(connection, project, wanted, by, now)
    return Registration(f"{publisher_id}-{project.id}", project.name, wanted, pending=False)


def of_link(connection: Connection, publisher_id: int, project: Project) -> Registration | None:
    """One publisher of one project."""
    wanted = f"{publisher_id}-{project.id}"
    return next((each for each in linked_to(connection, project.id) if each.id == wanted), None)


def held_to(before: Publisher, said: dict[str, str | tuple[str, ...]]) -> Publisher | NotDone:
    """The publisher with other constraints. An environment can be given where there was none, and belongs to the identity."""
    refs, events = said.get("refs", before.refs), said.get("allowed_events", before.allowed_events)
    wanted = before._replace(refs=tuple(refs), allowed_events=tuple(events))
    environment = said.get("environment", before.get("environment"))
    if environment == before.get("environment") or not isinstance(environment, str):
        return wanted
    if before.provider not in WITH_ENVIRONMENT:
        return _wrong(f"a {before.provider} publisher has no environment")
    if before.get("environment"):
        return _wrong("it has one already. Register a new publisher and remove this one")
    spelled = environment.lower() if before.provider is Provider.GITHUB else environment
    fields = tuple((name, spelled if name == "environment" else value) for name, value in before.fields)
    return wanted._replace(fields=fields)


def constraints(publisher: Publisher) -> dict[str, JSON]:
    """What the audit log keeps of the constraints."""
    return {
        "environment": publisher.get("environment"),
        "refs": [*publisher.refs],
        "allowed_events": [*publisher.allowed_events],
    }


def _wrong(why: str) -> NotDone:
    return not_done(422, "invalid-field", f"`environment`: {why}", "environment")
