"""One upload in one example run: who it claims to be, what it brings, where it goes, and what is not known of that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows import matrix
from trustpub.workflows.allowed import WHERE
from trustpub.workflows.contexts import settled, with_environment, with_matrix
from trustpub.workflows.evaluation import Record, Ruled, Unknown, Value, World, render, text
from trustpub.workflows.events import CALLED, triggers
from trustpub.workflows.expressions import template
from trustpub.workflows.model import word
from trustpub.workflows.permissions import IdToken, id_token, within
from trustpub.workflows.reach import ALWAYS, Jobs, Reached, both, holds
from trustpub.workflows.sites import writes_pypirc
from trustpub.workflows.source import Map, Scalar, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.publishing import Upload
    from trustpub.workflows.sites import Call, Outside, Site


class Frame(NamedTuple):
    """A job in one example run: the world it sees, whether the run gets to it, its right to an ID token, its matrix leg."""

    world: World
    reached: Reached
    token: IdToken | None
    leg: Record


class Credential(NamedTuple):
    """What an upload brings: "trusted-publishing", "token", "both" or "unclear"; `on` names the secrets or what decides.

    `sure` says that a password or token is there in every run: a secret may be missing, and is an empty text then. `unseen` is
    what may bring a password or token that the file does not show, in words; empty when nothing may.
    """

    kind: str
    on: frozenset[str] = frozenset()
    sure: bool = False
    unseen: str = ""


class Seen(NamedTuple):
    """What one upload looks like in one example run.

    `environment` is None when it cannot be told and empty when there is none; `destination` likewise None when it cannot be told.
    `doubts` are sentences: as long as there is one, it depends. `world` is the one that the job's steps see.
    """

    reached: Reached
    token: IdToken
    credential: Credential
    environment: str | None
    destination: tuple[str, str] | None
    runs_on: Value
    leg: Record
    doubts: tuple[str, ...]
    world: World


def look(site: Site, world: World) -> Iterator[Seen]:
    """Look at an upload in an example run, once for every leg of its matrices."""
    frames = [Frame(world, ALWAYS, None, Record({}))]
    files = [*(call.workflow for call in site.calls[1:]), site.workflow]
    for call, target in zip(site.calls, files, strict=False):
        frames = [_called(call, inner, target) for frame in frames for inner in _jobs(call.workflow, call.job, frame)]
    for frame in frames:
        for inner in _jobs(site.workflow, site.job, frame):
            yield _seen(site, inner)


def ways_to(site: Outside, world: World) -> Iterator[Reached]:
    """Say for every leg whether an example run gets to a call of a workflow that this checkout does not hold."""
    frames = [Frame(world, ALWAYS, None, Record({}))]
    for number, call in enumerate(site.calls):
        inner = [frame for each in frames for frame in _jobs(call.workflow, call.job, each)]
        last = number + 1 == len(site.calls)
        frames = inner if last else [_called(call, frame, site.calls[number + 1].workflow) for frame in inner]
    return (frame.reached for frame in frames)


def _jobs(workflow: Workflow, job: Job, frame: Frame) -> Iterator[Frame]:
    """Step into a job: one frame for each leg of its matrix."""
    jobs = Jobs(workflow, frame.world)
    reached = both(frame.reached, jobs.reached(job))
    world = jobs.world_of(job)
    token = _token(workflow, job, frame.token)
    for leg in matrix.legs(job.matrix, world):
        values = Record({**frame.leg.values, **leg.values}, "matrix", frame.leg.open or leg.open)
        yield Frame(with_matrix(world, leg)._replace(success=True), reached, token, values)  # the steps before went well


def _token(workflow: Workflow, job: Job, cap: IdToken | None) -> IdToken:
    if cap is None:
        return id_token(workflow, job)
    if job.permissions is None and workflow.permissions is None:
        return cap
    return within(id_token(workflow, job), cap)


def _called(call: Call, frame: Frame, target: Workflow) -> Frame:
    """Step through a call: the called file sees the caller's event, its own inputs, and nothing of the caller's jobs."""
    values: dict[str, Value] = dict(_defaults(target))
    values |= {name.lower(): settled(word(node), frame.world) for name, node in call.job.with_.items()}
    outer = {name: value for name, value in frame.world.contexts.items() if name not in ("needs", "matrix", "env", "inputs")}
    return frame._replace(world=frame.world._replace(contexts={**outer, "inputs": Record(values)}, success=True))


def _defaults(workflow: Workflow) -> Iterator[tuple[str, Value]]:
    for trigger in triggers(workflow.on):
        if trigger.event == CALLED and isinstance(trigger.inputs, Map):
            for name, spec in trigger.inputs.items():
                default = spec.get("default") if isinstance(spec, Map) else None
                kind = spec.get("type") if isinstance(spec, Map) else None
                boolean = isinstance(kind, Scalar) and kind.value == "boolean"
                value = plain_value(default) if isinstance(default, Scalar) else False if boolean else ""
                yield name.lower(), float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _seen(site: Site, frame: Frame) -> Seen:
    world = with_environment(frame.world, site.workflow.env, site.job.env, *(step.env for step in site.steps))
    environment, environment_doubts = _environment(site.job, frame.world)
    destination, destination_doubts = _destination(site.upload, world)
    token = frame.token or id_token(site.workflow, site.job)
    reached = frame.reached
    for step in site.steps:
        reached = both(reached, holds(step.if_, world, f"the step `{step.label}`", WHERE["step-if"]))
    return Seen(
        reached=reached,
        token=token,
        credential=_credential(site, token, world),
        environment=environment,
        destination=destination,
        runs_on=matrix.value_of(site.job.runs_on, frame.world) if site.job.runs_on is not None else None,
        leg=frame.leg,
        doubts=(*environment_doubts, *destination_doubts, *((token.doubt,) if token.doubt else ())),
        world=frame.world,
    )


def _environment(job: Job, world: World) -> tuple[str | None, tuple[str, ...]]:
    if job.environment is None:
        return "", ()
    pieces = template(word(job.environment.name))
    return _known_text(pieces.static, render(pieces, world), render(pieces, world._replace(as_rule=True)), "the environment")


def _destination(upload: Upload, world: World) -> tuple[tuple[str, str] | None, tuple[str, ...]]:
    kind, written = upload.destination
    if kind == "default":
        return (kind, ""), ()
    pieces = template(written)
    static = None if "$" in (pieces.static or "") else pieces.static
    value: Value = render(pieces, world)
    if pieces.static is not None and static is None:
        value = Unknown(frozenset((written,)))
    address, doubts = _known_text(static, value, render(pieces, world._replace(as_rule=True)), "where it uploads to")
    if address is None:
        return None, doubts
    return ((kind, address.strip()) if address.strip() else ("default", "")), doubts


def _known_text(static: str | None, value: Value, ruled: Value, what: str) -> tuple[str | None, tuple[str, ...]]:
    """Return a text that an expression gives, None when it cannot be told; doubts when it is only this example's text."""
    if static is not None:
        return static, ()
    words = text(value)
    if isinstance(words, Unknown):
        return None, (f"{what} depends on {_names(words.on)}",)
    on = (
        ruled.on
        if isinstance(ruled, Unknown)
        else frozenset((value.name,))
        if isinstance(value, Ruled) and not value.exact
        else None
    )
    if on is not None:
        return words, (f"{what} is `{words}` in this example; it depends on {_names(on)}",)
    return words, ()


