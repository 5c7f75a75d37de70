"""The workflow-parser cases: what a file says, by value, and what GitHub refuses, by line.

A case is compared in what a prediction needs: jobs with their needs, conditions, permissions (along calls), environment,
concurrency, matrix, containers, outputs and steps; a dispatch's inputs.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from trustpub.errors import BrokenFile
from trustpub.workflows.calls import call_problems
from trustpub.workflows.evaluation import STATUS_FUNCTIONS
from trustpub.workflows.event_settings import doubtful
from trustpub.workflows.events import triggers
from trustpub.workflows.expressions import Call, Literal, Wrong, condition, walk
from trustpub.workflows.expressions import parse as parse_expression
from trustpub.workflows.model import read, word
from trustpub.workflows.permissions import call_refusal, default, effective, written
from trustpub.workflows.reader import inputs
from trustpub.workflows.refusals import refusals
from trustpub.workflows.shapes import SHAPES
from trustpub.workflows.source import Map, Scalar, Sequence, parse, plain_value, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.permissions import Level
    from trustpub.workflows.source import Node

OWN_LIMIT = "a limit that the case sets for itself, not GitHub's"
NOTED = "only the editor refuses unknown events and settings; we note them, because GitHub runs such files"
REASONS = {
    "errors-anchor-tag": "github.com knows YAML anchors since 2025; the reader notes them for GitHub Enterprise Server",
    "events-single-invalid": NOTED,
    "events-single-invalid-config": NOTED,
    "events-mapping-all": "GitHub's documentation excludes `branches` beside `branches-ignore`; the case is only the editor's",
    "job-permissions": "its `read-all` has `id-token: read`, a level that GitHub no longer lists and that grants nothing",
    "errors-max-depth": OWN_LIMIT,
    "errors-max-file-size": OWN_LIMIT,
    "errors-max-job-limit-with-reusable-workflow": OWN_LIMIT,
    "errors-max-result-size": OWN_LIMIT,
    "errors-reusable-workflow-max-result-size": OWN_LIMIT,
    "errors-reusable-workflow-job-nested-depth-exceeded": OWN_LIMIT,
}
"""Where we differ on purpose."""
CASES_SCOPES = (
    "actions", "checks", "contents", "deployments", "discussions", "id-token", "issues", "packages", "pages", "pull-requests",
    "repository-projects", "security-events", "statuses",
)  # fmt: skip
"""The scopes that the cases know; GitHub has added others since."""
POLICIES = {"LimitedRead": "restricted", "Write": "permissive"}


class Outcome(NamedTuple):
    """One case: whether we agree, and what differs when we do not (`reason` when that is known and meant)."""

    case: str
    agrees: bool
    difference: str = ""
    reason: str = ""


class Case(NamedTuple):
    """A case's own options, its file, the files that it calls by their reference, and what GitHub makes of it."""

    options: str
    text: str
    others: Mapping[str, str]
    wanted: Mapping[str, object]


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Hold every workflow case against our reader. A difference is meant only when nothing but what its reason says differs."""
    for path in sorted((folder / "workflow-parser" / "testdata" / "reader").glob("*.yml")):
        case = case_of(path.read_bytes().decode("utf-8"))
        difference = compare(case, path.name)
        reason = REASONS.get(path.stem, "") if difference else ""
        if (reason is NOTED and not _noted(case)) or (path.stem in PARTLY and compare(PARTLY[path.stem](case), path.name)):
            reason = ""
        yield Outcome(path.stem, not difference, difference, reason)


def _noted(case: Case) -> bool:
    """Say whether we note every line that GitHub's editor refuses."""
    workflow = read(parse(case.text.encode(), "f.yml"))
    ours = {workflow.source.place(problem.start).line for problem in doubtful(workflow.on)}
    return not _lines(case.wanted["errors"], ours)


