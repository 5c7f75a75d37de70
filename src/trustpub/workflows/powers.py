"""Who can publish: for every index and package, which events, refs and people can make an upload come out.

The sentences say what the files say and what they leave to others. Two facts are behind them. A run uses the workflow file of
its own ref: a tag's, a branch's, the chosen ref's of a dispatch; only events without a ref of their own use the default branch's.
And PyPI asks an ID token for the repository, the file's name and the environment, not for the ref, the event or the person. So
whoever can push can run a changed file, and only the rules of an environment that the publisher names can stop it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.events import CALLED, PULL_REQUEST_EVENTS, left_out, triggers
from trustpub.workflows.globs import fixed_start
from trustpub.workflows.model import word
from trustpub.workflows.sites import Site
from trustpub.workflows.source import Map, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from trustpub.domain.declaration import Declaration, DeclaredEnvironment
    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.predict import Predicted, Prediction
    from trustpub.workflows.sites import Outside
    from trustpub.workflows.source import Node

OPEN_EVENTS = frozenset(
    ("issues", "issue_comment", "discussion", "discussion_comment", "fork", "watch", "pull_request_target", "gollum")
)
"""Events that people without any right in the repository can cause."""
MOST_ASKED = 3
"""How many names a sentence on conditions lists before it says that there are others."""


class Asked(NamedTuple):
    """What an environment asks for, in words (none: nothing), and where that stands."""

    words: tuple[str, ...]
    source: str


class Gates(NamedTuple):
    """What is known of environments: as GitHub has them, by name in lower case, else as they are declared."""

    declaration: Declaration
    real: Mapping[str, Asked]

    def of(self, name: str) -> Asked | None:
        """Say what an environment asks for; None when nobody knows."""
        if name.lower() in self.real:
            return self.real[name.lower()]
        rules = self.declaration.environment(name)
        if rules is None:
            return None
        path = self.declaration.path
        return Asked(tuple(_rules(rules)), f"as `{path}` states it" if path else "as it is declared")


def powers(uploads: Iterable[Predicted], declaration: Declaration, real: Mapping[str, Asked] = {}) -> tuple[str, ...]:
    """Say who can publish: one sentence for each index, package and way of guarding it, then what the index does not ask.

    `real` are the environments as GitHub has them, by name in lower case.
    """
    gates = Gates(declaration, real)
    ways: dict[tuple[str, str, str], dict[tuple[str, str], None]] = {}
    files: dict[str, dict[str, dict[str, dict[str, None]]]] = {}
    for one in uploads:
        for prediction in one.predictions:
            if prediction.verdict not in ("publishes", "depends"):
                continue
            key = (
                prediction.index or "an index that cannot be told",
                _package(prediction),
                f"{_guard(one.site, prediction, gates)}{_gates_before(one.site)}",
            )
            ways.setdefault(key, {}).setdefault(_way(one.site, prediction))
            if prediction.credential == "trusted-publishing" and isinstance(one.site, Site) and prediction.event != CALLED:
                of_file = files.setdefault(one.site.workflow.file_name, {})
                asked = of_file.setdefault(_asked(one.site, prediction, gates), {})
                asked.setdefault(prediction.index or "the index", {}).setdefault(prediction.environment)
    alike: dict[tuple[str, str, str], list[str]] = {}
    for (index, package, guard), found in ways.items():
        alike.setdefault((index, _either(list(found)), guard), []).append(package)
    told = (_sentence(index, packages, f"{way}{guard}") for (index, way, guard), packages in alike.items())
    return (*told, *map(_changed, files, files.values()))


def _sentence(index: str, packages: list[str], way: str) -> str:
    known = [package for package in packages if package]
    named = _and([*known, "what could not be told"] if known and len(known) < len(packages) else known)
    return f"{index} ({named}): {way}" if named else f"{index}: {way}"


def _package(prediction: Prediction) -> str:
    if prediction.project:
        return f"`{prediction.project}`"
    return f"the package in `{prediction.package}`" if prediction.package and prediction.package != "." else ""


def _either(ways: list[tuple[str, str]]) -> str:
    """Join what starts such runs, each with its conditions; those that all of them share are said once."""
    shared = ways[0][1] if len({held for _, held in ways}) == 1 else ""
    said = [who if shared else f"{who}{held}" for who, held in ways]
    if len(said) == 1:
        return f"{said[0]}{shared}"
    return f"{'; '.join(said[:-1])}; or {said[-1]}{shared.replace(', where', '; in each case where', 1)}"


def _way(site: Site | Outside, prediction: Prediction) -> tuple[str, str]:
    """Say whose doing starts such a run, and which conditions must hold."""
    file = site.root.path.rsplit("/", 1)[-1]
    held = _conditions(prediction) if prediction.verdict == "depends" else ""
    return f"{_who(site.root, prediction, file)}{_chosen(prediction)}", held


def _conditions(prediction: Prediction) -> str:
    """Say that there are conditions on the way, and what they ask: what somebody gives first, then the first few others."""
    sentences = [sentence for sentence in prediction.why if " runs only when " in sentence]
    if not sentences:
        return ""
    names = dict.fromkeys(name for text in sentences for name in re.findall(r"`([^`]+)`", text.rpartition("; it depends on ")[2]))
    asked = sorted(names, key=lambda name: (not name.startswith("inputs."), name.startswith("needs.")))
    shown = [f"`{name}`" for name in asked[:MOST_ASKED]] + (["others"] if len(asked) > MOST_ASKED else [])
    return ", where the conditions on the way to the upload hold" + (f" (they ask for {_and(shown)})" if shown else "")


def _gates_before(site: Site | Outside) -> str:
    """Name the environments of the jobs that must be through before the upload's own job starts."""
    levels = [(call.workflow, call.job) for call in site.calls]
    own = site.job.environment if isinstance(site, Site) else None
    if isinstance(site, Site):
        levels.append((site.workflow, site.job))
    found: dict[str, str] = {}
    for workflow, job in levels:
        for needed in _needed(workflow, job):
            name = word(needed.environment.name) if needed.environment is not None else ""
            if name and "${{" not in name and (own is None or name.lower() != word(own.name).lower()):
                found.setdefault(name, f"`{name}` of the job `{needed.id}`{' (unless that is skipped)' if needed.if_ else ''}")
    if not found:
        return ""
    names = _and(list(found.values()))
    who = f"the environments {names} have" if len(found) > 1 else f"the environment {names} has"
    return f"; before that, {who} to let the run pass"


