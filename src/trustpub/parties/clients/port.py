"""What a rehearsal asks of an upload client, and what a client is given of the stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seat:
    """A client's place on the stage: all that it may know, and no credential.

    `index` is the name a user would give (`pypi`, `testpypi`, or one of trustpub.toml), `upload_url` the address the client
    believes it uploads to, `simple_url` the local one it fetches from. `token_request_url` and `token_request_token` are what
    GitHub gives a job that may ask for ID tokens: empty when the job may not. `github` holds the `GITHUB_*` basics of the run.
    """

    folder: Path
    index: str
    upload_url: str
    simple_url: str
    proxy_url: str
    ca_file: Path
    token_request_url: str = ""
    token_request_token: str = field(default="", repr=False)
    github: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClientRun:
    """One run of a client: its exit status, what it printed with every token removed, and the words that started it."""

    ok: bool
    exit_code: int
    output: str
    command: tuple[str, ...]


class Client(Protocol):
    """An upload client as its users have it, unmodified."""

    @property
    def name(self) -> str:
        """The client's own name, which is also how its User-Agent starts."""

    def version(self) -> str:
        """The version that will run; errors.Broken names the client and how to install it when it is not there."""

    def not_here(self, index: str) -> str:
        """Why this client cannot publish to `index` with Trusted Publishing at all, or "" when it can."""

    def upload(self, dists: Sequence[Path], seat: Seat) -> ClientRun:
        """Upload `dists` in one call, as a workflow does."""


class Fetcher(Protocol):
    """An installer as its users have it, unmodified."""

    @property
    def name(self) -> str:
        """The installer's own name, which is also how its User-Agent starts."""

    def version(self) -> str:
        """The version that will run; errors.Broken names the installer when it is not there."""

    def fetch(self, project: str, version: str, dists: Sequence[Path], into: Path, seat: Seat) -> ClientRun:
        """Download one release of `project` from the seat's simple index into the folder `into`."""


class Builder(Protocol):
    """What turns a package folder into distributions."""

    def build(self, package: Path, into: Path, *, isolated: bool) -> tuple[Path, ...]:
        """Build an sdist and a wheel into `into`; errors.Broken carries the build's own output when it fails."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the index answered to one request of ours.

    `code` is PyPI's code for an exchange and the text after the status for an upload; `text` says more. `token` is what an
    accepted exchange minted: never shown.
    """

    status: int
    code: str = ""
    text: str = ""
    token: str = field(default="", repr=False)

    @property
    def accepted(self) -> bool:
        """Whether the index did what was asked."""
        return 200 <= self.status < 300


class Wire(Protocol):
    """Our own small client: the same TLS socket as the real ones, but able to say wrong things."""

    def exchange(self, id_token: str) -> Answer:
        """Post an ID token to the exchange."""

    def upload(self, token: str | None, fields: Mapping[str, str], filename: str, content: bytes) -> Answer:
        """Post one file with an upload token, or with no credential at all."""

    def burn(self, token: str) -> Answer:
        """Give an upload token back before its time."""

    def fetch(self, path: str) -> bytes:
        """The body of a page or a file of the index; empty when there is none."""