def _without_reading_id_tokens(case: Case) -> Case:
    def kept(pairs: list[tuple[str, object]]) -> dict[str, object]:
        return {name: value for name, value in pairs if (name, value) != ("id-token", "read")}

    return case._replace(wanted=json.loads(json.dumps(case.wanted), object_pairs_hook=kept))


def _without_ignored_filters(case: Case) -> Case:
    return case._replace(text=re.sub(r"(?m)^( +)(branches|tags|paths)-ignore:.*\n(?:\1 +.*\n)*", "", case.text))


PARTLY = {"job-permissions": _without_reading_id_tokens, "events-mapping-all": _without_ignored_filters}
"""Cases of which all but the meant difference must agree: how to take it out."""


def case_of(text: str) -> Case:
    """Split a case: options, the file, names and texts of called files by turns, and the wanted template."""
    options, first, *others, wanted = re.split(r"\r?\n---\r?\n", text)
    pairs = dict(zip(others[::2], others[1::2], strict=False)) if "skip-reusable-workflows" not in options else {}
    return Case(options, first, pairs, json.loads(wanted))


def compare(case: Case, name: str) -> str:
    """Say what differs, or nothing."""
    errors = case.wanted.get("errors")
    try:
        workflow = read(parse(case.text.encode(), f".github/workflows/{name}"))
        called = {use: read(parse(text.encode(), use)) for use, text in case.others.items()}
    except BrokenFile as broken:
        return _lines(errors, {broken.line}) if errors else f"we refuse it: {broken}"
    found = {workflow.source.place(problem.start).line: problem.why for problem in refusals(workflow)}
    cap = default(POLICIES.get((re.search(r"permissions-policy: (\w+)", case.options) or ["", ""])[1], ""))  # type: ignore[arg-type]
    if not found:
        found = dict(_of_calls(workflow, called, effective_cap(workflow, cap), cap))
    if errors:
        return (
            _lines(errors, set(found)) or _asked(errors, found.values()) if found else f"GitHub refuses it, we do not: {errors}"
        )
    if found:
        return f"we refuse it: {found}"
    return _difference(case.wanted, _template(workflow, called, cap, "input-types" in case.wanted), "")


def effective_cap(workflow: Workflow, cap: Mapping[str, Level]) -> Mapping[str, Level]:
    """What jobs without permissions of their own have."""
    return written(workflow.permissions) if workflow.permissions is not None else cap


def _lines(errors: object, ours: set[int]) -> str:
    assert isinstance(errors, list)
    messages = [str(error["Message"]) for error in errors]
    wanted = {int(match[1]) for message in messages if (match := re.search(r"\(Line: (\d+), Col: \d+\)", message))}
    missing = {line for line in wanted if not any(abs(line - mine) == 0 for mine in ours)}
    return f"GitHub refuses lines {sorted(wanted)}, we {sorted(ours)}: {messages}" if missing else ""


def _refused(errors: object, found: Mapping[int, str]) -> str:
    if not found:
        return f"GitHub refuses it, we do not: {errors}"
    return _lines(errors, set(found)) or _asked(errors, found.values())


def _asked(errors: object, ours: Iterable[str]) -> str:
    """Compare the permissions that GitHub says a called file asks for too much with those that we say."""
    assert isinstance(errors, list)
    wanted = {pair for error in errors for pair in _requested(str(error["Message"]))} - {"id-token: read"}
    mine = {pair for sentence in ours for pair in _requested(sentence) if pair.split(":")[0] in CASES_SCOPES}
    return "" if wanted == mine else f"GitHub says {sorted(wanted)}, we say {sorted(mine)}"


def _requested(sentence: str) -> list[str]:
    match = re.search(r"requesting '([^']*)'", sentence)
    return match[1].split(", ") if match else []


