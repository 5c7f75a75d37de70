"""The last step: start the publishing workflow by hand, where all that it can publish to is TestPyPI or an index of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.untold import Untold
from trustpub.errors import Denied, Unreachable
from trustpub.record import NamedTuple
from trustpub.usecases.setup.names import shown
from trustpub.usecases.setup.step import Change, Done, Step
from trustpub.usecases.setup.walk import TEST_DEPLOYMENT, before_test
from trustpub.usecases.setup.words import listed
from trustpub.workflows import globs
from trustpub.workflows.events import CALLED, triggers
from trustpub.workflows.model import word
from trustpub.workflows.source import Map, Scalar, plain_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trustpub.parties.github.port import GitHub
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.ask import Ask
    from trustpub.usecases.setup.walk import Item
    from trustpub.workflows.events import Trigger
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.predict import Prediction

DISPATCH = "workflow_dispatch"


class Dispatch(NamedTuple):
    """A run to be started: the workflow's file name, the branch, the inputs, where it publishes to, and all jobs that run."""

    workflow: str
    branch: str
    inputs: tuple[tuple[str, str], ...]
    index: str  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    projects: tuple[str, ...]
    jobs: tuple[str, ...]


def offer(
    facts: Facts,
    items: Iterable[Item],
    github: GitHub | None,
    ask: Ask,
    *,
    name_of: Callable[[str], str | None],
    dispatch: bool = False,
) -> Done:
    """Offer to start a run that publishes to a test index, and tell its address. What GitHub refuses is told as well.

    `name_of` names the public index that an address belongs to, whatever a file calls it. `dispatch` starts it without asking,
    once GitHub's default branch holds the workflow as it was read here; where GitHub does not tell that, the person is asked.
    """
    told = tuple(items)
    found = dispatchable(facts, name_of)
    item = next((each for each in told if each.name == TEST_DEPLOYMENT), None)
    if item is not None and item.good:
        return Done(Step(TEST_DEPLOYMENT, "github"), "proven" if item.state == "proven" else "stated", note=item.evidence)
    if isinstance(found, str):
        return _not_now(found)
    if not any(each.name == "publisher" and each.index == found.index for each in told):
        return _not_now(f"`trustpub.toml` declares no publisher on {shown(found.index)}, where it would publish", found)
    if left := list(before_test(told, found.index)):
        names = listed(dict.fromkeys(each.name for each in left))
        return _not_now(f"it is offered when the checklist before it is proven or stated; still open: {names}", found)
    if github is None or not github.signed_in:
        return _not_now("GitHub takes a dispatch only of somebody who is signed in: `gh auth login`, or set `GH_TOKEN`", found)
    return _offered(facts, found, github, ask, dispatch)


def _offered(facts: Facts, found: Dispatch, github: GitHub, ask: Ask, dispatch: bool) -> Done:
    ask.tell(_described(found))
    try:
        if why := _differs(facts, found, github, ask):
            return _not_now(why, found)
        if not dispatch and not ask.says(f"Start `{found.workflow}` on `{found.branch}` now?"):
            return _not_now("it was not started; `--dispatch` starts it without asking", found)
        address = github.dispatch(_slug(facts), found.workflow, found.branch, dict(found.inputs))
    except (Denied, Unreachable) as problem:
        return _not_now(str(problem), found)
    started = f"started: {address}" if address else f"started: see the newest run of `{found.workflow}` at GitHub"
    return Done(_step(found), "stated", note=f"{started}; how it ends is not known yet")


def _differs(facts: Facts, found: Dispatch, github: GitHub, ask: Ask) -> str:
    """Say which file GitHub's branch does not hold as it was read here; empty when what would run is what was judged."""
    why = f"what would run is what `{found.branch}` holds at GitHub: commit and push "
    for path in _files(facts, found):
        there = github.content(_slug(facts), path, found.branch)
        if isinstance(there, Untold):
            name = path.rpartition("/")[2]
            same = ask.says(f"GitHub does not tell ({there}). Is `{name}` on `{found.branch}` at GitHub the same as here?")
        else:
            same = there is not None and _lines(there) == _lines(facts.files.read(path) or b"")
        if not same:
            return f"{why}`{path}` first"
    return ""


def _files(facts: Facts, found: Dispatch) -> Iterator[str]:
    """Yield the workflow's file, and the others that it may call."""
    for each in facts.workflows.values():
        if each.file_name == found.workflow or any(one.event == CALLED for one in triggers(each.on)):
            yield each.path


def _lines(content: bytes) -> bytes:
    """Write line ends as Git keeps them: a checkout on Windows has others."""
    return content.replace(b"\r\n", b"\n")


def _step(found: Dispatch) -> Step:
    change = Change("+", "run", "", f"`{found.workflow}` on `{found.branch}`, to {shown(found.index)}")
    return Step(TEST_DEPLOYMENT, "github", (change,))


def _not_now(why: str, found: Dispatch | None = None) -> Done:
    step = Step(TEST_DEPLOYMENT, "github", _step(found).changes if found is not None else (), cannot=why)
    return Done(step, "skipped", step.changes, why)


def _described(found: Dispatch) -> str:
    inputs = f" with {listed(f'`{name}` = `{value}`' for name, value in found.inputs)}" if found.inputs else ""
    where = shown(found.index)
    what = listed(f"`{name}`" for name in found.projects) or "what it builds"
    jobs = listed(f"`{job}`" for job in found.jobs)
    new = f"A project that {where} does not have yet is made by it, and a version that is there cannot be uploaded again."
    return f"The workflow `{found.workflow}` runs on `{found.branch}`{inputs}: {jobs}. It publishes {what} to {where}. {new}"


