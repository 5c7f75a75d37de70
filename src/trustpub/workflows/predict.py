"""What will happen: for every step that uploads and every event that gets there, the claims and the index's answer.

The answer comes from `domain.matching`, the same heart that a real exchange asks; what is added here is what a file can tell
about the claims, and honest doubt about the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.domain.package import release_of
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.record import NamedTuple
from trustpub.workflows import matrix
from trustpub.workflows.answer import Case, answer, profile_of
from trustpub.workflows.carries import Cargo, Carried, Packages, carried
from trustpub.workflows.claims import Run, presented, runner_environment
from trustpub.workflows.contexts import Repository, settled, world_of
from trustpub.workflows.evaluation import text, truth
from trustpub.workflows.events import CALLED, Names, Scenario, left_out, triggers
from trustpub.workflows.examples import Examples, doubting
from trustpub.workflows.files import NO_FILES
from trustpub.workflows.judge import Seen, look, ways_to
from trustpub.workflows.merging import Outcome, merged
from trustpub.workflows.model import word
from trustpub.workflows.permissions import id_token
from trustpub.workflows.renames import renamed
from trustpub.workflows.sites import Outside, Site, sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.workflows.evaluation import World
    from trustpub.workflows.files import Files
    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.reach import Reached
    from trustpub.workflows.uploading import JobUploads

    MakeWorld: TypeAlias = Callable[[Scenario, Workflow, Repository, Mapping[str, str]], World]

VERDICTS = ("publishes", "depends", "refused", "never")


_OURS = ("inputs", "ref_types", "reached", "actions", "stopped", "surely")


class Prediction(NamedTuple):
    """One upload, one kind of run, one answer. The fields are the contract's keys.

    Six are ours alone: `inputs` are a dispatch's choices that decide, `ref_types` the kinds of ref for which this holds,
    `reached` says that a run gets to the upload at all and `surely` that every such run does, `actions` are the activities of a
    release that get there, and `stopped` says what keeps every run from getting there.

    `claims` are exact, `unknown` names those that a file cannot tell, `alternatives` lists what others may be. `publisher` is
    the record that accepts these claims, by PyPI's row names: the declared one where it does, else the one to register.
    """

    workflow: str
    job: str
    step: str
    line: int
    column: int
    event: str
    ref: str
    ref_pattern: str
    project: str | None
    package: str | None
    matrix: dict[str, str | float | bool | None] | None
    index: str | None  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    profile: str
    credential: str
    verdict: str
    claims: dict[str, str]
    unknown: tuple[str, ...]
    alternatives: dict[str, tuple[str, ...]]
    publisher: dict[str, str]
    why: tuple[str, ...]
    inputs: tuple[tuple[str, str], ...] = ()
    ref_types: tuple[str, ...] = ()
    reached: bool = True
    actions: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    surely: bool = False

    @property
    def environment(self) -> str:
        """The environment that the job names; empty when there is none or it cannot be told."""
        return self.claims.get("environment", "")

    @property
    def subjects(self) -> tuple[str, ...]:
        """What `sub` may be, the classic shape first."""
        return self.alternatives.get("sub", ())

    def to_json(self) -> dict[str, object]:
        """Write the contract's keys as plain data."""
        return {name: value for name, value in self._asdict().items() if name not in _OURS}


class Facts(NamedTuple):
    """What is known beside the workflow files.

    `index_of` names the index of a destination (its kind and value) and says whether it is known; of an unknown one the name
    is its address. `audience_of` gives an index's audience, empty when it is not known. `packages` are those of the checkout;
    `project` and `package` (name and folder) are what an upload carries where nothing says it. `files` are those of the checkout,
    for what the workflows run, `workflows` the parsed ones, `uploads` what was read of their jobs before.
    """

    repository: Repository
    declaration: Declaration
    names: Names
    index_of: Callable[[str, str], tuple[str, bool]]
    audience_of: Callable[[str], str]
    project: str | None = None
    package: str | None = None
    packages: Packages | None = None
    files: Files = NO_FILES
    workflows: Mapping[str, Workflow] = {}
    uploads: JobUploads | None = None


