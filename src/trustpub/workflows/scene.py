"""What a step finds when it runs: the checkout's files, the folder, and what the job's earlier steps left for it.

Variables written to `$GITHUB_ENV`, tools installed in a version, a `~/.pypirc`, and what `poetry config` was told.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar, cast

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.files import NO_FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.workflows.files import Files
    from trustpub.workflows.shell import Command

T = TypeVar("T")
MOST_PATH = 4096
"""How long a path may be: longer ones are nowhere."""
MOST_SCRIPTS = 20_000
"""How many scripts behind wrappers are read in one checkout: scripts that call each other in loops could go on for ever."""
_INSTALLING = {"astral-sh/setup-uv": "uv", "pdm-project/setup-pdm": "pdm", "snok/install-poetry": "poetry"}
"""Actions that install a tool in the version of their input `version`."""
_FILLING = lazy_pattern(r"vault|secret|1password|doppler|infisical|akeyless|keeper|dotenv|setenv|set-env")
"""Names of actions that set variables for later steps."""
_ROOTS = ("${{ github.workspace }}", "${{github.workspace}}", "$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}", "$PWD")
_ACTIONS = ("${{ github.action_path }}", "${{github.action_path}}", "$GITHUB_ACTION_PATH", "${GITHUB_ACTION_PATH}")
"""How commands spell the root of the checkout, and the folder of the action that they stand in."""


class PypircSection(NamedTuple):
    """One index of a `.pypirc`: its address, the user and the password, each empty when it is not written there."""

    url: str = ""
    user: str = ""
    password: str = ""


class Scene:
    """What is there when a step runs. It is filled step by step, in the order of the job."""

    def __init__(self, files: Files = NO_FILES, folder: str = "", shell: str = "") -> None:
        self.files = files
        self.folder = folder
        self.shell = shell
        self.variables: dict[str, str] = {}
        self.versions: dict[str, str] = {}
        self.config: dict[str, tuple[str, ...]] = {}
        self.pypirc: dict[str, PypircSection] = {}
        self.minted: dict[str, str] = {}
        self.action = ""
        self.fills_variables = False
        self.kept: dict[tuple[str, str], object] = {}
        self._said = ""

    def path(self, *parts: str) -> str:
        """Join a path to the folder of the step, and make it plain: `a/./b/../c` is `a/c`."""
        return joined(self.folder, *parts)

    def text(self, *parts: str) -> str | None:
        """Read a file as text; None when it is not there."""
        data = self.files.read(self.path(*parts))
        return data.decode("utf-8", errors="replace").removeprefix("\ufeff") if data is not None else None

    def toml(self, *parts: str) -> Mapping[str, object]:
        """Read a TOML file; empty when it is not there or is none."""
        return self.once("toml", self.path(*parts), read_toml) or {}

    def inside(self, folder: str) -> Scene:
        """Return the same scene seen from another folder (a path from the root)."""
        other = Scene(self.files, folder, self.shell)
        other.variables, other.versions, other.config, other.pypirc = self.variables, self.versions, self.config, self.pypirc
        other.minted = self.minted
        other.action, other.fills_variables, other.kept = self.action, self.fills_variables, self.kept
        return other

    def may_go_on(self) -> bool:
        """Count one more script behind a wrapper, and say whether it is still to be read."""
        left = cast("list[int]", self.kept.setdefault(("left", ""), [MOST_SCRIPTS]))
        left[0] -= 1
        return left[0] >= 0

    def located(self, word: str) -> str | None:
        """Return the path from the root of a file that a command names; None when it is no file of the checkout."""
        for spelling, folder in (*((one, "") for one in _ROOTS), *((one, self.action) for one in _ACTIONS)):
            if word.startswith(spelling):
                return joined(folder, word[len(spelling) :])
        if word.startswith(("/", "~")) or "$" in word:
            return None
        path = joined(self.folder, word)
        return path if path != "../" and "$" not in path else None

    def commands(self, script: str) -> tuple[Command, ...]:
        """Cut a script into commands, once for all steps that run it."""
        key = ("commands", script)
        if key not in self.kept:
            from trustpub.workflows.shell import all_commands

            self.kept[key] = tuple(all_commands(script))
        return cast("tuple[Command, ...]", self.kept[key])

    def once(self, kind: str, path: str, read: Callable[[str, str], T]) -> T | None:
        """Read a file by a function of its text and path, once for all steps; None when there is no such file."""
        key = (kind, path)
        if key not in self.kept:
            data = self.files.read(path)
            text = (
                data.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n") if data is not None else None
            )
            self.kept[key] = read(text, path) if text is not None else None
        return cast("T | None", self.kept[key])

    def remember(self, words: list[str], command: Command) -> None:
        """Keep what a command leaves for later steps."""
        target = command.into.text if command.into is not None else ""
        text = " ".join(words[1:])
        if words[0] in ("tee", "Out-File", "Add-Content"):  # the text comes through a pipe
            target, text = text, self._said
        elif words[0] in ("echo", "printf"):
            self._said = text
        if "GITHUB_ENV" in target:
            self._remember_variables(text, command.document)
        if ".pypirc" in target:
            self._remember_pypirc(command.document or text.replace("\\n", "\n"))
        if words[:2] in (["poetry", "config"], ["pdm", "config"]):
            plain = [word for word in words[2:] if not word.startswith("-")]
            self.config |= {plain[0]: tuple(plain[1:])} if plain else {}
        elif "install" in words[:4]:
            self._remember_versions(words[words.index("install") + 1 :])

    def remember_action(self, name: str, inputs: Mapping[str, str]) -> None:
        """Keep what an action leaves for later steps: a tool in a version, or variables that no file tells."""
        tool = _INSTALLING.get(name)
        if tool is not None and inputs.get("version", "")[:1].isdigit():
            self.versions[tool] = f"{tool}=={inputs['version']}"
        self.fills_variables = self.fills_variables or _FILLING.search(name) is not None

    def _remember_variables(self, text: str, document: str) -> None:
        for line in [text.removeprefix("-e ").replace("\\n", "\n"), *document.splitlines()]:
            match = re.fullmatch(r"\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*", line)
            if match is not None:
                self.variables[match[1]] = match[2]

    def _remember_versions(self, words: list[str]) -> None:
        for word in words:
            match = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*([=<>~!@].*)?$", word)
            if match is not None:
                self.versions[match[1].lower().replace("_", "-")] = word

    def _remember_pypirc(self, text: str) -> None:
        section = ""
        for line in text.splitlines():
            if match := re.search(r"\[([^\]]+)\]", line):
                section = match[1]
            elif match := re.match(r"[\s\"']*(repository|username|password)\s*[=:]\s*([^\s\"']*)", line):
                field = {"repository": "url", "username": "user", "password": "password"}[match[1]]
                self.pypirc[section] = self.pypirc.get(section, PypircSection())._replace(**{field: match[2]})


def read_toml(text: str, _path: str = "") -> Mapping[str, object]:
    """Read a text as TOML; empty when it is none."""
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def joined(*parts: str) -> str:
    """Join paths with `/` and take out `.` and `..`; a path that leaves the root, or is absolute, gives one that is nowhere."""
    result: list[str] = []
    for part in "/".join(part for part in parts if part).split("/"):
        if part == ".." and not result:
            return "../"
        if part == "..":
            result.pop()
        elif part not in ("", "."):
            result.append(part)
    path = "/".join(result)
    return path if len(path) <= MOST_PATH else "../"


def table(value: object, *keys: str) -> Mapping[str, object]:
    """Walk down tables of a TOML or JSON file; empty where one is missing or is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def string(value: object) -> str:
    """Return a text, empty for everything else."""
    return value if isinstance(value, str) else ""
