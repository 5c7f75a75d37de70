"""Gather what the files of a checkout say: its workflows, its packages, its declaration, and what is predicted of its uploads.

The one way in for every command that looks at a checkout: `check`, `predict` and `rehearse` see the same facts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain import declaration
from trustpub.domain.declaration import PUBLIC_INDEXES, Declaration
from trustpub.domain.package import release_of
from trustpub.domain.publishers import Provider
from trustpub.errors import BrokenFile
from trustpub.parties.files import CheckoutFiles
from trustpub.parties.packages import find_packages, package_at
from trustpub.record import NamedTuple
from trustpub.rules.facts import Facts
from trustpub.workflows.carries import Packages
from trustpub.workflows.contexts import Repository
from trustpub.workflows.events import Names
from trustpub.workflows.model import Workflow, read
from trustpub.workflows.predict import Facts as Known
from trustpub.workflows.predict import Wanted, predicted
from trustpub.workflows.sites import missing
from trustpub.workflows.source import parse
from trustpub.workflows.uploading import JobUploads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.domain.package import Package
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.workflows.files import Files


class Read(NamedTuple):
    """The workflow files that could be read, and those that could not."""

    workflows: dict[str, Workflow]
    broken: dict[str, BrokenFile]


def gather(
    checkout: Checkout,
    addresses: Addresses,
    wanted: Wanted,
    files: Files | None = None,
    chosen: Package | None = None,
    whole: bool = False,
    identity: Repository | None = None,
    in_force: Callable[[Declaration], Declaration] | None = None,
) -> Facts:
    """Read a checkout whole. One file that cannot be read hides nothing else; a `trustpub.toml` that cannot be read raises.

    `chosen` is the package of every upload that names none; without it that is the only one, when there is only one. Only the
    files that may have to do with an upload are kept, unless the `whole` is asked for: a repository may have thousands.
    `identity` is what GitHub said of the repository: it goes before what the remote's address and the declaration say; `in_force`
    puts the environments as GitHub has them in the place of the declared ones.
    """
    declared = declaration_of(checkout)
    files = files or CheckoutFiles(checkout.root)
    uploads = JobUploads(files)
    found = read_workflows(checkout, (lambda _: True) if whole else (lambda workflow: matters(workflow, uploads)))
    packages = packages_of(checkout, declared)
    repository = identity or repository_of(checkout, declared)
    only = chosen or assumed(checkout, declared, packages)
    known = Known(
        repository=repository,
        declaration=in_force(declared) if in_force is not None else declared,
        names=Names(release_of(only.version if only else None), (only.name if only else None) or "", repository.default_branch),
        index_of=IndexNames(declared, {name: url for package in packages for name, url in package.indexes}, addresses),
        audience_of=lambda name: name if name in PUBLIC_INDEXES else audience_of(declared, name),
        project=only.name if only else None,
        package=only.path if only else None,
        packages=Packages(packages, _Look(checkout.root)),
        files=files,
        uploads=uploads,
    )
    return Facts(
        repository=repository,
        host=checkout.origin.host if checkout.origin else "",
        declaration=declared,
        workflows=found.workflows,
        broken=found.broken,
        packages=packages,
        uploads=predicted(found.workflows, known, wanted),
        files=files,
        missing=tuple(missing(found.workflows, files, uploads)),
    )


class _Look:
    """Looks for a package in a folder that a workflow names. One that cannot be read is none."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._known: dict[str, Package | None] = {}

    def __call__(self, path: str) -> Package | None:
        if path not in self._known:
            try:
                self._known[path] = package_at(self._root, path)
            except BrokenFile:
                self._known[path] = None
        return self._known[path]


def read_workflows(checkout: Checkout, keep: Callable[[Workflow], bool]) -> Read:
    """Parse every workflow file, and keep those that are wanted: all of them, where one of these is started by other runs."""
    workflows: dict[str, Workflow] = {}
    broken: dict[str, BrokenFile] = {}
    for path, data in checkout.files.items():
        try:
            workflow = read(parse(data, path))
        except BrokenFile as problem:
            broken[path] = problem
            continue
        if keep(workflow):
            workflows[path] = workflow
    whole = len(workflows) + len(broken) == len(checkout.files)
    if not whole and any("workflow_run" in workflow.source.text for workflow in workflows.values()):
        return read_workflows(checkout, lambda _: True)  # what starts them is told by its name only
    return Read(workflows, broken)


def matters(workflow: Workflow, uploads: JobUploads) -> bool:
    """Say whether a workflow file may have to do with an upload, or with what a rule says of those that do.

    It uploads or runs what may, calls others or is called, makes tags, starts for strangers, is refused, or suppresses a finding.
    """
    text = workflow.source.text
    if workflow.problems or any(word in text for word in _MATTERING):
        return True
    return any(job.uses is not None or bool(uploads.of(workflow, job)) for job in workflow.jobs.values())


