"""The codes that people type: of authenticators (RFC 6238), and for the day when those are gone."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 30
"""Seconds of one code."""
DIGITS = 6
FAR = 10
"""Steps to both sides in which a code is known again, to say that a clock is wrong. Mirrors PyPI's."""
SECRET_BYTES = 20
"""Of an authenticator: as many as SHA-1 has, RFC 4226."""
RECOVERY_CODES = 8
RECOVERY_BYTES = 10
"""80 bits: sixteen characters."""


@dataclass(frozen=True, slots=True)
class Step:
    """The time step whose code was typed, and how far it is from now."""

    number: int
    offset: int


def step_of(secret: str, code: str, now: float) -> Step | None:
    """The step that a code is of, the nearest first; None when it is of none that is near. Blanks in a code mean nothing."""
    from pyotp import HOTP

    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    codes, current = HOTP(secret, digits=DIGITS), int(now) // STEP
    for offset in sorted(range(-FAR, FAR + 1), key=abs):
        if current + offset >= 0 and hmac.compare_digest(codes.at(current + offset), typed):
            return Step(current + offset, offset)
    return None


def new_totp_secret(random: Callable[[int], bytes]) -> str:
    """A secret for an authenticator, in base32."""
    return base64.b32encode(random(SECRET_BYTES)).decode("ascii")


def totp_uri(secret: str, user: str, index: str) -> str:
    """The address that an authenticator app reads."""
    from pyotp import TOTP

    return TOTP(secret).provisioning_uri(name=user, issuer_name=index)


def qr_svg(text: str) -> str:
    """A text as a QR code: inline SVG without styles or scripts of its own."""
    import segno

    return str(segno.make(text, error="m", micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=False))


def new_recovery_codes(random: Callable[[int], bytes]) -> tuple[str, ...]:
    """Eight codes, as they are shown: four groups of four characters."""
    texts = (base64.b32encode(random(RECOVERY_BYTES)).decode("ascii").lower() for _ in range(RECOVERY_CODES))
    return tuple("-".join(text[start : start + 4] for start in range(0, len(text), 4)) for text in texts)


def normalized_recovery_code(typed: str) -> str:
    """A recovery code as it was made, however it was typed: blanks, hyphens and capitals mean nothing."""
    return "".join(typed.split()).replace("-", "").lower()[:64]


def recovery_digest(user_id: int, normalized: str) -> str:
    """What is kept of a recovery code: good for this account alone."""
    return digest(f"{user_id}:{normalized}")
