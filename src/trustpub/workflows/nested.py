"""The steps that a job really runs: its own, and those of the composite actions of the same repository that it uses.

Steps of an action are as they are written there, so that whoever reports on one can point at it: inputs are not put in.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.actions import Action
    from trustpub.workflows.files import Files
    from trustpub.workflows.model import Job, Step, Workflow

MOST_DEEP = 10
"""How deep composite actions may use each other: GitHub's own limit."""


class Nested(NamedTuple):
    """One step and the file that it stands in. `through` is the step of the job that leads there; None: it is the job's own."""

    file: Workflow | Action
    step: Step
    through: Step | None = None


def steps_of(workflow: Workflow, job: Job, files: Files) -> Iterator[Nested]:
    """Yield every step of a job, and behind one that uses a composite action here those of the action, each action once."""
    used: set[str] = set()
    for step in job.steps:
        yield Nested(workflow, step)
        if _is_local(step):
            yield from _below(step, step, files, used, 0)


def _is_local(step: Step) -> bool:
    return step.uses is not None and step.uses.value.lstrip().startswith(("./", "$/"))


def _below(step: Step, through: Step, files: Files, used: set[str], depth: int) -> Iterator[Nested]:
    folder = re.sub(r"/(?:\./)*/*", "/", word(step.uses).strip()[2:]).strip("/")
    if folder in used or "@" in folder or depth >= MOST_DEEP:
        return
    used.add(folder)
    action = _action(folder, files)
    if action is None:
        return
    for inner in action.steps:
        yield Nested(action, inner, through)
        if _is_local(inner):
            yield from _below(inner, through, files, used, depth + 1)


def _action(folder: str, files: Files) -> Action | None:
    for name in ("action.yml", "action.yaml"):
        path = f"{folder}/{name}".lstrip("/")
        data = files.read(path)
        if data is not None:
            return _read(path, data)
    return None


@lru_cache(maxsize=64)
def _read(path: str, data: bytes) -> Action | None:
    from trustpub.errors import BrokenFile
    from trustpub.workflows.actions import read_action
    from trustpub.workflows.source import parse

    try:
        return read_action(parse(data, path))
    except BrokenFile:
        return None
