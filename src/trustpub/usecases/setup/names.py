"""What there is to know of a project's name on an index before a publisher is registered for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.index_project import IndexProject
from trustpub.domain.names import is_project_name, normalize, project_name_problem
from trustpub.domain.untold import Untold
from trustpub.errors import Unreachable
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.domain.index_project import Attested
    from trustpub.parties.index.port import Index
    from trustpub.rules.facts import Facts

SHOWN = {"pypi": "PyPI", "testpypi": "TestPyPI"}
"""How the public indexes write their own names."""
NameState = Literal["free", "ours", "exists", "others", "refused", "unknown"]


class NameAnswer(NamedTuple):
    """What became of one name on one index.

    `free`: no project has it, and nothing is known that forbids it. `ours`: the project exists, and this repository or this
    person publishes it. `exists`: it does, and whose it is was not told. `others`: it does, and this person is no owner of it.
    `refused`: no index takes the name, or it looks like another one. `unknown`: the index did not say. `why` is half a sentence.
    """

    index: str  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    project: str
    state: NameState
    why: str


def shown(index: str) -> str:
    """Write the name of an index as a sentence has it."""
    return SHOWN.get(index, f"`{index}`")


def project_of(facts: Facts, indexes: Mapping[str, Index], index: str, project: str) -> IndexProject | Untold | None:
    """Return a project as the facts have it, else as the index says; Untold when nobody was asked or answered."""
    name = normalize(project)
    side = facts.indexes.get(index)
    if side is not None and name in side.projects:
        return side.projects[name]
    client = indexes.get(index)
    if client is None:
        return Untold(f"{shown(index)} was not asked")
    try:
        return client.project(project)
    except Unreachable as problem:
        return Untold(str(problem))


def name_answers(facts: Facts, desired: Declaration, indexes: Mapping[str, Index]) -> Iterator[NameAnswer]:
    """Answer for every project that has a desired publisher, once an index."""
    seen: set[tuple[str, str]] = set()
    for row in desired.publishers:
        key = (row.index, normalize(row.project))
        if key not in seen:
            seen.add(key)
            found = project_of(facts, indexes, row.index, row.project)
            account = desired.accounts.get(row.index)
            yield name_answer(row, found, indexes.get(row.index), account.user if account is not None else "")


def name_answer(row: DeclaredPublisher, found: IndexProject | Untold | None, index: Index | None, user: str) -> NameAnswer:
    """Answer for one name. `user` is the person's account on the index, empty when it is not known."""
    state, why = _new(row, index) if found is None else _existing(row, found, user)
    return NameAnswer(row.index, row.project, state, why)


def _new(row: DeclaredPublisher, index: Index | None) -> tuple[NameState, str]:
    where = shown(row.index)
    if project_name_problem(row.project) is not None:
        is_module = is_project_name(row.project)
        why = "is a module of Python's standard library" if is_module else "is not written as a project name"
        return "refused", f"`{row.project}` {why}, and {where} takes no new project of such a name"
    similar = _similar(row, index)
    if isinstance(similar, Untold):
        return (
            "free",
            f"no project on {where} is called `{row.project}`; whether one looks too much like it is not known: {similar}",
        )
    if similar:
        like = ", ".join(f"`{name}`" for name in similar)
        return (
            "refused",
            f"`{row.project}` looks too much like {like}, and {where} takes no name that can be mistaken for another",
        )
    kept = "; names that it keeps back are not listed anywhere" if row.index in PUBLIC_INDEXES else ""
    return "free", f"`{row.project}` is free on {where}{kept}"


def _similar(row: DeclaredPublisher, index: Index | None) -> tuple[str, ...] | Untold:
    """Ask which names look too much like this one; where the index lists none, try the likeliest of them."""
    if index is None:
        return Untold(f"{shown(row.index)} was not asked")
    try:
        told = index.names_like(row.project)
        if isinstance(told, Untold):
            found = tuple(name for name in lookalikes(row.project) if isinstance(index.project(name), IndexProject))
            return found or told
        return told
    except Unreachable as problem:
        return Untold(str(problem))


def lookalikes(name: str) -> tuple[str, ...]:
    """List other names that an index takes for the same as this one, the likeliest: there are too many to try them all."""
    plain = normalize(name)
    joined = plain.replace("-", "")
    swapped = (plain.replace(old, new) for old, new in (("0", "o"), ("o", "0"), ("1", "l"), ("l", "1"), ("1", "i"), ("i", "1")))
    return tuple(each for each in dict.fromkeys((joined, *swapped)) if each != plain and is_project_name(each))


def _existing(row: DeclaredPublisher, found: IndexProject | Untold, user: str) -> tuple[NameState, str]:
    where = shown(row.index)
    if isinstance(found, Untold):
        return "unknown", f"whether `{row.project}` exists on {where} is not known: {found}"
    start = f"`{row.project}` exists on {where}"
    repository = f"{row.owner}/{row.repository}"
    attested = newest_attested(found)
    if attested is not None and attested[1].repository.lower() == repository.lower():
        return "ours", f"{start}, and `{attested[0]}` of it was published from `{repository}`"
    if isinstance(found.owners, Untold):
        return "exists", f"{start}; who owns it is not known: {found.owners}"
    owners = [name for name, role in found.owners if role.lower() == "owner"]
    if user and any(name.lower() == user.lower() for name in owners):
        return "ours", f"{start}, and `{user}` owns it"
    if found.organization:
        return "exists", f"{start} and belongs to the organisation `{found.organization}`: only its owners see the publishers"
    listed = ", ".join(f"`{name}`" for name in owners) or "nobody who is listed"
    if user and owners:
        return "others", f"{start} and `{user}` is not one of its owners ({listed}), who alone can register a publisher"
    return "exists", f"{start} and is owned by {listed}: only an owner can register a publisher"


def newest_attested(project: IndexProject) -> tuple[str, Attested] | None:
    """Return the newest file that tells who published it, with the first who did; None when none was seen that does."""
    for file in reversed(project.files):
        told = project.provenance.get(file.filename)
        if told is not None and not isinstance(told, Untold) and told:
            return file.filename, told[0]
    return None