class Wanted(NamedTuple):
    """What to look at: a workflow by its path, a job by its id, an event by its name; None means all of them."""

    workflow: str | None = None
    job: str | None = None
    event: str | None = None

    def covers(self, site: Site | Outside) -> bool:
        """Say whether an upload is asked for. One behind a call belongs to the caller and to the called file."""
        files = [site.root.path, *(call.workflow.path for call in site.calls)]
        jobs = [call.job.id for call in site.calls]
        if isinstance(site, Site):
            files.append(site.workflow.path)
            jobs.append(site.job.id)
        return (self.workflow is None or self.workflow in files) and (self.job is None or self.job in jobs)


EVERYTHING = Wanted()


class Predicted(NamedTuple):
    """One upload with what is predicted of it, a prediction for each kind of run that gets there."""

    site: Site | Outside
    predictions: tuple[Prediction, ...]


def predict(workflows: Mapping[str, Workflow], facts: Facts, wanted: Wanted = EVERYTHING) -> tuple[Prediction, ...]:
    """Predict every wanted upload of these workflows. Where no run gets to it, one prediction says why."""
    return tuple(prediction for each in predicted(workflows, facts, wanted) for prediction in each.predictions)


def predicted(workflows: Mapping[str, Workflow], facts: Facts, wanted: Wanted = EVERYTHING) -> tuple[Predicted, ...]:
    """Predict every wanted upload of these workflows, upload by upload."""
    facts = facts._replace(workflows=workflows)
    result: list[Predicted] = []
    for site in sites(workflows, facts.files, facts.uploads):
        if wanted.covers(site):
            ours = _outside(site, facts, wanted.event) if isinstance(site, Outside) else _of_site(site, facts, wanted.event)
            result.append(Predicted(site, tuple(ours)))
    alive = {_place(each) for one in result for each in one.predictions if each.verdict != "never"}
    return tuple(Predicted(one.site, kept) for one in result if (kept := tuple(_told(one.predictions, alive))))


def _told(predictions: Iterable[Prediction], alive: set[tuple[str, int, int]]) -> Iterator[Prediction]:
    """Leave out that one way does not get to an upload where another one does."""
    for each in predictions:
        if each.verdict != "never" or each.reached or _place(each) not in alive:
            yield each


def _place(prediction: Prediction) -> tuple[str, int, int]:
    return prediction.workflow, prediction.line, prediction.column


class _Load(NamedTuple):
    """What an upload carries: the package's folder and name (None when it cannot be told), its version, and a sentence."""

    path: str | None
    name: str | None
    version: str | None = None
    why: str = ""


def _of_site(site: Site, facts: Facts, event: str | None) -> Iterator[Prediction]:
    outcomes = list(_outcomes(site, facts, event, world_of))
    missed = [outcome for outcome in outcomes if outcome.seen.reached.runs is False]
    reached = [outcome for outcome in outcomes if outcome.seen.reached.runs is not False]
    if missed and not reached:
        assumed = _outcomes(site, facts, event, doubting)
        reached = [_doubted(outcome, facts) for outcome in assumed if outcome.seen.reached.runs is not False]
    if reached:
        found = list(merged(reached, missed))
        events = list(dict.fromkeys(each.event for each in found))
        yield from sorted(found, key=lambda each: (events.index(each.event), VERDICTS.index(each.verdict)))
    elif missed:
        yield _never(missed)


def _outcomes(site: Site, facts: Facts, event: str | None, make_world: MakeWorld) -> Iterator[Outcome]:
    """Look at an upload in every example run of every trigger, once for each leg and each package that it carries."""
    for trigger in triggers(site.root.on):
        if (event is not None and trigger.event != event) or (trigger.event == CALLED and site.has_callers):
            continue
        examples = Examples(trigger, site.root, facts.names.default_branch, (site.calls[0].job if site.calls else site.job).id)
        loads: dict[object, tuple[_Load, ...]] = {}
        for number, scenario in enumerate(examples.of(facts.names)):
            world = make_world(scenario, site.root, facts.repository, facts.declaration.vars)
            for seen in look(site, world):
                key = (scenario.ref_type, scenario.pattern, tuple(scenario.chosen.items()), repr(seen.leg))
                if key not in loads:
                    loads[key] = tuple(_renamed(load, site) for load in _loads(site, scenario, seen, facts))
                for load in loads[key]:
                    own = scenario
                    if facts.packages is not None and load.path is not None:
                        own = examples.named(number, scenario, release_of(load.version), load.name or "")
                    yield Outcome(own, seen, _predict(site, own, seen, facts, load))


