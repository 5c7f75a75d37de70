"""`tox -e NAME`: the commands of an environment, with the variables that tox lets through to them.

Mirrors: tox 4's `tox.ini`, `[tox:tox]` of `setup.cfg`, `[tool.tox]` of `pyproject.toml`, `tox.toml`; the older spellings too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.publishing import TELLING
from trustpub.workflows.scene import joined, read_toml, string, table
from trustpub.workflows.shell import MOST_TEXT
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping, line_of, script_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_TAKING = frozenset(
    ("-c", "--conf", "-x", "--override", "--workdir", "--root", "-f", "-m", "--result-json", "--installpkg", "--discover")
)
_ALWAYS = (
    "PIP_*", "VIRTUALENV_*", "HOME", "PATH", "LANG", "LANGUAGE", "TMPDIR", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "*_PROXY",
    "TOX_*",
)  # fmt: skip
"""What tox lets through without being asked, as far as it matters here."""
_NEEDED = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
CLOSED = f"tox does not let `{_NEEDED}` through to its commands: `pass_env` does not name it"


MOST_FACTORS = 200
"""How many spellings one condition may stand for: braces beside braces multiply."""


class _Environment(NamedTuple):
    commands: tuple[tuple[int, str], ...]
    sets: dict[str, str]
    passes: tuple[str, ...]
    folder: str


def behind(call: Wrapping) -> Behind:
    """Return the commands of the environments that a call of tox runs."""
    names, conf, rest = _asked(call.found.arguments, call.variables)
    if not names:
        return ()
    for path in (conf,) if conf else ("tox.ini", "setup.cfg", "pyproject.toml", "tox.toml"):
        reader = call.scene.once("tox", joined(call.scene.folder, path), _reader)
        if reader is not None:
            return tuple(wrapped for name in names for wrapped in reader.wrapped(name, call.variables, call.scene.folder, rest))
    return f"no file of tox is in `{call.scene.folder or '.'}`"


def _asked(words: tuple[str, ...], variables: Mapping[str, str]) -> tuple[list[str], str, str]:
    names, conf, index = "", "", 0
    rest = ""
    while index < len(words):
        word, following = words[index], words[index + 1] if index + 1 < len(words) else ""
        if word == "--":
            rest = " ".join(words[index + 1 :])
            break
        if word in ("-e", "--env"):
            names, index = following, index + 1
        elif word in ("-c", "--conf"):
            conf, index = following, index + 1
        elif word in _TAKING:
            index += 1
        elif match := re.match(r"-e(.+)|--env=(.+)|-[a-z]+e$", word):
            names, index = (match[1] or match[2], index) if match[1] or match[2] else (following, index + 1)
        index += 1
    names = names or variables.get("TOXENV", "") or variables.get("TOX_ENV", "")
    return [name for name in re.split(r"[,\s]+", names) if name], conf, rest


def _reader(text: str, path: str) -> _Ini | _Toml | None:
    name = path.rsplit("/", 1)[-1]
    if name.endswith(".toml"):
        if "tox" not in text and name != "tox.toml":
            return None
        whole = read_toml(text)
        own = whole if name == "tox.toml" else table(whole, "tool", "tox")
        old = string(own.get("legacy_tox_ini"))
        if old:
            return _Ini(old, path, line_of(text, "legacy_tox_ini"))
        return _Toml(own, text, path) if own else None
    return _Ini(text, path, 0) if re.search(r"^\[(testenv|tox)", text, re.MULTILINE) else None


class _Reader:
    path: str

    def environment(self, name: str, variables: Mapping[str, str], rest: str) -> _Environment | None:
        raise NotImplementedError

    def wrapped(self, name: str, variables: Mapping[str, str], folder: str, rest: str) -> Iterator[Wrapped]:
        found = self.environment(name, variables, rest)
        if found is None:
            return
        patterns = [*_ALWAYS, *found.passes]
        passed = {key: value for key, value in variables.items() if _passes(key, patterns)}
        closed = "" if _passes(_NEEDED, patterns) else CLOSED
        inside = joined(folder, found.folder)
        for line, script in found.commands:
            yield Wrapped("tox", name, self.path, line, script, {**passed, **found.sets}, inside, closed=True, no_id_token=closed)


class _Ini(_Reader):
    """The ini form. `before` is how many lines stand above its text in the file."""

    def __init__(self, text: str, path: str, before: int) -> None:
        self.path = path
        self.sections: dict[str, dict[str, list[tuple[int, str]]]] = {}
        current: dict[str, list[tuple[int, str]]] = {}
        lines: list[tuple[int, str]] = []
        for number, line in enumerate(text.splitlines(), before + 1):
            if match := re.match(r"\[([^\]]+)\]", line):
                current = self.sections.setdefault(match[1].strip(), {})
            elif match := re.match(r"([A-Za-z_][A-Za-z0-9_.-]*)\s*[=:]\s*(.*)", line):
                lines = current.setdefault(match[1].lower().replace("-", "_"), [])
                lines.append((number, match[2]))
            elif line[:1].isspace() and line.strip() and not line.lstrip().startswith(("#", ";")):
                lines.append((number, line.strip()))
        for section in self.sections.values():
            if "commands" in section:
                section["commands"] = list(_worth(section["commands"]))

    def environment(self, name: str, variables: Mapping[str, str], rest: str) -> _Environment | None:
        own = self.sections.get(f"testenv:{name}", {})
        base = self.sections.get("testenv", {})
        factors = frozenset(name.split("-"))

        def lines(*keys: str) -> list[tuple[int, str]]:
            for section in (own, base):
                for key in keys:
                    if key in section:
                        return list(self.chosen(section[key], factors, set()))
            return []

        commands = [(number, _filled(line, variables, rest)) for number, line in _joined(lines("commands"))]
        if not commands:
            return None
        sets = dict(self.pairs(lines("set_env", "setenv"), variables))
        passes = [word for _, line in lines("pass_env", "passenv") for word in re.split(r"[,\s]+", line)]
        folder = " ".join(line for _, line in lines("change_dir", "changedir"))
        return _Environment(tuple(commands), sets, tuple(passes), _filled(folder, variables, rest))

    def chosen(self, lines: list[tuple[int, str]], factors: frozenset[str], seen: set[str]) -> Iterator[tuple[int, str]]:
        """Yield the lines that count for these factors, with those of other sections that they name."""
        for number, line in lines:
            if match := re.fullmatch(r"\{\[([^\]]+)\]([A-Za-z_]+)\}", line.strip()):
                key = match[2].lower()
                others = self.sections.get(match[1], {})
                if match[0] not in seen:
                    seen.add(match[0])
                    yield from self.chosen(others.get(key, others.get(key.replace("_", ""), [])), factors, seen)
            elif (match := re.match(r"([a-z0-9!{},._-]+):\s+(.*)", line)) and "://" not in match[1]:
                if _holds(match[1], factors):
                    yield number, match[2]
            else:
                yield number, line

    def pairs(self, lines: list[tuple[int, str]], variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for _, line in lines:
            name, equals, value = line.partition("=")
            if equals:
                yield name.strip(), _filled(value.strip(), variables, "")


class _Toml(_Reader):
    """The TOML form."""

    def __init__(self, own: Mapping[str, object], text: str, path: str) -> None:
        self.own = own
        self.text = text
        self.path = path

    def environment(self, name: str, variables: Mapping[str, str], rest: str) -> _Environment | None:
        own = table(self.own, "env", name)
        base = table(self.own, "env_run_base")
        commands = own.get("commands", base.get("commands"))
        if not isinstance(commands, list):
            return None
        start = max(self.text.find(f"env.{name}"), 0)
        scripts: list[tuple[int, str]] = []
        for words in commands:
            if isinstance(words, list):
                texts = [word if isinstance(word, str) else "" for word in words]
                line = line_of(self.text, max(texts, key=len, default=""), start)
                scripts.append((line, script_of(_filled(text, variables, rest) for text in texts)))
        sets = {**table(base, "set_env"), **table(own, "set_env")}
        passes = own.get("pass_env", base.get("pass_env"))
        listed = passes if isinstance(passes, list) else []
        return _Environment(
            tuple(scripts),
            {key: _filled(value, variables, rest) for key, value in sets.items() if isinstance(value, str)},
            tuple(word for word in listed if isinstance(word, str)),
            _filled(string(own.get("change_dir", base.get("change_dir"))), variables, rest),
        )


def _worth(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Leave out the commands that surely publish nothing: a file may have thousands of them."""
    continued = False
    for number, line in lines:
        if continued or line.endswith("\\") or "{[" in line or TELLING.search(line):
            yield number, line
        continued = line.endswith("\\")


