"""What the steps of a job build, and from which folder: enough to tell the packages of one repository apart.

Folders are relative to the root. A text that only the run knows makes a build whose folder is not known, with what decides it.
Mirrors: the arguments of build, uv, hatch, pdm, poetry, flit, maturin and cibuildwheel, and the inputs of the actions for them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.contexts import raw_environment
from trustpub.workflows.evaluation import Ruled, Unknown, render, text
from trustpub.workflows.expressions import template
from trustpub.workflows.model import word
from trustpub.workflows.shell import commands, expand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustpub.workflows.evaluation import World
    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.source import Scalar


class Build(NamedTuple):
    """One build, of a folder, of a workspace's package by its name, or of a `whole` workspace; `out` is where its files go.

    `folder` is None when only the run knows it; `on` then says what decides. `loose`: an argument names it, which may
    as well be a file, or the value of an option that is not known here; not the folder in which the build runs.
    """

    folder: str | None
    name: str = ""
    whole: bool = False
    out: str = ""
    on: frozenset[str] = frozenset()
    loose: bool = False


class Said(NamedTuple):
    """A text of the file with its expressions worked out: None when only the run knows it, and then what decides."""

    text: str | None
    on: frozenset[str] = frozenset()


def said(written: str, world: World) -> Said:
    """Work a text out for every run alike: what is only an example of many is not known."""
    plain = re.sub(r"(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?GITHUB_WORKSPACE\}?)/?", "./", written)
    value = text(render(template(plain), world._replace(as_rule=True)))
    if isinstance(value, Unknown):
        return Said(None, value.on)
    if isinstance(value, Ruled) and not value.exact:
        return Said(None, frozenset((value.name,)))
    shell = re.findall(r"\$\{?(\w+)", value)
    return Said(None, frozenset(f"${name}" for name in shell)) if "$" in value else Said(value)


def joined(base: Said, written: str, world: World) -> Said:
    """Put a folder below another one, as `cd` would."""
    below = said(written, world)
    if base.text is None or below.text is None:
        return Said(None, base.on | below.on)
    return Said(normal(below.text if below.text.startswith("/") else f"{base.text}/{below.text}"))


def normal(path: str) -> str:
    """Write a path without `.`, `..` and doubled slashes; `.` for the root. What leaves the root stays outside: `..`."""
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."


def working_directory(workflow: Workflow, job: Job, step: Step, world: World) -> Said:
    """Return the folder in which a step's script starts."""
    for node in (step.working_directory, job.defaults.get("working-directory"), workflow.defaults.get("working-directory")):
        if node is not None:
            return joined(Said("."), word(node), world)
    return Said(".")


class Line(NamedTuple):
    """One command of a script: its words with the known variables put in, the folder that it runs in, and where it begins."""

    words: tuple[str, ...]
    folder: Said
    start: int


def lines(workflow: Workflow, job: Job, step: Step, world: World) -> Iterator[Line]:
    """Yield the commands of a step, each with the folder that `cd` has led to."""
    folder = working_directory(workflow, job, step, world)
    before: list[Said] = []
    known = raw_environment((workflow.env, job.env, step.env))
    for command in commands(word(step.run)):
        local = {**known, **{name: expand(value, known) for name, value in command.variables}}
        words = tuple(expand(each, local) for each in command.words)
        if not words or words[0] == "export":
            known = local | dict(item.split("=", 1) for item in words[1:] if "=" in item)
        elif words[0] in ("cd", "pushd") and len(words) > 1:
            before.append(folder)
            folder = joined(folder, words[1], world)
        elif words[0] == "popd" and before:
            folder = before.pop()
        else:
            yield Line(words, folder, command.start)


def builds(workflow: Workflow, job: Job, world: World) -> Iterator[Build]:
    """Yield what the steps of a job build, in order."""
    for step in job.steps:
        if step.uses is not None:
            yield from _of_action(step, step.uses.value.partition("@")[0].lower(), world)
        elif step.run is not None and _BUILDS.search(step.run.value):
            for line in lines(workflow, job, step, world):
                yield from _of_command(line, world)


_BUILDS = lazy_pattern(r"build|sdist|wheel|setup\.py|publish|upload")
_ACTIONS = {
    "pypa/cibuildwheel": ("package-dir", "output-dir", "wheelhouse"),
    "hynek/build-and-inspect-python-package": ("path", "", ""),
    "pyo3/maturin-action": ("working-directory", "", "target/wheels"),
}
"""Actions that build: the input that names the folder, the one that names where the files go, and where they go without it."""
_FOLDERS = lazy_pattern(r"working.?dir|(?:package|project).?(?:dir|path|folder)|^package$")
"""Inputs by which composite actions are told what to build."""


def _of_action(step: Step, name: str, world: World) -> Iterator[Build]:
    inputs: Mapping[str, Scalar] = {key.lower(): node for key, node in step.with_.items()}
    for action, (folder, out, usual) in _ACTIONS.items():
        if name == action or name.startswith(f"{action}/"):
            args = word(inputs.get("args"))
            manifest = re.search(r"(?:--manifest-path|-m)[ =](\S+)", args)
            written = word(inputs.get(folder)) + (f"/{manifest[1]}/.." if manifest else "")
            place = said(word(inputs.get(out)) or usual, world) if out or usual else Said("")
            yield _build(joined(Said("."), written, world), place.text or "")
            return
    if name.startswith(("./", "$/")):
        given = next((word(node) for key, node in inputs.items() if _FOLDERS.search(key)), "")
        if given:
            yield _build(joined(Said("."), given, world), "")


def _build(folder: Said, out: str) -> Build:
    return Build(folder.text, out=out, on=folder.on, loose=True)


