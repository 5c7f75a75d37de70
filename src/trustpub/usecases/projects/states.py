"""The rules of states (PEP 792) and of freed names: the same for owners, for administrators, and for the operator at the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage import projects
from trustpub.storage.events import Event, record
from trustpub.storage.retired_names import free
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.projects.mailing import tell_everybody
from trustpub.usecases.projects.releases import reason_problem

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.storage.database import Connection
    from trustpub.storage.projects import Project

ACTIVE, ARCHIVED, QUARANTINED = "active", "archived", "quarantined"


def hides(before: tuple[str, ...], after: str) -> bool:
    """Whether this step leads into quarantine or out of it: then the name goes from the index, or comes back."""
    return QUARANTINED in (after, *before)


def change_state(
    connection: Connection, project: Project, before: tuple[str, ...], after: str, reason: str, actor: str, now: float
) -> NotDone | None:
    """Take a project from one of these states to another, record it, and tell its people. The caller asked who may."""
    if project.state not in before:
        why = f"the project `{project.name}` is {project.state}, not {' or '.join(before)}"
        return not_done(409, "wrong-state", why, "project")
    said = reason.strip()
    wrong = reason_problem(said)
    if wrong is not None:
        return wrong
    projects.set_state(connection, project.id, after, said, names_changed=hides(before, after))
    detail: dict[str, JSON] = {"before": project.state, "after": after, "reason": said}
    record(connection, Event("project:state-changed", actor, now, detail, project.id))
    told = {"by": actor, "project": project.name, "before": project.state}
    tell_everybody(connection, project.id, after, now, told, (("reason", said),))
    return None


def free_name(connection: Connection, name: str, actor: str, now: float) -> NotDone | None:
    """Let the name of a deleted project be registered again. The names of its files stay taken for ever."""
    if not free(connection, name):
        return not_done(404, "not-found", f"`name`: no deleted project had this name: `{name}`", "name")
    record(connection, Event("project-name:freed", actor, now, {"name": name}))
    return None
