"""What starts a workflow, and with which ref: its triggers, turned into example runs.

A `Scenario` is one example of a run: the event, a ref that it may have, and the inputs of a dispatch. Its texts are `Ruled` where
they stand for a pattern, so that a condition can be asked twice: does it hold for this example, and does it hold for every ref?
Sources: GitHub's "events that trigger workflows" and the workflow syntax reference.
"""

from __future__ import annotations

import re
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows import globs
from trustpub.workflows.evaluation import Ruled, Unknown
from trustpub.workflows.event_table import EVENTS, Event
from trustpub.workflows.source import Map, Scalar, Sequence, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trustpub.workflows.evaluation import Value
    from trustpub.workflows.source import Node

MOST_COMBINATIONS = 64
"""How many combinations of dispatch inputs are tried at most; the default combination always comes first."""
PULL_REQUEST_EVENTS = frozenset(("pull_request", "pull_request_review", "pull_request_review_comment"))
FORK_EVENTS = PULL_REQUEST_EVENTS | {"pull_request_target"}
RELEASE_TYPES = ("published", "released", "prereleased", "created", "edited", "unpublished", "deleted")
"""What `release` without `types` runs for: all of them."""
WITHOUT_ACTIVITY = frozenset(("push", "workflow_dispatch", "schedule", "create", "delete", "public", "status", "workflow_call"))
"""Events of one kind only, whose payload has no `action`."""
DEPLOYMENT_EVENTS = frozenset(("deployment", "deployment_status"))
"""Events whose ref is whatever was deployed: a branch, a tag, or none for a bare commit."""
CALLED = "workflow_call"
ANY_REF = "**"


class Trigger(NamedTuple):
    """One event of `on`, with its filters. None means that a filter is not there; an empty tuple that it is there and empty."""

    event: str
    start: int
    branches: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    branches_ignore: tuple[str, ...] | None = None
    tags_ignore: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    inputs: Node | None = None
    paths: tuple[str, ...] | None = None
    paths_ignore: tuple[str, ...] | None = None
    workflows: tuple[str, ...] | None = None
    node: Node | None = None


class Names(NamedTuple):
    """What example refs are made of: the package's version and name, and the default branch."""

    version: str
    project: str
    default_branch: str


class Scenario(NamedTuple):
    """One example run. `pattern` is the rule that `ref` is an example of; `action` the activity type, empty when there is none.

    `narrowed` says that it is an example of what a condition asks for, not of the trigger as it stands.
    `inputs` are a dispatch's inputs as the `inputs` context has them, `chosen` those of them that somebody has a choice about.
    An empty `ref` is one that a file cannot tell: a caller's, or what is deployed.
    `activities` are what an activity type that is not said may be; empty when nothing is known of that.
    """

    event: str
    ref: str
    ref_type: str
    pattern: str
    action: str = ""
    inputs: Mapping[str, Value] = {}
    chosen: Mapping[str, str] = {}
    narrowed: bool = False
    activities: tuple[str, ...] = ()

    @property
    def environment_ref(self) -> str:
        """The ref on which the rules of an environment are matched: that of the run, a pull request's merge ref included."""
        return str(self.ref)

    @property
    def workflow_from(self) -> str:
        """Where GitHub reads the workflow file: "the default branch", "the ref of the run", "the called file's own ref"."""
        return EVENTS.get(self.event, Event()).workflow_from

    @property
    def sha_of(self) -> str:
        """Of what `github.sha` is the commit."""
        return EVENTS.get(self.event, Event()).sha


def triggers(on: Node | None) -> tuple[Trigger, ...]:
    """Read `on`: a word, a list of words, or a map of events."""
    if isinstance(on, Scalar):
        return (Trigger(on.value, on.start),) if plain_value(on) is not None else ()
    if isinstance(on, Sequence):
        return tuple(Trigger(item.value, item.start) for item in on.items if isinstance(item, Scalar))
    if isinstance(on, Map):
        return tuple(_trigger(entry.key, entry.value) for entry in on.entries)
    return ()


def _trigger(key: Scalar, node: Node) -> Trigger:
    if not isinstance(node, Map):
        return Trigger(key.value, key.start, node=node)
    lists = {name: _words(node.get(name.replace("_", "-"))) for name in _FILTERS}
    return Trigger(key.value, key.start, **lists, inputs=node.get("inputs"), node=node)


