"""Holding pasted claims against a publisher: what they would get, and which field differs. Nobody checks a signature here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from trustpub.domain.matching import Refused, decide
from trustpub.domain.renames import moved
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.payload import LONGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON
    from trustpub.domain.matching import Profile
    from trustpub.domain.outcome import Difference
    from trustpub.domain.publishers import Publisher
    from trustpub.domain.renames import Moved

OPEN = "active"
"""The one state in which a project takes files."""
NOTHING: Mapping[str, JSON] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Tested:
    """What these claims would get from this publisher: `verdict` is `accepted` or `refused`, `why` one sentence.

    `moved` is a name that moved between the two, as far as numbers tell. `closed` is the state in which the project takes no
    file: the exchange succeeds all the same, as on PyPI.
    """

    verdict: str
    why: str
    differences: tuple[Difference, ...]
    moved: Moved | None = None
    closed: str = ""


def tried(
    publisher: Publisher, claims_text: str, profile: Profile, seen: Mapping[str, JSON] = NOTHING, state: str = OPEN
) -> Tested | NotDone:
    """Decide as an exchange would, with these claims as if their signature held.

    `seen` is what the publisher's last token said, `state` its project's.
    """
    claims = _claims(claims_text)
    if isinstance(claims, NotDone):
        return claims
    decision = decide(claims, [publisher], profile, provider=publisher.provider, issuer=publisher.issuer)
    gone = moved(publisher, {**claims, "iss": publisher.issuer}, seen)
    if isinstance(decision, Refused):
        why = decision.description if gone is None else f"{decision.description}: {gone.words}"
        return Tested("refused", why, decision.differences, gone)
    why = "A token with these claims would get an upload token from this publisher"
    if state == OPEN:
        return Tested("accepted", f"{why}.", ())
    return Tested("accepted", f"{why}, and every upload with it would be refused: the project is {state}.", (), closed=state)


def _claims(text: str) -> dict[str, JSON] | NotDone:
    wrong = not_done(422, "invalid-field", "`claims`: paste the claims as a JSON object, without the token around them", "claims")
    if len(text) > LONGEST_BODY:
        return not_done(422, "invalid-field", f"`claims`: at most {LONGEST_BODY} characters", "claims")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return wrong
    return value if isinstance(value, dict) else wrong
