"""Any other issuer: every registered claim must be there, a string, and exactly equal. PyPI has no such provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.narrowing import Candidates, Comparison, missing, narrow, not_found, ref_differs
from trustpub.domain.outcome import REPLAYED, Accepted, Decision, Difference

if TYPE_CHECKING:
    from trustpub.domain.claims import ClaimSet
    from trustpub.domain.publishers import Publisher


def decide(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Accept the publisher that constrains the most claims among those whose every claim is equal."""
    chosen: tuple[int, Publisher] | None = None
    for candidate in candidates:
        fields = candidate[1].fields
        fits = bool(fields) and all(_equal(claims, name, value) for name, value in fields)
        fits = fits and ref_differs(candidate[1], claims.get("ref")) is None
        if fits and (chosen is None or len(fields) > len(chosen[1].fields)):
            chosen = candidate
    if chosen is not None:
        return REPLAYED if replayed else Accepted(*chosen)
    absent = [name for name in _common(candidates) if claims.get(name) is None]
    return missing(absent[0]) if absent else not_found(_differences(claims, candidates))


def _equal(claims: ClaimSet, name: str, value: str) -> bool:
    claim = claims.get(name)
    return isinstance(claim, str) and claim == value


def _common(candidates: Candidates) -> list[str]:
    """The claims that every candidate constrains, so that a token without one can match none of them."""
    rows = [[name for name, _ in publisher.fields] for _, publisher in candidates]
    return [name for name in rows[0] if all(name in row for row in rows)] if rows else []


def _differences(claims: ClaimSet, candidates: Candidates) -> tuple[Difference, ...]:
    names = sorted({name for _, publisher in candidates for name, _ in publisher.fields})

    def compare(publisher: Publisher) -> Comparison:
        row = publisher.row()
        differing = tuple(
            None if name not in row or _equal(claims, name, row[name]) else Difference(name, row[name], claims.get(name))
            for name in names
        )
        return (*differing, ref_differs(publisher, claims.get("ref")))

    return narrow(candidates, compare)