_FILTERS = ("branches", "tags", "branches_ignore", "tags_ignore", "types", "paths", "paths_ignore", "workflows")


def _words(node: Node | None) -> tuple[str, ...] | None:
    if isinstance(node, Scalar):
        return (node.value,) if plain_value(node) is not None else None
    if isinstance(node, Sequence):
        return tuple(item.value for item in node.items if isinstance(item, Scalar))
    return None


def scenarios(trigger: Trigger, names: Names, mentioned: Iterable[str], text: str) -> Iterator[Scenario]:
    """Yield the example runs of one trigger, the likeliest first.

    `mentioned` are full refs, or patterns of them, that the file's conditions ask for: where the trigger lets them through they
    are examples of their own.
    `text` is the file's text: only dispatch inputs and activities that it asks for are varied.
    """
    literal = [ref for ref in mentioned if ref.startswith(("refs/heads/", "refs/tags/"))]
    if trigger.event == "push":
        yield from _pushes(trigger, names, literal)
    elif trigger.event == "release":
        every = RELEASE_TYPES if "event.action" in text else ("published",)
        for action in every if trigger.types is None else trigger.types:
            yield Scenario("release", *_ruled_ref("tag", ANY_REF, names), action=action)
    elif trigger.event == "workflow_dispatch":
        own = [("branch", ANY_REF), ("tag", ANY_REF)]
        asked = [(_type(ref), ref.split("/", 2)[2]) for ref in literal]
        for ref_type, pattern in dict.fromkeys([*asked, *own]):
            ref = _ruled_ref(ref_type, pattern, names)
            for inputs, chosen in _combinations(trigger.inputs, text):
                yield Scenario("workflow_dispatch", *ref, "", inputs, chosen, narrowed=pattern != ANY_REF)
    elif trigger.event in PULL_REQUEST_EVENTS:
        yield from _of_pull_requests(trigger, names)
    elif trigger.event == "merge_group":
        yield Scenario("merge_group", _queue(names.default_branch), "branch", "gh-readonly-queue/**")
    elif trigger.event == "create":
        yield Scenario("create", *_ruled_ref("tag", ANY_REF, names))
        yield Scenario("create", *_ruled_ref("branch", ANY_REF, names))
    elif trigger.event in DEPLOYMENT_EVENTS:
        yield Scenario(trigger.event, "", "", "")
    elif trigger.event != CALLED:
        ref = _ruled_ref("branch", names.default_branch, names)
        yield Scenario(trigger.event, *ref, action=_only_type(trigger), activities=_activities(trigger))


def _of_pull_requests(trigger: Trigger, names: Names) -> Iterator[Scenario]:
    """Yield the run on the merge ref, and the one after merging, which stands on the base branch."""
    if trigger.types != ("closed",):
        merge = Ruled.of("refs/pull/1/merge", "github.ref", "refs/pull/", False, _is_merge)
        merged = (merge, "branch", "refs/pull/*/merge")
        yield Scenario(trigger.event, *merged, action=_only_type(trigger), activities=_activities(trigger))
    if "closed" in (trigger.types or ()):
        admitted = _Admitted(trigger.branches, trigger.branches_ignore)
        own = [pattern for pattern in trigger.branches or () if not pattern.startswith("!")]
        for pattern in own or [names.default_branch]:
            yield Scenario(trigger.event, *_ruled_ref("branch", pattern, names, admitted), action="closed")


def _is_merge(ref: str) -> bool:
    return re.fullmatch(r"refs/pull/[0-9]+/merge", ref) is not None


def _queue(branch: str) -> Ruled:
    start = "refs/heads/gh-readonly-queue/"
    return Ruled.of(f"{start}{branch}/pr-1-0", "github.ref", start, False, lambda ref: ref.startswith(start))


def _only_type(trigger: Trigger) -> str:
    """The activity, when the trigger leaves a single one; empty when it can be one of several."""
    types = trigger.types or ()
    return types[0] if len(types) == 1 and "*" not in types[0] else ""


