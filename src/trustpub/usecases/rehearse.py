"""Rehearse a release: the whole flow on this machine, with the real clients, and the attacks that must be refused.

*Prepare* may use the person's own index (an isolated build does). From the first stage to the report the rehearsal is *sealed*:
the index, the issuer and the proxy are on this machine, and no client can reach anything else through them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.domain.publishers import publisher
from trustpub.errors import BadInput
from trustpub.parties.clients.build import distributions
from trustpub.parties.clients.distribution import read_distribution
from trustpub.usecases.controls import Neighbour, run_controls
from trustpub.usecases.evidence import Performance, reasons_of, steps_of, stopped
from trustpub.usecases.fetched import compare, was_served
from trustpub.usecases.gate import pass_gate
from trustpub.usecases.rehearsal import ClientOutcome, Leg, Reason, Rehearsal
from trustpub.usecases.stage import StageOrder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trustpub.parties.clients.distribution import Distribution
    from trustpub.parties.clients.port import Builder, Client, ClientRun, Fetcher
    from trustpub.usecases.gate import GateOutcome
    from trustpub.usecases.legs import PlannedLeg
    from trustpub.usecases.stage import OpenStage, Stage
    from trustpub.workflows.predict import Prediction


@dataclass(frozen=True, slots=True)
class Troupe:
    """Who plays: the stage's launcher, the uploading clients, the installer, the builder, and a clock for the duration."""

    open_stage: OpenStage
    uploaders: Sequence[Client]
    fetcher: Fetcher
    builder: Builder
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Options:
    """How to rehearse: `dist` takes finished files instead of a build, `scratch` is a folder for what is built."""

    scratch: Path
    dist: Path | None = None
    thorough: bool = False
    isolated: bool = True
    progress: Callable[[str], None] = field(default=lambda _line: None)


def rehearse(legs: Sequence[PlannedLeg], root: Path, troupe: Troupe, options: Options) -> Rehearsal:
    """Play every leg and return what was seen. errors.BadInput and errors.Broken for what keeps it from beginning."""
    began = troupe.clock()
    versions = _versions(troupe)
    files = {package: _files(root / package, troupe, options) for package in dict.fromkeys(leg.package for leg in legs)}
    named = [leg if leg.project else replace(leg, project=files[leg.package][0].name) for leg in legs]
    options.progress("sealed: from here on nothing leaves this machine")
    with ThreadPoolExecutor(max_workers=4, thread_name_prefix="rehearsal") as pool:
        playing = [_Leg(leg, files[leg.package], versions, troupe, options) for leg in named]
        started = [leg.start(pool) for leg in playing]
        played = tuple(finish() for finish in started)
    projects = ", ".join(dict.fromkeys(leg.project for leg in named))
    return Rehearsal(projects, played, troupe.clock() - began, _notes(options))


def _versions(troupe: Troupe) -> Mapping[str, str]:
    """Every program's version, which is also whether it is there: asked before a build takes its time."""
    programs: list[Client | Fetcher] = [*troupe.uploaders, troupe.fetcher]
    with ThreadPoolExecutor(max_workers=len(programs)) as pool:
        return dict(zip([each.name for each in programs], pool.map(lambda each: each.version(), programs), strict=True))


def _files(package: Path, troupe: Troupe, options: Options) -> tuple[Distribution, ...]:
    if options.dist is not None:
        return _given(options.dist)
    options.progress(
        f"build {package.name}" + (" (isolated: it may install its backend from your own index)" if options.isolated else "")
    )
    into = options.scratch / f"dist-{package.name}"
    into.mkdir()
    built = troupe.builder.build(package, into, isolated=options.isolated)
    return tuple(read_distribution(path) for path in built)