def _needed(workflow: Workflow, job: Job) -> Iterator[Job]:
    """Yield the jobs that a job needs, directly or not, in the order of the file."""
    waiting, seen = [need.value for need in job.needs], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen and name in workflow.jobs:
            seen.add(name)
            waiting += [need.value for need in workflow.jobs[name].needs]
    return (each for each in workflow.jobs.values() if each.id in seen)


def _chosen(prediction: Prediction) -> str:
    """Name the inputs that decide, without those that only choose the package."""
    own = {prediction.project, prediction.package, (prediction.package or "").rsplit("/", 1)[-1]}
    rows = [f"`{name}` = `{value}`" for name, value in prediction.inputs if value not in own]
    return f" with {', '.join(rows)}" if rows else ""


def _who(root: Workflow, prediction: Prediction, file: str) -> str:
    event = prediction.event
    if event == "push":
        return _pusher(root, prediction)
    if event == "release":
        doing = _RELEASES.get(prediction.actions[0], "publish") if prediction.actions else "publish"
        return f"whoever can {doing} a release (write access)"
    if event == "workflow_dispatch":
        return f"whoever can start `{file}` by hand, {_on(prediction)} (write access)"
    if event == "schedule":
        return f"the schedule {_crons(root)}, with the default branch's `{file}`"
    if event in PULL_REQUEST_EVENTS:
        return "whoever can open a pull request from a branch of this repository (write access; not from forks)"
    if event == "workflow_run":
        return f"the end of a run of {_names(root, 'workflow_run', 'workflows')}, with the default branch's `{file}`"
    if event == "repository_dispatch":
        return "whoever can send a `repository_dispatch` (write access)"
    if event == CALLED:
        return f"whoever starts a workflow that calls `{file}`"
    if event == "merge_group":
        return "whoever can put a pull request into the merge queue"
    if event in OPEN_EVENTS:
        return f"anybody who causes the event `{event}`"
    return f"whoever can cause the event `{event}`" if event else f"whoever can start `{file}`"


