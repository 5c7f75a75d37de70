"""Google: a verified e-mail address, and the account's subject when it is registered.

Mirrors: warehouse/oidc/models/google.py @6b62157 (the `pypi` profile; ours differs in the types that it accepts only).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.narrowing import Candidates, Comparison, differs, missing, narrow, not_found, texts
from trustpub.domain.outcome import NOT_FOUND, REPLAYED, Accepted, Decision, Refused, invalid_publisher

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON, ClaimSet
    from trustpub.domain.publishers import Publisher

NOT_VERIFIED = "Check failed for required claim 'email_verified'"


def pypi(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Decide as PyPI does: by address, the row with this subject before the row without one, and only then is it verified."""
    read = _read(claims, candidates)
    if isinstance(read, Refused):
        return read
    email, sub, verified = read
    chosen = _choose(email, sub, candidates)
    if chosen is not None and verified is True:
        return REPLAYED if replayed else Accepted(*chosen)
    reason = NOT_FOUND if chosen is None else NOT_VERIFIED
    return invalid_publisher(reason, narrow(candidates, lambda publisher: _compare(publisher, email, sub, verified)))


def trustpub(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Decide by our own rules, which are PyPI's; the refusal names the fields."""
    read = _read(claims, candidates)
    if isinstance(read, Refused):
        return read
    email, sub, verified = read
    chosen = _choose(email, sub, candidates)
    if chosen is not None and verified is True:
        return REPLAYED if replayed else Accepted(*chosen)
    return not_found(narrow(candidates, lambda publisher: _compare(publisher, email, sub, verified)))


def _read(claims: ClaimSet, candidates: Candidates) -> tuple[str, str, JSON] | Refused:
    text = texts(claims, ("email",), ("sub",), candidates, {})
    if isinstance(text, Refused):
        return text
    verified = claims.get("email_verified")
    return missing("email_verified") if verified is None else (text["email"], text["sub"], verified)


def _choose(email: str, sub: str, candidates: Candidates) -> tuple[int, Publisher] | None:
    general: tuple[int, Publisher] | None = None
    for candidate in candidates:
        if email and candidate[1].get("email") == email:
            registered = candidate[1].get("sub")
            if registered and registered == sub:
                return candidate
            if not registered and general is None:
                general = candidate
    return general


def _compare(publisher: Publisher, email: str, sub: str, verified: JSON) -> Comparison:
    registered = publisher.get("sub")
    return (
        differs("email", publisher.get("email"), email, bool(email) and publisher.get("email") == email),
        differs("sub", registered, sub or None, registered in ("", sub)),
        differs("email_verified", expected=True, got=verified, same=verified is True),
    )
