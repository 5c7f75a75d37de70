"""The heart: which of these publishers matches this token, or which field differs.

Every mouth of trustpub (exchange, predict, explain, rehearse, oracle) asks here, so that all of them give one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from trustpub.domain.narrowing import Candidates, one_or_list
from trustpub.domain.outcome import Accepted, Decision, Difference, Refused, invalid_publisher
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, Publisher

if TYPE_CHECKING:
    from trustpub.domain.claims import ClaimSet

__all__ = ["Accepted", "Decision", "Difference", "Profile", "Refused", "decide"]


class Profile(StrEnum):
    """Whose matching rules are applied."""

    PYPI = "pypi"
    """PyPI exactly as it is, quirks included; where PyPI answers 500, `invalid-publisher`."""
    TRUSTPUB = "trustpub"
    """Our own index: the owner's id and the issuer belong to the identity, and a refusal names the field."""


_Rules = Callable[["ClaimSet", Candidates, bool], Decision]
_RULES: dict[tuple[Provider, Profile], _Rules] = {}


def _rules(kind: Provider, profile: Profile) -> _Rules:
    """Return a provider's rules; a provider's file is loaded when the first token of its kind comes."""
    if (kind, profile) not in _RULES:
        from importlib import import_module

        rules = import_module(f"trustpub.domain.providers.{kind.value}")
        name = "decide" if kind is Provider.OIDC else profile.value  # nobody else's rules for generic issuers are known
        _RULES[kind, profile] = cast("_Rules", getattr(rules, name))
    return _RULES[kind, profile]


def decide(
    claims: ClaimSet,
    publishers: Sequence[Publisher],
    profile: Profile,
    *,
    provider: Provider | None = None,
    issuer: str | None = None,
    replayed: bool = False,
) -> Decision:
    """Say which publisher these verified claims match, or why none does. Never raises, whatever the claims hold.

    `provider` and `issuer` say who verified the token; without them they are read from the claims and the publishers, and a
    missing `iss` means the provider's own. Publishers of other providers or issuers are passed over. `replayed` says that this
    token was spent before: the answer tells so only where the profile would come to notice it.
    """
    kind = provider or _provider(claims, publishers)
    home = issuer or DEFAULT_ISSUERS.get(kind)
    claimed = claims.get("iss")
    if claimed is None:
        claimed = home
    if not isinstance(claimed, str):
        reason = "Missing claim 'iss'" if claimed is None else "Claim 'iss' is not a string"
        return invalid_publisher(reason, () if claimed is None else (Difference("issuer", home or "a string", claimed),))
    if claimed != home and (issuer is not None or (profile is Profile.PYPI and kind in _PINNED)):
        reason = f"JWT issuer {claimed!r} does not match expected issuer {home!r}"
        return invalid_publisher(reason, (Difference("issuer", home, claimed),))
    candidates = [pair for pair in enumerate(publishers) if pair[1].provider == kind and pair[1].issuer == claimed]
    decision = _rules(kind, profile)(claims, candidates, replayed)
    if isinstance(decision, Refused) and not candidates and not decision.differences:
        return _elsewhere(decision, claimed, [publisher for publisher in publishers if publisher.provider == kind])
    return decision


_PINNED = frozenset({Provider.GITHUB, Provider.GOOGLE, Provider.ACTIVESTATE})
"""Providers for which PyPI knows one issuer only; a GitLab anybody may run."""


def _provider(claims: ClaimSet, publishers: Sequence[Publisher]) -> Provider:
    """Whose token this is, when nobody says: by its issuer, else by the publishers it is held against."""
    issuer = claims.get("iss")
    for kind, url in DEFAULT_ISSUERS.items():
        if url == issuer:
            return kind
    for publisher in publishers:
        if publisher.issuer == issuer:
            return publisher.provider
    return publishers[0].provider if publishers else Provider.GITHUB


def _elsewhere(refused: Refused, issuer: str, others: list[Publisher]) -> Refused:
    """Say that there are publishers, but of another issuer."""
    if not others or (refused.reason or "").startswith("Missing claim"):
        return refused
    expected = one_or_list([publisher.issuer for publisher in others])
    return Refused(refused.code, refused.reason, refused.description, (Difference("issuer", expected, issuer),))
