"""Reading the parts of a workflow (or of a composite action) from its tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.model import (
    Concurrency,
    Environment,
    Input,
    Interface,
    Job,
    Problem,
    Step,
    Workflow,
    truthy,
)
from trustpub.workflows.source import Map, Scalar, Sequence, odd_tag, plain_value, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.source import Document, Node

MERGE = "GitHub knows no merge keys: it takes `<<` for an ordinary key. Write the keys out, or alias the whole value"
ANCHOR = "YAML anchors work on github.com; GitHub Enterprise Server refuses them"


class Reader:
    """Reads the parts of a file, and collects what GitHub would refuse in `problems`."""

    def __init__(self, document: Document) -> None:
        """Start with what the tree itself has wrong: double keys, tags, merge keys."""
        self.source = document.source
        self.document = document
        self.problems: list[Problem] = []
        for twin in document.duplicates:
            line = self.source.place(twin.first.start).line
            self.problem(f"the key `{twin.key.value}` stands twice (first in line {line})", twin.key)
        for node in document.tagged:
            if why := odd_tag(node):
                self.problem(why, node)
        for node in document.merges:
            self.problem(MERGE, node)

    def workflow(self) -> Workflow:
        """Read the whole file."""
        root = self.document.root
        if not isinstance(root, Map):
            self.problem("a workflow is a map with `on` and `jobs`", root or Map((), 0, 0))
            root = Map((), 0, 0)
        keys = _keys(root)
        on = keys.get("on")
        if on is None:
            self.problem("`on` is missing", root, at_start=True)
        jobs = dict(self.jobs(root, keys.get("jobs")))
        return Workflow(
            path=self.source.path,
            source=self.source,
            name=self.scalar(keys.get("name")),
            on=on,
            permissions=keys.get("permissions"),
            env=self.scalars(keys.get("env")),
            defaults=self.run_defaults(keys.get("defaults")),
            jobs=jobs,
            problems=tuple(self.problems),
            root=root,
            concurrency=self.concurrency(keys.get("concurrency")),
            called=self.interface(on),
            notes=tuple(Problem(ANCHOR, start, start) for start in self.document.anchors[:1]),
        )

    def jobs(self, root: Map, jobs: Node | None) -> Iterator[tuple[str, Job]]:
        """Yield the jobs by their id; the needed ones are called by their own names, in whatever case `needs` has them."""
        if not isinstance(jobs, Map):
            self.problem("`jobs` is missing or no map", root if jobs is None else jobs, at_start=True)
            return
        names = {entry.key.value.upper(): entry.key.value for entry in jobs.entries}
        for key, node in jobs.entries:
            if isinstance(node, Map):
                yield key.value, self.job(key, node, names)
            else:
                self.problem(f"the job `{key.value}` is no map", key)

    def job(self, key: Scalar, node: Map, names: Mapping[str, str]) -> Job:
        """Read one job."""
        keys = _keys(node)
        strategy = keys.get("strategy")
        strategy_keys = _keys(strategy) if isinstance(strategy, Map) else {}
        outputs = keys.get("outputs")
        return Job(
            id=key.value,
            start=key.start,
            name=self.scalar(keys.get("name")),
            needs=tuple(_named(need, names) for need in self.words(keys["needs"])) if "needs" in keys else (),
            if_=self.scalar(keys.get("if")),
            permissions=keys.get("permissions"),
            environment=self.environment(keys["environment"]) if "environment" in keys else None,
            matrix=strategy_keys.get("matrix"),
            runs_on=keys.get("runs-on"),
            env=self.scalars(keys.get("env")),
            defaults=self.run_defaults(keys.get("defaults")),
            uses=self.scalar(keys.get("uses")),
            with_=self.scalars(keys.get("with")),
            steps=self.steps(keys.get("steps")),
            node=node,
            concurrency=self.concurrency(keys.get("concurrency")),
            fail_fast=self.scalar(strategy_keys.get("fail-fast")),
            max_parallel=self.scalar(strategy_keys.get("max-parallel")),
            container=keys.get("container"),
            services=keys.get("services"),
            timeout=self.scalar(keys.get("timeout-minutes")),
            continue_on_error=self.scalar(keys.get("continue-on-error")),
            outputs=self.scalars(outputs),
            secrets=keys.get("secrets"),
            key=key,
        )

    def steps(self, node: Node | None) -> tuple[Step, ...]:
        """Read a list of steps, those inside `parallel:` groups included, in the order of the file."""
        if not isinstance(node, Sequence):
            if node is not None:
                self.problem("`steps` is no list", node)
            return ()
        result: list[Step] = []
        for item in node.items:
            if not isinstance(item, Map):
                self.problem("a step is a map", item)
            elif isinstance(group := item.get("parallel"), Sequence):
                first = len(result) + 1
                for number, step in enumerate((step for step in group.items if isinstance(step, Map)), first):
                    result.append(self.step(number, step, first))
            else:
                result.append(self.step(len(result) + 1, item))
        return tuple(result)

    def step(self, number: int, node: Map, group: int | None = None) -> Step:
        """Read one step."""
        keys = _keys(node)
        get, scalar = keys.get, self.scalar
        return Step(
            number,
            node.start,
            node.end,
            scalar(get("id")),
            scalar(get("name")),
            scalar(get("uses")),
            scalar(get("run")),
            self.scalar(get("if")),
            scalar(get("shell")),
            scalar(get("working-directory")),
            self.scalars(get("with")),
            self.scalars(get("env")),
            node,
            scalar(get("continue-on-error")),
            scalar(get("timeout-minutes")),
            scalar(get("background")),
            group,
        )

    def environment(self, node: Node) -> Environment | None:
        """Read `environment:` of a job, short or long."""
        if isinstance(node, Map):
            name = self.scalar(node.get("name"))
            if name is None:
                self.problem("`environment` has no `name`", node)
                return None
            return Environment(name, self.scalar(node.get("url")), self.scalar(node.get("deployment")), node)
        short = self.scalar(node)
        return Environment(short, None, None, node) if short is not None else None

    def concurrency(self, node: Node | None) -> Concurrency | None:
        """Read `concurrency:`, short or long."""
        if isinstance(node, Map):
            group = self.scalar(node.get("group"))
            rest = self.scalar(node.get("cancel-in-progress")), self.scalar(node.get("queue"))
            return Concurrency(group, *rest) if group is not None else None
        short = self.scalar(node)
        return Concurrency(short) if short is not None else None

    def interface(self, on: Node | None) -> Interface | None:
        """Read `workflow_call` of `on`; None when no other workflow may call this one."""
        if not isinstance(on, Map):
            called = any(word.value == "workflow_call" for word in self.words(on))
            return Interface({}, {}, {}) if called else None
        node = next((entry.value for entry in on.entries if entry.key.value == "workflow_call"), None)
        if node is None:
            return None
        keys = _keys(node) if isinstance(node, Map) else {}
        outputs, secrets = keys.get("outputs"), keys.get("secrets")
        values = {name: spec.get("value") for name, spec in _maps(outputs)}
        required = {entry.key.value: False for entry in secrets.entries} if isinstance(secrets, Map) else {}
        required |= {name: truthy(spec.get("required")) for name, spec in _maps(secrets)}
        return Interface(
            inputs(keys.get("inputs")), {name: value for name, value in values.items() if isinstance(value, Scalar)}, required
        )

    def run_defaults(self, node: Node | None) -> Mapping[str, Scalar]:
        """Read `defaults.run`."""
        return self.scalars(node.get("run")) if isinstance(node, Map) else {}

    def scalars(self, node: Node | None) -> Mapping[str, Scalar]:
        """Return a map's words by key; nested values (which GitHub allows in `with` of a call only) are left out."""
        if type(node) is not Map:
            return {}
        return {key.value: value for key, value in node.entries if type(value) is Scalar}

    def words(self, node: Node | None) -> Iterator[Scalar]:
        """Yield the words of a list, or the one word that stands for a list of one."""
        for item in node.items if isinstance(node, Sequence) else (node,):
            if isinstance(item, Scalar) and plain_value(item) is not None:
                yield item

    def scalar(self, node: Node | None) -> Scalar | None:
        """Return a word; None for anything else, and for null."""
        return node if type(node) is Scalar and (node.style or plain_value(node) is not None) else None

    def problem(self, why: str, node: Node, at_start: bool = False) -> None:
        """Note something that GitHub refuses."""
        self.problems.append(Problem(why, node.start, node.start if at_start else node.end))