def _given(folder: Path) -> tuple[Distribution, ...]:
    if not folder.is_dir():
        raise BadInput(f"--dist `{folder}`", why="not a folder", next_step="Name the folder that holds the built files")
    found = tuple(read_distribution(path) for path in distributions(folder))
    if not found:
        raise BadInput(f"--dist `{folder}`", why="no wheel and no .tar.gz in it", next_step="Build first: python -m build")
    projects = sorted({dist.project for dist in found})
    if len(projects) > 1:
        raise BadInput(f"--dist `{folder}`", why=f"it holds files of several projects: {', '.join(projects)}")
    return found


def _notes(options: Options) -> tuple[str, ...]:
    if options.dist is not None or not options.isolated:
        return ()
    return ("the build ran before the seal, isolated: it may have installed its backend from your own index",)


class _Leg:
    """One leg while it is played: each client on a stage of its own, so that each is the first to upload."""

    def __init__(
        self, plan: PlannedLeg, dists: tuple[Distribution, ...], versions: Mapping[str, str], troupe: Troupe, options: Options
    ) -> None:
        self._plan = plan
        self._dists = dists
        self._versions = versions
        self._troupe = troupe
        self._options = options
        self._gate: GateOutcome = pass_gate(plan.environment, plan.rules, plan.prediction.ref)

    def start(self, pool: ThreadPoolExecutor) -> Callable[[], Leg]:
        """Begin to play, and return how to wait for the end."""
        reason = self._never()
        if reason is not None:
            leg = self._report(stopped_by=reason, played=())
            return lambda: leg
        able = [client for client in self._troupe.uploaders if not client.not_here(self._plan.index)]
        waiting = [pool.submit(self._play, client, leads=client is able[0]) for client in able]
        return lambda: self._report(stopped_by=None, played=tuple(each.result() for each in waiting))

    def _never(self) -> Reason | None:
        """Why the job never asks for a token, if it does not."""
        prediction = self._plan.prediction
        if prediction.verdict == "never":
            return _reason_of_never(prediction)
        if prediction.credential in ("token", "both"):
            fix = "Take the password or token away from the upload step; an index can then ask for the job's ID token."
            return Reason("stored-credential", "; ".join(prediction.why), fix=fix)
        if not self._gate.ok:
            kind = "tags" if prediction.ref.startswith("refs/tags/") else "branches"
            fix = f"Add a rule for {kind} to the environment `{self._plan.environment}` that admits {prediction.ref}."
            return Reason("environment-protection", self._gate.problem, "ref", None, prediction.ref, fix)
        return None

    def _play(self, client: Client, *, leads: bool) -> Performance:
        """One client's upload; the one that leads is followed by pip and the controls, on the same stage."""
        plan, say = self._plan, self._options.progress
        with self._troupe.open_stage(self._order()) as stage:
            say(f"{plan.index}: {client.name} uploads {len(self._dists)} files")
            run = client.upload([dist.path for dist in self._dists], stage.seat(client.name))
            seen = self._seen(client, run, stage)
            if not (leads and seen.uploaded):
                return seen
            say(f"{plan.index}: {self._troupe.fetcher.name} fetches them back")
            fetch = self._fetch(stage)
            say(f"{plan.index}: the attacks")
            controls = run_controls(stage, plan.publisher, self._neighbour(), self._dists[0], thorough=self._options.thorough)
            return replace(seen, fetch=fetch, controls=controls)

    def _order(self) -> StageOrder:
        plan = self._plan
        neighbour = self._neighbour()
        return StageOrder(
            index=plan.index,
            upload_url=plan.upload_url,
            audience=plan.audience,
            issuer=plan.issuer,
            profile=plan.profile,
            hosts=plan.hosts,
            pending=((plan.publisher, plan.project), (neighbour.publisher, neighbour.project)),
            claims=plan.claims,
        )

    def _neighbour(self) -> Neighbour:
        row = self._plan.publisher.row()
        other = publisher(self._plan.publisher.provider, {**row, "workflow_filename": f"neighbour-{row['workflow_filename']}"})
        return Neighbour(other, f"{normalize(self._plan.project)}-neighbour")

    def _seen(self, client: Client, run: ClientRun, stage: Stage) -> Performance:
        return Performance(
            client=client.name,
            version=self._versions[client.name],
            run=run,
            heard=tuple(stage.heard()),
            asked=tuple(stage.asked()),
            turned=tuple(stage.turned()),
            files=len(self._dists),
        )

    def _fetch(self, stage: Stage) -> ClientOutcome:
        """Fetch the release back and compare it: one file by the installer, the others as they are listed."""
        fetcher, first = self._troupe.fetcher, self._dists[0]
        into = stage.folder / "fetched"
        into.mkdir()
        run = fetcher.fetch(first.project, first.version, [dist.path for dist in self._dists], into, stage.seat(fetcher.name))
        ok, evidence = compare(self._dists, into, stage.wire, first.project)
        if not ok and not run.ok and was_served(stage, fetcher.name, self._dists):
            ok, evidence = (
                True,
                f"{fetcher.name} downloaded the sdist and its hash held; its metadata needs the build backend, not here",
            )
        command = " ".join(run.command)
        return ClientOutcome(ok, self._versions[fetcher.name], evidence, command, "" if ok else run.output)

    def _report(self, *, stopped_by: Reason | None, played: Sequence[Performance]) -> Leg:
        plan, prediction = self._plan, self._plan.prediction
        steps = stopped(stopped_by.description) if stopped_by else steps_of(plan, self._gate, played)
        return Leg(
            index=plan.index,
            project=plan.project,
            workflow=prediction.workflow,
            job=prediction.job,
            event=prediction.event,
            ref=prediction.ref,
            environment=plan.environment,
            publisher=plan.publisher.row(),
            claims=plan.claims,
            steps=steps,
            clients=self._clients(played),
            controls=tuple(control for each in played for control in each.controls),
            reasons=(stopped_by,) if stopped_by else reasons_of(plan, played),
            refused_hosts=tuple(dict.fromkeys(turn.target for each in played for turn in each.turned if not turn.allowed)),
            files=tuple((dist.path.name, dist.sha256) for dist in self._dists),
            unproven=unproven(plan),
            assumed=plan.assumed,
            declared=plan.declared,
        )

    def _clients(self, played: Sequence[Performance]) -> dict[str, ClientOutcome]:
        by_name = {each.client: each for each in played}
        outcomes = {}
        for client in self._troupe.uploaders:
            why, version = client.not_here(self._plan.index), self._versions[client.name]
            if client.name in by_name:
                outcomes[client.name] = by_name[client.name].outcome()
            else:
                outcomes[client.name] = ClientOutcome(None if why else False, version, why or "not reached: the job never asks")
        fetched = next((each.fetch for each in played if each.fetch is not None), None)
        name = self._troupe.fetcher.name
        outcomes[name] = fetched or ClientOutcome(
            ok=False, version=self._versions[name], evidence="not reached: nothing was uploaded"
        )
        return outcomes


def _reason_of_never(prediction: Prediction) -> Reason:
    """Why no run of this job gets to an upload; the right to ask for a token is the usual one, and easily given."""
    described = "; ".join(prediction.why) or "the job does not run for this event"
    if described.startswith("it gets no ID token"):
        fix = f"Give job `{prediction.job}` in {prediction.workflow} the permission `id-token: write`."
        return Reason("no-id-token", described, fix=fix)
    return Reason("never", described)


def unproven(plan: PlannedLeg) -> tuple[str, ...]:
    """What no rehearsal on this machine can show."""
    lines = [f"the real index's record was not read: {plan.stated}"]
    if plan.environment:
        lines.append(
            f"GitHub's own settings of the environment {plan.environment} were not read: they are as declared, or unknown"
        )
    if "repository_owner_id" in plan.invented:
        lines.append("the owner's numeric id is not known here, so both sides hold a made-up one: give owner_id in trustpub.toml")
    if plan.invented:
        lines.append(f"not knowable here, so made up in the ID token: {', '.join(plan.invented)}")
    return tuple(lines)