def _activities(trigger: Trigger) -> tuple[str, ...]:
    """What the activity may be: the types that are set, else the event's own default, else every type that it has."""
    event = EVENTS.get(trigger.event, Event())
    types = trigger.types if trigger.types is not None else event.default_types or event.types
    return () if any("*" in each for each in types) else types


def _type(ref: str) -> str:
    return "tag" if ref.startswith("refs/tags/") else "branch"


def _pushes(trigger: Trigger, names: Names, literal: Iterable[str]) -> Iterator[Scenario]:
    filtered = {"branch": (trigger.branches, trigger.branches_ignore), "tag": (trigger.tags, trigger.tags_ignore)}
    unfiltered = all(only is None and ignored is None for only, ignored in filtered.values())
    for ref_type, (only, ignored) in (("tag", filtered["tag"]), ("branch", filtered["branch"])):
        if not unfiltered and only is None and ignored is None:
            continue  # a filter for the one kind shuts the other kind out
        patterns = [pattern for pattern in only if not pattern.startswith("!")] if only is not None else [ANY_REF]
        admitted = _Admitted(only, ignored)
        asked = [ref.split("/", 2)[2] for ref in literal if _type(ref) == ref_type]
        named = [pattern for pattern in asked if admitted(_example(ref_type, pattern, names, admitted))]
        for pattern in dict.fromkeys([*(name for name in named if name not in patterns), *patterns]):
            yield Scenario("push", *_ruled_ref(ref_type, pattern, names, admitted), narrowed=pattern not in patterns)


def left_out(trigger: Trigger, ref_type: str) -> Iterator[str]:
    """Say which pushes of a kind of ref a trigger leaves out beside what its patterns ask for: paths matter to branches only."""
    what, only, ignored = "branches", trigger.branches, trigger.branches_ignore
    if ref_type == "tag":
        what, only, ignored = "tags", trigger.tags, trigger.tags_ignore
    taken_back = [pattern[1:] for pattern in only or () if pattern.startswith("!")]
    if only and taken_back and list(only[-len(taken_back) :]) == [f"!{pattern}" for pattern in taken_back]:
        yield f"{what} {_listed(taken_back)} do not start it"
    if ignored:
        yield f"{what} {_listed(ignored)} do not start it"
    if ref_type == "branch" and trigger.paths:
        yield f"only a push that changes {_listed(trigger.paths)} starts it"
    if ref_type == "branch" and trigger.paths_ignore:
        yield f"a push that changes nothing but {_listed(trigger.paths_ignore)} does not start it"


def _listed(patterns: Iterable[str]) -> str:
    return ", ".join(f"`{pattern}`" for pattern in patterns)


class _Admitted:
    """Says whether a push trigger's filter lets a short name through."""

    def __init__(self, only: tuple[str, ...] | None, ignored: tuple[str, ...] | None) -> None:
        self.only = only
        self.ignored = ignored

    def __call__(self, name: str) -> bool:
        if self.only is not None:
            return globs.admits(self.only, name)
        return self.ignored is None or not globs.admits(self.ignored, name)


def _ruled_ref(ref_type: str, pattern: str, names: Names, admitted: _Admitted | None = None) -> tuple[Ruled, str, str]:
    """Make an example ref for a pattern of short names."""
    prefix = "refs/tags/" if ref_type == "tag" else "refs/heads/"
    example = _example(ref_type, pattern, names, admitted)
    exact = globs.is_literal(pattern)

    def admits(ref: str) -> bool:
        short = ref.removeprefix(prefix)
        return ref.startswith(prefix) and globs.matches(pattern, short) and (admitted is None or admitted(short))

    return Ruled.of(prefix + example, "github.ref", prefix + globs.fixed_start(pattern), exact, admits), ref_type, pattern


def _example(ref_type: str, pattern: str, names: Names, admitted: _Admitted | None) -> str:
    """Find the likeliest name: for tags the ways in which people write versions, for branches the default branch."""
    for name in _tag_names(names) if ref_type == "tag" else _branch_names(names):
        if globs.matches(pattern, name) and (admitted is None or admitted(name)):
            return name
    numbered = globs.versioned(pattern, names.version if ref_type == "tag" else "1.2.3")
    begins = re.search(r"[0-9*]", pattern) is not None and (ref_type == "tag" or re.match(r"v?[0-9\[*]", pattern) is not None)
    if begins and globs.matches(pattern, numbered) and (admitted is None or admitted(numbered)):
        return numbered
    return globs.instance(pattern, names.version if ref_type == "tag" else "example")


