"""What a rehearsal found: values for the reports, with the contract's names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON, ClaimSet

STEPS = ("request", "id-token", "verification", "publisher-matching", "upload")
"""The five steps of the flow: the job asks, the issuer signs, the index checks, finds the publisher, lets it upload."""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five steps, and what shows that it was taken, or where it stopped."""

    name: str
    ok: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class ClientOutcome:
    """One client in one leg. `ok` is None when this client cannot publish to this index at all; `evidence` then says why."""

    ok: bool | None
    version: str
    evidence: str
    command: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class ControlOutcome:
    """One attack. `refused` is True only for PyPI's own status and code; None when it does not apply here, with why."""

    name: str
    refused: bool | None
    status: int | None
    code: str
    why: str = ""
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a leg failed, in the words PyPI would use, and what to do."""

    code: str
    description: str
    field: str = ""
    expected: JSON = None
    got: JSON = None
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """One index that the workflow publishes to.

    `assumed` names the fields of the publisher whose value is made up, the same on both sides; `declared` says whether the
    publisher is the one that the project declares, or only the one that its workflow needs.
    """

    index: str
    project: str
    workflow: str
    job: str
    event: str
    ref: str
    environment: str
    publisher: Mapping[str, str]
    claims: ClaimSet
    steps: tuple[Step, ...]
    clients: Mapping[str, ClientOutcome]
    controls: tuple[ControlOutcome, ...]
    reasons: tuple[Reason, ...] = ()
    refused_hosts: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    unproven: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    declared: bool = True

    @property
    def ok(self) -> bool:
        """Every step taken, no client failed, every control that applies refused."""
        return (
            all(step.ok for step in self.steps)
            and all(client.ok is not False for client in self.clients.values())
            and all(control.refused is not False for control in self.controls)
        )

    @property
    def holes(self) -> tuple[ControlOutcome, ...]:
        """The attacks that were accepted."""
        return tuple(control for control in self.controls if control.accepted)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A whole rehearsal: every leg, and what no rehearsal on this machine can prove."""

    project: str
    legs: tuple[Leg, ...]
    seconds: float
    notes: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether there was a leg and all of them went through."""
        return bool(self.legs) and all(leg.ok for leg in self.legs)
