"""Scripts that package managers keep: `hatch run env:name`, `pdm run name`; and those of rye, pipenv and pixi."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.scene import joined, string, table
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping, line_of, script_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.scene import Scene

_FILES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "pdm": (("pyproject.toml", ("tool", "pdm", "scripts")),),
    "rye": (("pyproject.toml", ("tool", "rye", "scripts")),),
    "pipenv": (("Pipfile", ("scripts",)),),
    "pixi": (("pixi.toml", ("tasks",)), ("pyproject.toml", ("tool", "pixi", "tasks"))),
}
"""Where each keeps its scripts."""
MOST_STEPS = 30
"""How many scripts one script may call in turn."""


def behind(call: Wrapping) -> Behind:
    """Return the script that is named, and those of its own kind that it calls."""
    manager = call.found.runner[0]
    scripts = dict(_hatch(call.found.program, call.scene) if manager == "hatch" else _listed(manager, call.scene))
    name = call.found.program.rpartition(":")[2] if manager == "hatch" else call.found.program
    if name not in scripts:
        return ()
    return tuple(_followed(manager, name, scripts, call.scene.folder, " ".join(call.found.arguments)))


def _listed(manager: str, scene: Scene) -> Iterator[tuple[str, tuple[str, str, object]]]:
    for file, keys in _FILES[manager]:
        for name, value in table(scene.toml(file), *keys).items():
            yield name, (joined(scene.folder, file), scene.text(file) or "", value)


def _hatch(word: str, scene: Scene) -> Iterator[tuple[str, tuple[str, str, object]]]:
    """Yield the scripts of an environment of hatch: those of `default` are in every other one too."""
    environment = word.rpartition(":")[0] or "default"
    for file, keys in (("pyproject.toml", ("tool", "hatch", "envs")), ("hatch.toml", ("envs",))):
        envs = table(scene.toml(file), *keys)
        chosen = [name for name in envs if name == environment or environment.startswith(f"{name}.")]
        for name in ("default", *chosen):
            for script, value in table(envs, name, "scripts").items():
                yield script, (joined(scene.folder, file), scene.text(file) or "", value)


def _followed(
    manager: str, name: str, scripts: Mapping[str, tuple[str, str, object]], folder: str, arguments: str
) -> Iterator[Wrapped]:
    waiting, seen = [name], set[str]()
    while waiting and len(seen) < MOST_STEPS:
        script = waiting.pop(0)
        if script in seen:
            continue
        seen.add(script)
        path, text, value = scripts[script]
        variables = {key: string(one) for key, one in table(value, "env").items()}
        for line in commands_of(value):
            first = line.split()[0] if line.split() else ""
            if first in scripts and first not in seen:
                waiting.append(first)
            filled = re.sub(r"\{args(?::([^{}]*))?\}", lambda match: arguments or match[1] or "", line)
            start = text.find(f"{script} =") if f"{script} =" in text else 0
            number = line_of(text, line, start) if line in text else line_of(text, f"{script}", start)
            yield Wrapped(manager, script, path, number, filled, variables, folder)


def commands_of(value: object) -> Iterator[str]:
    """Yield the commands of a script, in whatever of the usual forms it is written."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from commands_of(one)
    elif isinstance(value, dict):
        for key in ("cmd", "shell", "composite", "sequence", "chain"):
            inner = value.get(key)
            if key == "cmd" and isinstance(inner, list):
                yield script_of(word for word in inner if isinstance(word, str))
            elif inner is not None:
                yield from commands_of(inner)
