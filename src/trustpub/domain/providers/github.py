"""GitHub Actions: `job_workflow_ref` names the file, the owner's id pins the owner, `sub` is never read.

Mirrors: warehouse/oidc/models/github.py @6b62157 (the `pypi` profile).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.narrowing import (
    Candidates,
    Comparison,
    ascii_lower,
    differs,
    narrow,
    not_found,
    one_or_list,
    ref_differs,
    texts,
)
from trustpub.domain.outcome import NOT_FOUND, REPLAYED, Accepted, Decision, Refused, invalid_publisher
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from trustpub.domain.claims import ClaimSet
    from trustpub.domain.outcome import Difference
    from trustpub.domain.publishers import Publisher

# PyPI checks what it verifies first, then what must only be there; with several missing it may name any of them.
PYPI_REQUIRED = (
    "repository",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "jti",
    "event_name",
    "ref",
    "sha",
)
# A token without a `jti` is still spent only once: by the digest of its signed bytes.
REQUIRED = tuple(name for name in PYPI_REQUIRED if name != "jti")
OPTIONAL = ("environment",)
ROWS = {"repository": "repository_name", "job_workflow_ref": "workflow_filename"}

NO_WORKFLOW = "Could not job extract workflow filename from OIDC claims"
PULL_REQUEST_TARGET = "Publishing from a workflow invoked via 'pull_request_target' is not supported."

RISKY_EVENTS = ("pull_request", "pull_request_target", "workflow_run")
"""Events that a stranger can cause; the `trustpub` profile refuses them unless the publisher allows them by name."""


class _Job(NamedTuple):
    """What a token says about the job that asked for it."""

    repository: str
    owner: str
    name: str
    owner_claim: str
    owner_id: str
    called: str
    workflow: str
    refs: tuple[str, ...]
    environment: str
    event: str
    ref: str


def called_workflow(job_workflow_ref: str) -> str:
    """The workflow file in a `job_workflow_ref`, as PyPI finds it; empty when there is none.

    It is the first run of non-slashes that ends in .yml or .yaml before an `@`, as long as that run can be: `a.yml@b.yml@main`
    names `a.yml@b.yml`. Found segment by segment, because the regular expression takes quadratic time on a hostile claim.
    """
    for segment in job_workflow_ref.split("/"):
        yml, yaml = segment.rfind(".yml@"), segment.rfind(".yaml@")
        if yml > yaml and yml > 0:
            return segment[: yml + 4]
        if yaml > 0:
            return segment[: yaml + 5]
    return ""


def pypi(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Decide as PyPI does: look one row up (exact spelling), then check the claims against it."""
    job = _read(claims, PYPI_REQUIRED, candidates)
    if isinstance(job, Refused):
        return job
    chosen = _look_up(job, candidates)
    if chosen is None:
        unreadable = not job.workflow and "/" in job.repository
        reason = NO_WORKFLOW if unreadable else NOT_FOUND
    else:
        reason = _wrong(chosen[1], job)
        if not reason and replayed:
            return REPLAYED
        if not reason and job.event == "pull_request_target":
            reason = PULL_REQUEST_TARGET
        if not reason:
            return Accepted(*chosen)
    return invalid_publisher(reason, narrow(candidates, lambda publisher: _compare_as_pypi(publisher, job)))


