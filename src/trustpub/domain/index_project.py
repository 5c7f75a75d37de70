"""What an index shows of a project, to a stranger or to whoever manages it. Where it did not answer, the value is `Untold`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.publishers import Publisher
    from trustpub.domain.untold import Untold


class IndexFile(NamedTuple):
    """One file of a project. `uploaded_at` is seconds since the epoch, None when not told; an empty `sha256` was not told either.

    `provenance` is the address of its attestations, empty when it has none, None when the index says nothing of attestations.
    """

    filename: str
    version: str
    uploaded_at: float | None
    sha256: str = ""
    size: int | None = None
    yanked: bool = False
    provenance: str | None = None


class Attested(NamedTuple):
    """Who published a file, as its provenance says: the publisher by PyPI's kinds and names, and what the certificate adds.

    `claims` are the certificate's statements by claim name (`ref`, `sha`, `repository_id`, `repository_owner_id`, `event_name`,
    `run`), only those that were read. They were signed by whoever signed the certificate; nobody here has verified that.
    """

    kind: str
    repository: str
    workflow: str
    environment: str
    claims: tuple[tuple[str, str], ...] = ()

    def claim(self, name: str) -> str:
        """One statement of the certificate, empty when it was not read."""
        return next((value for key, value in self.claims if key == name), "")


class IndexProject(NamedTuple):
    """A project that exists. `files` are in the index's order, the newest versions last; `latest` is empty without a release.

    `provenance` holds, for the files that were looked into, who published them; an empty tuple is a file without provenance.
    """

    name: str
    status: Literal["active", "archived", "quarantined", "deprecated"]
    files: tuple[IndexFile, ...]
    latest: str
    owners: tuple[tuple[str, str], ...] | Untold
    """User and role."""
    organization: str = ""
    provenance: Mapping[str, tuple[Attested, ...] | Untold] = {}


class Registered(NamedTuple):
    """A publisher as an index holds it, told by the index itself. A pending one makes the project at its first exchange."""

    id: str
    project: str
    publisher: Publisher
    pending: bool


class IndexSide(NamedTuple):
    """Everything that one index told. `projects` go by their normalised name, None for one that does not exist.

    `registered` are the publishers that the index itself lists, Untold where it lists none to us (always so on PyPI).
    """

    name: str
    audience: str | Untold
    projects: Mapping[str, IndexProject | Untold | None]
    registered: tuple[Registered, ...] | Untold
