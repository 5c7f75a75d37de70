"""The projects that are published from here, as each index that was asked knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.index_project import IndexProject
from trustpub.domain.names import normalize
from trustpub.domain.untold import Untold
from trustpub.record import NamedTuple
from trustpub.rules import declared, spans
from trustpub.rules.wording import DAY, midnight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.findings import Span
    from trustpub.domain.index_project import Attested, IndexFile, IndexSide
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site


class Published(NamedTuple):
    """One project on one index: what the index told of it (None: it does not exist), and what goes there from here.

    `uploads` are those by trusted publishing that some run gets to, `rows` the declared publishers; one of them is there.
    """

    side: IndexSide
    project: str
    told: IndexProject | Untold | None
    uploads: tuple[tuple[Site, Prediction], ...]
    rows: tuple[DeclaredPublisher, ...]

    @property
    def index(self) -> str:  # type: ignore[override]  # hides tuple.index, which nobody calls on a record
        """The index's name."""
        return self.side.name

    @property
    def there(self) -> IndexProject | None:
        """The project, where the index told of one."""
        return self.told if isinstance(self.told, IndexProject) else None

    def place(self, facts: Facts) -> Span:
        """Where to point: the upload, else the declared project."""
        if self.uploads:
            return spans.of_upload(self.uploads[0][0])
        return declared.of_publisher(facts, self.rows[0], "project")


def published(facts: Facts) -> Iterator[Published]:
    """Yield every project that is uploaded to, or declared on, an index that told of it."""
    uploads: dict[tuple[str, str], list[tuple[Site, Prediction]]] = {}
    rows: dict[tuple[str, str], list[DeclaredPublisher]] = {}
    names: dict[tuple[str, str], str] = {}
    for site, predictions in facts.trusted():
        for each in predictions:
            if each.reached and each.credential == "trusted-publishing" and each.index and each.project:
                key = (each.index, normalize(each.project))
                names.setdefault(key, each.project)
                uploads.setdefault(key, []).append((site, each))
    for row in facts.declaration.publishers:
        key = (row.index, normalize(row.project))
        names.setdefault(key, row.project)
        rows.setdefault(key, []).append(row)
    for (index, name), shown in names.items():
        side = facts.indexes.get(index)
        if side is not None and name in side.projects:
            ours, stated = uploads.get((index, name), ()), rows.get((index, name), ())
            yield Published(side, shown, side.projects[name], tuple(ours), tuple(stated))


def newest(project: IndexProject) -> tuple[tuple[IndexFile, Attested], ...]:
    """List who published the files of the newest release that shows it, the last uploaded file last."""
    found = [(file, each) for file in project.files for each in publishers_of(project, file)]
    if not found:
        return ()
    last = max(found, key=lambda pair: pair[0].uploaded_at or 0)[0].version
    return tuple(sorted((pair for pair in found if pair[0].version == last), key=lambda pair: pair[0].uploaded_at or 0))


def publishers_of(project: IndexProject, file: IndexFile) -> tuple[Attested, ...]:
    """Say who published a file, as far as that was read."""
    told = project.provenance.get(file.filename, ())
    return () if isinstance(told, Untold) else told


def is_ours(facts: Facts, attested: Attested) -> bool:
    """Say whether a provenance names this repository: by its name, its name of before, or its number."""
    side = facts.github
    names = {facts.repository.slug.lower()}
    if side is not None:
        names |= {side.repository.slug.lower(), side.repository.renamed_from.lower()}
    number = attested.claim("repository_id")
    return attested.repository.lower() in names - {""} or bool(side and number and number == side.repository.id)


def stated_since(each: Published, file: IndexFile, *, bound: bool = False) -> bool:
    """Say whether somebody stated a publisher after a file was uploaded, or on that day; `bound`: one with an environment."""
    days = [midnight(row.stated) for row in each.rows if row.stated and (row.environment or not bound)]
    return any(then is not None and then + DAY > (file.uploaded_at or 0) for then in days)
