"""`just RECIPE`: the lines of a recipe and of those that it needs, with the file's variables put in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.scene import joined
from trustpub.workflows.tools.options import read_options, taking
from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping

if TYPE_CHECKING:
    from collections.abc import Iterator


NAMES = ("justfile", "Justfile", ".justfile", "JUSTFILE")
_TAKING = taking("file -f --justfile", "folder -d --working-directory", "set --set", "shell --shell")
_RECIPE = lazy_pattern(r"@?([A-Za-z_][A-Za-z0-9_-]*)([^:]*?):(?!=)\s*([^#]*)")
_SETTING = lazy_pattern(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_-]*)\s*:=\s*(['\"])(.*)\2\s*$")


class _Recipe(NamedTuple):
    parameters: tuple[str, ...]
    needs: tuple[str, ...]
    line: int
    lines: tuple[str, ...]


_Justfile = tuple[dict[str, _Recipe], dict[str, str]]


def behind(call: Wrapping) -> Behind:
    """Return the recipes that a call of just runs."""
    options = read_options(call.found.arguments, _TAKING, {})
    folder = joined(call.scene.folder, options.get("folder"))
    for name in (options.get("file"),) if options.get("file") else NAMES:
        path = joined(folder, name)
        justfile = call.scene.once("just", path, _read)
        if justfile is not None:
            return tuple(_recipes(justfile, path, folder, list(options.rest)))
    return f"there is no `justfile` in `{folder or '.'}`"


def _recipes(justfile: _Justfile, path: str, folder: str, asked: list[str]) -> Iterator[Wrapped]:
    rules, values = justfile
    name, given = (asked[0], asked[1:]) if asked else (next(iter(rules), ""), [])
    waiting = [name.replace("::", "-")]
    seen: set[str] = set()
    while waiting:
        target = waiting.pop(0)
        if target in seen or target not in rules:
            continue
        seen.add(target)
        rule = rules[target]
        waiting += rule.needs
        known = values | dict(zip(rule.parameters, given if target == name else [], strict=False))
        script = "\n".join(re.sub(r"^(\s*)[@-]+", r"\1", line) for line in rule.lines)
        script = re.sub(r"\{\{\s*([A-Za-z_][A-Za-z0-9_-]*)\s*\}\}", lambda match: known.get(match[1], match[0]), script)  # noqa: B023
        yield Wrapped("just", target, path, rule.line, script, {}, folder)


def _read(text: str, _path: str) -> _Justfile:
    rules: dict[str, _Recipe] = {}
    values: dict[str, str] = {}
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line[:1] in (" ", "\t") or not line.strip():
            if current:
                rule = rules[current]
                rules[current] = rule._replace(line=rule.line if rule.lines else number, lines=(*rule.lines, line))
        elif match := _SETTING.match(line):
            values[match[1]] = match[3]
            current = ""
        elif match := _RECIPE.match(line):
            current = match[1]
            parameters = re.findall(r"[+*$]*([A-Za-z_][A-Za-z0-9_-]*)(?:=\S+)?", match[2])
            needs = re.findall(r"[A-Za-z_][A-Za-z0-9_-]*", match[3].replace("&&", " "))
            values |= dict(re.findall(r"([A-Za-z_][A-Za-z0-9_-]*)=['\"]([^'\"]*)['\"]", match[2]))
            rules[current] = _Recipe(tuple(parameters), tuple(needs), number, ())
        elif not line.startswith(("#", "[")):
            current = ""
    return rules, values
