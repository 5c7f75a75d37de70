"""A workflow file as GitHub sees it: jobs, steps, and the few settings that decide who may publish.

Nothing is evaluated here; every value keeps its node, so that whoever reports on it can point at it. Wrong shapes are `Problem`s
(GitHub would refuse the file), never exceptions: one odd job must not hide another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trustpub.workflows.source import Map, Scalar, Sequence, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.source import Document, Node, Source


class Problem(NamedTuple):
    """Something because of which GitHub refuses to run the file, and the index at which it stands."""

    why: str
    start: int


class Environment(NamedTuple):
    """`environment:` of a job; `url` only in the long form."""

    name: Scalar
    url: Scalar | None


class Step(NamedTuple):
    """One step. `number` counts from 1 as GitHub's own pages do; parallel steps count in the order of the file."""

    number: int
    start: int
    end: int
    id: Scalar | None
    name: Scalar | None
    uses: Scalar | None
    run: Scalar | None
    if_: Scalar | None
    shell: Scalar | None
    working_directory: Scalar | None
    with_: Mapping[str, Scalar]
    env: Mapping[str, Scalar]
    node: Map = Map((), 0, 0)

    @property
    def label(self) -> str:
        """What to call the step: its name, else its action, else the first line that it runs."""
        if self.name is not None and self.name.value:
            return self.name.value
        if self.uses is not None:
            return self.uses.value.partition("@")[0]
        return self.run.value.strip().partition("\n")[0] if self.run is not None else f"step {self.number}"


class Job(NamedTuple):
    """One job: with `steps`, or with `uses` when it calls a reusable workflow."""

    id: str
    start: int
    name: Scalar | None
    needs: tuple[Scalar, ...]
    if_: Scalar | None
    permissions: Node | None
    environment: Environment | None
    matrix: Node | None
    runs_on: Node | None
    env: Mapping[str, Scalar]
    defaults: Mapping[str, Scalar]
    uses: Scalar | None
    with_: Mapping[str, Scalar]
    steps: tuple[Step, ...]
    node: Map = Map((), 0, 0)


class Workflow(NamedTuple):
    """One file of `.github/workflows`. `defaults` are those of `defaults.run`."""

    path: str
    source: Source
    name: Scalar | None
    on: Node | None
    permissions: Node | None
    env: Mapping[str, Scalar]
    defaults: Mapping[str, Scalar]
    jobs: Mapping[str, Job]
    problems: tuple[Problem, ...]
    root: Map = Map((), 0, 0)

    @property
    def file_name(self) -> str:
        """The last part of the path: what a publisher record names."""
        return self.path.rsplit("/", 1)[-1]


def read(document: Document) -> Workflow:
    """Read a parsed file. A file that is no workflow at all gives one without jobs, and a problem that says why."""
    return Reader(document).workflow()


def word(node: Scalar | None) -> str:
    """Return the text of a word; empty when it is missing or null."""
    return node.value if node is not None and plain_value(node) is not None else ""


def truthy(node: Node | None) -> bool:
    """Say whether a word is the boolean true."""
    return isinstance(node, Scalar) and plain_value(node) is True


