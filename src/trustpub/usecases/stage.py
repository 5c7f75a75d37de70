"""What a rehearsal plays on: one fresh index, one emulated GitHub, one proxy, on this machine only.

The real one is `main.stage`; use cases see this port, because composition roots are not theirs to import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from trustpub.domain.claims import ClaimSet
    from trustpub.domain.matching import Profile
    from trustpub.domain.publishers import Publisher
    from trustpub.parties.clients.port import Seat, Wire


@dataclass(frozen=True, slots=True)
class StageOrder:
    """The stage that one upload needs.

    `upload_url` is the address that clients believe in, `issuer` the one whose tokens the index takes, `hosts` every `host:port`
    that leads to the stage. `pending` are publishers to register before anything runs, each with the project that it may create.
    `claims` is what the job's ID tokens say; `may_ask` is False when the job has no right to ask for one.
    """

    index: str
    upload_url: str
    audience: str
    issuer: str
    profile: Profile
    hosts: tuple[str, ...]
    pending: tuple[tuple[Publisher, str], ...]
    claims: ClaimSet
    may_ask: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """One request that the index answered: the server's own record. `code` is the refusal's, empty for none."""

    method: str
    path: str
    status: int
    user_agent: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class TokenAsked:
    """One request for an ID token that the emulated GitHub answered."""

    user_agent: str
    audience: str


@dataclass(frozen=True, slots=True)
class Turned:
    """One request that reached the proxy, and whether its target is part of the stage."""

    target: str
    allowed: bool


class Stage(Protocol):
    """One open stage. Everything that it started ends with it."""

    @property
    def folder(self) -> Path:
        """A folder that is deleted with the stage."""

    @property
    def wire(self) -> Wire:
        """Our own client on this stage."""

    @property
    def public_key(self) -> bytes:
        """The issuer's public key (PEM), which anybody may know."""

    def seat(self, name: str) -> Seat:
        """A fresh place for one client."""

    def id_token(self) -> str:
        """An ID token as the job would get it, for the index's audience."""

    def sign(self, claims: ClaimSet, *, header: ClaimSet | None = None, foreign: bool = False) -> str:
        """Sign exactly these claims with the issuer's key, or with a `foreign` key under the issuer's key id."""

    def set_clock(self, ahead: float) -> None:
        """Let the index's clock run `ahead` seconds before this machine's; 0 sets it right again."""

    def now(self) -> float:
        """This machine's time, seconds since the epoch."""

    def heard(self) -> Sequence[Heard]:
        """The index's own record of what it was asked, in order."""

    def asked(self) -> Sequence[TokenAsked]:
        """The emulated GitHub's record of who asked for an ID token."""

    def turned(self) -> Sequence[Turned]:
        """The proxy's record of where clients wanted to go."""


if TYPE_CHECKING:
    OpenStage = Callable[[StageOrder], AbstractContextManager[Stage]]
