"""What the steps of a job do beside the upload, as far as it matters to it: build, or run other code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.rules.spans import inside, of_word
from trustpub.workflows.files import NO_FILES
from trustpub.workflows.shell import commands
from trustpub.workflows.uses import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Span
    from trustpub.workflows.files import Files
    from trustpub.workflows.model import Job, Step, Workflow

_BUILDERS = frozenset(
    ("pypa/cibuildwheel", "hynek/build-and-inspect-python-package", "pyo3/maturin-action", "messense/maturin-action")
)
_TOOLS = frozenset(("uv", "hatch", "flit", "poetry", "pdm", "rye", "maturin", "whey"))
_RUNNERS = frozenset(
    (("uv", "run"), ("uv", "tool"), ("pipx", "run"), ("poetry", "run"), ("pdm", "run"), ("rye", "run"), ("hatch", "run"))
)
_HINTS = ("build", "sdist", "wheel")


class Work(NamedTuple):
    """A step that does it, where the words stand, and what they are in short."""

    step: Step
    span: Span
    text: str


class Piece(NamedTuple):
    """A part of a script: from where to where, and its words."""

    start: int
    end: int
    text: str


def building(workflow: Workflow, job: Job, files: Files = NO_FILES) -> Iterator[Work]:
    """Yield the steps of a job that surely build distributions, each once. `files` tell what a makefile or a releaser runs."""
    for step in job.steps:
        if step.uses is not None and (_is_builder(step) or _releases(step, files)):
            yield Work(step, of_word(workflow, step.uses), step.uses.value.partition("@")[0])
        elif step.run is not None and (piece := _build_command(step) or _make_command(step, files)) is not None:
            yield Work(step, inside(workflow, step.run, piece.start, piece.end), piece.text)


def builds(job: Job, files: Files = NO_FILES) -> bool:
    """Say whether a job surely builds distributions."""
    return any(
        _is_builder(step) or _releases(step, files) or _build_command(step) is not None or _make_command(step, files) is not None
        for step in job.steps
    )


def pieces(step: Step) -> Iterator[tuple[tuple[str, ...], Piece]]:
    """Yield the commands of a step's script by their words, each with the place of its first line."""
    script = step.run.value if step.run is not None else ""
    for command in commands(script):
        if command.words:
            words = tuple(word.text for word in command.words)
            line = script[command.words[0].start :].partition("\n")[0].rstrip(" \t\\;|&")
            yield words, Piece(command.words[0].start, command.words[0].start + len(line), line)


def of_words(piece: Piece, count: int, words: tuple[str, ...]) -> Piece:
    """Cut a piece to its first words, where these stand there as they are."""
    text = " ".join(words[:count])
    return Piece(piece.start, piece.start + len(text), text) if piece.text.startswith(text) else piece


def _is_builder(step: Step) -> bool:
    """Whether an action builds here: maturin's knows other commands too."""
    if step.uses is None or uses(step.uses.value).name not in _BUILDERS:
        return False
    command = step.with_.get("command")
    return command is None or command.value in ("build", "sdist", "publish")


def _releases(step: Step, files: Files) -> bool:
    """Whether an action that makes a whole release builds: jupyter-releaser does, semantic-release when it is told how."""
    used = uses(step.uses.value) if step.uses is not None else None
    if used is None or used.kind != "repository":
        return False
    if used.name == "jupyter-server/jupyter_releaser":
        return used.path.endswith("/populate-release")
    if used.name != "python-semantic-release/python-semantic-release":
        return False
    switch, folder = step.with_.get("build"), step.with_.get("directory")
    path = "pyproject.toml" if folder is None else f"{folder.value.strip('./')}/pyproject.toml".lstrip("/")
    text = (files.read(path) or b"").decode("utf-8", "replace")
    told = re.search(r"""(?m)^build_command[ \t]*=[ \t]*(?:"{3}|'{3}|"(?!")|'(?!'))""", text)
    return told is not None and (switch is None or switch.value.lower() == "true")