def _names(on: frozenset[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(on)) or "what only the run knows"


def _credential(site: Site, token: IdToken, world: World) -> Credential:
    upload = site.upload
    given = [render(template(secret), world) for secret in upload.secrets]
    brings = [value for value in given if text(value) != ""]
    doubtful = frozenset(name for value in brings if isinstance(value, Unknown) for name in value.on if not _is_secret(name))
    if doubtful:
        return Credential("unclear", doubtful)
    if brings or (upload.tool == "twine" and writes_pypirc(site.job)) or _in_address(upload):
        written = {name.lower(): name for text in upload.secrets for name in re.findall(r"secrets\.[A-Za-z_]\w*", text)}
        secrets = frozenset(written.get(name, name) for value in brings if isinstance(value, Unknown) for name in value.on)
        if (upload.mode == "id-token-first" or upload.exchanged_by) and token.granted:
            return Credential("trusted-publishing", secrets)
        sure = any(not isinstance(value, Unknown) for value in brings)
        return Credential("both" if token.granted else "token", secrets, sure)
    if upload.user or upload.mode == "never":
        return Credential("unclear", frozenset(("a password that is kept elsewhere",)))
    return Credential("trusted-publishing", unseen=_unseen(site))


def _in_address(upload: Upload) -> bool:
    """Say whether the index's address has a password in it."""
    kind, written = upload.destination
    return kind == "url" and re.search(r"://[^/@\s]+:[^/@\s]+@", written) is not None


_LOGINS = lazy_pattern(
    r"codeartifact\s+login|keyring|\.pypirc|\.netrc|pypi-token|http-basic|gcloud\s+auth|GITHUB_ENV|artifacts-keyring"
)
_KNOWN_ACTIONS = lazy_pattern(
    r"(?:\./|actions/|pypa/|astral-sh/|hynek/|pyo3/|docker/|pdm-project/|step-security/|snok/install-poetry|gr1n/setup-poetry"
    r"|abatilo/actions-poetry|conda-incubator/|dtolnay/|actions-rs/|softprops/|re-actors/|sigstore/|eifinger/|taiki-e/)"
)


def _unseen(site: Site) -> str:
    """Name what could give a command a password or token that the file does not show. An action takes its inputs only."""
    if site.upload.tool == "action":
        return ""
    for step in site.job.steps:
        if step.number >= site.step.number:
            break
        if step.uses is not None and not _KNOWN_ACTIONS.match(step.uses.value.lower()):
            return f"`{step.uses.value.partition('@')[0]}` before it may set one"
        if match := _LOGINS.search(word(step.run)):
            return f"the step `{step.label}` before it may set one (`{match[0]}`)"
    if match := _LOGINS.search(word(site.uploading_step.run)):
        return f"its own script may set one (`{match[0]}`)"
    labels = site.job.runs_on
    if isinstance(labels, Scalar) and labels.value.startswith(("ubuntu-", "windows-", "macos-")):
        return ""
    return "" if labels is None else "the machine that runs it may have one"


def _is_secret(name: str) -> bool:
    return name.lower().startswith("secrets.") or name.startswith(("steps.", "needs.", "env."))
