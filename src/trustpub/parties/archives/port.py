"""What the rest of the house knows about archives: give a descriptor and a job, get the metadata or the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from trustpub.domain.core_metadata import PYPI, CoreMetadata, Rules
from trustpub.errors import BadInput

if TYPE_CHECKING:
    from types import TracebackType

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may be. Sizes in bytes, counted while inflating and never taken from headers."""

    members: int = 20_000
    name: int = 512
    depth: int = 64
    metadata: int = MIB
    inflated_always: int = 64 * MIB
    """Up to here no ratio is looked at."""
    ratio: int = 50
    inflated: int = 2048 * MIB
    seconds: int = 30
    """Processor time for one file."""

    def inflated_for(self, size: int) -> int:
        """How many bytes a file of this size may inflate to."""
        return min(self.inflated, max(self.inflated_always, self.ratio * size))


@dataclass(frozen=True, slots=True)
class Job:
    """One file to look at: its name and type (both checked before), and what the index allows."""

    filename: str
    filetype: str
    rules: Rules = PYPI
    limits: Limits = field(default_factory=Limits)
    metadata_only: bool = False
    """It was accepted before, perhaps under other rules: only its metadata is wanted."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be stored: its METADATA or PKG-INFO as it stands in it, and the same read."""

    metadata: bytes
    core: CoreMetadata


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that may not be stored; the message starts as PyPI's does.

    `spent`: reading it hit a limit, and who has read it should read no other.
    """

    message: str
    spent: bool = False


class Unacceptable(BadInput):
    """Raised inside an inspection at the first thing that is wrong; its text is the rejection's."""

    code = "unacceptable-archive"


class Pending(Protocol):
    """An inspection that is under way."""

    def result(self) -> Inspected | Rejected:
        """Wait for the answer: always one, after a limited time, also when the process that looks dies."""
        ...

    def __enter__(self) -> Pending:
        """Own the inspection until the end of the block."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        """Give up an inspection whose result nobody took."""
        ...


class Validators(Protocol):
    """Whoever looks into archives."""

    def start(self) -> None:
        """Be ready for the first upload; without it the first ones wait a little."""
        ...

    def begin(self, fd: int, job: Job) -> Pending:
        """Start looking at the open file `fd`, which must not change until the result is there; waits for a free validator."""
        ...

    def close(self) -> None:
        """Stop; what is under way is given up."""
        ...
