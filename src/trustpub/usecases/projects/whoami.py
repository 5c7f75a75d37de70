"""What a token says of itself: for programs that want to know before they begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.storage import accounts, projects
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.projects.principal import UNKNOWN_TOKEN

if TYPE_CHECKING:
    from trustpub.storage.database import Database
    from trustpub.usecases.upload_credential import Admission


@dataclass(frozen=True, slots=True)
class Whoami:
    """A token's user and scope; `project` when it is for one only, `expires` (seconds since the epoch) when it ends."""

    user: str
    admin: bool
    scope: str
    project: str | None
    expires: int | None


def whoami(database: Database, admission: Admission, now: float) -> Whoami | NotDone:
    """Whose API token this is, of whatever scope."""
    with database.read() as connection:
        token = accounts.find_api_token(connection, admission.digest)
        if token is None or (token.expires is not None and token.expires <= now):
            return not_done(401, "invalid-token", UNKNOWN_TOKEN)
        only = None if token.project_id is None else projects.project_by_id(connection, token.project_id)
    return Whoami(token.user, token.admin, token.scope, only.name if only else None, token.expires)