def _tag_names(names: Names) -> Iterator[str]:
    version, project = names.version, names.project
    yield from (f"v{version}", version, f"release-{version}", f"release/{version}", f"release/v{version}")
    if project:
        for between in ("-v", "-", "/v", "/", "@v", "@", "_v"):
            yield f"{project}{between}{version}"
    yield from ("v1.2.3", "1.2.3", "v2.0.0", "2.0.0", "v1.0", "1.0", "v1")


def _branch_names(names: Names) -> Iterator[str]:
    yield from (names.default_branch, "main", "master", f"release/{names.version}", f"release-{names.version}", "release")


def ref_contexts(scenario: Scenario) -> dict[str, Value]:
    """Return the parts of `github` that follow from the ref: the short name keeps the rule of the full one."""
    ref = scenario.ref
    if not ref:
        return {name: Unknown(frozenset((f"github.{name}",))) for name in ("ref", "ref_name", "ref_type")}
    prefix = "refs/tags/" if ref.startswith("refs/tags/") else "refs/heads/" if ref.startswith("refs/heads/") else "refs/pull/"
    short = ref.removeprefix(prefix)
    if not isinstance(ref, Ruled):
        return {"ref": ref, "ref_name": short, "ref_type": scenario.ref_type}
    full = ref
    name = Ruled.of(short, "github.ref_name", ref.fixed.removeprefix(prefix), ref.exact, lambda text: full.admits(prefix + text))
    return {"ref": ref, "ref_name": name, "ref_type": scenario.ref_type}


def _combinations(node: Node | None, text: str) -> list[tuple[dict[str, Value], dict[str, str]]]:
    """List the combinations of inputs: defaults first, then every value of the inputs that the file asks for."""
    names: list[str] = []
    choices: list[list[Value]] = []
    for name, spec in node.items() if isinstance(node, Map) else ():
        values = _values(name, spec if isinstance(spec, Map) else Map((), 0, 0))
        asked = re.search(rf"inputs(?:\.|\[')\s*{re.escape(name)}\b", text, re.IGNORECASE)
        names.append(name)
        choices.append(values if asked else values[:1])
    _keep_few(names, choices)
    result: list[tuple[dict[str, Value], dict[str, str]]] = []
    for combination in islice(product(*choices), MOST_COMBINATIONS):
        chosen = {n: _shown(v) for n, v, choice in zip(names, combination, choices, strict=True) if len(choice) > 1}
        result.append(({n.lower(): v for n, v in zip(names, combination, strict=True)}, chosen))
    return result


def _keep_few(names: list[str], choices: list[list[Value]]) -> None:
    """Leave the last inputs open when there are too many combinations: one that is not tried must not seem impossible."""
    for index in range(len(choices) - 1, -1, -1):
        if prod(len(each) for each in choices) <= MOST_COMBINATIONS:
            return
        if len(choices[index]) > 1:
            choices[index] = [Unknown(frozenset((f"inputs.{names[index]}",)))]


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _values(name: str, spec: Map) -> list[Value]:
    """List what a person may choose for one input, the default first."""
    kind = spec.get("type")
    default = spec.get("default")
    word = default.value if isinstance(default, Scalar) and plain_value(default) is not None else ""
    kind_name = kind.value if isinstance(kind, Scalar) else "string"
    if kind_name == "boolean":
        return [True, False] if word.lower() == "true" else [False, True]
    if kind_name == "choice" and isinstance(options := spec.get("options"), Sequence):
        listed = [item.value for item in options.items if isinstance(item, Scalar)]
        return [*([word] if word in listed else []), *(value for value in listed if value != word)] or [""]
    if kind_name == "environment" or (kind_name == "string" and not word and _required(spec)):
        return [Unknown(frozenset((f"inputs.{name}",)))]
    return [Ruled.of(word, f"inputs.{name}", "", False, lambda _: True)]


def _required(spec: Map) -> bool:
    node = spec.get("required")
    return isinstance(node, Scalar) and node.value.lower() == "true"