def trustpub(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Decide by our own rules: the owner's id must be registered and equal, names ignore ASCII case, risky events are refused."""
    job = _read(claims, REQUIRED, candidates)
    if isinstance(job, Refused):
        return job
    chosen: tuple[int, Publisher] | None = None
    for candidate in candidates:
        if not any(_compare(candidate[1], job)):
            if candidate[1].get("environment"):
                chosen = candidate
                break
            chosen = chosen or candidate
    if chosen is not None:
        return REPLAYED if replayed else Accepted(*chosen)
    differences = narrow(candidates, lambda publisher: _compare(publisher, job))
    if [difference.field for difference in differences] == ["event_name"]:
        return invalid_publisher(f"Publishing from a workflow invoked via {job.event!r} is not allowed here", differences)
    return not_found(differences)


def _read(claims: ClaimSet, required: tuple[str, ...], candidates: Candidates) -> _Job | Refused:
    text = texts(claims, required, OPTIONAL, candidates, ROWS)
    if isinstance(text, Refused):
        return text
    owner, _, name = text["repository"].partition("/")
    called = text["job_workflow_ref"]
    refs = tuple(ref for ref in (text["ref"], text["sha"]) if ref)
    return _Job(
        text["repository"],
        owner,
        name,
        text["repository_owner"],
        text["repository_owner_id"],
        called,
        called_workflow(called),
        refs,
        text["environment"],
        text["event_name"],
        text["ref"],
    )


def _look_up(job: _Job, candidates: Candidates) -> tuple[int, Publisher] | None:
    """The row that PyPI finds: the one constrained to this environment, else an unconstrained one.

    The claim is lower-cased, the row is not: a row that was stored with a capital is never found.
    """
    if not job.name:
        return None
    environment = job.environment.lower()
    general: tuple[int, Publisher] | None = None
    for candidate in candidates:
        publisher = candidate[1]
        if (
            publisher.get("repository_name") == job.name
            and publisher.get("repository_owner") == job.owner
            and publisher.get("repository_owner_id") == job.owner_id
            and publisher.get("workflow_filename") == job.workflow
        ):
            registered = publisher.get("environment")
            if registered == environment and environment:
                return candidate
            if not registered and general is None:
                general = candidate
    return general


def _wrong(publisher: Publisher, job: _Job) -> str:
    """Which check of the found row fails before the replay check; empty when none. The others cannot fail after the lookup."""
    if job.owner_claim != publisher.get("repository_owner"):
        return "Check failed for required claim 'repository_owner'"
    if not job.refs:
        return "The ref and sha claims are empty"
    expected = _expected_refs(publisher, job)
    if job.called not in expected:
        return f"The job_workflow_ref claim does not match, expecting one of {sorted(set(expected))!r}, got {job.called!r}"
    return ""


def _expected_refs(publisher: Publisher, job: _Job) -> list[str]:
    slug = f"{publisher.get('repository_owner')}/{publisher.get('repository_name')}"
    return [f"{slug}/.github/workflows/{publisher.get('workflow_filename')}@{ref}" for ref in job.refs]


def _compare_as_pypi(publisher: Publisher, job: _Job) -> Comparison:
    """Compare exactly, except for the environment, of which PyPI lower-cases the claim (and only the claim)."""
    owner, name = publisher.get("repository_owner"), publisher.get("repository_name")
    environment = publisher.get("environment")
    file, owner_id = publisher.get("workflow_filename"), publisher.get("repository_owner_id")
    named = owner == job.owner and name == job.name and job.workflow in (file, "")
    other = job.owner if job.owner != owner else job.owner_claim
    return (
        differs("repository_owner", owner, other, owner == job.owner == job.owner_claim),
        differs("repository_name", name, job.name or None, bool(name) and name == job.name),
        differs("repository_owner_id", owner_id, job.owner_id, owner_id == job.owner_id),
        differs("workflow_filename", file, job.workflow or None, bool(file) and file == job.workflow),
        differs("environment", environment, job.environment.lower() or None, environment in ("", job.environment.lower())),
        _called_differs(publisher, job, not named or job.called in _expected_refs(publisher, job)),
        differs("event_name", "any event but pull_request_target", job.event, job.event != "pull_request_target"),
    )


def _compare(publisher: Publisher, job: _Job) -> Comparison:
    """Compare by our own rules. Agreeing in every place is what acceptance means."""
    owner, name = publisher.get("repository_owner"), publisher.get("repository_name")
    owner_id, environment = publisher.get("repository_owner_id"), publisher.get("environment")
    file = publisher.get("workflow_filename")
    lowered = ascii_lower(owner)
    same_owner = bool(owner) and lowered == ascii_lower(job.owner) == ascii_lower(job.owner_claim)
    same_name = bool(name) and ascii_lower(name) == ascii_lower(job.name)
    same_file = bool(file) and file == job.workflow
    named = same_owner and same_name and (same_file or not job.workflow)
    same_environment = not environment or ascii_lower(environment) == ascii_lower(job.environment)
    other = job.owner if lowered != ascii_lower(job.owner) else job.owner_claim
    allowed = job.event not in RISKY_EVENTS or job.event in publisher.allowed_events
    return (
        differs("repository_owner", owner, other, same_owner),
        differs("repository_name", name, job.name or None, same_name),
        # Without a registered id anybody who takes the name over would be let in.
        differs("repository_owner_id", owner_id or None, job.owner_id, bool(owner_id) and owner_id == job.owner_id),
        differs("workflow_filename", file, job.workflow or None, same_file),
        differs("environment", environment, job.environment or None, same_environment),
        _called_differs(publisher, job, not named or _calls(owner, name, file, job)),
        None if allowed else differs("event_name", _allowed_events(publisher), job.event, same=False),
        ref_differs(publisher, job.ref),
    )


def _calls(owner: str, name: str, file: str, job: _Job) -> bool:
    """Whether the called workflow is this file of this repository at the ref or the commit of the run."""
    slug = len(owner) + 1 + len(name)
    path = f"/.github/workflows/{file}@"
    return (
        ascii_lower(job.called[:slug]) == ascii_lower(f"{owner}/{name}")
        and job.called.startswith(path, slug)
        and job.called[slug + len(path) :] in job.refs
    )


def _called_differs(publisher: Publisher, job: _Job, same: bool) -> Difference | None:
    if same:
        return None
    expected = one_or_list([*_expected_refs(publisher, job)]) if job.refs else "a job_workflow_ref at the run's ref or sha"
    return differs("job_workflow_ref", expected, job.called, same=False)


def _allowed_events(publisher: Publisher) -> str:
    return "any event but " + ", ".join(event for event in RISKY_EVENTS if event not in publisher.allowed_events)
