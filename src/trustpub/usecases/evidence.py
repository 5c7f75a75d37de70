"""From what was recorded to what is reported: the five steps, each client, and the reason when a leg stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.matching import decide
from trustpub.domain.outcome import Refused
from trustpub.usecases.rehearsal import STEPS, ClientOutcome, Reason, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.outcome import Difference
    from trustpub.parties.clients.port import ClientRun
    from trustpub.usecases.gate import GateOutcome
    from trustpub.usecases.legs import PlannedLeg
    from trustpub.usecases.rehearsal import ControlOutcome
    from trustpub.usecases.stage import Heard, TokenAsked, Turned

_AUDIENCE = "/_/oidc/audience"
_MINT = ("/_/oidc/mint-token", "/_/oidc/github/mint-token")
_BURN = "/_/oidc/burn-token"
_UPLOAD = "/legacy/"
_NOT_BELIEVED = ("invalid-token", "invalid-payload")


@dataclass(frozen=True, slots=True)
class Performance:
    """One client on its own stage: its run, and what the index, the issuer and the proxy recorded of it."""

    client: str
    version: str
    run: ClientRun
    heard: tuple[Heard, ...]
    asked: tuple[TokenAsked, ...]
    turned: tuple[Turned, ...]
    files: int
    fetch: ClientOutcome | None = None
    controls: tuple[ControlOutcome, ...] = ()

    @property
    def exchange(self) -> Heard | None:
        """The exchange that decided; None when the client never got that far."""
        return self._last("POST", *_MINT)

    @property
    def audience_asked(self) -> bool:
        """Whether the client asked the index for its audience and was told."""
        seen = self._last("GET", _AUDIENCE)
        return seen is not None and seen.status == 200

    @property
    def uploads(self) -> tuple[Heard, ...]:
        """Every upload of a file."""
        return tuple(seen for seen in self._own() if seen.method == "POST" and seen.path == _UPLOAD)

    @property
    def uploaded(self) -> bool:
        """Whether every file was taken, by the client's word and by the index's record."""
        return self.run.ok and sum(seen.status == 200 for seen in self.uploads) >= self.files

    def outcome(self) -> ClientOutcome:
        """What is reported of this client."""
        command = " ".join(self.run.command)
        return ClientOutcome(self.uploaded, self.version, "; ".join(self._story()), command, self.run.output)

    def _own(self) -> tuple[Heard, ...]:
        """The requests that carry this client's own User-Agent."""
        return tuple(seen for seen in self.heard if seen.user_agent.lower().startswith(self.client.lower()))

    def _last(self, method: str, *paths: str) -> Heard | None:
        found = [seen for seen in self._own() if seen.method == method and seen.path in paths]
        return found[-1] if found else None

    def _story(self) -> list[str]:
        agent = next((seen.user_agent.split(" ")[0] for seen in self._own()), "")
        told = [f"the index saw {agent}" if agent else f"the index never saw {self.client}"]
        if self.audience_asked:
            told.append("audience asked")
        told.append(f"{len(self.asked)} ID token{'s' if len(self.asked) != 1 else ''}")
        if self.exchange is not None:
            told.append(f"exchange {self.exchange.status}{' ' + self.exchange.code if self.exchange.code else ''}")
        if self.uploads:
            told.append("uploads " + ", ".join(f"{seen.status}{' ' + seen.code if seen.code else ''}" for seen in self.uploads))
        if self._last("POST", _BURN) is not None:
            told.append("upload token given back")
        return told if self.run.ok else [*told, f"exit status {self.run.exit_code}"]


def steps_of(leg: PlannedLeg, gate: GateOutcome, played: Sequence[Performance]) -> tuple[Step, ...]:
    """The five steps of a leg whose job started."""
    judged = (_request(gate, played), _id_token(leg, played), _verification(played), _matching(leg, played), _upload(played))
    steps: list[Step] = []
    for name, (ok, evidence) in zip(STEPS, judged, strict=True):
        reached = all(step.ok for step in steps)
        steps.append(Step(name, ok, evidence) if reached else Step(name, ok=False, evidence="not reached"))
    return tuple(steps)


def stopped(evidence: str) -> tuple[Step, ...]:
    """The five steps of a leg whose job never starts."""
    return (Step(STEPS[0], ok=False, evidence=evidence), *(Step(name, ok=False, evidence="not reached") for name in STEPS[1:]))


def _names(played: Sequence[Performance]) -> str:
    return " and ".join(performance.client for performance in played)


