"""What the heart answers: a publisher was accepted, or the token was refused and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher


class Difference(NamedTuple):
    """One field that differs: its row name, what is registered (a list when several publishers are equally close), what came."""

    field: str
    expected: JSON
    got: JSON


class Accepted(NamedTuple):
    """The publisher that matched, and its position in the list that was given."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    publisher: Publisher


class Refused(NamedTuple):
    """Why no publisher matched.

    `code` and `description` are what goes over the wire (PyPI's words), `reason` the part in parentheses, None for a replay.
    `differences` name the fields in which the closest publishers differ, in the order in which candidates are narrowed.
    """

    code: str
    reason: str | None
    description: str
    differences: tuple[Difference, ...] = ()


Decision: TypeAlias = "Accepted | Refused"

INVALID_PUBLISHER = "invalid-publisher"
INVALID_REUSE_TOKEN = "invalid-reuse-token"  # noqa: S105 - a refusal's code
NOT_FOUND = "Publisher with matching claims was not found"


def invalid_publisher(reason: str, differences: tuple[Difference, ...] = ()) -> Refused:
    """Refuse because no publisher corresponds, with PyPI's code and description around the reason."""
    return Refused(INVALID_PUBLISHER, reason, f"valid token, but no corresponding publisher ({reason})", differences)


REPLAYED = Refused(INVALID_REUSE_TOKEN, None, "invalid token: already used")
"""A token that was spent before."""