class Reader:
    """Reads the parts of a file, and collects what GitHub would refuse in `problems`."""

    def __init__(self, document: Document) -> None:
        self.source = document.source
        self.root = document.root
        self.problems = [
            Problem(
                f"the key `{twin.key.value}` stands twice (first in line {self.source.place(twin.first.start).line})",
                twin.key.start,
            )
            for twin in document.duplicates
        ]

    def workflow(self) -> Workflow:
        root = self.root
        if not isinstance(root, Map):
            self.problem("a workflow is a map with `on` and `jobs`", root.start if root is not None else 0)
            root = Map((), 0, 0)
        if root.get("on") is None:
            self.problem("`on` is missing", root.start)
        return Workflow(
            path=self.source.path,
            source=self.source,
            name=self.scalar(root.get("name")),
            on=root.get("on"),
            permissions=root.get("permissions"),
            env=self.scalars(root.get("env")),
            defaults=self.run_defaults(root.get("defaults")),
            jobs=dict(self.jobs(root)),
            problems=tuple(self.problems),
            root=root,
        )

    def jobs(self, root: Map) -> Iterator[tuple[str, Job]]:
        jobs = root.get("jobs")
        if not isinstance(jobs, Map):
            self.problem("`jobs` is missing or no map", root.start if jobs is None else jobs.start)
            return
        for key, node in jobs.entries:
            if isinstance(node, Map):
                yield key.value, self.job(key, node)
            else:
                self.problem(f"the job `{key.value}` is no map", key.start)

    def job(self, key: Scalar, node: Map) -> Job:
        strategy = node.get("strategy")
        return Job(
            id=key.value,
            start=key.start,
            name=self.scalar(node.get("name")),
            needs=tuple(self.words(node.get("needs"))),
            if_=self.condition(node.get("if")),
            permissions=node.get("permissions"),
            environment=self.environment(node.get("environment")),
            matrix=strategy.get("matrix") if isinstance(strategy, Map) else None,
            runs_on=node.get("runs-on"),
            env=self.scalars(node.get("env")),
            defaults=self.run_defaults(node.get("defaults")),
            uses=self.scalar(node.get("uses")),
            with_=self.scalars(node.get("with")),
            steps=self.steps(node.get("steps")),
        )

    def steps(self, node: Node | None) -> tuple[Step, ...]:
        """Read a list of steps."""
        return tuple(self.step(number, step) for number, step in enumerate(self.step_nodes(node), 1))

    def step_nodes(self, node: Node | None) -> Iterator[Map]:
        """Yield the steps in the order of the file, those inside `parallel:` groups included."""
        if not isinstance(node, Sequence):
            if node is not None:
                self.problem("`steps` is no list", node.start)
            return
        for item in node.items:
            if not isinstance(item, Map):
                self.problem("a step is a map", item.start)
            elif isinstance(group := item.get("parallel"), Sequence):
                yield from (step for step in group.items if isinstance(step, Map))
            else:
                yield item

    def step(self, number: int, node: Map) -> Step:
        return Step(
            number=number,
            start=node.start,
            end=node.end,
            id=self.scalar(node.get("id")),
            name=self.scalar(node.get("name")),
            uses=self.scalar(node.get("uses")),
            run=self.scalar(node.get("run")),
            if_=self.condition(node.get("if")),
            shell=self.scalar(node.get("shell")),
            working_directory=self.scalar(node.get("working-directory")),
            with_=self.scalars(node.get("with")),
            env=self.scalars(node.get("env")),
            node=node,
        )

    def environment(self, node: Node | None) -> Environment | None:
        if isinstance(node, Map):
            name = self.scalar(node.get("name"))
            if name is None:
                self.problem("`environment` has no `name`", node.start)
                return None
            return Environment(name, self.scalar(node.get("url")))
        short = self.scalar(node)
        return Environment(short, None) if short is not None else None

    def condition(self, node: Node | None) -> Scalar | None:
        if isinstance(node, Scalar) and node.tag is not None:
            self.problem("a leading `!` starts a YAML tag: put the condition in quotes or in `${{ }}`", node.start)
            return None
        return self.scalar(node)

    def run_defaults(self, node: Node | None) -> Mapping[str, Scalar]:
        return self.scalars(node.get("run")) if isinstance(node, Map) else {}

    def scalars(self, node: Node | None) -> Mapping[str, Scalar]:
        """Return a map's words by key; nested values (which GitHub allows in `with` of a call only) are left out."""
        if not isinstance(node, Map):
            return {}
        return {entry.key.value: entry.value for entry in node.entries if isinstance(entry.value, Scalar)}

    def words(self, node: Node | None) -> Iterator[Scalar]:
        """Yield the words of a list, or the one word that stands for a list of one."""
        for item in node.items if isinstance(node, Sequence) else (node,):
            if isinstance(item, Scalar) and plain_value(item) is not None:
                yield item

    def scalar(self, node: Node | None) -> Scalar | None:
        return node if isinstance(node, Scalar) and plain_value(node) is not None else None

    def problem(self, why: str, start: int) -> None:
        self.problems.append(Problem(why, start))
