"""GitHub's rate limits: how long it asks us to wait, and what to say when that is too long.

Mirrors: github 1.3. The hour's requests are used up (`x-ratelimit-remaining: 0`, with the moment of the reset), or too many came
at once (`retry-after`, or a message and nothing else).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from trustpub.errors import Unreachable

if TYPE_CHECKING:
    from trustpub.parties.wire import Response

LONGEST = 60.0
"""How many seconds are waited for one request, all waits together."""
_UNTOLD = 60.0
"""How long GitHub wants a client to wait when it does not say."""


def date_of(response: Response) -> float | None:
    """Seconds since the epoch as the other side sees them; None when it does not say, or when a cache in between does."""
    if "age" in response.headers:
        return None
    return _moment(response.headers.get("date", ""))


def pause(response: Response, now: float) -> float | None:
    """How many seconds GitHub wants us to wait before we ask again; None when it does not.

    `now` is this machine's clock, used only when GitHub does not tell its own.
    """
    if response.status not in {403, 429}:
        return None
    then = date_of(response) or now
    after = response.headers.get("retry-after", "")
    if after.isdecimal():
        return max(1.0, float(after[:9]))
    if after:
        moment = _moment(after)
        return _UNTOLD if moment is None else max(1.0, moment - then)
    reset = response.headers.get("x-ratelimit-reset", "")
    if response.headers.get("x-ratelimit-remaining") == "0":
        # A second more: the reset is a whole second, and the clocks differ by a part of one.
        return max(1.0, float(reset[:12]) - then + 1) if reset.isdecimal() else _UNTOLD
    spoken = b"rate limit" in response.body[:2000].lower()
    return _UNTOLD if response.status == 429 or spoken else None


def too_long(response: Response, seconds: float, now: float, signed_in: bool) -> Unreachable:
    """Say when to come back."""
    allowed = response.headers.get("x-ratelimit-limit", "")
    used_up = response.headers.get("x-ratelimit-remaining") == "0" and allowed.isdecimal()
    why = f"all {allowed} requests of this hour are used" if used_up else "too many requests came at once"
    back = datetime.fromtimestamp(min((date_of(response) or now) + seconds, 2**33), UTC)
    minutes = math.ceil(seconds / 60)
    step = f"Come back in {minutes} minute{'s' if minutes > 1 else ''}, after {back:%H:%M} UTC"
    hint = "" if signed_in else ", or sign in with `gh auth login`: that allows many more"
    return Unreachable("GitHub's rate limit", why=why, next_step=step + hint)


def _moment(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        # A date without a zone is UTC: HTTP knows no other.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError):
        return None