def _doubted(outcome: Outcome, facts: Facts) -> Outcome:
    """Say on what a run hangs that would never get there if all that is assumed were so."""
    here = f"the remote here says `{facts.repository.slug}`, default branch `{facts.repository.default_branch}`"
    why = (f"{here}: by these it would never get there", *outcome.prediction.why)
    verdict = "depends" if outcome.prediction.verdict == "publishes" else outcome.prediction.verdict
    return outcome._replace(prediction=outcome.prediction._replace(why=why, verdict=verdict))


def _loads(site: Site, scenario: Scenario, seen: Seen, facts: Facts) -> tuple[_Load, ...]:
    """Say what the upload carries: one load for every package of it."""
    if facts.packages is None:
        return (_Load(facts.package, facts.project),)
    index = facts.index_of(*seen.destination)[0] if seen.destination is not None else None
    declared = [row for row in facts.declaration.publishers if row.index == index and row.provider is Provider.GITHUB]
    tag = scenario.pattern if scenario.ref_type == "tag" else ""
    found = carried(Cargo(site, seen.world, seen.leg, tag, declared, facts.packages, facts.workflows))
    several = len(facts.packages.known) > 1
    if not found.packages:
        why = found.why
        if why and not several:
            return (_Load(None, None, why=why),)
        return (_Load(facts.package, facts.project, facts.names.version, why),)
    why = _carries(found) if several else ""
    return tuple(_Load(package.path, package.name, package.version, why) for package in found.packages)


def _renamed(load: _Load, site: Site) -> _Load:
    """Take the name that the job itself writes into the package's files before it builds."""
    new = renamed(site, load.path) if load.path is not None else None
    if new is None or new.name == load.name:
        return load
    written = f"`{new.name}`" if new.name else "another name, which cannot be read here"
    why = f"the step `{new.step}` calls the package {written} before it is built"
    return load._replace(name=new.name, why=f"{load.why}; {why}" if load.why else why)


def _carries(found: Carried) -> str:
    names = ", ".join(f"`{package.label}`" for package in found.packages)
    return f"it uploads {names}: {found.why}" if found.why else f"it uploads {names}"


def _predict(site: Site, scenario: Scenario, seen: Seen, facts: Facts, load: _Load) -> Prediction:
    index, known = facts.index_of(*seen.destination) if seen.destination is not None else (None, False)
    declared = _declared(facts, index, load, site)
    run = Run(
        scenario=scenario,
        repository=facts.repository,
        workflow=site.root,
        called=site.workflow,
        environment=seen.environment,
        issuer=(declared[0].issuer if declared else "") or DEFAULT_ISSUERS[Provider.GITHUB],
        audience=facts.audience_of(index) if index else "",
        runner=runner_environment(seen.runs_on),
    )
    claims = presented(run)
    rules = facts.declaration.environment(seen.environment) if seen.environment else None
    said = answer(Case(site, scenario, seen, claims, index, known, facts.repository, declared, rules))
    place = site.workflow.source.place(site.calling_start)
    row = said.accepted or next(iter(declared), None)
    return Prediction(
        workflow=site.workflow.path,
        job=site.job.id,
        step=site.step.label,
        line=place.line,
        column=place.column,
        event=scenario.event,
        ref=str(scenario.ref),
        ref_pattern=scenario.pattern,
        project=row.project if row is not None else load.name,
        package=(row.path if row is not None else "") or load.path,
        matrix=matrix.shown(seen.leg),
        index=index,
        profile=profile_of(index),
        credential=said.credential or seen.credential.kind,
        verdict=said.verdict,
        claims=claims.exact,
        unknown=claims.unknown,
        alternatives={"sub": claims.sub} if claims.sub else {},
        publisher=said.publisher,
        why=tuple(dict.fromkeys((*_callers(site), *said.why, *_filters(site, scenario), *((load.why,) if load.why else ())))),
        inputs=tuple(scenario.chosen.items()),
        reached=seen.reached.runs is not False,
        surely=seen.reached.runs is True,
    )


def _callers(site: Site) -> Iterator[str]:
    for call in site.calls:
        yield f"called by the job `{call.job.id}` of `{call.workflow.file_name}`"