def dispatchable(facts: Facts, name_of: Callable[[str], str | None]) -> Dispatch | str:
    """Find a workflow whose run by hand on the default branch publishes to a test index and nowhere else; else say why not."""
    own = {name for name, index in facts.declaration.indexes.items() if name_of(index.url) in (None, "testpypi")}
    tests = frozenset(("testpypi", *own))
    why = ""
    for workflow in facts.workflows.values():
        trigger = next((each for each in triggers(workflow.on) if each.event == DISPATCH), None)
        legs = [each for each in _by_hand(facts, workflow) if each.index in tests and _publishes(each)]
        if trigger is None or not legs:
            continue
        found = _dispatch(facts, workflow, trigger, legs[0], tests)
        if isinstance(found, Dispatch):
            return found
        why = why or found
    return (
        why or "no workflow here can be started by hand (`workflow_dispatch`) and publishes to TestPyPI or an index of your own"
    )


def _dispatch(facts: Facts, workflow: Workflow, trigger: Trigger, leg: Prediction, tests: frozenset[str]) -> Dispatch | str:
    every = list(_by_hand(facts, workflow))
    deciding = {name for each in every for name, _ in each.inputs}
    chosen = {name: value for name, value in _defaults(trigger) if name in deciding} | dict(leg.inputs)
    others = [each for each in every if _may_run_with(each, chosen)]
    astray = next((each for each in others if each.index not in tests), None)
    if astray is not None:
        where = shown(astray.index) if astray.index else "an index that cannot be told"
        return f"a run of `{workflow.file_name}` by hand may publish to {where} too (job `{astray.job}`), so start it yourself"
    if unread := _unread(facts, workflow):
        return f"`{workflow.file_name}` runs what could not be read and may publish ({unread}), so start it yourself"
    if asked := [name for name in _must_be_given(trigger) if name not in chosen]:
        return f"`{workflow.file_name}` asks for {listed(f'`{name}`' for name in asked)}: start it at GitHub"
    there = facts.github.repository.default_branch if facts.github is not None else facts.repository.default_branch
    if there != facts.repository.default_branch:
        return f"GitHub's default branch is `{there}`, and the files were read for `{facts.repository.default_branch}`"
    projects = dict.fromkeys(each.project for each in others if each.project)
    jobs = tuple(_jobs(facts, workflow, others))
    return Dispatch(workflow.file_name, there, tuple(chosen.items()), leg.index or "", tuple(projects), jobs)


def _jobs(facts: Facts, workflow: Workflow, uploads: list[Prediction]) -> Iterator[str]:
    """Yield the jobs that a run by hand may start: not those that upload, and whose condition keeps every such run out."""
    uploading = {site.job.id for site, _ in facts.sites() if site.root.path == workflow.path}
    there = {each.job for each in uploads}
    yield from (name for name, job in workflow.jobs.items() if job.if_ is None or name not in uploading - there)


def _by_hand(facts: Facts, workflow: Workflow) -> Iterator[Prediction]:
    """Yield what a run by hand on the default branch may upload."""
    for one in facts.uploads:
        if one.site.root.path == workflow.path:
            yield from (each for each in one.predictions if each.event == DISPATCH and _on_default(facts, each))


def _on_default(facts: Facts, prediction: Prediction) -> bool:
    """Whether this may be said of a run on the default branch; what is said of no ref in particular is said of all."""
    if prediction.verdict == "never" or (prediction.ref_types and "branch" not in prediction.ref_types):
        return False
    patterns = prediction.ref_pattern.split(", ")
    return len(prediction.ref_types) != 1 or any(globs.matches(each, facts.repository.default_branch) for each in patterns)


def _publishes(prediction: Prediction) -> bool:
    return prediction.credential == "trusted-publishing" and prediction.verdict in ("publishes", "depends")


def _may_run_with(prediction: Prediction, chosen: dict[str, str]) -> bool:
    """Whether an upload may belong to a run with these inputs: only another value of one of them rules it out."""
    return all(chosen.get(name, value) == value for name, value in prediction.inputs)


def _unread(facts: Facts, workflow: Workflow) -> str:
    """Name what a run may upload with but nobody could follow; in a file that others call, that may be any run's."""
    for each in facts.missing:
        if each.workflow.path == workflow.path or any(one.event == CALLED for one in triggers(each.workflow.on)):
            return f"step `{each.step.label}` of the job `{each.job.id}`"
    return ""


def _defaults(trigger: Trigger) -> Iterator[tuple[str, str]]:
    """Yield what an input has when nobody says otherwise, as far as the file says it."""
    for name, spec in trigger.inputs.items() if isinstance(trigger.inputs, Map) else ():
        default = spec.get("default") if isinstance(spec, Map) else None
        if isinstance(default, Scalar) and plain_value(default) is not None:
            yield name, word(default)


def _must_be_given(trigger: Trigger) -> Iterator[str]:
    """Yield the inputs that GitHub does not start a run without."""
    for name, spec in trigger.inputs.items() if isinstance(trigger.inputs, Map) else ():
        if isinstance(spec, Map):
            required, default = spec.get("required"), spec.get("default")
            given = isinstance(default, Scalar) and plain_value(default) not in (None, "")
            if isinstance(required, Scalar) and plain_value(required) is True and not given:
                yield name


def _slug(facts: Facts) -> str:
    return facts.github.repository.slug if facts.github is not None else facts.repository.slug
