"""The plan of a new workflow file, from the publishers that name it: each package with its legs, its tags and its version."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.names import normalize
from trustpub.rules.static_version import elsewhere
from trustpub.workflows.writing import NewLeg, NewRelease, NewWorkflow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.parties.index.addresses import Addresses
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.wishes import Wishes


def new_workflow(
    facts: Facts, desired: Declaration, rows: Iterable[DeclaredPublisher], addresses: Addresses, wishes: Wishes
) -> NewWorkflow:
    """Plan one file for all the publishers that name it."""
    packages: dict[tuple[str, str], list[DeclaredPublisher]] = {}
    name = ""
    for row in rows:
        packages.setdefault((normalize(row.project), row.path), []).append(row)
        name = row.workflow.rpartition(".")[0]
    several = len(packages) > 1
    releases = tuple(_release(facts, desired, mine, addresses, several=several) for mine in packages.values())
    return NewWorkflow(releases, wishes.event, name)


def _release(
    facts: Facts, desired: Declaration, rows: list[DeclaredPublisher], addresses: Addresses, *, several: bool
) -> NewRelease:
    first = rows[0]
    path = first.path or "."
    legs = tuple(
        NewLeg(
            row.index,
            row.environment,
            desired.indexes[row.index].url if row.index in desired.indexes else "",
            f"{addresses.web(row.index)}p/{normalize(row.project)}" if row.index in PUBLIC_INDEXES else "",
        )
        for row in rows
    )
    tags = _tags(desired, rows) or ((f"{normalize(first.project)}-v*",) if several else desired.tag_protect or ("v*",))
    return NewRelease(first.project, legs, path, tags, _from_tags(facts, path), _is_compiled(facts, path))


def _tags(desired: Declaration, rows: list[DeclaredPublisher]) -> tuple[str, ...]:
    """Take the tags that the environments of the releases admit; one for every tag says nothing."""
    found: dict[str, None] = {}
    for row in rows:
        rules = desired.environment(row.environment) if row.index != "testpypi" and row.environment else None
        found |= dict.fromkeys(tag for tag in (rules.tags if rules is not None else ()) if tag.strip("*/"))
    return tuple(found)


def _from_tags(facts: Facts, path: str) -> bool:
    """Say whether a package's version is written down nowhere, so that it has to come from the tags."""
    package = next((each for each in facts.packages if each.path == path), None)
    return package is not None and package.version is None and not elsewhere(facts.files, path)[0]


_COMPILING = (
    "maturin", "mesonpy", "meson-python", "scikit-build", "scikit_build_core", "setuptools-rust", "cython", "pybind11",
    "nanobind", "cffi", "py-build-cmake", "hatch-mypyc", "mypyc",
)  # fmt: skip
"""What compiles: build backends, and tools that a build asks for."""
_EXTENSIONS = ("ext_modules", "ext-modules", "cffi_modules", "rust_extensions")
"""How setuptools is told of extensions, by its script or its tables."""


def _is_compiled(facts: Facts, path: str) -> bool:
    """Say whether building a package compiles something, so that a wheel fits one platform only."""
    root = "" if path == "." else f"{path}/"
    texts = [(facts.files.read(f"{root}{name}") or b"").decode("utf-8", "replace") for name in ("pyproject.toml", "setup.py")]
    try:
        asked = repr(tomllib.loads(texts[0]).get("build-system", {})).lower()
    except tomllib.TOMLDecodeError:
        return False
    return any(name in asked for name in _COMPILING) or any(name in text for name in _EXTENSIONS for text in texts)
