"""Other work in the job that may ask for an ID token to publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.rules.runners import labels
from trustpub.rules.spans import inside, of_job, of_word
from trustpub.rules.work import Work, builds, of_words, pieces
from trustpub.workflows.permissions import id_token
from trustpub.workflows.uses import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Step, Workflow
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="W04",
    name="extra-work-beside-the-token",
    severity="high",
    title="The job that publishes does other work too",
    why=(
        "Every step of a job may ask for its ID token, and a machine that other jobs use too may keep what one of them left "
        "behind. What has nothing to do with the upload should not stand beside it."
    ),
    source="PyPI's documentation: Trusted Publishers, security model and considerations",
    help=(
        "Keep the publishing job to `actions/download-artifact` and the upload, and move the rest into jobs without `id-token: "
        "write`."
    ),
)

_ALONE = frozenset(("action", "uv", "twine", "pdm", "maturin"))
"""Tools that do nothing but upload. Others, such as jupyter-releaser, are a whole release by themselves."""
_FITTING = (
    "actions/",
    "github/",
    "pypa/",
    "astral-sh/",
    "sigstore/",
    "pdm-project/setup-pdm",
    "pyo3/maturin-action",
    "messense/maturin-action",
    "prefix-dev/setup-pixi",
    "step-security/harden-runner",
    "trstringer/manual-approval",
    "google-github-actions/auth",
    "snok/install-poetry",
    "dawidd6/action-download-artifact",
    "robinraju/release-downloader",
    "dsaltares/fetch-gh-release-asset",
    "mamba-org/",
    "conda-incubator/",
    "re-actors/",
    "jlumbroso/free-disk-space",
)
"""Actions that have to do with the upload: they fetch, check, sign or upload distributions, or install what does."""
_PROGRAMS = frozenset(("npx", "pytest", "tox", "nox", "make"))
_INSTALLING = frozenset(
    (
        *((program, verb) for program in ("npm", "yarn", "pnpm") for verb in ("ci", "install", "run")),
        ("uv", "sync"),
        ("poetry", "install"),
        ("pdm", "install"),
    )
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield at most one finding for each job that publishes with an ID token."""
    seen: set[tuple[str, str]] = set()
    for site, predictions in facts.trusted():
        key = (site.workflow.path, site.job.id)
        reached = any(each.reached and each.verdict != "never" for each in predictions)
        if key not in seen and reached and site.upload.tool in _ALONE and id_token(site.workflow, site.job).granted:
            seen.add(key)
            yield from _findings(facts, site)


def _findings(facts: Facts, site: Site) -> Iterator[Finding]:
    own = next((label for label in labels(site.job) if label.value.lower() == "self-hosted"), None)
    if own is not None:
        yield Finding(
            rule=RULE.code,
            severity="high",
            message=f"the job `{site.job.id}` publishes on a machine that other jobs may use: `{own.value}`",
            span=of_word(site.workflow, own),
            help="Publish on a runner of GitHub's (`runs-on: ubuntu-latest`), or on one that is thrown away after each job.",
        )
    found = [] if builds(site.job, facts.files) else list(_other_work(site, facts.repository.owner.lower()))
    if found:
        yield Finding(
            rule=RULE.code,
            severity="low",
            message=f"the job `{site.job.id}` does more than publish: `{found[0].text}`",
            span=found[0].span,
            help=RULE.help,
            related=(
                *(Related(each.span, "other work too") for each in found[1:4]),
                Related(of_job(site.workflow, site.job), "every step of this job may ask for its ID token"),
            ),
        )


def _other_work(site: Site, owner: str) -> Iterator[Work]:
    """Yield the steps before and beside the upload that run something else's code."""
    for step in site.job.steps:
        if step.start == site.step.start:
            continue
        if (work := _action(site.workflow, step, owner) or _script(site.workflow, step)) is not None:
            yield work


def _action(workflow: Workflow, step: Step, owner: str) -> Work | None:
    if step.uses is None:
        return None
    used = uses(step.uses.value)
    if used.kind == "here" or used.owner == owner or used.name.startswith(_FITTING):
        return None
    return Work(step, of_word(workflow, step.uses), step.uses.value.partition("@")[0])


def _script(workflow: Workflow, step: Step) -> Work | None:
    """Find the first command that runs code of the checkout or of strangers."""
    for words, piece in pieces(step) if step.run is not None else ():
        count = _code_words(words)
        if count and step.run is not None:
            told = of_words(piece, count, words)
            return Work(step, inside(workflow, step.run, told.start, told.end), told.text)
    return None


def _code_words(words: tuple[str, ...]) -> int:
    """Say how many words name the code that a command runs; 0 when it runs none that is not the upload's own."""
    first, second = words[0], words[1] if len(words) > 1 else ""
    if first in _PROGRAMS or (first, second) in _INSTALLING:
        return min(2, len(words))
    if first.startswith("./"):
        return 0 if first == "./uv" else 1
    program = first.rsplit("/", 1)[-1]
    if program in ("sh", "bash"):
        return 2 if second.endswith(".sh") else 1 if second in ("", "-", "-s") else 0
    if program in ("python", "python3", "py"):
        return 2 if second.endswith(".py") and second != "setup.py" else 0
    if program in ("pip", "pip3") and second == "install":
        return next((at + 1 for at, word in enumerate(words) if word == "." or word.startswith((".[", "./"))), 0)
    return 0
