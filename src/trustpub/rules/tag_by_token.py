"""A tag or a release that is made with the job's own token: it starts no other workflow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.rules import spans
from trustpub.workflows.events import triggers
from trustpub.workflows.globs import fixed_start, matches
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Scalar

RULE = Rule(
    code="G03",
    name="tag-made-by-token",
    severity="high",
    title="The release is made with a token that starts no workflow",
    why=(
        "What a job does with its `GITHUB_TOKEN` starts no other workflow. A tag that is pushed, or a release that is made so is "
        "there for everybody to see, and the workflow that should publish it never runs."
    ),
    source="GitHub's documentation: triggering a workflow from a workflow",
    help="Publish in the same workflow, start the other one with `gh workflow run`, or use the token of a GitHub App.",
)


class _Action(NamedTuple):
    """An action that makes tags: its inputs for the token and the tag, and whether it reads the token from `env` only."""

    token: str
    tag: str = ""
    env: bool = False
    release: bool = True


_ACTIONS: Mapping[str, _Action] = {
    "softprops/action-gh-release": _Action("token", "tag_name"),
    "ncipollo/release-action": _Action("token", "tag"),
    "actions/create-release": _Action("", "tag_name", env=True),
    "marvinpinto/action-automatic-releases": _Action("repo_token", "automatic_release_tag"),
    "googleapis/release-please-action": _Action("token"),
    "google-github-actions/release-please-action": _Action("token"),
    "python-semantic-release/python-semantic-release": _Action("github_token"),
    "mathieudutour/github-tag-action": _Action("github_token", release=False),
    "anothrnick/github-tag-action": _Action("", env=True, release=False),
}
_HINTS = (
    "git push", "gh release create", "gh-release", "release-action", "create-release", "automatic-releases", "release-please",
    "semantic-release", "github-tag-action",
)  # fmt: skip
"""One of these stands in every file that makes a tag: most files need no further look."""
_TOKEN_NAMES = ("GH_TOKEN", "GITHUB_TOKEN")
_DEFAULT = lazy_pattern(r"\$\{\{\s*(?:secrets\.github_token|github\.token)\s*\}\}", re.IGNORECASE)
_ELSEWHERE = lazy_pattern(
    r"gh workflow run|workflow[_-]dispatch|createWorkflowDispatch|repository[_-]dispatch|/dispatches|app-token|set-url|"
    r"insteadOf|x-access-token|ssh-agent",
    re.IGNORECASE,
)
_BY_OTHERS = frozenset(("workflow_dispatch", "repository_dispatch", "workflow_call", "workflow_run", "schedule"))


class _Maker(NamedTuple):
    """A step that makes a tag, and perhaps its release: where it stands, and the tag's text as far as it is written."""

    span: Span
    tag: str
    release: bool


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each step that makes the tags or releases which alone start a publishing workflow."""
    waiting = [found for site, predictions in facts.trusted() if (found := _waits(site, predictions)) is not None]
    if not waiting:
        return
    makers = [maker for workflow in facts.workflows.values() for maker in _makers(workflow)]
    for maker in makers:
        for site, prediction in waiting:
            if (maker.release or prediction.event != "release") and _meant(maker.tag, prediction):
                yield _finding(maker, site, prediction)
                break


def _waits(site: Site, predictions: Iterable[Prediction]) -> tuple[Site, Prediction] | None:
    """Return an upload that only tags and releases start; None when something else can."""
    if site.has_callers or any(each.event in _BY_OTHERS for each in triggers(site.root.on)):
        return None
    reached = [each for each in predictions if each.reached]
    if not all(each.event == "release" or each.ref.startswith("refs/tags/") for each in reached):
        return None
    return (site, reached[0]) if reached and reached[0].event in ("release", "push") else None


def _meant(tag: str, prediction: Prediction) -> bool:
    """Say whether a tag of this text may be one that publishes: a rolling `nightly` is not."""
    if prediction.event == "release" or not tag:
        return not re.fullmatch(r"[a-z]+", tag) if tag else True
    start = tag.partition("$")[0]
    for pattern in prediction.ref_pattern.split(", "):
        fixed = fixed_start(pattern)
        if matches(pattern, tag) or ("$" in tag and (start.startswith(fixed) or fixed.startswith(start))):
            return True
    return False


def _makers(workflow: Workflow) -> Iterator[_Maker]:
    """Yield the steps that surely make a new tag with the job's own token."""
    if not any(hint in workflow.source.text for hint in _HINTS):
        return
    started = triggers(workflow.on)
    by_tags = any(each.event == "push" and (each.tags is not None or each.branches is None) for each in started)
    others = any(each.event in ("release", "workflow_call") for each in started)
    if by_tags or others or _ELSEWHERE.search(_without_on(workflow)):
        return
    for job in workflow.jobs.values():
        for step in job.steps:
            if step.uses is not None:
                yield from _of_action(workflow, job, step, step.uses)
            elif step.run is not None:
                yield from _of_script(workflow, job, step, step.run)


