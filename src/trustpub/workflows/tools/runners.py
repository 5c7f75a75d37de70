"""What stands before a program: runners (`uv run`, `pipx run`), `python -m`, and small helpers (`timeout 5m`, `xargs`)."""

from __future__ import annotations

import re

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple

_RUNNERS = (
    ("uv", "tool", "run"), ("uv", "run"), ("pipx", "run"), ("poetry", "run"), ("pdm", "run"), ("hatch", "run"), ("rye", "run"),
    ("pipenv", "run"), ("pixi", "run"), ("conda", "run"), ("micromamba", "run"), ("poetry", "exec"), ("pdm", "x"), ("hatch", "x"),
    ("npx",), ("bunx",),
    ("uvx",), ("xargs",), ("timeout",), ("nice",), ("stdbuf",), ("retry",), ("winpty",), ("eatmydata",), ("time",), ("then",),
)  # fmt: skip
"""Programs that run another program, named after their own options."""
_FIRST = frozenset(runner[0] for runner in _RUNNERS)
_FETCHING = frozenset((("uv", "tool", "run"), ("pipx", "run"), ("uvx",)))
_TAKING = frozenset(
    (
        "--with", "--from", "--python", "-p", "--spec", "--group", "--extra", "--project", "--directory", "--index", "-n", "-I",
        "-L", "-P", "-d", "--with-requirements", "--with-editable", "-e", "--environment", "--env-file", "--only-group", "--name",
        "--no-group", "--pip-args", "--signal", "-s", "--kill-after", "-k", "--default-index", "--index-strategy",
        "--manifest-path",
    )
)  # fmt: skip
_PYTHON = lazy_pattern(r"\$.*|(?:.*[/\\])?(?:python|pypy|py)[0-9.]*w?(?:\.exe)?")
"""A Python, or a variable that holds one."""


class Called(NamedTuple):
    """A program behind its runners: its plain name, the words after it, what was asked of its version, whether it is fetched.

    `folder` is the folder that a runner changes to (`uv run --directory x`), `path` the program as it is written, `runner` the
    last runner, `module` whether it is one that `python -m` runs.
    """

    program: str
    arguments: tuple[str, ...]
    version: str = ""
    fresh: bool = False
    folder: str = ""
    path: str = ""
    runner: tuple[str, ...] = ()
    module: bool = False


def called(words: list[str]) -> Called | None:
    """Take runners and helpers off the front of a command; None when nothing is left."""
    asked: list[str] = []
    fresh = False
    folder = ""
    last: tuple[str, ...] = ()
    for _ in range(4):
        if not words or _name(words[0])[0] not in _FIRST:
            break
        named = (_name(words[0])[0], *words[1:3])
        runner = next((runner for runner in _RUNNERS if named[: len(runner)] == runner), None)
        if runner is None or (runner == ("uv", "run") and words[2:3] == []):
            break
        fresh, last = fresh or runner in _FETCHING, runner
        words, options = _without_options(words[len(runner) :])
        asked += [value for name, value in options if name in ("--with", "--from", "--spec")]
        folder = next((value for name, value in options if name in ("--directory", "--project")), folder)
        if runner == ("timeout",):
            words = words[1:]
    if not words:
        return None
    module = _PYTHON.fullmatch(words[0]) is not None and "-m" in words[1:5]
    if _PYTHON.fullmatch(words[0]):
        words = _of_python(words)
    if not words:
        return None
    name, version = _name(words[0])
    wanted = next((text for text in asked if _name(text)[0] == name and _name(text)[1]), version)
    return Called(name, tuple(words[1:]), wanted, fresh or bool(asked), folder, words[0], last, module)


def _of_python(words: list[str]) -> list[str]:
    """Take Python itself off `python -m twine` and `python setup.py`; other scripts of its stay with it."""
    if "-m" in words[1:5]:
        return words[words.index("-m") + 1 :]
    return words[1:] if words[1:2] == ["setup.py"] else words


def _without_options(words: list[str]) -> tuple[list[str], list[tuple[str, str]]]:
    options: list[tuple[str, str]] = []
    while words and words[0].startswith("-"):
        name, equals, value = words[0].partition("=")
        if words[0] in ("-m", "--module"):
            return words[1:], options
        if words[0] == "--":
            return words[1:], options
        taking = words[0] in _TAKING
        options.append((name, value if equals else words[1] if taking and len(words) > 1 else ""))
        words = words[2:] if taking else words[1:]
    return words, options


def _name(word: str) -> tuple[str, str]:
    """Split `/usr/bin/twine`, `twine==6.1`, `twine@6.1`, `twine[keyring]>=6` into the program and what is asked of it."""
    match = re.match(r"([^\[=<>~!@]*)(?:\[[^\]]*\])?(.*)", word, re.DOTALL)
    path = re.sub(r"^\$\{\w+\}", "", match[1]) if match else word
    return re.split(r"[/\\]", path)[-1].removesuffix(".exe"), word if match and match[2] else ""
