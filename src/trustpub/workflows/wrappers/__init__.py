"""Programs that run what stands in another file of the checkout, one file each.

Each file has one function from a call to the scripts behind it. To add one, write it and its line in `PROGRAMS`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol, cast

from trustpub.pattern import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.scene import Scene
    from trustpub.workflows.tools.runners import Called
    from trustpub.workflows.wrappers.wrapped import Behind, Wrapping

PROGRAMS = {
    "tox": "tox", "nox": "nox", "make": "make", "gmake": "make", "mingw32-make": "make", "nmake": "make", "just": "just",
    "npm": "package_json", "yarn": "package_json", "pnpm": "package_json", "bun": "package_json", "poe": "tasks",
    "poethepoet": "tasks", "task": "tasks", "taskipy": "tasks", "invoke": "invoke", "inv": "invoke", "docker": "containers",
    "podman": "containers", "semantic-release": "release_config",
}  # fmt: skip
"""Wrappers by the name of their program, and the file of each."""
_SCRIPTED = frozenset(("hatch", "pdm", "rye", "pixi", "pipenv"))
_PYTHON = lazy_pattern(r"(?:python|pypy|py)[0-9.]*w?")
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "source", ".", "pwsh", "powershell"))


class _File(Protocol):
    def behind(self, call: Wrapping) -> Behind: ...


def unwrap(found: Called, variables: Mapping[str, str], scene: Scene) -> Behind:
    """Return what a command runs out of the checkout's files."""
    name = _file(found)
    if name is None:
        said = found.module and found.arguments and re.fullmatch(r"(?:publish|upload|release|deploy)[a-z-]*", found.arguments[0])
        return f"what `python -m {found.program}` does is not read" if said else ()
    from importlib import import_module

    from trustpub.workflows.wrappers.wrapped import Wrapping

    file = cast("_File", import_module(f"trustpub.workflows.wrappers.{name}"))
    return file.behind(Wrapping(found, variables, scene))


def called_thing(found: Called) -> str:
    """Name what a wrapper is called for: the script's own name, or the targets, environments, sessions and tasks."""
    if found.program in PROGRAMS or found.module:
        return " ".join(word for word in found.arguments if "=" not in word and "/" not in word)
    words = (found.path, *found.arguments) if "." in found.path or "/" in found.path else found.arguments
    script = next((word for word in words if (not word.startswith("-") and "." in word) or "/" in word), "")
    return script.rsplit("/", 1)[-1]


def _file(found: Called) -> str | None:
    """Name the file that knows the wrapper; scripts of package managers hide behind words of any kind."""
    if found.program in PROGRAMS:
        return PROGRAMS[found.program]
    if found.path.endswith(".py") or _PYTHON.fullmatch(found.program):
        return "python_scripts"
    if found.program in _SHELLS or found.path.endswith((".sh", ".bash", ".ps1")) or "/" in found.path.lstrip("/"):
        return "shell_scripts"
    if found.runner[:1] and found.runner[0] in _SCRIPTED:
        return "package_scripts"
    return None
