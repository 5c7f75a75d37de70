"""What will happen: for every step that uploads and every event that gets there, the claims and the index's answer.

The answer comes from `domain.matching`, the same heart that a real exchange asks; what is added here is what a file can tell
about the claims, and honest doubt about the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.workflows import matrix
from trustpub.workflows.answer import Case, answer, profile_of
from trustpub.workflows.claims import Run, presented, runner_environment
from trustpub.workflows.contexts import Repository, world_of
from trustpub.workflows.events import CALLED, Names, Scenario, Trigger, scenarios, triggers
from trustpub.workflows.judge import Seen, look
from trustpub.workflows.model import word
from trustpub.workflows.permissions import id_token
from trustpub.workflows.sites import Outside, Site, mentioned_refs, sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.workflows.model import Workflow

VERDICTS = ("publishes", "depends", "refused", "never")


_OURS = ("inputs", "ref_types", "reached", "actions")


class Prediction(NamedTuple):
    """One upload, one kind of run, one answer. The fields are the contract's keys.

    Four are ours alone: `inputs` are a dispatch's choices that decide, `ref_types` the kinds of ref for which this holds,
    `reached` says that a run gets to the upload at all, and `actions` are the activities of a release that get there.

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
    is its address. `audience_of` gives an index's audience, empty when it is not known.
    """

    repository: Repository
    declaration: Declaration
    names: Names
    index_of: Callable[[str, str], tuple[str, bool]]
    audience_of: Callable[[str], str]
    project: str | None = None
    package: str | None = None


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
    result: list[Predicted] = []
    for site in sites(workflows):
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


class _Outcome(NamedTuple):
    scenario: Scenario
    seen: Seen
    prediction: Prediction


def _of_site(site: Site, facts: Facts, event: str | None) -> Iterator[Prediction]:
    reached: list[_Outcome] = []
    missed: list[_Outcome] = []
    for trigger in triggers(site.root.on):
        if (event is not None and trigger.event != event) or (trigger.event == CALLED and site.has_callers):
            continue
        for scenario in _scenarios(trigger, site.root, facts):
            world = world_of(scenario, site.root, facts.repository, facts.declaration.vars)
            for seen in look(site, world):
                outcome = _Outcome(scenario, seen, _predict(site, scenario, seen, facts))
                (missed if seen.reached.runs is False else reached).append(outcome)
    if reached:
        yield from _merged(reached, missed)
    elif missed:
        yield _never(missed)


def _scenarios(trigger: Trigger, root: Workflow, facts: Facts) -> Iterable[Scenario]:
    if trigger.event == CALLED:
        return (Scenario(CALLED, "", "", "", inputs={}),)
    return scenarios(trigger, facts.names, mentioned_refs(root), root.source.text)


def _predict(site: Site, scenario: Scenario, seen: Seen, facts: Facts) -> Prediction:
    index, known = facts.index_of(*seen.destination) if seen.destination is not None else (None, False)
    declared = _declared(facts, index)
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
    place = site.workflow.source.place(site.start)
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
        project=row.project if row is not None else facts.project,
        package=(row.path if row is not None else "") or facts.package,
        matrix=matrix.shown(seen.leg),
        index=index,
        profile=profile_of(index),
        credential=seen.credential.kind,
        verdict=said.verdict,
        claims=claims.exact,
        unknown=claims.unknown,
        alternatives={"sub": claims.sub} if claims.sub else {},
        publisher=said.publisher,
        why=tuple(dict.fromkeys((*_callers(site), *said.why))),
        inputs=tuple(scenario.chosen.items()),
        reached=seen.reached.runs is not False,
    )


def _callers(site: Site) -> Iterator[str]:
    for call in site.calls:
        yield f"called by the job `{call.job.id}` of `{call.workflow.file_name}`"


def _declared(facts: Facts, index: str | None) -> list[DeclaredPublisher]:
    """The declared publishers of the package on an index: those of its folder, else those that name no folder."""
    rows = [row for row in facts.declaration.publishers if row.index == index and row.provider is Provider.GITHUB]
    mine = [row for row in rows if (row.path or ".") == facts.package]
    return mine or [row for row in rows if not row.path]


def _merged(reached: list[_Outcome], missed: list[_Outcome]) -> Iterator[Prediction]:
    """Put runs together that differ in nothing that matters: other refs of one kind, other inputs with the same answer."""
    groups: dict[object, list[_Outcome]] = {}
    for outcome in reached:
        groups.setdefault(_kind(outcome, _leg_matters(reached)), []).append(outcome)
    for group in groups.values():
        if not _is_covered(group, reached):
            yield _merge(group, [*reached, *missed])


def _kind(outcome: _Outcome, leg_matters: bool) -> object:
    """What two runs must share to be told as one. A dispatch is the same on a branch and on a tag unless the answer differs."""
    prediction = outcome.prediction
    ref_type = outcome.scenario.ref_type if outcome.scenario.event != "workflow_dispatch" else ""
    place = (prediction.event, ref_type, prediction.index, outcome.seen.environment)
    leg = repr(prediction.matrix) if leg_matters else ""
    return (*place, prediction.verdict, prediction.credential, leg, len(prediction.why))


def _is_covered(group: list[_Outcome], reached: list[_Outcome]) -> bool:
    """Say whether a group only doubts about the ref, where another one speaks of the very refs that the condition names."""
    event, on = group[0].scenario.event, group[0].seen.reached.on
    if group[0].prediction.verdict != "depends" or not on or not on <= _REF_NAMES:
        return False
    ref_type = group[0].scenario.ref_type
    others = [o.scenario for o in reached if o.seen.reached.runs and o.scenario.event == event]
    return any(other.ref_type == ref_type or on == {"github.ref_name"} for other in others)


_REF_NAMES = frozenset(("github.ref", "github.ref_name"))


def _leg_matters(outcomes: list[_Outcome]) -> bool:
    return len({(o.prediction.index, o.prediction.verdict, o.seen.environment) for o in outcomes}) > 1


def _merge(group: list[_Outcome], everything: list[_Outcome]) -> Prediction:
    told = [outcome for outcome in group if not outcome.scenario.narrowed] or group  # the trigger's own words, where they do
    first = told[0].prediction
    patterns = dict.fromkeys(outcome.scenario.pattern for outcome in told)
    actions = dict.fromkeys(outcome.scenario.action for outcome in group if outcome.scenario.action)
    why = list(first.why)
    inputs = _deciding_inputs(group, everything)
    if inputs:
        why.insert(0, "dispatched with " + ", ".join(f"`{name}` = `{value}`" for name, value in inputs))
    if len(actions) > 1:
        why.append(f"each of these starts a run of its own: {', '.join(actions)}")
    leg = first.matrix if len({repr(outcome.prediction.matrix) for outcome in group}) == 1 else None
    types = tuple(sorted({outcome.scenario.ref_type for outcome in group}))
    merged = first._replace(ref_pattern=", ".join(patterns), why=tuple(why), inputs=inputs, matrix=leg, ref_types=types)
    return merged._replace(actions=tuple(actions))


def _deciding_inputs(group: list[_Outcome], everything: list[_Outcome]) -> tuple[tuple[str, str], ...]:
    """Name the inputs that have one value in this group and another outside of it."""
    mine = [outcome.scenario.chosen for outcome in group]
    others = [outcome.scenario.chosen for outcome in everything if outcome.scenario.event == group[0].scenario.event]
    result = []
    for name, value in mine[0].items():
        if all(chosen.get(name) == value for chosen in mine) and any(chosen.get(name) != value for chosen in others):
            result.append((name, value))
    return tuple(result)


def _never(missed: list[_Outcome]) -> Prediction:
    first = missed[0].prediction
    why = dict.fromkeys(
        f"{outcome.scenario.event}: {sentence}" if len({o.scenario.event for o in missed}) > 1 else sentence
        for outcome in missed
        for sentence in outcome.prediction.why
    )
    return first._replace(why=tuple(why), inputs=())


def _outside(site: Outside, facts: Facts, event: str | None) -> Iterator[Prediction]:
    """Tell of a job that may publish through a workflow of another repository, which nobody can read here."""
    call = site.calls[-1]
    hint = f"{site.uses} {call.job.id} {word(call.job.name)}".lower()
    names = [trigger.event for trigger in triggers(site.root.on)]
    if ("pypi" not in hint and "publish" not in hint) or (event is not None and event not in names):
        return
    if not id_token(call.workflow, call.job).granted:
        return
    place = call.workflow.source.place(call.job.uses.start if call.job.uses is not None else call.job.start)
    yield Prediction(
        workflow=call.workflow.path,
        job=call.job.id,
        step=site.uses,
        line=place.line,
        column=place.column,
        event=event or (names[0] if names else ""),
        ref="",
        ref_pattern="",
        project=facts.project,
        package=facts.package,
        matrix=None,
        index=None,
        profile=profile_of(None),
        credential="unclear",
        verdict="depends",
        claims={},
        unknown=("job_workflow_ref", "environment"),
        alternatives={},
        publisher={},
        why=(
            f"the job calls `{site.uses}`, which is not in this checkout: whether and how it uploads is not known",
            "PyPI refuses ID tokens of jobs whose workflow file lies in another repository",
        ),
    )
