"""The packages of a checkout: which folders can be built, and what they are called when that is written down statically."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from trustpub.domain.package import Package
from trustpub.errors import BrokenFile
from trustpub.parties import seen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Package", "find_packages", "package_at"]

MAX_DEPTH = 4
"""How deep below the root packages are looked for."""
MAX_FOLDERS = 4000
"""How many folders are looked at: a checkout with more names its package itself."""
MAX_FILE = 4 << 20
SKIPPED = frozenset(
    ("node_modules", "venv", "env", "build", "dist", "site-packages", "__pycache__", "vendor", "third_party", "testdata")
)
SIDE = frozenset(
    ("test", "tests", "testing", "example", "examples", "docs", "doc", "benchmarks", "bench", "fixtures", "templates")
)
"""Folders whose packages are rarely published: they count only when nothing else is found."""


def package_at(root: str | os.PathLike[str], path: str) -> Package | None:
    """Describe the package in one folder, or None when nothing there can be built. A broken description raises `BrokenFile`.

    `path` may be anything that a file of the checkout names: one that leads out of `root`, or is no path, holds no package.
    """
    folder = os.path.normpath(os.path.join(root, path))
    try:
        if os.path.relpath(os.path.realpath(folder), os.path.realpath(root)).split(os.sep)[0] == os.pardir:
            return None
        seen.folder(folder)
        names = {entry.name for entry in os.scandir(folder) if entry.is_file()}
    except (OSError, ValueError):
        return None
    return _package(folder, names, os.path.relpath(folder, root).replace(os.sep, "/"), side=False)


def find_packages(root: str | os.PathLike[str]) -> Iterator[Package]:
    """Find the folders that can be built: the root first, then by path."""
    waiting: list[tuple[str, str, int, bool]] = [(os.fspath(root), ".", 0, False)]
    looked = 0
    while waiting and looked < MAX_FOLDERS:
        folder, path, depth, side = waiting.pop()
        looked += 1
        files, folders = _entries(folder)
        if found := _found(folder, files, path, side):
            yield found
        if depth < MAX_DEPTH:
            waiting += [_below(folder, path, name, depth, side) for name in sorted(folders, reverse=True)]


def _below(folder: str, path: str, name: str, depth: int, side: bool) -> tuple[str, str, int, bool]:
    below = name if path == "." else f"{path}/{name}"
    return os.path.join(folder, name), below, depth + 1, side or name.lower() in SIDE


def _entries(folder: str) -> tuple[set[str], list[str]]:
    files: set[str] = set()
    folders: list[str] = []
    seen.folder(folder)
    try:
        for entry in os.scandir(folder):
            if entry.is_file():
                files.add(entry.name)
            elif _may_hold(entry.name) and entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
    except OSError:
        pass  # a folder that may not be read holds nothing for us
    return files, folders


def _may_hold(name: str) -> bool:
    is_template = "{{" in name or "{%" in name
    return not name.startswith(".") and name.lower() not in SKIPPED and not name.endswith(".egg-info") and not is_template


def _found(folder: str, files: set[str], path: str, side: bool) -> Package | None:
    try:
        return _package(folder, files, path, side)
    except BrokenFile:
        if side:  # tests keep broken descriptions on purpose
            return None
        raise


def _package(folder: str, files: set[str], path: str, side: bool) -> Package | None:
    if "pyproject.toml" in files:
        described = _from_pyproject(f"{folder}/pyproject.toml", path)
        if described is not None:
            return described._replace(name=described.name or _legacy_name(folder, files), side=side or described.side)
    legacy = _legacy_name(folder, files)
    if "setup.py" in files or legacy:
        return Package(path, legacy, None, side)
    return None


def _from_pyproject(file: str, path: str) -> Package | None:
    """Read what a `pyproject.toml` says statically, None when it describes no package."""
    import tomllib

    shown = "pyproject.toml" if path == "." else f"{path}/pyproject.toml"
    data = _read(file, shown)
    try:
        top = tomllib.loads(data.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as problem:
        raise BrokenFile(shown, f"not TOML: {problem}") from None
    return _described(top, file, path)


def _described(top: dict[str, object], file: str, path: str) -> Package | None:
    tools = _table(top.get("tool"))
    project, poetry, flit = (
        _table(top.get("project")),
        _table(tools.get("poetry")),
        _table(_table(tools.get("flit")).get("metadata")),
    )
    if _is_virtual(top, tools):
        return None
    indexes = _uv_indexes(_table(tools.get("uv")))
    for name, table in ((project.get("name"), project), (poetry.get("name"), poetry)):
        if isinstance(name, str):
            version = table.get("version")
            return Package(path, name, version if isinstance(version, str) else None, _is_private(table), indexes)
    other = flit.get("dist-name") or flit.get("module")
    if isinstance(other, str):
        return Package(path, other, None, indexes=indexes)
    if "build-system" not in top and "project" not in top:
        return None
    built_by_maturin = "maturin" in str(_table(top.get("build-system")).get("build-backend"))
    return Package(path, _crate_name(file) if built_by_maturin else None, None, indexes=indexes)


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _is_virtual(top: dict[str, object], tools: dict[str, object]) -> bool:
    """Say whether a description only holds a workspace or dependencies together: such a folder is never built."""
    uv = _table(tools.get("uv"))
    unbuilt = "build-system" not in top and (uv.get("package") is False or "workspace" in uv)
    return unbuilt or _table(tools.get("poetry")).get("package-mode") is False


def _is_private(table: dict[str, object]) -> bool:
    """Say whether a classifier keeps a package from every index: PyPI refuses uploads with `Private ::`."""
    classifiers = table.get("classifiers")
    return isinstance(classifiers, list) and any(isinstance(each, str) and each.startswith("Private ::") for each in classifiers)


def _crate_name(file: str) -> str | None:
    """Read the name of the crate beside a `pyproject.toml`: maturin takes it where `project` is missing."""
    match = re.search(r"(?ms)^\[package\]\s*$(.*?)(?=^\[|\Z)", _text(f"{os.path.dirname(file)}/Cargo.toml"))
    name = re.search(r'(?m)^name\s*=\s*"([A-Za-z0-9_-]+)"', match[1]) if match else None
    return name[1] if name else None


def _uv_indexes(uv: dict[str, object]) -> tuple[tuple[str, str], ...]:
    rows = uv.get("index")
    found = [(row.get("name"), row.get("publish-url")) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple((name, url) for name, url in found if isinstance(name, str) and isinstance(url, str))


def _legacy_name(folder: str, files: set[str]) -> str | None:
    """Read a static name from `setup.cfg`, else from a literal `name=` in `setup.py`."""
    if "setup.cfg" in files:
        section = re.search(r"(?ms)^\[metadata\]\s*$(.*?)(?=^\[|\Z)", _text(f"{folder}/setup.cfg"))
        if section and (match := re.search(r"(?m)^name\s*[=:]\s*([A-Za-z0-9._-]+)\s*$", section[1])):
            return match[1]
    if "setup.py" in files:
        return _setup_name(_text(f"{folder}/setup.py"))
    return None


def _setup_name(script: str) -> str | None:
    """Read the literal `name=` of a `setup.py`, or the one literal that the name there is set to; else None."""
    match = re.search(
        r"\bsetup\s*\(.*?\bname\s*=(?!=)\s*(?:([\"'])([A-Za-z0-9._-]+)\1|([A-Za-z_]\w*))?\s*(.?)", script, re.DOTALL
    )
    if match is None or match[4] not in (",", ")", "#"):  # more follows: the name is put together
        return None
    if not match[3]:
        return match[2] or None
    values = re.findall(rf"(?m)^{match[3]}\s*=\s*(.*)$", script)
    literal = re.fullmatch(r"([\"'])([A-Za-z0-9._-]+)\1\s*(?:#.*)?", values[0].strip()) if len(values) == 1 else None
    return literal[2] if literal else None


def _read(file: str, shown: str) -> bytes:
    seen.file(file)
    try:
        with open(file, "rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except OSError as problem:
        raise BrokenFile(shown, f"cannot be read: {problem.strerror}") from None
    if len(data) > MAX_FILE:
        raise BrokenFile(shown, f"is larger than {MAX_FILE} bytes")
    return data


def _text(file: str) -> str:
    seen.file(file)
    try:
        with open(file, "rb") as stream:
            return stream.read(MAX_FILE).decode("utf-8", "replace")
    except OSError:
        return ""