_MATTERING = (
    "workflow_call", "pull_request_target", "workflow_run", "issue_comment", "trustpub:", "git push", "git tag", "git/refs",
    "gh release", "gh-release", "release-action", "create-release", "createRelease", "automatic-releases", "release-please",
    "semantic-release", "github-tag-action", "tag-new-version",
)  # fmt: skip


def packages_of(checkout: Checkout, declared: Declaration) -> tuple[Package, ...]:
    """List the packages: the one at the root and the declared ones; all that are no side matter in a workspace or without a root.

    A repository with a package at its root is rarely walked: a folder that a workflow names is looked at when it is named.
    """
    root = checkout.root
    at_root = package_at(root, ".")
    if at_root is None or _is_workspace(root):
        found = list(find_packages(root))
        return tuple([package for package in found if not package.side] or found)
    folders = sorted({row.path for row in declared.publishers if row.path})
    return (at_root, *(package for path in folders if (package := package_at(root, path)) is not None))


def _is_workspace(root: str) -> bool:
    """Say whether the root declares that packages below it belong to it."""
    data = CheckoutFiles(root).read("pyproject.toml") or b""
    return b"workspace]" in data and re.search(rb"(?m)^\s*\[tool\.(?:uv|rye)\.workspace\]", data) is not None


def assumed(checkout: Checkout, declared: Declaration, packages: tuple[Package, ...]) -> Package | None:
    """Return the package that is meant where nothing names one: the asked folder's, the declared one, the only one; else None."""
    if checkout.asked_folder != "." and (asked := package_at(checkout.root, checkout.asked_folder)) is not None:
        return asked
    folders = {row.path or "." for row in declared.publishers}
    if len(folders) == 1 and (only := package_at(checkout.root, *folders)) is not None:
        return only
    return packages[0] if len(packages) == 1 else None


def declaration_of(checkout: Checkout) -> Declaration:
    """Read the checkout's `trustpub.toml`; without one nothing is declared."""
    return declaration.parse(checkout.declaration[1], checkout.declaration[0]) if checkout.declaration else Declaration()


def repository_of(checkout: Checkout, declared: Declaration) -> Repository:
    """Say whose repository this is: the remote's word goes before the declaration's, which alone knows the owner's id.

    A declared publisher with the owner's id was spelled by GitHub, and an address is taken in any case: of the two spellings of
    one name that one counts.
    """
    row = next((row for row in declared.publishers if row.provider is Provider.GITHUB), None)
    owner = checkout.origin.owner if checkout.origin else row.owner if row else ""
    name = checkout.origin.repository if checkout.origin else row.repository if row else ""
    spelled = (each for each in declared.publishers if each.provider is Provider.GITHUB and each.owner_id)
    same = next((each for each in spelled if f"{each.owner}/{each.repository}".lower() == f"{owner}/{name}".lower()), None)
    if same is not None:
        return Repository(same.owner, same.repository, same.owner_id, default_branch=checkout.default_branch or "main")
    owner_id = row.owner_id if row and row.owner.lower() == owner.lower() else ""
    return Repository(owner, name, owner_id, default_branch=checkout.default_branch or "main")


def audience_of(declared: Declaration, name: str) -> str:
    """Return the audience that is declared for an index; empty when none is."""
    return declared.indexes[name].audience if name in declared.indexes else ""


class IndexNames:
    """Names the index of a destination: declared ones by name and address, PyPI's own by what the address book knows.

    `named` are the upload addresses behind the names that the package's own configuration gives.
    """

    def __init__(self, declared: Declaration, named: Mapping[str, str], addresses: Addresses) -> None:
        self.declared = declared
        self.named = named
        self.addresses = addresses

    def __call__(self, kind: str, value: str) -> tuple[str, bool]:
        """Return the index's name, and whether it is known; of one that is not, the name is its address."""
        if kind == "default":
            return "pypi", True
        if kind == "url":
            return self._of_address(value)
        if value in PUBLIC_INDEXES or value in self.declared.indexes:
            return value, True
        return self._of_address(self.named[value]) if value in self.named else (value, False)

    def _of_address(self, value: str) -> tuple[str, bool]:
        for name, index in self.declared.indexes.items():
            if index.url.rstrip("/") == value.rstrip("/"):
                return name, True
        public = self.addresses.name_of(value)
        return (public, True) if public is not None else (without_credentials(value), False)


def without_credentials(url: str) -> str:
    """Take user and password out of an address: what is shown may be seen by others."""
    return re.sub(r"^([a-z]+://)[^/@]*@", r"\1", url)
