"""Which package of a checkout is meant: one rule for every command that asks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trustpub.errors import BadInput
from trustpub.parties.git import below
from trustpub.parties.packages import Package, find_packages, package_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.parties.git import Checkout


def choose_package(checkout: Checkout, wanted: str | None = None, declared: Iterable[str] = ()) -> Package:
    """Choose the package: the wanted folder, else the one that was asked for, else the declared one, else the only one.

    `wanted` and `declared` are folders relative to the root. A package at the root goes before those below it, and packages among
    tests, examples and documents count only when there is no other. Raises `BadInput` when nothing, or nothing certain, is left.
    """
    if wanted is not None:
        return _wanted(checkout, wanted)
    if checkout.asked_folder != "." and (asked := package_at(checkout.root, checkout.asked_folder)) is not None:
        return asked
    folders = sorted({path or "." for path in declared})
    if len(folders) == 1:
        return _declared(checkout, folders[0])
    return _only(checkout, [package for path in folders if (package := package_at(checkout.root, path)) is not None])


def package_asked_for(checkout: Checkout, wanted: str | None) -> Package | None:
    """Return the package that somebody named: by its folder, or by asking for that folder itself; None when nobody did."""
    if wanted is not None:
        return _wanted(checkout, wanted)
    return package_at(checkout.root, checkout.asked_folder) if checkout.asked_folder != "." else None


def _wanted(checkout: Checkout, wanted: str) -> Package:
    root = checkout.root
    for base in (root, checkout.path):
        folder = os.path.realpath(os.path.join(base, wanted))
        inside = folder == root or folder.startswith(os.path.join(root, ""))
        if inside and (package := package_at(root, below(folder, root))) is not None:
            return package
    raise BadInput(f"--package `{wanted}`", why="no package is there", next_step=_choices(list(find_packages(root))))


def _declared(checkout: Checkout, path: str) -> Package:
    package = package_at(checkout.root, path)
    if package is None:
        why = "neither pyproject.toml nor setup.py is there"
        raise BadInput(f"trustpub.toml: publisher.path `{path}`", why=why, next_step=_choices(list(find_packages(checkout.root))))
    return package


def _only(checkout: Checkout, candidates: list[Package]) -> Package:
    if not candidates:
        at_root = package_at(checkout.root, ".")
        found = [at_root] if at_root is not None else list(find_packages(checkout.root))
        candidates = [package for package in found if not package.side] or found
    if not candidates:
        step = "Give the package's folder with --package, or run this in its repository"
        raise BadInput(f"{checkout.path}", why="no package: neither pyproject.toml nor setup.py is there", next_step=step)
    if len(candidates) > 1:
        raise BadInput(f"{len(candidates)} packages and none is chosen", next_step=_choices(candidates))
    return candidates[0]


def _choices(packages: list[Package]) -> str:
    if not packages:
        return "There is no package in this checkout"
    shown = ", ".join(f"`{package.path}`" for package in packages[:8])
    more = f" and {len(packages) - 8} more" if len(packages) > 8 else ""
    return f"Choose with --package: {shown}{more}"
