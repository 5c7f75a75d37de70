"""How far it is known that an index holds a publisher: its own word, what was published with it, or what a person said."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from trustpub.domain.names import normalize
from trustpub.domain.pending import PENDING_DAYS, became
from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold
from trustpub.record import NamedTuple
from trustpub.usecases.setup.names import newest_attested, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.domain.github_settings import GitHubSide
    from trustpub.domain.index_project import Attested, IndexProject, Registered


class Evidence(NamedTuple):
    """What is known of one publisher. `expired` was stated as pending too long ago; `why` is half a sentence."""

    state: Literal["proven", "stated", "expired", "missing", "unknown"]
    why: str


def canonical(row: DeclaredPublisher, github: GitHubSide | None) -> DeclaredPublisher:
    """Write owner and repository as GitHub does, with the owner's number: PyPI compares the repository's name letter by letter.

    A row of another repository, and one that GitHub was not asked about, stays as it is.
    """
    if github is None or row.provider is not Provider.GITHUB:
        return row
    there = github.repository
    if f"{row.owner}/{row.repository}".lower() not in (there.slug.lower(), there.renamed_from.lower()):
        return row
    return row._replace(owner=there.owner.login, owner_id=there.owner.id, repository=there.name)


def evidence(row: DeclaredPublisher, declared: Declaration, project: IndexProject | Untold | None, today: date) -> Evidence:
    """Say how far it is known that the index holds this very publisher. `row` is in GitHub's spelling."""
    if (file := published_by(row, project)) is not None:
        return Evidence("proven", f"`{file}` on {shown(row.index)} was published with it")
    stated = statement(row, declared)
    if stated is None:
        return Evidence("missing", f"nobody has stated that {shown(row.index)} holds it")
    said = f"`{declared.path or 'trustpub.toml'}` states it since {stated.stated}"
    if not isinstance(project, Untold):
        if project is None and not stated.pending:
            return Evidence("missing", f"{said}, but {shown(row.index)} has no project `{row.project}`")
        if project is not None and stated.pending:
            return _used(stated, f"{said}, as pending", declared, project)
    if stated.pending:
        return _waiting(stated, said, today, project)
    return Evidence("stated", said)


def _used(stated: DeclaredPublisher, said: str, declared: Declaration, project: IndexProject) -> Evidence:
    """Say whether a pending publisher became an ordinary one, when the project exists that it was to make."""
    if (other := newest_attested(project)) is not None:
        return Evidence("missing", f"{said}; the project exists by now, and `{other[0]}` was published with another one")
    account = declared.accounts.get(stated.index)
    found = became(stated, project, account.user if account is not None else "")
    return Evidence("stated" if found.fits else "missing", f"{said}; {found.why}")


def _waiting(stated: DeclaredPublisher, said: str, today: date, project: IndexProject | Untold | None) -> Evidence:
    """Say whether a pending publisher is still there."""
    last = date.fromisoformat(stated.stated) + timedelta(days=PENDING_DAYS)
    if today <= last:
        return Evidence("stated", f"{said}, as pending until {last.isoformat()}")
    if project is None:
        return Evidence("expired", f"{said}, and {shown(stated.index)} removes a pending publisher after {PENDING_DAYS} days")
    return Evidence("unknown", f"{said}; it was pending until {last.isoformat()}, and whether the project exists is not known")


def statement(row: DeclaredPublisher, declared: Declaration) -> DeclaredPublisher | None:
    """Find what the file states of this very record: one that was renamed, or whose owner is another account, is another record.

    PyPI writes an owner as GitHub does and an environment in lower case, so those are compared without case.
    """
    wanted = _record(row)
    for each in declared.publishers:
        ids = {each.owner_id, row.owner_id} - {""}
        if each.stated and _record(each) == wanted and len(ids) < 2:
            return each
    return None


def _record(row: DeclaredPublisher) -> tuple[str, ...]:
    environment = row.environment.lower() if row.provider is Provider.GITHUB else row.environment
    place = (row.owner.lower(), row.repository, row.workflow, environment)
    return (row.index, normalize(row.project), row.provider, row.issuer, *place)


def published_by(row: DeclaredPublisher, project: IndexProject | Untold | None) -> str | None:
    """Name a file of the newest attested version that this very publisher published; None when there is none.

    An older version proves nothing: another publisher may have taken its place since.
    """
    if project is None or isinstance(project, Untold):
        return None
    told = list(_told(project))
    newest = told[-1][1] if told else ""
    return next((name for name, version, by in reversed(told) if version == newest and _names(by, row)), None)


def _told(project: IndexProject) -> Iterator[tuple[str, str, Attested]]:
    """Yield file, version and publisher of everything that tells its publisher, the newest last."""
    for file in project.files:
        told = project.provenance.get(file.filename)
        if told is not None and not isinstance(told, Untold):
            yield from ((file.filename, file.version, by) for by in told)


def _names(by: Attested, row: DeclaredPublisher) -> bool:
    lower = row.provider is Provider.GITHUB
    environment = row.environment.lower() if lower else row.environment
    same = (by.repository, by.workflow, by.environment.lower() if lower else by.environment)
    owner = by.claim("repository_owner_id")
    return (
        by.kind.lower() == row.provider
        and same == (f"{row.owner}/{row.repository}", row.workflow, environment)
        and not (owner and row.owner_id and owner != row.owner_id)
    )


def held(row: DeclaredPublisher, registered: Iterable[Registered], *, pending: bool) -> Registered | None:
    """Find the publisher among those that an index lists; the owner's number is compared where it is known.

    A pending one counts only where the project does not exist (`pending`): an exchange refuses it afterwards.
    """
    wanted = row.registered()
    fields = [name for name, value in wanted.fields if value or name != "repository_owner_id"]
    for each in registered:
        own = (normalize(each.project), each.publisher.provider, each.publisher.issuer)
        same = own == (normalize(row.project), wanted.provider, wanted.issuer)
        if same and (pending or not each.pending) and all(each.publisher.get(name) == wanted.get(name) for name in fields):
            return each
    return None
