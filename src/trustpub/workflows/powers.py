"""Who can publish: for every index and package, which events, refs and people can make an upload come out.

The sentences say what the files say and what they leave to others. Two facts are behind them. A run uses the workflow file of
its own ref: a tag's, a branch's, the chosen ref's of a dispatch; only events without a ref of their own use the default branch's.
And PyPI asks an ID token for the repository, the file's name and the environment, not for the ref, the event or the person. So
whoever can push can run a changed file, and only the rules of an environment that the publisher names can stop it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.events import CALLED, PULL_REQUEST_EVENTS
from trustpub.workflows.sites import Site
from trustpub.workflows.source import Map, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import Declaration, DeclaredEnvironment
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.predict import Predicted, Prediction
    from trustpub.workflows.sites import Outside
    from trustpub.workflows.source import Node

OPEN_EVENTS = frozenset(
    ("issues", "issue_comment", "discussion", "discussion_comment", "fork", "watch", "pull_request_target", "gollum")
)
"""Events that people without any right in the repository can cause."""


def powers(uploads: Iterable[Predicted], declaration: Declaration) -> tuple[str, ...]:
    """Say who can publish: one sentence for each index, package and way of guarding it, then what the index does not ask."""
    ways: dict[tuple[str, str, str], dict[str, None]] = {}
    files: dict[str, None] = {}
    for one in uploads:
        for prediction in one.predictions:
            if prediction.verdict not in ("publishes", "depends"):
                continue
            key = (
                prediction.index or "an index that cannot be told",
                _package(prediction),
                _guard(one.site, prediction, declaration),
            )
            ways.setdefault(key, {}).setdefault(_way(one.site, prediction))
            if prediction.credential == "trusted-publishing" and isinstance(one.site, Site) and prediction.event != CALLED:
                files.setdefault(_changed(one.site, prediction, declaration))
    alike: dict[tuple[str, str, str], list[str]] = {}
    for (index, package, guard), found in ways.items():
        alike.setdefault((index, _either(list(found)), guard), []).append(package)
    return (*(_sentence(index, packages, f"{way}{guard}") for (index, way, guard), packages in alike.items()), *files)


def _sentence(index: str, packages: list[str], way: str) -> str:
    named = ", ".join(package for package in packages if package)
    return f"{index} ({named}): {way}" if named else f"{index}: {way}"


def _package(prediction: Prediction) -> str:
    if prediction.project:
        return f"`{prediction.project}`"
    return f"the package in `{prediction.package}`" if prediction.package and prediction.package != "." else ""


def _either(ways: list[str]) -> str:
    return ways[0] if len(ways) == 1 else f"{'; '.join(ways[:-1])}; or {ways[-1]}"


def _way(site: Site | Outside, prediction: Prediction) -> str:
    """Say whose doing starts such a run."""
    file = site.root.path.rsplit("/", 1)[-1]
    held = ", where its conditions hold" if prediction.verdict == "depends" and _is_conditional(prediction) else ""
    return f"{_who(site.root, prediction, file)}{_chosen(prediction)}{held}"


def _is_conditional(prediction: Prediction) -> bool:
    return any(" runs only when " in sentence for sentence in prediction.why)


def _chosen(prediction: Prediction) -> str:
    """Name the inputs that decide, without those that only choose the package."""
    own = {prediction.project, prediction.package, (prediction.package or "").rsplit("/", 1)[-1]}
    rows = [f"`{name}` = `{value}`" for name, value in prediction.inputs if value not in own]
    return f" with {', '.join(rows)}" if rows else ""


def _who(root: Workflow, prediction: Prediction, file: str) -> str:
    event = prediction.event
    if event == "push":
        return _pusher(prediction)
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


def _pusher(prediction: Prediction) -> str:
    patterns = ", ".join(f"`{pattern}`" for pattern in prediction.ref_pattern.split(", "))
    if prediction.ref_types == ("tag",) or prediction.ref.startswith("refs/tags/"):
        return (
            "whoever can push any tag (write access)"
            if patterns == "`**`"
            else f"whoever can push a tag {patterns} (write access)"
        )
    if patterns == "`**`":
        return "whoever can push to any branch (write access)"
    return f"whoever can push to the branch {patterns} (write access, and what protects that branch)"


def _on(prediction: Prediction) -> str:
    kinds = " or ".join(prediction.ref_types) or "branch or tag"
    return f"on any {kinds}" if prediction.ref_pattern == "**" else f"on the {kinds} `{prediction.ref_pattern}`"


def _crons(root: Workflow) -> str:
    node = root.on.get("schedule") if isinstance(root.on, Map) else None
    rows = [row.get("cron") for row in node.items if isinstance(row, Map)] if isinstance(node, Sequence) else []
    return ", ".join(f"`{row.value}`" for row in rows if isinstance(row, Scalar)) or "that it names"


def _names(root: Workflow, event: str, key: str) -> str:
    node: Node | None = root.on.get(event) if isinstance(root.on, Map) else None
    value = node.get(key) if isinstance(node, Map) else None
    items = value.items if isinstance(value, Sequence) else (value,)
    return ", ".join(f"`{item.value}`" for item in items if isinstance(item, Scalar)) or "another workflow"


def _guard(site: Site | Outside, prediction: Prediction, declaration: Declaration) -> str:
    """Say what else must be so: the environment's rules, or who holds the secret."""
    if not isinstance(site, Site):
        return f"; what `{site.uses.partition('@')[0]}` then does is not known here"
    if prediction.credential in ("token", "both"):
        return _stored(site)
    if prediction.credential != "trusted-publishing":
        return ", with a password or token that the file does not show"
    return _gate(prediction, declaration, bool(site.job.environment))


