"""What all providers share: reading claims as text, and naming the field in which the closest publisher differs.

A refusal that only says "no publisher" sends people to guess. Here the candidates are narrowed field by field; when none is
left, the field at which the last ones dropped out is the answer. (The exchange of crates.io does the same.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from trustpub.domain.outcome import NOT_FOUND, Difference, Refused, invalid_publisher
from trustpub.domain.publishers import Publisher

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON, ClaimSet

Candidates: TypeAlias = Sequence[tuple[int, Publisher]]
"""Publishers of one provider and issuer, each with its position in the list that the caller gave."""

Comparison: TypeAlias = tuple[Difference | None, ...]
"""One publisher beside one token: a place for every field, in narrowing order, None where they agree."""

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def ascii_lower(text: str) -> str:
    """Lower the letters A to Z only: no letter of another script may become one of them (the Kelvin sign would)."""
    return text.lower() if text.isascii() else text.translate(_ASCII_LOWER)


def differs(field: str, expected: JSON, got: JSON, same: bool) -> Difference | None:
    """A difference, unless the two are the same."""
    return None if same else Difference(field, expected, got)


def ref_differs(publisher: Publisher, ref: JSON) -> Difference | None:
    """A difference, unless the run's ref is one that the publisher lets files come from."""
    patterns = publisher.refs
    if not patterns:
        return None
    from trustpub.domain.refs import ref_allowed

    same = isinstance(ref, str) and ref_allowed(patterns, ref)
    return differs("ref", one_or_list(patterns), ref or None, same)


def texts(
    claims: ClaimSet, required: Sequence[str], optional: Sequence[str], candidates: Candidates, rows: dict[str, str]
) -> dict[str, str] | Refused:
    """Read claims that must be strings; an optional one that is absent reads as empty.

    Missing comes before mistyped, and null is missing. `rows` maps a claim to the row field that it is compared with.
    """
    found: dict[str, str] = {}
    mistyped = ""
    for name in required:
        value = claims.get(name)
        if isinstance(value, str):
            found[name] = value
        elif value is None:
            return missing(name)
        else:
            mistyped = mistyped or name
    for name in optional:
        value = claims.get(name)
        if isinstance(value, str):
            found[name] = value
        elif value is None:
            found[name] = ""
        else:
            mistyped = mistyped or name
    return _not_text(mistyped, claims, candidates, rows) if mistyped else found


def missing(name: str) -> Refused:
    """Refuse because a claim is absent that every token of this provider carries."""
    return invalid_publisher(f"Missing claim {name!r}")


def narrow(candidates: Candidates, compare: Callable[[Publisher], Comparison]) -> tuple[Difference, ...]:
    """Name the fields in which the closest of these publishers differ; empty when there is no publisher.

    Closest is who agrees the longest, field by field in narrowing order. Publishers that are equally close speak together:
    the expected value is then the list of theirs.
    """
    comparisons = [compare(publisher) for _, publisher in candidates]
    if not comparisons:
        return ()
    closest = min(_shape(comparison) for comparison in comparisons)
    tied = [comparison for comparison in comparisons if _shape(comparison) == closest]
    return tuple(_together(place) for place in zip(*tied, strict=True) if place[0] is not None)


def not_found(differences: tuple[Difference, ...]) -> Refused:
    """Refuse in our own words: PyPI's sentence, and the names (never the values) of the fields that differ."""
    if not differences:
        return invalid_publisher(NOT_FOUND)
    names = [difference.field for difference in differences]
    return invalid_publisher(f"{NOT_FOUND}: {' and '.join(names)} {'differs' if len(names) == 1 else 'differ'}", differences)


def one_or_list(values: Sequence[JSON]) -> JSON:
    """One value as itself, several distinct ones as a list in their order."""
    distinct: list[JSON] = []
    for value in values:
        if value not in distinct:
            distinct.append(value)
    return distinct[0] if len(distinct) == 1 else distinct


def _shape(comparison: Comparison) -> tuple[bool, ...]:
    return tuple(place is not None for place in comparison)


def _together(place: tuple[Difference | None, ...]) -> Difference:
    said = [difference for difference in place if difference is not None]
    return Difference(said[0].field, one_or_list([difference.expected for difference in said]), said[0].got)


def _not_text(name: str, claims: ClaimSet, candidates: Candidates, rows: dict[str, str]) -> Refused:
    field = rows.get(name, name)
    registered: list[JSON] = [value for _, publisher in candidates if (value := publisher.get(field))]
    expected = one_or_list(registered) if registered else "a string"
    return invalid_publisher(f"Claim {name!r} is not a string", (Difference(field, expected, claims[name]),))