def _joined(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Put continued lines together."""
    waiting: tuple[int, str] | None = None
    for number, line in lines:
        start, text = (waiting[0], f"{waiting[1]}\n{line}") if waiting else (number, line)
        waiting = (start, text) if line.endswith("\\") else None
        if waiting is None and text.strip():
            yield start, re.sub(r"^\s*[-!]\s+", "", text)
    if waiting is not None:
        yield waiting


def _holds(condition: str, factors: frozenset[str]) -> bool:
    """Say whether a line's factors (`py3{8,9}-release,!windows`) are those of an environment; too many of them are not."""
    expanded = [condition]
    while match := re.search(r"\{([^{}]*)\}", expanded[0]):
        expanded = [one.replace(match[0], part) for one in expanded for part in match[1].split(",")[:MOST_FACTORS]]
        if len(expanded) > MOST_FACTORS:
            return False
    return any(
        all((part[1:] not in factors) if part.startswith("!") else part in factors for part in one.split("-"))
        for text in expanded
        for one in text.split(",")
    )


def _filled(text: str, variables: Mapping[str, str], rest: str) -> str:
    """Put in tox's own substitutions; what they leave to the run stays a variable."""

    def put(match: re.Match[str]) -> str:
        kind, _, default = match[1].partition(":")
        if kind == "posargs":
            return rest or default
        if kind == "env":
            name, _, fallback = default.partition(":")
            return variables.get(name, fallback)
        return {"envpython": "python", "envbindir": "", "toxinidir": ".", "tox_root": ".", "/": "/"}.get(kind, match[0])

    for _ in range(3):
        new = re.sub(r"(?<!\$)\{([^{}\[\]\s]*(?:\s[^{}\[\]]*)?)\}", put, text)
        if len(new) > MOST_TEXT:
            return text
        text = new
    return text


def _passes(name: str, patterns: list[str]) -> bool:
    from fnmatch import fnmatchcase

    return any(fnmatchcase(name.upper(), pattern.upper()) for pattern in patterns)
