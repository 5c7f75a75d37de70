"""Upload tools in whatever version is the newest when a release is made."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.rules.spans import inside
from trustpub.rules.work import builds
from trustpub.workflows.shell import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Span
    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.release_path import PathJob
    from trustpub.workflows.shell import Word
    from trustpub.workflows.source import Scalar

RULE = Rule(
    code="D03",
    name="unpinned-tools",
    severity="low",
    title="The job that publishes installs the newest tools there are",
    why=(
        "A bad version of a tool, or of anything that it depends on, then runs beside the token within the hour in which it "
        "appears. Versions in a file with hashes change when somebody looks at them. Jobs that build are not told: a build "
        "installs the newest build backend in any case, so it belongs in a job without the token."
    ),
    source="PyPI's advice after the attacks of 2026; pip's documentation: secure installs",
    help=(
        "Write the versions down, with hashes: `pip install --require-hashes -r requirements/release.txt` "
        "(`uv pip compile --generate-hashes` makes that file)."
    ),
)

_TOOLS = frozenset(
    (
        "build",
        "twine",
        "wheel",
        "setuptools",
        "hatch",
        "hatchling",
        "flit",
        "poetry",
        "pdm",
        "cibuildwheel",
        "setuptools-scm",
        "maturin",
        "uv",
    )
)
_SAFE = ("-r", "--requirement", "-c", "--constraint", "--require-hashes", "--group")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each job that publishes, does not build, and installs tools without a version."""
    for here in facts.path_jobs():
        found = list(_installing(here)) if here.role == "publishes" and not builds(here.job, facts.files) else []
        if found:
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(name for _, all_ in found for name in all_))
            yield Finding(
                rule=RULE.code,
                severity=RULE.severity,
                message=f"the job `{here.job.id}` publishes with the newest version of {names}",
                span=found[0][0],
                help=RULE.help,
                related=tuple(Related(other, "installs tools too") for other, _ in found[1:]),
            )


def _installing(here: PathJob) -> Iterator[tuple[Span, list[str]]]:
    for step in here.job.steps:
        if step.run is None or "install" not in step.run.value or not any(tool in step.run.value for tool in _TOOLS):
            continue
        for command in commands(step.run.value):
            names = [each for each in _requirements(command.words) if _bare(each.text).lower() in _TOOLS]
            if names:
                yield _span(here.workflow, step.run, command.words, names[-1]), [_bare(each.text) for each in names]


def _requirements(words: tuple[Word, ...]) -> list[Word]:
    """List what `pip install` is asked for with no newest version (`>=` sets none); nothing when versions come from a file."""
    texts = [each.text for each in words]
    position = next((at for at, text in enumerate(texts) if _is_pip(texts, at)), None)
    if (
        position is None
        or "install" not in texts[position + 1 : position + 4]
        or any(text.split("=")[0] in _SAFE for text in texts)
    ):
        return []
    start = texts.index("install", position) + 1
    return [
        each
        for each in words[start:]
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]*(?:\[[^\]]*\])?(?: ?>=? ?[0-9][\w.]*)?", each.text)
    ]


def _bare(requirement: str) -> str:
    """Cut extras and versions off: `twine[keyring]>=6` is `twine`."""
    return re.split(r"[\[<>=!~ ]", requirement, maxsplit=1)[0]


def _is_pip(texts: list[str], at: int) -> bool:
    """Say whether a word is the pip that the command runs: at its beginning, or behind `python -m`, `uv` or `run`."""
    return re.fullmatch(r"(?:.*/)?pip[0-9.]*", texts[at]) is not None and (at == 0 or texts[at - 1] in ("-m", "uv", "run"))


def _span(workflow: Workflow, script: Scalar, words: tuple[Word, ...], last: Word) -> Span:
    """Point at the command as far as the last tool; of one over several lines only at its first word."""
    start, quotes = words[0].start, 2 if script.value[last.start] in "'\"" else 0
    end = last.start + len(last.text) + quotes
    return inside(workflow, script, start, end if "\n" not in script.value[start:end] else start + len(words[0].text))