def _of_calls(
    workflow: Workflow, called: Mapping[str, Workflow], cap: Mapping[str, Level], policy: Mapping[str, Level]
) -> Iterator[tuple[int, str]]:
    """Yield what is refused of the calls below a file, by the line of the calling job or of what does not fit."""
    for job in workflow.jobs.values():
        target = called.get(word(job.uses))
        if target is None:
            continue
        handed = written(job.permissions) if job.permissions is not None else cap
        line = workflow.source.place(job.start).line
        if sentence := call_refusal(word(job.uses), target, handed):
            yield line, sentence
        for problem in call_problems(job, target):
            yield workflow.source.place(problem.start).line, problem.why
        inner = written(target.permissions) if target.permissions is not None else handed
        yield from _of_calls(target, called, inner, policy)


def _template(workflow: Workflow, called: Mapping[str, Workflow], policy: Mapping[str, Level], with_inputs: bool) -> object:
    """Write a workflow as the cases do, as plain data; what nobody wrote is left out."""
    result: dict[str, object] = {}
    for key in ("name", "description", "run-name", "env", "defaults", "concurrency"):
        if (node := workflow.root.get(key)) is not None:
            result[key] = _value(node, SHAPES["workflow"].keys[key])
    if workflow.permissions is not None:
        result["permissions"] = _shown(written(workflow.permissions))
    if with_inputs:
        for trigger in triggers(workflow.on):
            if trigger.event == "workflow_dispatch":
                result["input-types"] = {name: spec.type for name, spec in inputs(trigger.inputs).items()}
    result["jobs"] = _jobs(workflow, called, None if workflow.permissions is None else written(workflow.permissions))
    return result


def _jobs(workflow: Workflow, called: Mapping[str, Workflow], cap: Mapping[str, Level] | None) -> list[object]:
    return [_job(workflow, job, called, cap) for job in workflow.jobs.values()]


def _job(workflow: Workflow, job: Job, called: Mapping[str, Workflow], cap: Mapping[str, Level] | None) -> object:
    known = job.permissions is not None or workflow.permissions is not None or cap is not None
    levels = effective(workflow, job, cap) if known else None
    target = called.get(word(job.uses))
    result: dict[str, object] = {
        "id": job.id,
        "name": _value(job.name, "leg-text") if job.name is not None and word(job.name) else job.id,
        "if": _if(job.if_),
    }
    if job.needs or job.uses is not None:
        result["needs"] = [need.value for need in job.needs]
    shown = written(target.permissions) if target is not None and target.permissions is not None else levels
    if shown is not None:
        result["permissions"] = _shown(shown)
    kind = "call" if job.uses is not None else "job"
    renamed = {"uses": "ref", "with": "input-values", "secrets": "secret-values"}
    for key, node in job.node.items():
        if key in ("name", "needs", "if", "permissions", "steps") or key not in SHAPES[kind].keys:
            continue
        result[renamed.get(key, key)] = _value(node, SHAPES[kind].keys[key])
    if job.steps:
        result["steps"] = [_step(step) for step in job.steps]
    if target is not None:
        result["jobs"] = _jobs(target, called, levels)
    return result


_WAITING = {"wait": "Wait", "wait-all": "Wait for all", "cancel": "Cancel"}
"""Steps that wait for others, and how GitHub calls them."""


def _step(step: Step) -> object:
    other = next((name for name in _WAITING if step.node.get(name) is not None), "")
    kind = f"{other}-step" if other else "uses-step" if step.uses is not None else "run-step"
    result: dict[str, object] = {"name": _WAITING[other]} if other else {"if": _if(step.if_)}
    if other == "wait-all":
        result[other] = True
    for key, node in step.node.items():
        if key not in ("if", "wait-all") and key in SHAPES[kind].keys:
            result[key] = _value(node, SHAPES[kind].keys[key])
    return result


def _if(node: Scalar | None) -> str:
    """Write a condition as GitHub completes it."""
    text = word(node).strip()
    text = _expression(text)[3:-2] if "${{" in text else text
    if not text:
        return "${{success()}}"
    tree = condition(text)
    asks = not isinstance(tree, Wrong) and any(isinstance(part, Call) and part.name in STATUS_FUNCTIONS for part in walk(tree))
    return f"${{{{{text}}}}}" if asks else f"${{{{success() && ({text})}}}}"