def _filters(site: Site, scenario: Scenario) -> Iterator[str]:
    """Say what a push trigger leaves out beside what its patterns ask for. The paths of a tag are not looked at."""
    if scenario.event != "push":
        return
    for trigger in triggers(site.root.on):
        if trigger.event == "push":
            yield from left_out(trigger, scenario.ref_type)


def _declared(facts: Facts, index: str | None, load: _Load, site: Site) -> list[DeclaredPublisher]:
    """The declared publishers of the package on an index: those of its folder or name, else those that name no folder.

    Where the package cannot be told, only rows of this very file are about it.
    """
    rows = [row for row in facts.declaration.publishers if row.index == index and row.provider is Provider.GITHUB]
    if load.path is None:
        return [row for row in rows if row.workflow == site.workflow.file_name]
    mine = [row for row in rows if (row.path or ".") == load.path]
    if facts.packages is not None and len(facts.packages.known) > 1 and not mine:
        mine = [row for row in rows if load.name and normalize(row.project) == normalize(load.name)]
    return mine or [row for row in rows if not row.path]


def _never(missed: list[Outcome]) -> Prediction:
    first = missed[0].prediction
    why = dict.fromkeys(
        f"{outcome.scenario.event}: {sentence}" if len({o.scenario.event for o in missed}) > 1 else sentence
        for outcome in missed
        for sentence in outcome.prediction.why
    )
    stopped = dict.fromkeys(sentence for outcome in missed for sentence in outcome.seen.reached.why)
    return first._replace(why=tuple(why), inputs=(), stopped=tuple(stopped))


def _outside(site: Outside, facts: Facts, event: str | None) -> Iterator[Prediction]:
    """Tell of a job that may publish through a workflow of another repository, once for each event that gets there."""
    call = site.calls[-1]
    hint = f"{site.uses} {call.job.id} {word(call.job.name)}".lower()
    may = ("pypi" in hint or "publish" in hint) and id_token(call.workflow, call.job).granted
    if site.known is None and not may:
        return
    for trigger in triggers(site.root.on):
        if event is not None and trigger.event != event:
            continue
        for scenario in Examples(trigger, site.root, facts.names.default_branch).of(facts.names):
            world = world_of(scenario, site.root, facts.repository, facts.declaration.vars)
            found = [way for way in ways_to(site, world) if way.runs is not False]
            if found and not _turned_off(call.job, world):
                yield _unread(site, scenario, found[0], facts)
                break


def _turned_off(job: Job, world: World) -> bool:
    """Say whether an input of a known workflow turns its upload off in this run."""
    from trustpub.workflows.tools import split_uses
    from trustpub.workflows.tools.known_callees import CALLEES

    callee = CALLEES.get(split_uses(word(job.uses))[0])
    node = job.with_.get(callee.switch) if callee is not None and callee.switch else None
    value = settled(word(node), world) if node is not None else True
    return text(value) == "false" or truth(value) is False


def _unread(site: Outside, scenario: Scenario, way: Reached, facts: Facts) -> Prediction:
    call, known = site.calls[-1], site.known
    place = call.workflow.source.place(call.job.uses.start if call.job.uses is not None else call.job.start)
    index = facts.index_of(*known.destination)[0] if known is not None and known.destination is not None else None
    credential = known.credential if known is not None else "unclear"
    about = known.why if known is not None else "whether and how it uploads is not known"
    why = [f"the job calls `{site.uses.partition('@')[0]}`, which is not in this checkout: {about}", *way.why]
    if credential != "token":
        why.append("PyPI refuses ID tokens of jobs whose workflow file lies in another repository")
    return Prediction(
        workflow=call.workflow.path,
        job=call.job.id,
        step=site.uses,
        line=place.line,
        column=place.column,
        event=scenario.event,
        ref=str(scenario.ref),
        ref_pattern=scenario.pattern,
        project=facts.project,
        package=facts.package,
        matrix=None,
        index=index,
        profile=profile_of(index),
        credential=credential,
        verdict="depends",
        claims={},
        unknown=("job_workflow_ref", "environment"),
        alternatives={},
        publisher={},
        why=tuple(why),
        ref_types=(scenario.ref_type,) if scenario.ref_type else (),
    )
