"""Second factors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts
    from trustpub.usecases.not_done import NotDone


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A new authenticator secret, shown once: as text, as address for an app, and as a picture (inline SVG)."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    svg: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Key:
    """A security key as its owner sees it."""

    id: int
    label: str
    created: float
    used_at: float | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What second factors somebody has, and how many recovery codes are left."""

    totp: bool
    keys: tuple[Key, ...]
    recovery_left: int


class SecondFactors:
    """The second factors of one person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def begin_totp(self, caller: Caller) -> TotpOffer | NotDone:
        """A new authenticator secret, good once a code of it was given."""
        raise NotImplementedError

    def confirm_totp(self, caller: Caller, code: str) -> NotDone | None:
        """Turn the authenticator on with its first code."""
        raise NotImplementedError

    def remove_totp(self, caller: Caller) -> NotDone | None:
        """Turn the authenticator off."""
        raise NotImplementedError

    def begin_key(self, caller: Caller) -> str | NotDone:
        """What the browser asks a new security key, as JSON."""
        raise NotImplementedError

    def add_key(self, caller: Caller, label: str, answer_json: str) -> NotDone | None:
        """Add the security key that answered."""
        raise NotImplementedError

    def remove_key(self, caller: Caller, key_id: int) -> NotDone | None:
        """Remove a security key."""
        raise NotImplementedError

    def listed(self, caller: Caller) -> Factors:
        """What second factors the caller has."""
        raise NotImplementedError

    def new_recovery_codes(self, caller: Caller) -> tuple[str, ...] | NotDone:
        """Eight new codes, shown once; the old ones are void."""
        raise NotImplementedError