_RUNNERS = ("uv", "uvx", "pipx", "poetry", "pdm", "hatch", "rye", "tool", "run", "sudo")


def _of_command(line: Line, world: World) -> Iterator[Build]:
    words = list(line.words)
    program = words[0].rsplit("/", 1)[-1]
    if program == "uv" and positional(words[1:]) == "build":
        yield _uv_build(words[words.index("build") + 1 :], words, line, world)
    elif program in ("poetry", "pdm", "flit", "hatch", "rye") and positional(words[1:]) == "build":
        yield _tool_build(words, line, world)
    elif program == "maturin" and len(words) > 1 and words[1] in ("build", "sdist", "publish", "upload"):
        manifest = option(words, "-m", "--manifest-path")
        place = option(words, "-o", "--out") or "target/wheels"
        yield _at(line.folder, f"{manifest}/.." if manifest else ".", place, world)
    else:
        yield from _python_build(words, program, line, world)


def _uv_build(arguments: Sequence[str], words: Sequence[str], line: Line, world: World) -> Build:
    base = _elsewhere(words, line.folder, ("--directory", "--project"), world)
    out = option(words, "-o", "--out-dir")
    if "--all-packages" in arguments or "--all" in arguments:
        return Build(base.text, whole=True, out=_under(base, out or "dist", world), on=base.on)
    package = option(words, "--package")
    if package:
        name = said(package, world)
        return Build(base.text if name.text else None, name.text or "", out=_under(base, out or "dist", world), on=name.on)
    return _at(base, positional(arguments), out, world)


def _tool_build(words: Sequence[str], line: Line, world: World) -> Build:
    names = {"poetry": ("-C", "--directory", "-P", "--project"), "pdm": ("-p", "--project")}.get(words[0], ())
    if words[0] == "flit":
        file = option(words, "-f", "--ini-file")
        return _at(line.folder, f"{file}/.." if file else ".", "", world)
    if words[0] == "rye":
        package = option(words, "-p", "--package")
        if package or "--all" in words or "-a" in words:
            name = said(package, world)
            return Build(None if name.text is None else ".", name.text or "", whole=not package, on=name.on)
    return _at(_elsewhere(words, line.folder, names, world), ".", option(words, "-o", "--output", "-d", "--dest"), world)


def _python_build(words: list[str], program: str, line: Line, world: World) -> Iterator[Build]:
    """Look for `python -m build`, `pyproject-build`, `cibuildwheel`, `pip wheel` and `setup.py`, whatever runs them."""
    if re.fullmatch(r"python[0-9.]*|py", program) and len(words) > 1 and words[1].endswith("setup.py"):
        if any(each in words for each in ("sdist", "bdist_wheel", "bdist", "build")):
            yield _at(line.folder, f"{words[1]}/..", option(words, "-d", "--dist-dir"), world)
        return
    for number, each in enumerate(words):
        name = each.rsplit("/", 1)[-1].partition("=")[0].partition("@")[0]
        module = number > 0 and words[number - 1] == "-m"
        runs = number == 0 or (program in _RUNNERS and "install" not in words[:number])
        run_by_pipx = number > 1 and words[:2] == ["pipx", "run"]
        if (name == "build" and (module or run_by_pipx)) or (name == "pyproject-build" and runs):
            yield _at(line.folder, positional(words[number + 1 :]), option(words, "-o", "--outdir"), world)
            return
        if name == "cibuildwheel" and (module or runs):
            place = option(words, "--output-dir") or "wheelhouse"
            yield _at(line.folder, positional(words[number + 1 :]), place, world)
            return
        if name in ("pip", "pip3") and words[number + 1 : number + 2] == ["wheel"]:
            made = _at(line.folder, positional(words[number + 2 :]), option(words, "-w", "--wheel-dir"), world)
            yield made._replace(loose=True)  # it may as well be the name of a package of an index
            return


_TAKING = frozenset(
    ("-o", "--outdir", "--out-dir", "--output-dir", "-w", "--wheel-dir", "--installer", "-C", "--config-setting",
     "--python", "-p", "--platform", "--archs", "--only", "--config-file", "--directory", "--project", "--package",
     "--build-constraints", "--find-links", "--python-preference", "--index", "--default-index", "--index-strategy",
     "--resolution", "--exclude-newer", "--link-mode", "--cache-dir", "--color", "--keyring-provider", "--config-settings",
     "--build-constraint", "-f", "--ini-file", "-P", "-e", "--env", "--index-url", "-i", "--extra-index-url", "-r")
)  # fmt: skip
"""Options with a value of their own, which is no folder to build."""


def positional(words: Sequence[str]) -> str:
    """Return the first argument that is no option and belongs to none; `.` when there is none."""
    skip = False
    for each in words:
        if skip:
            skip = False
        elif each.startswith("-"):
            skip = each in _TAKING
        else:
            return each
    return "."


def option(words: Sequence[str], *names: str) -> str:
    """Return the value of the first of these options that is given; empty when none is."""
    for number, each in enumerate(words):
        name, equals, value = each.partition("=")
        if name in names:
            return value if equals else next(iter(words[number + 1 : number + 2]), "")
    return ""


def _elsewhere(words: Sequence[str], folder: Said, names: Sequence[str], world: World) -> Said:
    there = option(words, *names) if names else ""
    return joined(folder, there, world) if there else folder


def _at(base: Said, folder: str, out: str, world: World) -> Build:
    place = joined(base, folder, world)
    own = place if not out else base
    loose = base.text is not None and folder not in ("", ".")
    return Build(place.text, out=_under(own, out or "dist", world), on=place.on, loose=loose)


def _under(base: Said, out: str, world: World) -> str:
    return joined(base, out, world).text or ""
