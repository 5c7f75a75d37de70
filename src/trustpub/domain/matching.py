"""The heart: does one of these publishers match this token, and if not, which field differs?"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from trustpub.domain.claims import ClaimSet
from trustpub.domain.outcome import Accepted, Decision, Difference, Refused
from trustpub.domain.publishers import Provider, Publisher

__all__ = ["Accepted", "Decision", "Difference", "Profile", "Refused", "decide"]


class Profile(StrEnum):
    """Whose matching rules are applied."""

    PYPI = "pypi"
    TRUSTPUB = "trustpub"


def decide(
    claims: ClaimSet,
    publishers: Sequence[Publisher],
    profile: Profile,
    *,
    provider: Provider | None = None,
    issuer: str | None = None,
    replayed: bool = False,
) -> Decision:
    """Say which publisher these verified claims match, or why none does. Never raises."""
    raise NotImplementedError
