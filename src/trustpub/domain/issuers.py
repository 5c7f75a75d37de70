"""Who may sign ID tokens, and for how long their tokens live."""

from __future__ import annotations

from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.record import NamedTuple

LEEWAY = 30
"""Seconds by which two clocks may differ: `exp`, `nbf` and `iat` are read with this much patience.

A spent token must stay known for longer than it could still be accepted: with `LEEWAY` a token lives until `exp` + 30 s, so a
replay row that is dropped at `exp` would let it through a second time.
"""

REPLAY_MARGIN = 60
"""Seconds beyond the last moment of acceptance for which a spent token stays known (a clock that is set back, a slow sweep)."""

HOUR = 3600


def replay_retention(expires: int) -> int:
    """The moment (seconds since the epoch) until which a spent token that expires at `expires` must stay known."""
    return expires + LEEWAY + REPLAY_MARGIN


class Issuer(NamedTuple):
    """One signer of ID tokens and the rules for its tokens.

    `url` is the exact `iss` claim. `jwks` (a URL or a file) overrides discovery. `max_lifetime` caps `exp` - `iat`, in seconds.
    """

    kind: Provider
    url: str
    algorithms: tuple[str, ...] = ("RS256",)
    jwks: str | None = None
    max_lifetime: int = HOUR


BUILT_IN: tuple[Issuer, ...] = (
    Issuer(Provider.GITHUB, DEFAULT_ISSUERS[Provider.GITHUB]),
    # GitLab's tokens live as long as the job may run, and jobs may run for a day.
    Issuer(Provider.GITLAB, DEFAULT_ISSUERS[Provider.GITLAB], max_lifetime=24 * HOUR),
)
"""The issuers that a server knows without any configuration."""
