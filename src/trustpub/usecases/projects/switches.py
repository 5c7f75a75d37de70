"""What owners switch on or off for a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.mine import MyProject
    from trustpub.usecases.projects.principal import Actor


class Switches:
    """For owners."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def trusted_only(self, actor: Actor, project: str, on: bool) -> MyProject | NotDone:
        """Take uploads by trusted publishing alone: API tokens are refused from the moment this is committed."""
        raise NotImplementedError