def _stored(site: Site) -> str:
    """Say who can upload with a stored token: whoever can read the secret, in whatever workflow."""
    found = {name: None for text in site.upload.secrets for name in re.findall(r"secrets\.([A-Za-z_]\w*)", text)}
    names = ", ".join(f"`{name}`" for name in found)
    what = f"the secret {names}, which" if names else "a stored token, which"
    where = " unless only the environment has it" if site.job.environment is not None else ""
    return f", with {what} any workflow run on any branch can read{where}"


def _gate(prediction: Prediction, declaration: Declaration, named: bool) -> str:
    name = prediction.environment
    if not name:
        return (
            ", after whatever its environment asks, whose name only the run knows"
            if named
            else ", with no environment in between"
        )
    rules = declaration.environment(name)
    if rules is None:
        return f", after whatever the environment `{name}` asks, which GitHub was not asked about"
    asked = [*_rules(rules)]
    told = f"as `{declaration.path}` states it" if declaration.path else "as it is declared"
    if not asked:
        return f", through the environment `{name}`, which asks for nothing ({told})"
    return f", through the environment `{name}`, which {_and(asked)} ({told})"


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _rules(rules: DeclaredEnvironment) -> Iterator[str]:
    if rules.reviewers:
        yield f"needs the approval of {' or '.join(f'`{reviewer}`' for reviewer in rules.reviewers)}"
    if rules.wait_minutes:
        yield f"waits {rules.wait_minutes} minutes"
    allowed = [f"tags `{pattern}`" for pattern in rules.tags] + [f"branches `{pattern}`" for pattern in rules.branches]
    if allowed:
        yield f"lets only {', '.join(allowed)} deploy"


def _changed(site: Site, prediction: Prediction, declaration: Declaration) -> str:
    """Say what the index does not ask: whoever can push runs a file of their own, unless the environment stands in the way."""
    file = site.workflow.file_name
    name = prediction.environment
    start = f"whoever can push a branch or a tag can change `{file}` there and run it"
    index = prediction.index or "the index"
    if not name and site.job.environment is not None:
        return f"{start}: {index} asks for its name and the environment, whose name only the run knows"
    if not name or not prediction.publisher.get("environment"):
        return f"{start}: {index} asks for that file's name only, so nothing but write access stands in between"
    if not any(row.index == prediction.index for row in declaration.publishers):
        asks = f"{index} asks for its name, and for the environment `{name}` when the publisher names it"
        return f"{start}: {asks}; then only that environment's rules can stop it"
    rules = declaration.environment(name)
    if rules is None:
        return f"{start}: {index} asks for its name and the environment `{name}`, so only that environment's rules can stop it"
    asked = _and([*_rules(rules)])
    held = f"which {asked}" if asked else "which asks for nothing, so nothing stops it"
    return f"{start}: {index} asks for its name and the environment `{name}`, {held}"