_RELEASES = {"created": "create", "edited": "edit"}


def _pusher(root: Workflow, prediction: Prediction) -> str:
    """Say who can push what starts it, and what the trigger leaves out."""
    kind = "tag" if prediction.ref.startswith("refs/tags/") else "branch"
    less = [sentence for each in triggers(root.on) if each.event == "push" for sentence in left_out(each, kind)]
    return _pushing(prediction) + (f", but {_and(less)}" if less else "")


def _pushing(prediction: Prediction) -> str:
    patterns = ref_words(prediction.ref_pattern, "`")
    if prediction.ref_types == ("tag",) or prediction.ref.startswith("refs/tags/"):
        any_tag = {"`**`": "any tag", "`*`": "any tag without a slash"}.get(patterns)
        return f"whoever can push {any_tag or f'a tag {patterns}'} (write access)"
    if patterns == "`**`":
        return "whoever can push to any branch (write access)"
    return f"whoever can push to the branch {patterns} (write access, and what protects that branch)"


def _on(prediction: Prediction) -> str:
    kinds = " or ".join(prediction.ref_types) or "branch or tag"
    if prediction.ref_pattern == "**":
        return f"on any {kinds}"
    words = ref_words(prediction.ref_pattern, "`")
    return f"on {'a' if words.startswith('that ') else 'the'} {kinds} {words}"


def ref_words(patterns: str, mark: str = "") -> str:
    """Write patterns for a reader; one that a condition's `startsWith` stands for is nobody's spelling: `v**`."""
    said = []
    for pattern in patterns.split(", "):
        start = fixed_start(pattern)
        begins = start and pattern == f"{start}**" and "/" not in start
        said.append(f"that begins with {mark}{start}{mark}" if begins else f"{mark}{pattern}{mark}")
    return _and(said, "or")


def _crons(root: Workflow) -> str:
    node = root.on.get("schedule") if isinstance(root.on, Map) else None
    rows = [row.get("cron") for row in node.items if isinstance(row, Map)] if isinstance(node, Sequence) else []
    return ", ".join(f"`{row.value}`" for row in rows if isinstance(row, Scalar)) or "that it names"


def _names(root: Workflow, event: str, key: str) -> str:
    node: Node | None = root.on.get(event) if isinstance(root.on, Map) else None
    value = node.get(key) if isinstance(node, Map) else None
    items = value.items if isinstance(value, Sequence) else (value,)
    return ", ".join(f"`{item.value}`" for item in items if isinstance(item, Scalar)) or "another workflow"


def _guard(site: Site | Outside, prediction: Prediction, gates: Gates) -> str:
    """Say what else must be so: the environment's rules, or who holds the secret."""
    if not isinstance(site, Site):
        return f"; what `{site.uses.partition('@')[0]}` then does is not known here"
    if prediction.credential in ("token", "both"):
        return _stored(site) + _assets(site)
    if prediction.credential != "trusted-publishing":
        return ", with a password or token that the file does not show"
    return _gate(prediction, gates, bool(site.job.environment)) + _assets(site)


def _assets(site: Site) -> str:
    """Say who chooses the files, where the job takes them from a release instead of from this run."""
    for step in site.job.steps:
        if step.number >= site.step.number:
            break
        action = word(step.uses).partition("@")[0].lower()
        if action in _ASSETS or re.search(r"\bgh\s+release\s+download\b", word(step.run)):
            return "; the files are taken from a release, so whoever can edit that release chooses them"
    return ""


