"""What the rest of the house knows about security keys: what to ask a browser, and what its answer proves.

Options and answers are JSON texts as the browser's own functions write and read them; credentials, public keys and challenges are
base64url.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Site:
    """For whom keys are: the exact origin of the pages, and the name (`rp_id`) that the keys are bound to for ever."""

    origin: str
    rp_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a new key will be: a handle that says nothing about them, and what the browser shows."""

    handle: bytes
    name: str
    full_name: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that a browser made."""

    credential: str
    public_key: str = field(repr=False)
    sign_count: int


class SecurityKeys(Protocol):
    """Whoever speaks WebAuthn."""

    def creation(self, site: Site, owner: Owner, challenge: str, others: Sequence[str]) -> str:
        """What to ask a browser to make a key; `others` are the credentials that its owner has already."""
        ...

    def created(self, site: Site, challenge: str, answer: str) -> NewKey | None:
        """The key that was made; None when the answer is not one to this challenge, for this site."""
        ...

    def request(self, site: Site, challenge: str, credentials: Sequence[str]) -> str:
        """What to ask a browser to sign with one of these keys."""
        ...

    def credential(self, answer: str) -> str:
        """The credential that an answer claims to be of; empty when it claims none."""
        ...

    def signed(self, site: Site, challenge: str, answer: str, public_key: str, sign_count: int) -> int | None:
        """The key's new count of signatures; None when the answer is not its signature, or the count says the key was copied."""
        ...
