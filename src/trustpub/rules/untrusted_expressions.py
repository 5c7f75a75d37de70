"""Texts of strangers that are put into a script on the way to an upload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.rules.spans import inside
from trustpub.rules.ways import ways
from trustpub.workflows import edit
from trustpub.workflows.model import word
from trustpub.workflows.nested import steps_of
from trustpub.workflows.source import Map
from trustpub.workflows.strangers import Written, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.actions import Action
    from trustpub.workflows.model import Step, Workflow

RULE = Rule(
    code="C02",
    name="untrusted-text-in-script",
    severity="high",
    title="A stranger's text becomes part of a script on the way to an upload",
    why=(
        "An expression is put into a script before the shell reads it: a title or a comment that holds shell commands runs "
        "them, with everything that the job may do. A comment on an issue was enough to release a malicious version of a "
        "well-known package."
    ),
    source="GitHub's guide to secure use of actions: understanding the risk of script injections",
    help="Give the text to the step as an environment variable, and use the variable in the script, in double quotes.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each step on the way with such a text in its script."""
    told: set[tuple[str, int]] = set()
    for way in ways(facts):
        for each in steps_of(way.here.workflow, way.here.job, facts.files):
            found = list(written(each.step, way.events))
            if found and (each.file.path, each.step.start) not in told:
                told.add((each.file.path, each.step.start))
                yield _finding(each.file, each.step, found)


def _finding(workflow: Workflow | Action, step: Step, found: list[Written]) -> Finding:
    first = found[0]
    name = _name(first.inner)
    whose = "a stranger's text" if first.whose == "stranger" else "the text of whoever wrote a commit"
    return Finding(
        rule=RULE.code,
        severity="high" if any(each.whose == "stranger" for each in found) else "medium",
        message=f"the step `{step.label}` puts {whose} into its script: `{first.inner}`",
        span=inside(workflow, first.word, first.start, first.end),
        help=f'Put `{name}: ${{{{ {first.inner} }}}}` below `env` of the step, and write `"${name}"` here.',
        related=tuple(Related(inside(workflow, each.word, each.start, each.end), "here too") for each in found[1:]),
        fix=_fix(workflow, step, found),
    )


def _name(inner: str) -> str:
    """Make a variable's name of an expression's last words: `github.event.issue.title` is `ISSUE_TITLE`."""
    parts = re.findall(r"[A-Za-z0-9]+", inner)
    return "_".join(parts[-2:]).upper() or "TEXT"


def _fix(workflow: Workflow | Action, step: Step, found: list[Written]) -> Fix | None:
    """Move the texts to `env`. Only in bash, and without single quotes, where `${NAME}` means the same everywhere."""
    if step.run is None or word(step.shell) not in ("", "bash", "sh") or "'" in step.run.value:
        return None
    source, env = workflow.source, step.node.get("env")
    names = {_name(each.inner): each.inner for each in found}
    if len(names) != len({each.inner for each in found}):
        return None
    edits = [
        edit.replaced_span(source, *inside(workflow, each.word, each.start, each.end)[1:], f"${{{_name(each.inner)}}}")
        for each in found
    ]
    lines = [f"{name}: ${{{{ {inner} }}}}" for name, inner in names.items()]
    if isinstance(env, Map):
        if len(lines) > 1:
            return None
        name, inner = next(iter(names.items()))
        edits.append(edit.inserted(source, env, name, f"${{{{ {inner} }}}}"))
    else:
        edits.append(edit.prepended(source, step.node, "env", "\n" + "\n".join(f"  {line}" for line in lines)))
    sure = tuple(each for each in edits if each is not None)
    return Fix("hand the text over as a variable", sure, safe=False) if len(sure) == len(edits) else None
