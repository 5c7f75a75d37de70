"""New projects of one repository on one index: whose pending publisher is registered now, and whose has to wait for whom."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from trustpub.domain.names import normalize, ultranormalize
from trustpub.domain.publishers import Provider
from trustpub.usecases.setup.names import shown
from trustpub.usecases.setup.order import MOST_PENDING, New, apart, rounds
from trustpub.usecases.setup.step import Step
from trustpub.usecases.setup.words import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.index_project import IndexProject
    from trustpub.domain.untold import Untold
    from trustpub.usecases.setup.registrars.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Look:
    """One row, what the index says of it and of its name, and why it cannot be registered (empty when it can)."""

    row: DeclaredPublisher
    key: str
    project: IndexProject | Untold | None
    known: Evidence
    about: str = ""
    cannot: str = ""

    @property
    def new(self) -> bool:
        """Whether its project does not exist."""
        return self.project is None

    @property
    def registered(self) -> bool:
        """Whether it is registered already, as far as anybody knows."""
        return self.known.state in ("stated", "proven")

    def settled(self) -> Step:
        """Make the step of what is registered already: proven, or stated where nobody can ask."""
        nobody = (lambda: None) if self.known.state == "stated" else None
        return Step(self.key, self.row.index, power=self.known.why, read_back=nobody)


def later(looks: Sequence[Look]) -> Mapping[DeclaredPublisher, str]:
    """Find the publishers of new projects that have to come after others, and say after which."""
    new = [each for each in looks if each.new and not each.cannot]
    first: dict[str, Look] = {}
    alike: dict[str, Look] = {}
    told: dict[DeclaredPublisher, str] = {}
    for each in sorted(new, key=lambda look: not look.registered):
        name = normalize(each.row.project)
        twin = alike.setdefault(ultranormalize(name), each)
        if each.registered:
            first.setdefault(name, each)
        elif normalize(twin.row.project) != name:
            told[each.row] = (
                f"`{each.row.project}` looks too much like `{twin.row.project}`, which is new too. Rename one of them."
            )
        elif first.setdefault(name, each) is not each:
            told[each.row] = f"It comes after the first release of `{each.row.project}`, which its other publisher makes."
    queue = {each.row: New(normalize(each.row.project), identity(each.row)) for each in new if each.row not in told}
    waiting = [queue[each.row] for each in new if each.registered and each.row in queue]
    planned = rounds([one for one in queue.values() if one not in waiting], waiting)
    for before, round_ in pairwise(planned):
        names = listed(f"`{each.project}`" for each in before.release)
        told |= {row: _comes_later(row, names, list(queue)) for row, one in queue.items() if one in round_.register}
    return told


def identity(row: DeclaredPublisher) -> tuple[str, ...]:
    """What PyPI tells pending publishers apart by."""
    environment = row.environment.lower() if row.provider is Provider.GITHUB else row.environment
    return (row.provider, row.owner, row.repository, row.workflow, environment)


def _comes_later(row: DeclaredPublisher, before: str, rows: Sequence[DeclaredPublisher]) -> str:
    """Say what has to be released first, and how the projects could wait side by side."""
    same = [each.project for each in rows if identity(each) == identity(row)]
    own = dict(apart(same, row.environment))[row.project]
    other = f" Or give each package an environment of its own (`{own}`)." if len(same) > 1 else ""
    limits = f"{shown(row.index)} keeps one pending publisher for a workflow and environment, and {MOST_PENDING} for an account"
    return f"It comes after the first release of {before}: {limits}.{other}"