def _make_command(step: Step, files: Files) -> Piece | None:
    """Find a `make` in a script whose recipe, or one that it needs, builds."""
    if step.run is None or "make" not in step.run.value or step.working_directory is not None:
        return None
    for words, piece in pieces(step):
        if words[0] == "make" and not any(word.startswith("-") for word in words):
            makefile = next((data for name in ("GNUmakefile", "makefile", "Makefile") if (data := files.read(name))), b"")
            targets = [word for word in words[1:] if re.fullmatch(r"[\w.-]+", word)]
            if any(_recipe_builds(makefile.decode("utf-8", "replace"), target, set()) for target in targets):
                return of_words(piece, len(words), words)
    return None


def _recipe_builds(makefile: str, target: str, seen: set[str]) -> bool:
    rule = re.search(
        rf"(?m)^{re.escape(target)}[ \t]*:(?![:=])(?P<needs>[^\n#]*)(?:#[^\n]*)?\n(?P<recipe>(?:\t[^\n]*(?:\n|\Z)|[ \t]*\n)*)",
        makefile,
    )
    if rule is None or target in seen:
        return False
    seen.add(target)
    script = re.sub(r"(?m)^\t[@+-]*", "", rule["recipe"])
    for command in commands(script):
        words = tuple(re.sub(r"\$[({]PYTHON[)}]", "python", word.text) for word in command.words)
        if words and _builds(words):
            return True
    return any(_recipe_builds(makefile, each, seen) for each in rule["needs"].split())


def _builds(words: tuple[str, ...]) -> bool:
    skipped = _runner(words)
    return bool((skipped and words[skipped : skipped + 1] == ("build",)) or _build_words(words[skipped:]))


def _build_command(step: Step) -> Piece | None:
    if step.run is None or not any(hint in step.run.value for hint in _HINTS):
        return None
    for words, piece in pieces(step):
        skipped = _runner(words)
        count = 1 if skipped and words[skipped : skipped + 1] == ("build",) else _build_words(words[skipped:])
        if count:
            return of_words(piece, skipped + count, words)
    return None


def _runner(words: tuple[str, ...]) -> int:
    """Say how many words at the front only run what follows: `uv run --with x`, `pipx run`, `uvx --from build`."""
    at = 2 if words[:2] in _RUNNERS else 1 if words[0] == "uvx" else 0
    if words[:3] == ("uv", "tool", "run"):
        at = 3
    while at and at < len(words) and words[at].startswith("-"):
        at += (
            1
            if "=" in words[at]
            or words[at] in ("-m", "--module", "--no-project", "--isolated", "--no-sync", "--frozen", "--locked", "-q")
            else 2
        )
    return at


def _build_words(words: tuple[str, ...]) -> int:
    """Say how many words a command that builds begins with; 0 when it builds nothing."""
    if not words:
        return 0
    program = words[0].rsplit("/", 1)[-1]
    if program in ("pyproject-build", "cibuildwheel"):
        return 1
    if program in _TOOLS:
        return 2 if words[1:2] == ("build",) else 0
    if re.fullmatch(r"python[0-9.]*|py", program):
        return _python_words(words)
    if program == "setup.py":
        return next((at + 1 for at, word in enumerate(words) if word in ("sdist", "bdist_wheel")), 0)
    return 2 if re.fullmatch(r"pip[0-9.]*", program) and words[1:2] == ("wheel",) else 0


def _python_words(words: tuple[str, ...]) -> int:
    if "-m" in words[1:4]:
        at = words.index("-m") + 1
        module = words[at : at + 1]
        return at + 1 if module == ("build",) else at + _build_words(words[at:]) if module and _build_words(words[at:]) else 0
    file = next((at for at, word in enumerate(words[1:4], 1) if word.rsplit("/", 1)[-1] == "setup.py"), None)
    if file is None:
        return 0
    return next((at + 1 for at, word in enumerate(words) if word in ("sdist", "bdist_wheel")), 0)
