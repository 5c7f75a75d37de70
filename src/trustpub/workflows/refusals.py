"""Everything because of which GitHub refuses a workflow file, as far as a file can show it.

A walk along `shapes`, and what no shape can say: ids, `needs`, what `uses` looks like, filters that exclude each other. Only what
GitHub surely refuses is here; what it may pass over in silence, or what a newer GitHub may know, is in `event_settings`.
Mirrors: actions/languageservices workflow-parser (schema, converters), actions/runner src/Sdk/WorkflowParser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.workflows.allowed import NOTHING, WHERE, refused
from trustpub.workflows.event_table import FILTERS
from trustpub.workflows.expressions import MAX_LENGTH, Wrong, condition, condition_start, template
from trustpub.workflows.model import Problem, word
from trustpub.workflows.shapes import SHAPES
from trustpub.workflows.source import Map, Scalar, Sequence, place_in, plain_value, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.allowed import Allowed
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.shapes import Shape
    from trustpub.workflows.source import Node, Source

_ID = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_-]{0,98}")
_WORKFLOW = lazy_pattern(r"[.$]/\.github/workflows/[^/@]+\.ya?ml|[^/@]+/[^/@]+/\.github/workflows/[^/@]+\.ya?ml@.+")
_ACTION = lazy_pattern(r"docker://.*|\.[/\\].*|\$/.*|[^/\\@]+[/\\][^/\\@]+(?:[/\\][^@]*)?@[^@]+")
_DECIDING_STEP = {
    "run": "run-step", "shell": "run-step", "working-directory": "run-step", "uses": "uses-step", "with": "uses-step",
    "wait": "wait-step", "wait-all": "wait-all-step", "cancel": "cancel-step", "parallel": "parallel-step",
}  # fmt: skip
_DECIDING_JOB = {"uses": "call", "with": "call", "secrets": "call"} | {
    name: "job" for name in SHAPES["job"].keys if name not in SHAPES["call"].keys
}
_GROUP_PREFIXES = ("org", "organization", "ent", "enterprise")


def refusals(workflow: Workflow) -> tuple[Problem, ...]:
    """List every reason why GitHub refuses a file, in the order of the file, those that `read` found included."""
    if not workflow.root.entries:
        return workflow.problems
    check = _Check(workflow.source)
    check.visit(workflow.root, "workflow", NOTHING)
    check.on(workflow.on)
    check.jobs(workflow)
    places = {(problem.start, problem.why) for problem in workflow.problems}
    starts = {problem.start for problem in workflow.problems}
    found = [p for p in check.found if p.start not in starts and (p.start, p.why) not in places]
    return tuple(sorted((*workflow.problems, *dict.fromkeys(found)), key=lambda problem: problem.start))


class _Check:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Problem] = []

    def problem(self, why: str, node: Node) -> None:
        self.found.append(Problem(why, node.start, node.end))

    # values

    def visit(self, node: Node, name: str, allowed: Allowed) -> None:
        shape = SHAPES[name]
        if shape.skip:
            return
        allowed = allowed | WHERE[shape.where]
        if isinstance(node, Scalar):
            self.word(node, shape, allowed)
        elif shape.any:
            for child in node.items if isinstance(node, Sequence) else (entry.value for entry in node.entries):
                self.visit(child, name, allowed)
        elif isinstance(node, Sequence):
            if not shape.item:
                self.problem("a list is not known here", node)
            for item in node.items if shape.item else ():
                self.visit(item, shape.item, allowed)
        elif shape.is_map:
            self.map(node, shape, allowed)
        else:
            self.problem("a map is not known here", node)

    def map(self, node: Map, shape: Shape, allowed: Allowed) -> None:
        seen: set[str] = set()
        for key, value in node.entries:
            if "${{" in key.value:
                seen.update(shape.required)
                self.expressions(key, allowed)
                continue
            if key.value.upper() in seen:
                continue
            seen.add(key.value.upper())
            inner = shape.keys.get(key.value) or shape.loose
            if not inner:
                self.problem(f"the key `{key.value}` is not known here", key)
            elif not (shape.keys.get(key.value) is None and not key.value and self.empty(key)):
                self.visit(value, inner, allowed)
        for name in shape.required:
            if name.upper() not in seen and name not in seen:
                self.found.append(Problem(f"`{name}` is missing", node.start, node.start))

    def empty(self, key: Scalar) -> bool:
        self.problem("a key is empty", key)
        return True

    def word(self, node: Scalar, shape: Shape, allowed: Allowed) -> None:
        if shape.condition:
            self.condition(node, allowed)
        elif "${{" in node.value:
            self.expressions(node, allowed)
        elif not (shape.text or shape.any):
            why = _unfit(node, shape)
            if why:
                self.problem(why, node)

    def condition(self, node: Scalar, allowed: Allowed) -> None:
        words = text_of(node)
        tree = condition(words)
        wrong = tree if isinstance(tree, Wrong) else refused(tree, allowed)
        if wrong is not None and not (node.tag and not isinstance(tree, Wrong)):
            self.wrong(node, wrong, condition_start(words) if words == node.value else 0)
        elif "${{" in words and template(words.strip()).only is None:
            self.expressions(node, allowed)

    def expressions(self, node: Scalar, allowed: Allowed) -> None:
        pieces = template(node.value)
        if len(node.value) > MAX_LENGTH and len(pieces.parts) > 1:
            self.problem(f"a text with expressions has at most {MAX_LENGTH} characters, this one {len(node.value)}", node)
        for part, start in zip(pieces.parts, pieces.starts, strict=True):
            if isinstance(part, str):
                continue
            if not allowed:
                self.problem("expressions are not known here", node)
                return
            if node.value[start : node.value.find("}}", start)].strip() == "insert" and len(pieces.parts) == 1:
                continue
            wrong = part if isinstance(part, Wrong) else refused(part, allowed)
            if wrong is not None:
                self.wrong(node, wrong, start)

    def wrong(self, node: Scalar, wrong: Wrong, offset: int) -> None:
        end = max(wrong.end, wrong.start + 1)
        start = place_in(self.source, node, offset + wrong.start)
        last = place_in(self.source, node, offset + end - 1) + 1
        self.found.append(Problem(wrong.why, start, max(start, min(last, node.end))))

    # events

    def on(self, on: Node | None) -> None:
        if isinstance(on, Scalar):
            self.event_name(on)
        elif isinstance(on, Sequence):
            for item in on.items:
                if isinstance(item, Scalar):
                    self.event_name(item)
                else:
                    self.problem("an event in a list is one word", item)
        elif isinstance(on, Map):
            for key, value in on.entries:
                self.event_name(key)
                self.event(key, value)

    def event_name(self, name: Scalar) -> None:
        if not name.value or "${{" in name.value:
            self.problem("an event is missing here" if not name.value else "expressions are not known here", name)

    def event(self, key: Scalar, node: Node) -> None:
        if key.value == "workflow_call" and not (isinstance(node, Scalar) and plain_value(node) is None):
            self.visit(node, "workflow_call", NOTHING)
        keys = {name.value: name for name, _ in node.entries} if isinstance(node, Map) else {}
        for name in FILTERS:
            if name in keys and f"{name}-ignore" in keys:
                self.problem(f"`{name}` and `{name}-ignore` exclude each other: use `!` patterns in `{name}`", keys[name])

    # jobs

    def jobs(self, workflow: Workflow) -> None:
        jobs = workflow.root.get("jobs")
        if not isinstance(jobs, Map):
            return
        for key, node in jobs.entries:
            self.id(key)
            if isinstance(node, Map):
                self.job(node)
        if not any(not job.needs for job in workflow.jobs.values()):
            self.found.append(Problem("every job needs another one: none can start", jobs.start, jobs.start))
        else:
            self.found += _needs(workflow)

    def id(self, key: Scalar) -> None:
        if not _ID.fullmatch(key.value):
            rule = "letters, digits, `_` and `-`, a letter or `_` first, fewer than 100"
            self.problem(f"an id is made of {rule}: `{key.value}`" if key.value else "an id is empty", key)
        elif key.value.startswith("__"):
            self.problem(f"ids that begin with `__` are GitHub's own: `{key.value}`", key)

    def job(self, node: Map) -> None:
        kind = next((_DECIDING_JOB[key.value] for key, _ in node.entries if key.value in _DECIDING_JOB), "job")
        self.visit(node, kind, NOTHING)
        uses, steps, runs_on = node.get("uses"), node.get("steps"), node.get("runs-on")
        if kind == "call" and isinstance(uses, Scalar) and "${{" not in uses.value and not _WORKFLOW.fullmatch(uses.value):
            self.problem(
                "a called workflow is `./.github/workflows/FILE.yml` or `OWNER/REPO/.github/workflows/FILE.yml@REF`", uses
            )
        if isinstance(runs_on, Map) and isinstance(group := runs_on.get("group"), Scalar) and "${{" not in group.value:
            prefix, slash, rest = group.value.partition("/")
            if slash and (prefix not in _GROUP_PREFIXES or not rest or "/" in rest):
                self.problem(f"a runner group is `organization/NAME` or `enterprise/NAME`: `{group.value}`", group)
        self.image(node.get("container"))
        services = node.get("services")
        for _, service in services.entries if isinstance(services, Map) else ():
            self.image(service)
        self.matrix(node.get("strategy"))
        if kind == "job":
            self.steps(steps)

    def image(self, container: Node | None) -> None:
        if not isinstance(container, Map) or container.get("image") is not None:
            return
        if "${{" not in self.source.text[container.start : container.end]:
            self.found.append(Problem("a container has no `image`", container.start, container.start))

    def matrix(self, strategy: Node | None) -> None:
        matrix = strategy.get("matrix") if isinstance(strategy, Map) else None
        for key, axis in matrix.entries if isinstance(matrix, Map) else ():
            if isinstance(axis, Sequence) and not axis.items and key.value not in ("include", "exclude"):
                self.problem(f"the matrix's list `{key.value}` is empty", axis)

    def steps(self, node: Node | None, inside: bool = False, ids: set[str] | None = None) -> None:
        ids = set() if ids is None else ids
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item, Map):
                self.step(item, inside, ids)

    def step(self, node: Map, inside: bool, ids: set[str]) -> None:
        kind = next((_DECIDING_STEP[key.value] for key, _ in node.entries if key.value in _DECIDING_STEP), "")
        if not kind:
            self.found.append(Problem("a step has `run` or `uses`", node.start, node.start))
            return
        self.visit(node, kind, NOTHING)
        if inside and (kind not in ("run-step", "uses-step") or node.get("background") is not None):
            self.found.append(Problem("inside of `parallel` are only plain `run` and `uses` steps", node.start, node.start))
        self.steps(node.get("parallel"), inside=True, ids=ids)
        name, uses = node.get("id"), node.get("uses")
        if isinstance(name, Scalar) and name.value:
            self.id(name)
            if name.value.upper() in ids:
                self.problem(f"the id `{name.value}` stands twice in this job", name)
            ids.add(name.value.upper())
        if isinstance(uses, Scalar) and uses.value and "${{" not in uses.value and not _ACTION.fullmatch(uses.value):
            self.problem(f"an action is `OWNER/REPO@REF`, `./FOLDER` or `docker://IMAGE`: `{uses.value}`", uses)


def _unfit(node: Scalar, shape: Shape) -> str:
    """Say why a word does not fit, or nothing."""
    value = plain_value(node)
    if shape.filled:
        return "a value is missing here" if value is None or node.value == "" else ""
    if "null" in shape.kinds and value is None:
        return ""
    if "boolean" in shape.kinds and isinstance(value, bool):
        return ""
    if "number" in shape.kinds and isinstance(value, int | float) and not isinstance(value, bool):
        return ""
    if isinstance(value, str) and value in shape.words:
        return ""
    if value is None:
        return "a value is missing here"
    known = shape.words or [kind for kind in shape.kinds if kind != "null"]
    wanted = ", ".join(f"`{name}`" for name in sorted(known)) if shape.words else " or ".join(known)
    return f"`{node.value}` is not known here" + (
        f": it must be {wanted}" if wanted else ": it must be a map" if shape.is_map else ""
    )


def _needs(workflow: Workflow) -> Iterator[Problem]:
    """Say which needed jobs do not exist, and which need each other in the end."""
    left = {name: {need.value for need in job.needs} for name, job in workflow.jobs.items()}
    while ready := [name for name, needs in left.items() if not needs]:
        for name in ready:
            del left[name]
        for needs in left.values():
            needs.difference_update(ready)
    for name, needs in left.items():
        for need in workflow.jobs[name].needs:
            if need.value in needs:
                why = "which needs it in the end" if need.value in workflow.jobs else "which does not exist"
                yield Problem(f"the job `{name}` needs `{word(need)}`, {why}", need.start, need.end)
