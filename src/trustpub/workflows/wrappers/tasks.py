"""`poe NAME` and `task NAME`: tasks that `pyproject.toml` keeps for a runner of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.scene import joined, string, table
from trustpub.workflows.wrappers.package_scripts import commands_of
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_KEYS = {"poe": ("poe", "tasks"), "poethepoet": ("poe", "tasks"), "task": ("taskipy", "tasks"), "taskipy": ("taskipy", "tasks")}


def behind(call: Wrapping) -> Behind:
    """Return the commands of the task that is named, and of the tasks that it is made of."""
    names = [word for word in call.found.arguments if not word.startswith("-")][:1]
    text = call.scene.text("pyproject.toml")
    if text is None:
        return f"there is no `pyproject.toml` in `{call.scene.folder or '.'}`"
    tasks = table(call.scene.toml("pyproject.toml"), "tool", *_KEYS[call.found.program])
    return tuple(_followed(call.found.program, names, tasks, text, call.scene.folder))


def _followed(kind: str, names: list[str], tasks: Mapping[str, object], text: str, folder: str) -> Iterator[Wrapped]:
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in tasks:
            continue
        seen.add(name)
        value = tasks[name]
        variables = {key: string(one) for key, one in table(value, "env").items()}
        for command in commands_of(value):
            waiting += [command] if command in tasks else []
            line = line_of(text, command.splitlines()[0] if command else name)
            yield Wrapped(kind, name, joined(folder, "pyproject.toml"), line, command, variables, folder)
