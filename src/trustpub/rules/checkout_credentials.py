"""Checkouts on the way to an upload that leave a GitHub token behind for later steps or in what is handed on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.record import NamedTuple
from trustpub.rules.spans import of_step, of_word
from trustpub.rules.work import builds
from trustpub.workflows import edit
from trustpub.workflows.model import word
from trustpub.workflows.shell import commands
from trustpub.workflows.source import Map, Scalar
from trustpub.workflows.uses import older, uses, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Edit, Span
    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.release_path import PathJob

RULE = Rule(
    code="C04",
    name="checkout-keeps-credentials",
    severity="medium",
    title="A checkout on the way to the upload leaves a GitHub token behind",
    why=(
        "`actions/checkout` keeps the job's token for later git commands: before version 6 in `.git/config`, where an artifact "
        "of the whole folder takes it along, since then beside it. A build that may write to the repository by it can push "
        "code and tags."
    ),
    source="the README of actions/checkout; reports on tokens in artifacts",
    help="Give the checkout `persist-credentials: false`, below its `with`.",
)

_PUSHES = (
    r"\bgit\b[^\n]*\b(?:push|fetch|pull|clone|submodule|ls-remote|lfs)\b|\bgh\s|semantic-release|mike\s+deploy|gh-deploy|"
    r"cz\s+bump|bumpversion|hatch\s+version|poetry\s+version"
)
_PUSHING_ACTIONS = (
    "semantic-release", "commit", "push", "gh-pages", "create-pull-request", "changeset", "release-please", "bump", "tag",
    "deploy",
)  # fmt: skip
_PLAIN_ACTIONS = (
    "actions/checkout", "actions/setup-", "actions/upload-", "actions/download-", "actions/cache", "actions/attest",
    "astral-sh/setup-uv", "pypa/", "softprops/action-gh-release",
)  # fmt: skip
_PLAIN_COMMANDS = frozenset(
    ("pip", "pip3", "python", "python3", "echo", "ls", "cd", "mkdir", "twine", "uv", "uvx", "pipx", "cat", "tar")
)


class Kept(NamedTuple):
    """A job on the way, and those of its checkouts that keep the token."""

    here: PathJob
    checkouts: list[Step]


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each job that hands its token on, and one for the jobs of a file that could write by theirs."""
    writing: dict[str, list[Kept]] = {}
    for here in facts.path_jobs():
        kept = [step for step in here.job.steps if _keeps(step)]
        if not kept:
            continue
        leak = next((taken for step in kept if (taken := _taken_along(here.workflow, here.job, step)) is not None), None)
        if leak is not None:
            yield _leaking(Kept(here, kept), leak)
        elif (here.role == "publishes" or builds(here.job)) and _may_write(here) and not _pushes(here.job):
            writing.setdefault(here.workflow.path, []).append(Kept(here, kept))
    for jobs in writing.values():
        yield _writing(jobs)


def _keeps(step: Step) -> bool:
    if (
        step.uses is None
        or uses(step.uses.value).name != "actions/checkout"
        or "${{" in word(step.with_.get("persist-credentials"))
    ):
        return False
    return word(step.with_.get("persist-credentials")).lower() != "false"


def _taken_along(workflow: Workflow, job: Job, checkout: Step) -> Step | None:
    """Find the step that surely hands the whole folder of the checkout on, hidden files included."""
    if checkout.uses is None or not older(version_of(workflow.source, checkout.uses), (6,)):
        return None
    folder = word(checkout.with_.get("path")).strip("./") or "."
    for step in job.steps:
        if step.number < checkout.number or step.uses is None or uses(step.uses.value).name != "actions/upload-artifact":
            continue
        paths = {line.strip().rstrip("/") or "/" for line in word(step.with_.get("path")).splitlines()}
        whole = paths & ({".", "./", "${{ github.workspace }}"} if folder == "." else {folder, f"./{folder}"})
        hidden = word(step.with_.get("include-hidden-files")).lower() == "true" or older(
            version_of(workflow.source, step.uses), (4, 4)
        )
        if whole and hidden:
            return step
    return None


def _may_write(here: PathJob) -> bool:
    """Say whether the job's token surely may write to the repository."""
    node = here.permissions
    if isinstance(node, Scalar):
        return node.value == "write-all"
    contents = node.get("contents") if isinstance(node, Map) else None
    return isinstance(contents, Scalar) and contents.value == "write"


def _pushes(job: Job) -> bool:
    """Say whether a step may need the token that the checkout keeps. An action that is not known may."""
    for step in job.steps:
        if step.run is not None and re.search(_PUSHES, step.run.value):
            return True
        name = uses(step.uses.value).name if step.uses is not None else ""
        if name.startswith(("./", "$/")) or any(part in name for part in _PUSHING_ACTIONS):
            return True
    return False


def _is_plain(job: Job) -> bool:
    """Say whether every step is one of which it is known that it never talks to the repository with git."""
    return all(
        uses(step.uses.value).name.startswith(_PLAIN_ACTIONS)
        if step.uses is not None
        else all(command.words and command.words[0].text in _PLAIN_COMMANDS for command in commands(word(step.run)))
        for step in job.steps
    )


def _leaking(kept: Kept, leak: Step) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="medium",
        message=f"the job `{kept.here.job.id}` puts its GitHub token into the artifact: no `persist-credentials: false`",
        span=_span(kept),
        help=_help(kept),
        related=(Related(of_step(kept.here.workflow, leak), "hands the whole folder on"),),
        fix=_fix([kept]),
    )


def _writing(jobs: list[Kept]) -> Finding:
    one = f"the job `{jobs[0].here.job.id}` may write to the repository, and keeps that token"
    who = one if len(jobs) == 1 else f"{len(jobs)} jobs may write to the repository, and keep that token"
    return Finding(
        rule=RULE.code,
        severity="low",
        message=f"{who} for every later step: no `persist-credentials: false`",
        span=_span(jobs[0]),
        help=_help(jobs[0]),
        related=tuple(Related(_span(each), f"in the job `{each.here.job.id}`") for each in jobs[1:]),
        fix=_fix(jobs),
    )


def _help(kept: Kept) -> str:
    """Say what to write, where the checkout has inputs and where it has none."""
    if kept.checkouts[0].node.get("with") is not None:
        return RULE.help
    return "Give the checkout an input: `with: {persist-credentials: false}`."


def _span(kept: Kept) -> Span:
    inputs = kept.checkouts[0].with_.get("persist-credentials")
    return of_word(kept.here.workflow, inputs) if inputs is not None else of_step(kept.here.workflow, kept.checkouts[0])


def _fix(jobs: list[Kept]) -> Fix | None:
    """Change every checkout: the finding stands for all of them."""
    changes = [_change(each.here, checkout) for each in jobs for checkout in each.checkouts]
    sure = tuple(change for change in changes if change is not None)
    if len(sure) < len(changes):
        return None
    return Fix("do not keep the token after the checkout", sure, safe=all(_is_plain(each.here.job) for each in jobs))


def _change(here: PathJob, checkout: Step) -> Edit | None:
    source, inputs = here.workflow.source, checkout.node.get("with")
    said = checkout.with_.get("persist-credentials")
    if said is not None:
        return edit.replaced(source, said, "false")
    if isinstance(inputs, Map):
        return edit.inserted(source, inputs, "persist-credentials", "false")
    return edit.inserted(source, checkout.node, "with", "\n  persist-credentials: false", after="uses")
