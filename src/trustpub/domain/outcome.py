"""What the heart answers: a publisher was accepted, or the token was refused and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from trustpub.domain.claims import JSON
from trustpub.domain.publishers import Publisher


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its row name, what the publisher registered, what the token carries."""

    field: str
    expected: JSON
    got: JSON


@dataclass(frozen=True, slots=True)
class Accepted:
    """The publisher that matched, and its position in the list that was given."""

    index: int
    publisher: Publisher


@dataclass(frozen=True, slots=True)
class Refused:
    """Why no publisher matched.

    `code` and `description` are what goes over the wire (PyPI's words), `reason` the part in parentheses, None for a replay.
    `differences` name the fields in which the closest publishers differ, most telling first.
    """

    code: str
    reason: str | None
    description: str
    differences: tuple[Difference, ...] = ()


Decision: TypeAlias = Accepted | Refused
