"""Checkouts on the way to an upload that leave a GitHub token behind for later steps or in what is handed on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.rules.spans import of_step, of_word
from trustpub.rules.work import builds
from trustpub.workflows import edit
from trustpub.workflows.model import word
from trustpub.workflows.shell import commands
from trustpub.workflows.source import Map, Scalar
from trustpub.workflows.uses import older, uses, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Edit, Severity
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
    help="Add `persist-credentials: false` below `with` of the checkout.",
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


def check(facts: Facts) -> Iterator[Finding]:
    """Yield at most one finding for each job on the way."""
    for here in facts.path_jobs():
        kept = [step for step in here.job.steps if _keeps(step)]
        if not kept:
            continue
        leak = next((taken for step in kept if (taken := _taken_along(here.workflow, here.job, step)) is not None), None)
        if leak is not None:
            yield _finding(here, kept, "medium", "puts its GitHub token into the artifact", leak)
        elif (here.role == "publishes" or builds(here.job)) and _may_write(here) and not _pushes(here.job):
            yield _finding(here, kept, "low", "may write to the repository, and keeps that token for every later step", None)


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
    node = here.job.permissions if here.job.permissions is not None else here.workflow.permissions
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


def _finding(here: PathJob, kept: list[Step], severity: Severity, what: str, leak: Step | None) -> Finding:
    checkout = kept[0]
    inputs = checkout.with_.get("persist-credentials")
    return Finding(
        rule=RULE.code,
        severity=severity,
        message=f"the job `{here.job.id}` {what}: no `persist-credentials: false`",
        span=of_word(here.workflow, inputs) if inputs is not None else of_step(here.workflow, checkout),
        help=RULE.help,
        related=(Related(of_step(here.workflow, leak), "hands the whole folder on"),) if leak is not None else (),
        fix=_fix(here, kept),
    )


def _fix(here: PathJob, kept: list[Step]) -> Fix | None:
    """Change every checkout of the job: the finding stands for all of them."""
    changes = [_change(here, checkout) for checkout in kept]
    sure = tuple(change for change in changes if change is not None)
    if len(sure) < len(changes):
        return None
    return Fix("do not keep the token after the checkout", sure, safe=_is_plain(here.job))


def _change(here: PathJob, checkout: Step) -> Edit | None:
    source, inputs = here.workflow.source, checkout.node.get("with")
    said = checkout.with_.get("persist-credentials")
    if said is not None:
        return edit.replaced(source, said, "false")
    if isinstance(inputs, Map):
        return edit.inserted(source, inputs, "persist-credentials", "false")
    return edit.inserted(source, checkout.node, "with", "\n  persist-credentials: false", after="uses")
