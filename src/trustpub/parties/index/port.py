"""What the rest of trustpub asks of an index: what it shows to anybody, and, where it can, its publishers.

Reading returns `Untold` where the index does not tell, and raises `Unreachable` when it does not answer or answers nonsense.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.domain.index_project import Attested, IndexFile, IndexProject, Registered
    from trustpub.domain.publishers import Publisher
    from trustpub.domain.untold import Untold


class Index(Protocol):
    """One index as an outsider sees it."""

    name: str
    """As `trustpub.toml` calls it: `pypi`, `testpypi`, or another."""

    def audience(self) -> str | Untold:
        """Ask for the audience of its ID tokens; Untold when it knows no Trusted Publishing."""
        ...

    def project(self, name: str) -> IndexProject | Untold | None:
        """Read a project with its files; None when there is none."""
        ...

    def provenance(self, project: str, file: IndexFile) -> tuple[Attested, ...] | Untold:
        """Read who published a file; empty when it has no provenance."""
        ...

    def names_like(self, name: str) -> tuple[str, ...] | Untold:
        """List the projects whose names are too similar for the index to take this one too (the same name left out)."""
        ...


class Registrar(Protocol):
    """What an index lets be done about publishers by a program. PyPI has none yet."""

    def registered(self, projects: Iterable[str]) -> tuple[Registered, ...] | Untold:
        """List the publishers of these projects, pending ones included."""
        ...

    def register(self, project: str, publisher: Publisher, *, pending: bool) -> Registered:
        """Register a publisher; one that is there already is returned as it is. Raises `Denied` with the index's words."""
        ...

    def remove(self, registered: Registered) -> None:
        """Remove a publisher; one that is gone already is no error."""
        ...