def _shown(levels: Mapping[str, Level]) -> dict[str, str]:
    return {scope: level for scope, level in levels.items() if level != "none" and scope in CASES_SCOPES}


def _value(node: Node, name: str) -> object:
    """Turn a node into plain data: texts where the shape wants texts, else the value of its type."""
    shape = SHAPES[name]
    if isinstance(node, Sequence):
        return [_value(item, shape.item or name) for item in node.items]
    if isinstance(node, Map):
        shapes = {key.value: shape.keys.get(key.value) or shape.loose or name for key, _ in node.entries}
        names = {key.value: _expression(key.value) if "${{" in key.value else key.value for key, _ in node.entries}
        return {names[key.value]: _value(value, shapes[key.value]) for key, value in node.entries}
    if "${{" in node.value:
        return _expression(node.value)
    if (shape.text or shape.filled) and name not in ("scalar", "default"):
        return text_of(node)
    value = _number(plain_value(node))
    return "" if value is None and name == "scalar" else value


def _number(value: object) -> object:
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def _expression(text: str) -> str:
    """Write a text with expressions as GitHub does: the expression alone, or a `format()` of its pieces."""
    pieces = re.split(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}", text)
    texts, inner = pieces[::2], [piece.strip() for piece in pieces[1::2]]
    if len(inner) == 1 and not "".join(texts):
        literal = parse_expression(inner[0])
        if isinstance(literal, Literal) and isinstance(literal.value, str):
            return literal.value
        return f"${{{{{inner[0]}}}}}"
    escaped = [part.replace("{", "{{").replace("}", "}}").replace("'", "''") for part in texts]
    pattern = "".join(f"{part}{{{number}}}" if number < len(inner) else part for number, part in enumerate(escaped))
    return f"${{{{format('{pattern}', {', '.join(inner)})}}}}"


def _plain(token: object) -> object:
    """Turn GitHub's tokens into plain data."""
    if isinstance(token, list):
        return [_plain(item) for item in token]
    if not isinstance(token, dict) or not token:
        return token
    if "map" in token:
        return {str(_plain(pair["Key"])): _plain(pair["Value"]) for pair in token["map"]}
    if "seq" in token:
        return [_plain(item) for item in token["seq"]]
    if "expr" in token:
        return f"${{{{{token['expr']}}}}}"
    if "directive" in token:
        return f"${{{{{token['directive']}}}}}"
    for name in ("lit", "bool", "num"):
        if name in token:
            return token[name]
    return {key: _plain(value) for key, value in token.items()} if not {"type", "file", "line", "col"} >= set(token) else None


_UNREAD = {"type", "inherit-secrets", "input-definitions", "secret-definitions", "events", "file-table", "outputs-of-call"}


def _difference(wanted: object, ours: object, path: str) -> str:
    """Say the first thing that GitHub's template has and ours has not, or has otherwise."""
    wanted = _plain(wanted)
    if isinstance(wanted, dict) and isinstance(ours, dict):
        for key, value in wanted.items():
            generated = key == "id" and str(value).startswith("__")
            if key in _UNREAD or generated or (key == "outputs" and "ref" in wanted):
                continue
            if key not in ours:
                return f"{path}.{key} is missing: {value!r}" if value not in ([], {}, None, "") else ""
            if found := _difference(value, ours[key], f"{path}.{key}"):
                return found
        return ""
    if isinstance(wanted, list) and isinstance(ours, list):
        if len(wanted) != len(ours):
            return f"{path}: {len(wanted)} items, we have {len(ours)}"
        return next((found for a, b in zip(wanted, ours, strict=True) if (found := _difference(a, b, f"{path}[]"))), "")
    same = wanted == ours or (isinstance(ours, str) and isinstance(wanted, str) and wanted.split() == ours.split())
    return "" if same and isinstance(wanted, bool) is isinstance(ours, bool) else f"{path}: GitHub {wanted!r}, we {ours!r}"
