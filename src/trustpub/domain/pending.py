"""A pending publisher once its project exists: whether it made the project, as far as days and owners tell.

The first exchange with a pending publisher makes the project, and an ordinary publisher of the pending one, in one go.
Mirrors: warehouse/oidc/views.py (mint_token_from_pending_trusted_publisher) and warehouse/oidc/tasks.py @6b62157.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.untold import Untold
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from datetime import date

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.index_project import IndexProject

PENDING_DAYS = 30
"""After how many days PyPI removes a pending publisher that nobody has used."""


class Became(NamedTuple):
    """What became of a pending publisher. `fits`: nothing tells that it did not make the project; `why` is half a sentence."""

    fits: bool
    why: str


def first_upload(project: IndexProject) -> date | None:
    """Return the day of a project's first upload in UTC; None without a file, or where an index tells no times."""
    from datetime import UTC, datetime

    times = [file.uploaded_at for file in project.files if file.uploaded_at is not None]
    return datetime.fromtimestamp(min(times), UTC).date() if times else None


def became(row: DeclaredPublisher, project: IndexProject, user: str = "") -> Became:
    """Say what became of a publisher that was stated as pending on `row.stated`, and whose project exists by now.

    `user` is the account that registered it, empty when that is not known: whoever registers one owns the project that it makes.
    """
    from datetime import date, timedelta

    since, first = date.fromisoformat(row.stated), first_upload(project)
    there = f"the project exists since {first.isoformat()}" if first is not None else "the project exists by now"
    if first is not None and first < since:
        return Became(False, f"{there}, and only a project that does not exist has pending publishers")
    if first is not None and first > since + timedelta(days=PENDING_DAYS):
        return Became(False, f"{there}, more than {PENDING_DAYS} days later: the pending publisher was removed by then")
    owners = () if isinstance(project.owners, Untold) else tuple(name for name, role in project.owners if role.lower() == "owner")
    if user and owners and not project.organization and user.lower() not in {name.lower() for name in owners}:
        return Became(False, f"{there}, and `{user}` does not own it")
    return Became(True, f"{there}: its first exchange makes an ordinary publisher of a pending one")
