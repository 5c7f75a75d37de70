"""`make TARGET`: the recipe of a target and of those that it needs, with simple variables put in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.publishing import TELLING
from trustpub.workflows.scene import joined
from trustpub.workflows.shell import MOST_TEXT
from trustpub.workflows.tools.options import read_options, taking
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


NAMES = ("GNUmakefile", "makefile", "Makefile")
_TAKING = taking("folder -C --directory", "file -f --file --makefile", "jobs -j --jobs", "include -I --include-dir", "old -o")
_ASSIGNMENT = lazy_pattern(r"(?:export\s+|override\s+)*([A-Za-z_][A-Za-z0-9_.-]*)\s*(\?|:{1,3}|\+|!)?=\s*(.*)")
_RULE = lazy_pattern(r"([^\s:#=][^:#=]*?)\s*::?(?!=)\s*([^;#]*)(?:;(.*))?")
_REFERENCE = lazy_pattern(r"\$(?:\(([A-Za-z_][A-Za-z0-9_.-]*)\)|\{([A-Za-z_][A-Za-z0-9_.-]*)\})")
MOST_DEEP = 5
"""How deep variables in variables are put in."""
MOST_TARGETS = 100
"""How many targets of one file are followed."""


class _Recipe(NamedTuple):
    needs: tuple[str, ...]
    line: int
    lines: tuple[str, ...]


def behind(call: Wrapping) -> Behind:
    """Return the recipes that a call of make runs."""
    options = read_options(call.found.arguments, _TAKING, {})
    folder = joined(call.scene.folder, options.get("folder"))
    named = (options.get("file"),) if options.get("file") else NAMES
    for name in named:
        path = joined(folder, name)
        makefile = call.scene.once("make", path, _Makefile)
        if makefile is not None:
            given = dict(word.split("=", 1) for word in options.rest if "=" in word)
            targets = [word for word in options.rest if "=" not in word and not word.isdigit()]
            return tuple(makefile.recipes(targets, call.variables, given))
    return f"there is no `{named[-1]}` in `{folder or '.'}`"


class _Makefile:
    def __init__(self, text: str, path: str) -> None:
        self.path = path
        self.folder = path.rpartition("/")[0]
        self.given: Mapping[str, str] = {}
        self.known: dict[tuple[str, int], str] = {}
        self.values: dict[str, str] = {}
        self.defaults: dict[str, str] = {}
        self.exported: dict[str, str] = {}
        self.rules: dict[str, _Recipe] = {}
        if TELLING.search(text):
            self.read(text.split("\n"))

    def read(self, lines: list[str]) -> None:
        index = 0
        current: list[str] = []
        while index < len(lines):
            line, start = lines[index], index
            while line.endswith("\\") and index + 1 < len(lines):
                index += 1
                line = f"{line}\n{lines[index]}"
            index += 1
            if line.startswith("\t"):
                for target in current:
                    self.add(target, start + 1, line)
            elif line.strip() and not line.lstrip().startswith("#"):
                current = self.outside(line.replace("\\\n", " "), start + 1, current)

    def add(self, target: str, line: int, text: str) -> None:
        recipe = self.rules[target]
        if not recipe.lines:
            recipe = recipe._replace(line=line)
        gap = line - recipe.line - sum(one.count("\n") + 1 for one in recipe.lines)  # comments and empty lines between
        self.rules[target] = recipe._replace(lines=(*recipe.lines, *[""] * gap, text))

    def outside(self, line: str, number: int, current: list[str]) -> list[str]:
        assignment = _ASSIGNMENT.fullmatch(line.strip())
        if assignment is not None:
            values = self.defaults if assignment[2] == "?" else self.values
            values[assignment[1]] = assignment[3].partition(" #")[0].strip()
            if line.lstrip().startswith("export"):
                self.exported[assignment[1]] = values[assignment[1]]
            return current
        rule = _RULE.match(line)
        if rule is None or line[:1].isspace():
            return current if re.match(r"\s*(ifn?eq|ifn?def|else|endif)\b", line) else []
        targets = self.filled(rule[1], {}).split()
        for target in targets:
            known = self.rules.get(target, _Recipe((), number, ()))
            self.rules[target] = known._replace(needs=(*known.needs, *self.filled(rule[2], {}).split()))
            if rule[3]:
                self.add(target, number, rule[3])
        return targets

    def recipes(self, targets: list[str], variables: Mapping[str, str], given: Mapping[str, str]) -> Iterator[Wrapped]:
        """Yield the recipes of targets and of what they need. What the command line gives goes before the file."""
        self.given = given
        self.known = {}
        waiting = targets or [name for name in self.rules if not name.startswith(".")][:1]
        seen: set[str] = set()
        while waiting and len(seen) < MOST_TARGETS:
            target = waiting.pop(0)
            if target in seen or target not in self.rules:
                continue
            seen.add(target)
            recipe = self.rules[target]
            waiting += recipe.needs
            script = "\n".join(self.line(line, target, variables) for line in recipe.lines)
            waiting += re.findall(r"^\s*make\s+([A-Za-z0-9_.-]+)\s*$", script, re.MULTILINE)
            exported = {name: self.filled(value, variables) for name, value in self.exported.items()}
            yield Wrapped("make", target, self.path, recipe.line, script, exported, self.folder)

    def line(self, line: str, target: str, variables: Mapping[str, str]) -> str:
        text = re.sub(r"^(\s*)[@+-]+", r"\1", line).replace("$@", target)
        return self.filled(text, variables).replace("$$", "$")

    def filled(self, text: str, variables: Mapping[str, str], depth: int = 0) -> str:
        """Put in what the file, the call or the environment sets; what none of them sets is left to the shell."""

        def put(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            if name == "MAKE":
                return "make"
            value = self.given.get(name) or self.values.get(name, variables.get(name, self.defaults.get(name)))
            if value is None:
                return f"${{{name}}}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else match[0]
            if depth >= MOST_DEEP:
                return value
            if (name, depth) not in self.known:
                self.known[name, depth] = self.filled(value, variables, depth + 1)
            return self.known[name, depth]

        result = _REFERENCE.sub(put, text)
        return result if len(result) <= MOST_TEXT else text
