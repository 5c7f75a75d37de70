"""Publishers of an index that a program can manage: read, registered, and read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold
from trustpub.errors import Denied
from trustpub.usecases.setup.names import shown
from trustpub.usecases.setup.registrars.evidence import held
from trustpub.usecases.setup.step import Change, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.index_project import Registered
    from trustpub.parties.index.port import Registrar


@dataclass(frozen=True, slots=True)
class Wanted:
    """A publisher that shall be there: the step's key, the row, and whether its project does not exist yet."""

    key: str
    row: DeclaredPublisher
    pending: bool

    def held(self, there: tuple[Registered, ...]) -> Registered | None:
        """Find it among what is there."""
        return held(self.row, there, pending=self.pending)


def rest_steps(
    index: str, wanted: Sequence[Wanted], there: tuple[Registered, ...], registrar: Registrar, prune: bool
) -> Iterator[Step]:
    """Yield the steps for one index: first what is missing, then what is there and was not asked for."""
    for each in wanted:
        yield _registering(each, there, registrar)
    kept = [one.held(there) for one in wanted]
    for extra in there:
        if extra not in kept:
            yield _extra(index, extra, [one for one in wanted if _is_of(extra, one.row)], registrar, prune)


def _registering(wanted: Wanted, there: tuple[Registered, ...], registrar: Registrar) -> Step:
    row = wanted.row
    found = wanted.held(there)
    if found is not None:
        return Step(wanted.key, row.index, power=f"{shown(row.index)} lists it, number {found.id}")
    if row.provider is Provider.GITHUB and not row.owner_id:
        return Step(wanted.key, row.index, changes_of(row, wanted.pending), cannot=_unpinned(row, there))
    changes = changes_of(row, wanted.pending)
    return Step(
        key=wanted.key,
        party=row.index,
        changes=changes,
        power=power_of(row),
        apply=_Register(registrar, wanted),
        read_back=_ReadBack(registrar, wanted, changes),
    )


def _unpinned(row: DeclaredPublisher, there: Sequence[Registered]) -> str:
    """Say that nothing pins the owner yet and how to pin it. Trusting whoever comes first under the name would pin anybody."""
    others = [
        each for each in there if (each.publisher.provider, each.publisher.issuer) == (row.provider, row.registered().issuer)
    ]
    same = [each for each in others if each.publisher.get("repository_owner").lower() == row.owner.lower()]
    numbers = {each.publisher.get("repository_owner_id"): each.project for each in same if each.publisher.number}
    known = [f"{shown(row.index)} has `{number}` on record, with a publisher of `{name}`. " for number, name in numbers.items()]
    return (
        f"The owner `{row.owner}` is not pinned: GitHub's number of the account is not known, and without it whoever takes the "
        f"name over could publish, so nothing is registered. {''.join(known)}Let setup ask GitHub; or look the number up where "
        f"GitHub answers (`gh api users/{row.owner} --jq .id`, or `$GITHUB_REPOSITORY_OWNER_ID` in a job of the repository) and "
        f"write it as `owner_id` into the `[[publisher]]` of `{row.project}`."
    )


@dataclass(frozen=True, slots=True)
class _Register:
    """Registers a publisher. The index returns one that is there already as it is, so this may be called again."""

    registrar: Registrar
    wanted: Wanted

    def __call__(self) -> None:
        project, publisher = self.wanted.row.project, self.wanted.row.registered()
        made = self.registrar.register(project, publisher, pending=self.wanted.pending)
        if made.pending and not self.wanted.pending:  # left over from before the project existed: it can never be used
            self.registrar.remove(made)
            self.registrar.register(project, publisher, pending=False)


@dataclass(frozen=True, slots=True)
class _ReadBack:
    """Asks the index whether it holds the publisher now."""

    registrar: Registrar
    wanted: Wanted
    changes: tuple[Change, ...]

    def __call__(self) -> tuple[Change, ...] | None:
        there = self.registrar.registered([self.wanted.row.project])
        if isinstance(there, Untold):
            return None
        return self.changes if self.wanted.held(there) is None else ()


def _is_of(extra: Registered, row: DeclaredPublisher) -> bool:
    """Whether a publisher that nobody asked for belongs to a project and a repository that this setup is about."""
    same = normalize(extra.project) == normalize(row.project)
    return same and (extra.publisher.provider, extra.publisher.lookup) == (row.provider, row.registered().lookup)


def _extra(index: str, extra: Registered, wanted: Sequence[Wanted], registrar: Registrar, prune: bool) -> Step:
    """Tell of a publisher that nobody asked for; remove it only when that was asked for and it is this repository's own."""
    key = f"other publisher of {extra.project} on {index}: {extra.publisher.specifier}"
    what = f"{shown(index)} also lets {extra.publisher.specifier} publish `{extra.project}`"
    if not wanted:
        return Step(key, index, cannot=f"{what}; it belongs to another repository and is left alone.")
    change = Change("-", "publisher", extra.publisher.specifier, "")
    if not prune:
        return Step(key, index, (change,), cannot=f"{what}; it is left alone. Declare it, or remove it with `--prune`.")
    return Step(
        key=key,
        party=index,
        changes=(change,),
        power=f"{extra.publisher.specifier} can no longer publish `{extra.project}`.",
        apply=_Remove(registrar, extra, tuple(wanted)),
        read_back=_Gone(registrar, extra, change),
    )


@dataclass(frozen=True, slots=True)
class _Remove:
    """Removes a publisher, once those that shall be there are."""

    registrar: Registrar
    extra: Registered
    wanted: tuple[Wanted, ...]

    def __call__(self) -> None:
        there = self.registrar.registered([self.extra.project])
        if isinstance(there, Untold) or any(one.held(there) is None for one in self.wanted):
            why = "the publisher that shall take its place is not there, so nothing was removed"
            raise Denied(f"publisher of `{self.extra.project}`", why=why, next_step="Run `trustpub setup` again")
        self.registrar.remove(self.extra)


@dataclass(frozen=True, slots=True)
class _Gone:
    """Asks the index whether a publisher is gone."""

    registrar: Registrar
    extra: Registered
    change: Change

    def __call__(self) -> tuple[Change, ...] | None:
        there = self.registrar.registered([self.extra.project])
        if isinstance(there, Untold):
            return None
        return (self.change,) if any((each.id, each.pending) == (self.extra.id, self.extra.pending) for each in there) else ()


def changes_of(row: DeclaredPublisher, pending: bool) -> tuple[Change, ...]:
    """Write a publisher that shall be registered as changes, a field each."""
    owner = f"{row.owner} (number {row.owner_id})" if row.owner_id else row.owner
    fields = [("project", f"{row.project} (new)" if pending else row.project), ("owner", owner), ("repository", row.repository)]
    fields += [("workflow", row.workflow), ("environment", row.environment or "(any)")]
    return tuple(Change("+", name, "", value) for name, value in fields)


def power_of(row: DeclaredPublisher) -> str:
    """Say who can publish through a publisher."""
    job = f"a job of `{row.workflow}` in {row.owner}/{row.repository}"
    where = f"that runs in the environment `{row.environment}`" if row.environment else "in any environment or none"
    return f"Whoever can start {job} {where} can publish `{row.project}` on {shown(row.index)}."
