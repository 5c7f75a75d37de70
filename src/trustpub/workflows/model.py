"""A workflow file as GitHub sees it: jobs, steps, and the few settings that decide who may publish.

Nothing is evaluated here; every value keeps its node, so that whoever reports on it can point at it. Wrong shapes are `Problem`s
(GitHub would refuse the file), never exceptions: one odd job must not hide another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.source import Map, Scalar, plain_value, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.source import Document, Node, Source

NO_NODE = Map((), 0, 0)
"""The node of what was made without a file."""


class Problem(NamedTuple):
    """Something because of which GitHub refuses to run the file, and from which index to which it stands."""

    why: str
    start: int
    end: int = 0


class Environment(NamedTuple):
    """`environment:` of a job; `url` and `deployment` only in the long form. `node` is the value of the key, long or short."""

    name: Scalar
    url: Scalar | None
    deployment: Scalar | None = None
    node: Node = NO_NODE


class Concurrency(NamedTuple):
    """`concurrency:` of a workflow or a job; only the group in its short form."""

    group: Scalar
    cancel_in_progress: Scalar | None = None
    queue: Scalar | None = None


class Input(NamedTuple):
    """One declared input of a dispatch or a call. `type` is `string` when none is given; `options` are those of a choice."""

    key: Scalar
    type: str = "string"
    required: bool = False
    default: Scalar | None = None
    options: tuple[Scalar, ...] = ()


class Interface(NamedTuple):
    """What a reusable workflow takes and gives: its inputs, the `value` of each output, and which secrets it requires."""

    inputs: Mapping[str, Input]
    outputs: Mapping[str, Scalar]
    secrets: Mapping[str, bool]


class Step(NamedTuple):
    """One step. `number` counts from 1 in the order of the file, steps of parallel groups included.

    `group` is the number of the first step of its parallel group; `background` says that it runs beside those behind it.
    """

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
    node: Map = NO_NODE
    continue_on_error: Scalar | None = None
    timeout: Scalar | None = None
    background: Scalar | None = None
    group: int | None = None

    @property
    def label(self) -> str:
        """What to call the step: its name, else its action, else the first line that it runs, without a secret in it."""
        if self.name is not None and self.name.value:
            return self.name.value
        if self.uses is not None:
            return self.uses.value.partition("@")[0]
        if self.run is None:
            return f"step {self.number}"
        from trustpub.workflows.secrecy import hidden

        return hidden(self.run.value.strip().partition("\n")[0])


class Job(NamedTuple):
    """One job: with `steps`, or with `uses` when it calls a reusable workflow (`secrets` are then the word `inherit` or a map).

    `node` is its map, `key` its name in the file; nested values of `with` are in the node only.
    """

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
    node: Map = NO_NODE
    concurrency: Concurrency | None = None
    fail_fast: Scalar | None = None
    max_parallel: Scalar | None = None
    container: Node | None = None
    services: Node | None = None
    timeout: Scalar | None = None
    continue_on_error: Scalar | None = None
    outputs: Mapping[str, Scalar] = {}
    secrets: Node | None = None
    key: Scalar | None = None


class Workflow(NamedTuple):
    """One file of `.github/workflows`. `defaults` are those of `defaults.run`; `called` is there when others may call it.

    `problems` are what makes GitHub refuse the file, as far as reading shows it; `refusals` looks at all of the file. `notes` are
    what does not work everywhere.
    """

    path: str
    source: Source
    name: Scalar | None
    on: Node | None
    permissions: Node | None
    env: Mapping[str, Scalar]
    defaults: Mapping[str, Scalar]
    jobs: Mapping[str, Job]
    problems: tuple[Problem, ...]
    root: Map = NO_NODE
    concurrency: Concurrency | None = None
    called: Interface | None = None
    notes: tuple[Problem, ...] = ()

    @property
    def file_name(self) -> str:
        """The last part of the path: what a publisher record names."""
        return self.path.rsplit("/", 1)[-1]


def read(document: Document) -> Workflow:
    """Read a parsed file. A file that is no workflow at all gives one without jobs, and a problem that says why."""
    from trustpub.workflows.reader import Reader

    return Reader(document).workflow()


def word(node: Scalar | None) -> str:
    """Return the text that GitHub makes of a word (`True` is `true`, `3.10` is `3.1`); empty when it is missing or null."""
    return text_of(node) if node is not None else ""


def truthy(node: Node | None) -> bool:
    """Say whether a word is the boolean true."""
    return isinstance(node, Scalar) and plain_value(node) is True