_ASSETS = frozenset(("robinraju/release-downloader", "dsaltares/fetch-gh-release-asset", "i3h/download-release-asset"))
"""Actions that download what hangs on a release."""


def _stored(site: Site) -> str:
    """Say who can upload with a stored token: whoever can read the secret, in whatever workflow."""
    found = {name: None for text in site.upload.secrets for name in re.findall(r"secrets\.([A-Za-z_]\w*)", text)}
    names = ", ".join(f"`{name}`" for name in found)
    what = f"the secret {names}, which" if names else "a stored token, which"
    where = " unless only the environment has it" if site.job.environment is not None else ""
    return f", with {what} any workflow run on any branch can read{where}"


def _gate(prediction: Prediction, gates: Gates, named: bool) -> str:
    name = prediction.environment
    if not name:
        return (
            ", after whatever its environment asks, whose name only the run knows"
            if named
            else ", with no environment in between"
        )
    asked = gates.of(name)
    if asked is None:
        return f", after whatever the environment `{name}` asks, which GitHub was not asked about"
    if not asked.words:
        return f", through the environment `{name}`, which asks for nothing ({asked.source})"
    return f", through the environment `{name}`, which {_and(list(asked.words))} ({asked.source})"


def _and(words: list[str], last: str = "and") -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _rules(rules: DeclaredEnvironment) -> Iterator[str]:
    if rules.reviewers:
        yield f"needs the approval of {' or '.join(f'`{reviewer}`' for reviewer in rules.reviewers)}"
    if rules.wait_minutes:
        yield f"waits {rules.wait_minutes} minutes"
    allowed = [f"tags `{pattern}`" for pattern in rules.tags] + [f"branches `{pattern}`" for pattern in rules.branches]
    if allowed:
        yield f"lets only {_and(allowed)} deploy"


def _changed(file: str, asked: dict[str, dict[str, dict[str, None]]]) -> str:
    """Say what the indexes do not ask: whoever can push runs a file of their own, unless an environment stands in the way."""
    told = []
    for kind, indexes in asked.items():
        names = list(dict.fromkeys(name for of_index in indexes.values() for name in of_index))
        what = _ASKED.get(kind, (kind, kind))[len(names) > 1]
        verb = "ask" if len(indexes) > 1 else "asks"
        told.append(f"{_and(list(indexes))} {verb} for {what.format(_and([f'`{name}`' for name in names]))}")
    return f"whoever can push a branch or a tag can change `{file}` there and run it: {'; '.join(told)}"


_MAYBE = "the name of this file, and for the {} only if the {}: if so, only the rules of {} can stop {}"
_NAMED = "the name of this file and the {}, so only the rules of {} can stop {}"
_ASKED = {
    "maybe": (
        _MAYBE.format("environment {}", "publisher names it", "that environment", "the upload"),
        _MAYBE.format("environments {}", "publishers name them", "those environments", "the uploads"),
    ),
    "named": (
        _NAMED.format("environment {}", "that environment", "the upload"),
        _NAMED.format("environments {}", "those environments", "the uploads"),
    ),
}
"""What an index asks for, and what then stands against a changed file: of one environment, and of several."""


def _asked(site: Site, prediction: Prediction, gates: Gates) -> str:
    """Say what an index asks for: a key of `_ASKED`, or the words."""
    name = prediction.environment
    if not name and site.job.environment is not None:
        return "the name of this file, and for the environment that the publisher names, if any"
    if not name or not prediction.publisher.get("environment"):
        return "the name of this file only, so nothing but write access stands in between"
    if not any(row.index == prediction.index for row in gates.declaration.publishers):
        return "maybe"
    asked = gates.of(name)
    if asked is None:
        return "named"
    held = _and(list(asked.words)) or "asks for nothing, so nothing stops the upload"
    return f"the name of this file and the environment `{name}`, which {held}".replace("{", "{{").replace("}", "}}")