def _request(gate: GateOutcome, played: Sequence[Performance]) -> tuple[bool, str]:
    silent = [performance.client for performance in played if not (performance.audience_asked and performance.asked)]
    if silent:
        return False, f"{gate.evidence}; no ID token was asked for by {' and '.join(silent)}"
    return True, f"{gate.evidence}; {_names(played)} each asked the index for its audience and the issuer for one ID token"


def _id_token(leg: PlannedLeg, played: Sequence[Performance]) -> tuple[bool, str]:
    audiences = sorted({asked.audience for performance in played for asked in performance.asked})
    claims = leg.claims
    evidence = f"aud {', '.join(audiences)}, sub {claims.get('sub')}, job_workflow_ref {claims.get('job_workflow_ref')}"
    return audiences == [leg.audience], evidence


def _verification(played: Sequence[Performance]) -> tuple[bool, str]:
    missing = [performance.client for performance in played if performance.exchange is None]
    if missing:
        return False, f"no exchange by {' and '.join(missing)}"
    doubted = [seen for performance in played if (seen := performance.exchange) and seen.code in _NOT_BELIEVED]
    if doubted:
        return False, f"the index did not believe the token: {doubted[0].status} {doubted[0].code}"
    return True, f"the index believed signature, issuer, audience and times of the tokens of {_names(played)}"


def _matching(leg: PlannedLeg, played: Sequence[Performance]) -> tuple[bool, str]:
    refused = [seen for performance in played if (seen := performance.exchange) and seen.status != 200]
    if refused:
        return False, f"no publisher matched: {refused[0].status} {refused[0].code}"
    return True, f"matched {leg.publisher.specifier}; the pending publisher created {leg.project}"


def _upload(played: Sequence[Performance]) -> tuple[bool, str]:
    failed = [performance for performance in played if not performance.uploaded]
    if failed:
        answers = [f"{seen.status} {seen.code}".strip() for seen in failed[0].uploads if seen.status != 200]
        return False, f"{failed[0].client} did not upload everything: {', '.join(answers) or 'see its output'}"
    evidence = ", ".join(f"{sum(seen.status == 200 for seen in each.uploads)} files by {each.client}" for each in played)
    fetched = [each.fetch for each in played if each.fetch is not None]
    if not all(fetch.ok for fetch in fetched):
        return False, f"{evidence}; they did not come back: {fetched[0].evidence}"
    return True, f"{evidence}; fetched back, every hash the uploaded one"


# Reasons


def reasons_of(leg: PlannedLeg, played: Sequence[Performance]) -> tuple[Reason, ...]:
    """Why the leg stops, as PyPI would say it, and the field that differs."""
    refused = next((seen for each in played if (seen := each.exchange) and seen.status != 200), None)
    if refused is not None:
        return _exchange_reasons(leg, refused)
    uploads = next((seen for each in played for seen in each.uploads if seen.status != 200), None)
    if uploads is not None:
        return (Reason(str(uploads.status), uploads.code, fix=_upload_fix(leg, uploads.code)),)
    return ()


def _exchange_reasons(leg: PlannedLeg, refused: Heard) -> tuple[Reason, ...]:
    decision = decide({"jti": "rehearsed", **leg.claims}, [leg.publisher], leg.profile)
    if not isinstance(decision, Refused):
        return (Reason(refused.code, "the exchange was refused"),)
    described = decision.description
    if not decision.differences:
        return (Reason(decision.code, described, fix="Compare the publisher on the index with the claims above."),)
    return tuple(
        Reason(decision.code, described, each.field, each.expected, each.got, _exchange_fix(leg, each))
        for each in decision.differences
    )


def _exchange_fix(leg: PlannedLeg, difference: Difference) -> str:
    prediction = leg.prediction
    if difference.field == "environment":
        job = f"job `{prediction.job}` in {prediction.workflow}"
        return (
            f"Let {job} name the environment `{difference.expected}`, or register `{difference.got or '(none)'}` on {leg.index}."
        )
    if difference.field == "event_name":
        return "Publish on a tag push, a release or a dispatch: an index takes no token of this event."
    return (
        f"Register `{difference.got}` as {difference.field} on {leg.index}, or let the workflow run as `{difference.expected}`."
    )


def _upload_fix(leg: PlannedLeg, reason: str) -> str:
    if reason.startswith("Non-user identities"):
        return f"Register the publisher for the name that the package itself has, not `{leg.project}`."
    if "local version" in reason:
        return "Build from the tag that is released: a local version (`+...`) is never taken."
    return "See the client's output above."