def _without_on(workflow: Workflow) -> str:
    on = workflow.on
    text = workflow.source.text
    return text if on is None else text[: on.start] + text[on.end :]  # its own triggers start nothing else


def _of_action(workflow: Workflow, job: Job, step: Step, uses: Scalar) -> Iterator[_Maker]:
    action = _ACTIONS.get(uses.value.partition("@")[0].lower())
    inputs = {key.lower(): word(node) for key, node in step.with_.items()}
    if action is None or inputs.get("draft", "false") != "false" or inputs.get("push", "true") == "false":
        return
    given = [inputs[action.token]] if inputs.get(action.token) else []
    given += [value for name in _TOKEN_NAMES if (value := _variable(workflow, job, step, name))]
    if all(_DEFAULT.fullmatch(value) for value in given) and (given or not action.env):
        yield _Maker(spans.of_word(workflow, uses), inputs.get(action.tag, ""), action.release)


def _variable(workflow: Workflow, job: Job, step: Step, name: str) -> str:
    return next((word(level[name]) for level in (step.env, job.env, workflow.env) if name in level), "")


def _of_script(workflow: Workflow, job: Job, step: Step, run: Scalar) -> Iterator[_Maker]:
    from trustpub.workflows.shell import commands

    made: set[str] = set()
    for command in commands(run.value):
        texts = [each.text for each in command.words]
        tag: str | None = None
        if texts[:2] == ["git", "tag"]:
            made.update(text for text in texts[2:] if not text.startswith("-"))
        elif texts[:2] == ["git", "push"] and _is_default_checkout(job):
            tag = _pushed(texts[2:], made)
        elif texts[:3] == ["gh", "release", "create"] and len(texts) > 3 and _gh_token(workflow, job, step):
            tag = texts[3] if not {"--draft", "-d", "--verify-tag"} & set(texts) else None
        if tag is not None:
            end = _end(run.value, command.words[-1].start, texts[-1])
            yield _Maker(spans.inside(workflow, run, command.start, end), tag, texts[0] == "gh")


def _end(script: str, start: int, text: str) -> int:
    """Say where a script's word ends, its quotes included."""
    quote = script[start : start + 1]
    return script.find(quote, start + 1) + 1 if quote in ("'", '"') else start + len(text)


def _gh_token(workflow: Workflow, job: Job, step: Step) -> bool:
    value = _variable(workflow, job, step, "GH_TOKEN") or _variable(workflow, job, step, "GITHUB_TOKEN")
    return bool(_DEFAULT.fullmatch(value))


def _pushed(texts: list[str], made: set[str]) -> str | None:
    """Return the tag that a `git push` pushes, empty when it is not named, None when it pushes none."""
    if {"--tags", "--follow-tags"} & set(texts):
        return next(iter(made), "")
    if "--delete" in texts or "-d" in texts:
        return None
    named = [text for text in texts if not text.startswith("-")][1:]
    tags = [text for text in named if text in made or text.startswith("refs/tags/")]
    return tags[0].removeprefix("refs/tags/") if tags else None


def _is_default_checkout(job: Job) -> bool:
    """Say whether `git push` uses the job's own token: `actions/checkout` leaves it there unless it is told otherwise."""
    checkouts = [step for step in job.steps if step.uses is not None and step.uses.value.startswith("actions/checkout@")]
    for step in checkouts:
        token = word(step.with_.get("token"))
        if (token and not _DEFAULT.fullmatch(token)) or "ssh-key" in step.with_:
            return False
        if word(step.with_.get("persist-credentials")).lower() == "false":
            return False
    return bool(checkouts)


def _finding(maker: _Maker, site: Site, prediction: Prediction) -> Finding:
    event = "release" if prediction.event == "release" else "push"
    trigger = next((each for each in triggers(site.root.on) if each.event == event), None)
    what = "release" if event == "release" else "tag"
    waits = site.root.file_name
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the {what} that this step makes with `GITHUB_TOKEN` never starts `{waits}`, which publishes it",
        span=maker.span,
        help=(
            f"Upload in this workflow after this step; or add `workflow_dispatch` to `{waits}` and run `gh workflow run {waits} "
            "--ref TAG` here; or make it with the token of a GitHub App."
        ),
        related=(
            (Related(Span(site.root.path, trigger.start, trigger.start + len(event)), f"waits for this {event}"),)
            if trigger is not None
            else ()
        ),
    )
