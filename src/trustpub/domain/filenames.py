"""File names of distributions: what a wheel's and a source distribution's name must be for a project and a version.

Mirrors: warehouse/forklift/legacy.py (file name and platform tag checks) @6b62157, PEP 427, PEP 625.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.core_metadata import Problem, Rules, parse_version
from trustpub.domain.names import normalize

if TYPE_CHECKING:
    from packaging.version import Version

SDIST = "sdist"
WHEEL = "bdist_wheel"
MAX_FILENAME = 255
"""Bytes: what the file systems of those who download can hold."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WHEEL_PART = re.compile(r"[A-Za-z0-9_.]+", re.ASCII)
_WHEEL_VERSION = re.compile(r"[A-Za-z0-9_.+!]+", re.ASCII)
_BUILD = re.compile(r"[0-9][A-Za-z0-9_.]*", re.ASCII)
_MAC = "x86_64|arm64|universal2?|intel|fat(?:3|32|64)?|i386|ppc(?:64)?"
_LINUX = "x86_64|i686|aarch64|armv7l|ppc64le|s390x|riscv64"
_PLATFORM = re.compile(
    "|".join(
        (
            "any",
            "win32|win_(?:arm64|amd64|ia64)",
            "manylinux1_(?:x86_64|i686)",
            "manylinux2010_(?:x86_64|i686)",
            "manylinux2014_(?:x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x)",
            f"manylinux_[0-9]+_[0-9]+_(?:{_LINUX}|ppc64)",
            f"musllinux_[0-9]+_[0-9]+_(?:{_LINUX})",
            "linux_armv[67]l",
            f"macosx_10_[0-9]+_(?:{_MAC})",
            f"macosx_(?:1[1-5]|26)_0_(?:{_MAC})",
            "ios_[0-9]+_[0-9]+_(?:arm64|x86_64)_(?:iphoneos|iphonesimulator)",
            "android_[0-9]+_(?:armeabi_v7a|arm64_v8a|x86|x86_64)",
            "pyemscripten_[0-9]+_[0-9]+_wasm32",
        )
    ),
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class WheelName:
    """The parts of a wheel's file name; `folder` is the start of the one dist-info folder that it must hold."""

    name: str
    version: Version
    folder: str
    platforms: tuple[str, ...]


def wheel_name(filename: str) -> WheelName | str:
    """Take a wheel's file name apart, or say why it is none."""
    parts = filename.removesuffix(".whl").split("-")
    if len(parts) not in (5, 6):
        return f"Invalid wheel filename (wrong number of parts): '{filename}'"
    if not _WHEEL_PART.fullmatch(parts[0]) or "__" in parts[0]:
        return f"Invalid project name: '{filename}'"
    version = parse_version(parts[1]) if _WHEEL_VERSION.fullmatch(parts[1]) else None
    if version is None:
        return f"Invalid wheel filename (invalid version): '{filename}'"
    if len(parts) == 6 and not _BUILD.fullmatch(parts[2]):
        return f"Invalid build number: {parts[2]} in '{filename}'"
    if not all(_WHEEL_PART.fullmatch(tag) for tag in parts[-3:]):
        return f"Invalid wheel filename (invalid tags): '{filename}'"
    return WheelName(parts[0], version, f"{parts[0]}-{parts[1]}", tuple(parts[-1].split(".")))


def filename_problem(filename: str, filetype: str) -> Problem | None:
    """Whether any file could be stored under this name: no control characters, no folders, the right ending."""
    if _CONTROL.search(filename):
        return _problem("Cannot upload a file with control characters in its name.")
    if "/" in filename or "\\" in filename:
        return _problem("Cannot upload a file with '/' or '\\' in its name.")
    ending = ".whl" if filetype == WHEEL else ".tar.gz"
    if not filename.endswith(ending):
        return _problem(f"Invalid file extension: Use {ending} for the file type {filetype}.")
    if len(filename.encode("utf-8", "surrogatepass")) > MAX_FILENAME:
        return _problem(f"Filename is too long: it has more than {MAX_FILENAME} bytes.")
    return None


def belongs_problem(filename: str, filetype: str, project: str, version: Version, rules: Rules) -> Problem | None:
    """Whether this name is the one that a file of this project and version must have."""
    if filetype == WHEEL:
        return _wheel_problem(filename, project, version, rules)
    return _sdist_problem(filename, project, version)


def sdist_name(project: str, version: Version) -> str:
    """The one name of a project's source distribution (PEP 625)."""
    return f"{_underscored(project)}-{version}.tar.gz"


def _sdist_problem(filename: str, project: str, version: Version) -> Problem | None:
    name, dash, rest = filename.removesuffix(".tar.gz").rpartition("-")
    if not (name and dash and rest):
        return _problem(f"Invalid source distribution filename: {filename}")
    if normalize(name) != normalize(project):
        return _problem(f"Start filename for '{project}' with '{_underscored(project)}'.")
    expected = sdist_name(project, version)
    if filename != expected:
        return _problem(f"Filename '{filename}' is invalid, should be '{expected}'.")
    return None


def _wheel_problem(filename: str, project: str, version: Version, rules: Rules) -> Problem | None:
    parts = wheel_name(filename)
    if isinstance(parts, str):
        return _problem(parts)
    for tag in parts.platforms:
        if not _PLATFORM.fullmatch(tag) and not (rules.linux_wheels and tag.startswith("linux_")):
            return _problem(f"Binary wheel '{filename}' has an unsupported platform tag '{tag}'.")
    expected = _underscored(project)
    if normalize(parts.name) != normalize(project):
        return _problem(f"Start filename for '{project}' with '{expected}'.")
    if parts.name != expected:
        return _problem(f"Filename '{filename}' should contain the normalized project name '{expected}', not '{parts.name}'.")
    if parts.version != version:
        return _problem(f"Version in filename should be '{version}' not '{parts.version}'.")
    return None


def _underscored(project: str) -> str:
    return normalize(project).replace("-", "_")


def _problem(message: str) -> Problem:
    return Problem("content", "invalid-filename", message)