def inputs(node: Node | None) -> dict[str, Input]:
    """Read the declared inputs of a dispatch or a call."""
    result: dict[str, Input] = {}
    for key, spec in node.entries if isinstance(node, Map) else ():
        keys = _keys(spec) if isinstance(spec, Map) else {}
        kind, default, options = keys.get("type"), keys.get("default"), keys.get("options")
        listed = tuple(item for item in options.items if isinstance(item, Scalar)) if isinstance(options, Sequence) else ()
        given = default if isinstance(default, Scalar) and plain_value(default) is not None else None
        name = text_of(kind) if isinstance(kind, Scalar) else "string"
        result[key.value] = Input(key, name or "string", truthy(keys.get("required")), given, listed)
    return result


def _keys(node: Map) -> dict[str, Node]:
    """Return a map's values by key; of two keys that are one the first counts."""
    keys = {key.value: value for key, value in node.entries}
    return keys if len(keys) == len(node.entries) else {key.value: value for key, value in reversed(node.entries)}


def _maps(node: Node | None) -> Iterator[tuple[str, Map]]:
    for key, value in node.entries if isinstance(node, Map) else ():
        if isinstance(value, Map):
            yield key.value, value


def _named(need: Scalar, names: Mapping[str, str]) -> Scalar:
    name = names.get(need.value.upper(), need.value)
    return need if name == need.value else need._replace(value=name)
