"""The states of a project (PEP 792): active, archived, quarantined; and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.mine import MyProject
    from trustpub.usecases.projects.principal import Actor


class Lifecycle:
    """Archiving and deleting are for owners, quarantine for whoever runs the index."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def archive(self, actor: Actor, project: str, reason: str = "") -> MyProject | NotDone:
        """Take no more files; what is there stays."""
        raise NotImplementedError

    def unarchive(self, actor: Actor, project: str) -> MyProject | NotDone:
        """Take files again."""
        raise NotImplementedError

    def quarantine(self, actor: Actor, project: str, reason: str = "") -> MyProject | NotDone:
        """Hide every file, and change nothing until an administrator releases the project."""
        raise NotImplementedError

    def release(self, actor: Actor, project: str) -> MyProject | NotDone:
        """Let a quarantined project be seen again."""
        raise NotImplementedError

    def delete(self, actor: Actor, project: str, confirm: str) -> MyProject | NotDone:
        """End a project with all its files; nobody registers its name again. `confirm` is the project's name, typed."""
        raise NotImplementedError

    def free_name(self, actor: Actor, name: str) -> str | NotDone:
        """Let the name of a deleted project be registered again; for whoever runs the index."""
        raise NotImplementedError
