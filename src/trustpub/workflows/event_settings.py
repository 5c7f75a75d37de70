"""What is set for events without effect, or is not known here: unknown events, keys and types, empty filters.

GitHub runs many of these files all the same and passes over what it does not know, so none of this is a refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.event_table import EVENTS
from trustpub.workflows.model import Problem
from trustpub.workflows.source import Map, Scalar, Sequence, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.source import Node


def doubtful(on: Node | None) -> Iterator[Problem]:
    """Yield what of `on` is not known here or has no effect, in the order of the file."""
    if isinstance(on, Map):
        for key, value in on.entries:
            yield from _event(key, value)
    else:
        for item in on.items if isinstance(on, Sequence) else (on,):
            if isinstance(item, Scalar):
                yield from _name(item)


def _name(name: Scalar) -> Iterator[Problem]:
    if name.value and name.value not in EVENTS and "${{" not in name.value:
        yield Problem(f"the event `{name.value}` is not known here", name.start, name.end)


def _event(key: Scalar, node: Node) -> Iterator[Problem]:
    yield from _name(key)
    if key.value not in EVENTS or key.value == "workflow_call":
        return
    if key.value == "schedule":
        yield from _schedule(node)
        return
    for name, value in node.entries if isinstance(node, Map) else ():
        yield from _setting(key.value, name, value)


def _setting(event: str, key: Scalar, node: Node) -> Iterator[Problem]:
    known = EVENTS[event]
    takes_types = bool(known.types) or event == "repository_dispatch"
    if key.value not in known.settings and not (key.value == "types" and takes_types):
        yield Problem(f"`{event}` has no `{key.value}`", key.start, key.end)
    elif isinstance(node, Scalar) and plain_value(node) is None:
        yield Problem(f"`{key.value}` is empty", key.start, key.end)
    elif key.value == "inputs":
        yield from _inputs(node)
    elif key.value == "types" and known.types:
        for item in node.items if isinstance(node, Sequence) else (node,):
            if isinstance(item, Scalar) and item.value not in known.types and "*" not in item.value:
                yield Problem(f"`{event}` has no type `{item.value}`", item.start, item.end)


def _inputs(node: Node) -> Iterator[Problem]:
    for _, spec in node.entries if isinstance(node, Map) else ():
        for key, _ in spec.entries if isinstance(spec, Map) else ():
            if key.value not in ("type", "required", "default", "options", "description", "deprecationMessage"):
                yield Problem(f"an input has no `{key.value}`", key.start, key.end)


def _schedule(node: Node) -> Iterator[Problem]:
    for item in node.items if isinstance(node, Sequence) else ():
        if not isinstance(item, Map) or not isinstance(item.get("cron"), Scalar):
            yield Problem("an entry of `schedule` has no `cron`", item.start, item.end)
            continue
        for key, _ in item.entries:
            if key.value not in ("cron", "timezone"):
                yield Problem(f"`schedule` has no `{key.value}`", key.start, key.end)
