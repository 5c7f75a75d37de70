"""Versions that somebody writes into a file of the package: as static as those in `pyproject.toml`.

Mirrors: hatch's `[tool.hatch.version] path`, setuptools' `[tool.setuptools.dynamic]`, flit's module, pdm's `source = "file"`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.files import Files

_ASSIGNED = (
    r"""(?m)^(?:__version__|VERSION|version)[ \t]*(?::[^=\n]*)?=[ \t]*(?P<quote>["'])(?P<version>v?[0-9][\w.+!-]*)(?P=quote)"""
)


def elsewhere(files: Files, folder: str) -> tuple[str, str]:
    """Return the version and the file in which it stands; two empty texts when it cannot be read, or is made otherwise."""
    from tomllib import TOMLDecodeError, loads

    root = "" if folder in ("", ".") else f"{folder}/"
    try:
        table = loads((files.read(f"{root}pyproject.toml") or b"").decode("utf-8", "replace"))
    except TOMLDecodeError:
        return "", ""
    if "version" not in _list(_table(table, "project"), "dynamic") and not _table(table, "tool", "flit"):
        return "", ""
    for path in _places(table):
        text = (files.read(f"{root}{path}") or b"").decode("utf-8", "replace")
        found = re.search(_ASSIGNED, text)
        plain = re.fullmatch(r"v?[0-9][\w.+!-]*", text.strip()) if not path.endswith(".py") else None
        if found is not None or plain is not None:
            return (found["version"] if found is not None else text.strip()), f"{root}{path}"
    return "", ""


def _places(table: Mapping[str, object]) -> Iterator[str]:
    """Yield the files in which the build backend looks for the version."""
    backend = _text(_table(table, "build-system"), "build-backend")
    if backend.startswith("hatchling"):
        hatch = _table(table, "tool", "hatch", "version")
        if _text(hatch, "source") in ("", "regex"):
            yield _text(hatch, "path") or "-"
    elif backend.startswith("setuptools"):
        dynamic = _table(table, "tool", "setuptools", "dynamic", "version")
        module = _text(dynamic, "attr").rpartition(".")[0].replace(".", "/")
        yield from _modules(module) if module else ()
        yield _text(dynamic, "file") or "-"
    elif backend.startswith("flit"):
        name = _text(_table(table, "tool", "flit", "module"), "name") or _text(_table(table, "project"), "name")
        yield from _modules(name.replace("-", "_").replace(".", "/"))
    elif backend.startswith("pdm"):
        pdm = _table(table, "tool", "pdm", "version")
        if _text(pdm, "source") == "file":
            yield _text(pdm, "path") or "-"


def _modules(module: str) -> Iterator[str]:
    for base in (module, f"src/{module}"):
        yield f"{base}/__init__.py"
        yield f"{base}.py"


def _table(table: Mapping[str, object], *names: str) -> Mapping[str, object]:
    for name in names:
        inner = table.get(name)
        table = inner if isinstance(inner, dict) else {}
    return table


def _text(table: Mapping[str, object], name: str) -> str:
    value = table.get(name)
    return value if isinstance(value, str) else ""


def _list(table: Mapping[str, object], name: str) -> tuple[object, ...]:
    value = table.get(name)
    return tuple(value) if isinstance(value, list) else ()
