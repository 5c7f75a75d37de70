"""Gather what the files of a checkout say: its workflows, its packages, its declaration, and what is predicted of its uploads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES, Declaration
from trustpub.errors import BrokenFile
from trustpub.parties.files import CheckoutFiles
from trustpub.parties.packages import find_packages, package_at
from trustpub.record import NamedTuple
from trustpub.rules.facts import Facts
from trustpub.usecases.predict import IndexNames, audience_of, declaration_of, release_of, repository_of
from trustpub.workflows.events import Names
from trustpub.workflows.model import Workflow, read
from trustpub.workflows.predict import Facts as Known
from trustpub.workflows.predict import Wanted, predicted
from trustpub.workflows.source import parse

if TYPE_CHECKING:
    from trustpub.domain.package import Package
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.workflows.files import Files


class Read(NamedTuple):
    """The workflow files that could be read, and those that could not."""

    workflows: dict[str, Workflow]
    broken: dict[str, BrokenFile]


def gather(checkout: Checkout, addresses: Addresses, wanted: Wanted, files: Files | None = None) -> Facts:
    """Read a checkout whole. One file that cannot be read hides nothing else; a `trustpub.toml` that cannot be read raises."""
    declared = declaration_of(checkout)
    found = read_workflows(checkout)
    packages = packages_of(checkout, declared)
    repository = repository_of(checkout, declared)
    only = packages[0] if len(packages) == 1 else None
    known = Known(
        repository=repository,
        declaration=declared,
        names=Names(release_of(only.version if only else None), only.name or "" if only else "", repository.default_branch),
        index_of=IndexNames(declared, {name: url for package in packages for name, url in package.indexes}, addresses),
        audience_of=lambda name: name if name in PUBLIC_INDEXES else audience_of(declared, name),
        project=only.name if only else None,
        package=only.path if only else None,
    )
    return Facts(
        repository=repository,
        host=checkout.origin.host if checkout.origin else "",
        declaration=declared,
        workflows=found.workflows,
        broken=found.broken,
        packages=packages,
        uploads=predicted(found.workflows, known, wanted),
        files=files or CheckoutFiles(str(checkout.root)),
    )


def read_workflows(checkout: Checkout) -> Read:
    """Parse every workflow file."""
    workflows: dict[str, Workflow] = {}
    broken: dict[str, BrokenFile] = {}
    for path, data in checkout.files.items():
        try:
            workflows[path] = read(parse(data, path))
        except BrokenFile as problem:
            broken[path] = problem
    return Read(workflows, broken)


def packages_of(checkout: Checkout, declared: Declaration) -> tuple[Package, ...]:
    """List the packages: the one asked for, else the declared ones, else the one at the root, else all that are no side matter."""
    root = checkout.root
    if checkout.asked_folder != "." and (asked := package_at(root, checkout.asked_folder)) is not None:
        return (asked,)
    folders = sorted({row.path or "." for row in declared.publishers})
    if chosen := [package for path in folders if (package := package_at(root, path)) is not None]:
        return tuple(chosen)
    at_root = package_at(root, ".")
    found = [at_root] if at_root is not None else list(find_packages(root))
    return tuple([package for package in found if not package.side] or found)
