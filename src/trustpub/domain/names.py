"""Names of projects: when two are the same, when they look the same, and which are no names at all."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import NewType

from trustpub.pattern import lazy_pattern

NormalizedName = NewType("NormalizedName", str)
"""A project name in the one spelling that stands for all of its spellings (PEP 503)."""

_NAME = lazy_pattern(r"[A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9]", re.ASCII | re.IGNORECASE)
_RUN = lazy_pattern(r"[-_.]+")
_LOOKALIKES = str.maketrans({".": None, "_": None, "-": None, "l": "1", "L": "1", "i": "1", "I": "1", "o": "0", "O": "0"})


def normalize(name: str) -> NormalizedName:
    """The one spelling of a name: lower case, every run of `-`, `_` and `.` a single `-` (PEP 503)."""
    return NormalizedName(_RUN.sub("-", name).lower())


def ultranormalize(name: str) -> str:
    """A key that two names share when a reader could take one for the other (`dem0pkg`, `demo-pkg`).

    Mirrors: the SQL function `ultranormalize_name` of warehouse @6b62157.
    """
    return name.translate(_LOOKALIKES).lower()


@cache
def _standard_library() -> frozenset[str]:
    """Top-level modules of the Python that runs; PyPI's list also has older versions' modules, and modules inside packages."""
    return frozenset(normalize(name.strip("_")) for name in sys.stdlib_module_names)


def is_project_name(name: str) -> bool:
    """Whether this is written as a project name: ASCII letters, digits, `.`, `_`, `-`, a letter or digit at both ends."""
    return _NAME.fullmatch(name) is not None


def project_name_problem(name: str) -> str | None:
    """Say why nobody may register this project name, or None when it is a name like any other.

    Whether it is taken, or looks like one that is, only the index can tell.
    Mirrors: warehouse/packaging/services.py (check_project_name) @6b62157, its order and its words.
    """
    if not is_project_name(name):
        return "Invalid project name"
    if normalize(name) in _standard_library():
        return "This project name isn't allowed (conflict with the Python standard library module name)"
    return None
