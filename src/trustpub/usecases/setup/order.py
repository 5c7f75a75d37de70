"""The order of first releases: which pending publishers may wait at the same time, and which have to come later.

PyPI keeps one pending publisher for an identity (owner, repository, workflow and environment; the project's name is no part of
it) and three for a user. A pending one waits until the first release of its project; publishers of projects that exist do not
count. Mirrors: warehouse/oidc/models (unique key of the pending tables) and warehouse/accounts/views.py @6b62157.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST_PENDING = 3
"""How many pending publishers one user may have on PyPI at once."""


class New(NamedTuple):
    """A project that does not exist yet, and the identity of the publisher that shall make it, as PyPI tells identities apart."""

    project: str
    identity: tuple[str, ...]


class Round(NamedTuple):
    """What is registered together, and which first releases have to be out before the next round."""

    register: tuple[New, ...]
    release: tuple[New, ...]


def rounds(wanted: Sequence[New], waiting: Iterable[New] = ()) -> tuple[Round, ...]:
    """Plan the rounds in which every wanted project gets its pending publisher, the fewest that there can be.

    `waiting` are pending publishers that are registered already: they hold their places in the first round. In no round do two
    share an identity, and never do more than three wait.
    """
    left = list(dict.fromkeys(wanted))
    held = tuple(waiting)
    planned: list[Round] = []
    while left:
        chosen = _fitting(left, held)
        left = [each for each in left if each not in chosen]
        planned.append(Round(chosen, (*held, *chosen)))
        held = ()
    return tuple(planned)


def _fitting(left: Sequence[New], held: Sequence[New]) -> tuple[New, ...]:
    """Choose what may wait beside what waits: the identities that are asked for most go first, else the order that was given."""
    taken = {each.identity for each in held}
    asked = [each.identity for each in left]
    chosen: list[New] = []
    for each in sorted(left, key=lambda new: -asked.count(new.identity)):
        if each.identity not in taken and len(held) + len(chosen) < MOST_PENDING:
            taken.add(each.identity)
            chosen.append(each)
    return tuple(each for each in left if each in chosen)


def apart(projects: Iterable[str], environment: str) -> tuple[tuple[str, str], ...]:
    """Give every project an environment of its own, so that their identities differ and they can wait at the same time."""
    from trustpub.domain.names import normalize

    return tuple((project, f"{environment}-{normalize(project)}" if environment else normalize(project)) for project in projects)
