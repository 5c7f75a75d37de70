"""Predict: from a checkout to what every publishing step will claim, and what the index will answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain import declaration
from trustpub.domain.declaration import PUBLIC_INDEXES, Declaration
from trustpub.domain.publishers import Provider
from trustpub.errors import BadInput, BrokenFile
from trustpub.record import NamedTuple
from trustpub.usecases.package import choose_package
from trustpub.workflows.contexts import Repository
from trustpub.workflows.events import Names, triggers
from trustpub.workflows.model import Workflow, read
from trustpub.workflows.predict import Facts, Prediction, Wanted, predict
from trustpub.workflows.sites import Site, sites
from trustpub.workflows.source import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.parties.packages import Package

__all__ = [
    "IndexNames", "Options", "Predictions", "audience_of", "choose_package", "declaration_of", "release_of", "repository_of",
    "run",
]  # fmt: skip

EXAMPLE_VERSION = "1.2.3"
"""The version in example tags when the package does not say its own."""


class Options(NamedTuple):
    """What was asked for; None means everything."""

    index: str | None = None  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    workflow: str | None = None
    job: str | None = None
    event: str | None = None
    package: str | None = None


class Predictions(NamedTuple):
    """The predictions, and what they were made from."""

    predictions: tuple[Prediction, ...]
    checkout: Checkout
    declaration: Declaration
    package: Package
    repository: Repository

    @property
    def hopeful(self) -> bool:
        """Whether every uploading step has at least one kind of run that publishes, or may."""
        steps: dict[tuple[str, int, int], bool] = {}
        for prediction in self.predictions:
            place = (prediction.workflow, prediction.line, prediction.column)
            steps[place] = steps.get(place, False) or prediction.verdict in ("publishes", "depends")
        return all(steps.values())


def run(checkout: Checkout, options: Options, addresses: Addresses) -> Predictions:
    """Predict the uploads of a checkout. Raises `BadInput` when there is nothing to predict or an option names nothing."""
    declared = declaration_of(checkout)
    workflows = _workflows(checkout, options.workflow)
    found = [site for site in sites(workflows) if isinstance(site, Site)]
    path = _path(options.workflow, workflows) if options.workflow is not None else None
    _check_job(options.job, found)
    _check_event(options.event, found)
    package = choose_package(checkout, options.package, [row.path for row in declared.publishers if row.path])
    repository = repository_of(checkout, declared)
    facts = Facts(
        repository=repository,
        declaration=declared,
        names=Names(release_of(package.version), package.name or "", repository.default_branch),
        index_of=IndexNames(declared, dict(package.indexes), addresses),
        audience_of=lambda name: name if name in PUBLIC_INDEXES else audience_of(declared, name),
        project=package.name,
        package=package.path,
    )
    wanted = Wanted(path, options.job, options.event)
    _refuse_broken([site for site in found if wanted.covers(site)])
    predictions = predict(workflows, facts, wanted)
    _check_any(predictions, workflows, options)
    return Predictions(_of_index(predictions, options.index), checkout, declared, package, repository)


def declaration_of(checkout: Checkout) -> Declaration:
    """Read the checkout's `trustpub.toml`; without one nothing is declared."""
    return declaration.parse(checkout.declaration[1], checkout.declaration[0]) if checkout.declaration else Declaration()


def _workflows(checkout: Checkout, wanted: str | None) -> dict[str, Workflow]:
    """Parse the workflow files. A file that cannot be read is an error, unless another one was asked for by name."""
    if not checkout.files:
        why = "no workflow: there is no .yml or .yaml file in `.github/workflows`"
        raise BadInput(f"{checkout.path}", why=why, next_step="Run this in the repository that publishes the package")
    result: dict[str, Workflow] = {}
    for path, data in checkout.files.items():
        try:
            result[path] = read(parse(data, path))
        except BrokenFile:
            if wanted is None or _names(wanted, path):
                raise
    return result


def _names(wanted: str, path: str) -> bool:
    return wanted in (path, path.rsplit("/", 1)[-1]) or wanted.replace("\\", "/").endswith(f"/{path}")


def _path(wanted: str, workflows: Mapping[str, Workflow]) -> str:
    for path in workflows:
        if _names(wanted, path):
            return path
    raise _no_such("--workflow", wanted, "there is no such file", [workflow.file_name for workflow in workflows.values()])


def _check_job(wanted: str | None, found: Sequence[Site]) -> None:
    jobs = [job.id for site in found for job in (site.job, *(call.job for call in site.calls))]
    if wanted is not None and found and wanted not in jobs:
        raise _no_such("--job", wanted, "no such job publishes", jobs)


def _check_event(wanted: str | None, found: Sequence[Site]) -> None:
    events = [trigger.event for site in found for trigger in triggers(site.root.on)]
    if wanted is not None and found and wanted not in events:
        raise _no_such("--event", wanted, "no publishing workflow is started by it", events)


def _refuse_broken(found: Iterable[Site]) -> None:
    """Refuse a publishing workflow that GitHub itself would refuse: nothing said about it would be true."""
    for site in found:
        for workflow in (site.root, *(call.workflow for call in site.calls), site.workflow):
            for problem in workflow.problems:
                raise workflow.source.broken(problem.start, problem.why)


def _check_any(predictions: Sequence[Prediction], workflows: Mapping[str, Workflow], options: Options) -> None:
    if predictions:
        return
    given = {"workflow": options.workflow, "job": options.job, "event": options.event}
    asked = [f"--{name} `{value}`" for name, value in given.items() if value is not None]
    where = " with ".join(["no publishing job", ", ".join(asked)]) if asked else "no publishing job"
    looked = ", ".join(f"`{workflow.file_name}`" for workflow in list(workflows.values())[:8])
    why = f"no step uses the publish action, `uv publish` or `twine upload` in {looked}"
    raise BadInput(where, why=why, next_step="Add a step that uploads, or name another folder")


def _of_index(predictions: tuple[Prediction, ...], wanted: str | None) -> tuple[Prediction, ...]:
    if wanted is None:
        return predictions
    chosen = tuple(prediction for prediction in predictions if prediction.index == wanted)
    if not chosen:
        raise _no_such("--index", wanted, "no step uploads there", [p.index for p in predictions if p.index is not None])
    return chosen


def _no_such(option: str, value: str, why: str, choices: Iterable[str]) -> BadInput:
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(choices))
    return BadInput(f"{option} `{value}`", why=why, next_step=f"There is: {names}" if names else "There is none")


def repository_of(checkout: Checkout, declared: Declaration) -> Repository:
    """Say whose repository this is: the remote's word goes before the declaration's, which alone knows the owner's id."""
    row = next((row for row in declared.publishers if row.provider is Provider.GITHUB), None)
    owner = checkout.origin.owner if checkout.origin else row.owner if row else ""
    name = checkout.origin.repository if checkout.origin else row.repository if row else ""
    owner_id = row.owner_id if row and row.owner.lower() == owner.lower() else ""
    return Repository(owner, name, owner_id, default_branch=checkout.default_branch or "main")


def release_of(version: str | None) -> str:
    """The version that an example tag names: the release part of the package's own, `3.2.0` of `3.2.0.dev1`."""
    match = re.match(r"v?([0-9]+(?:\.[0-9]+)*)", version or "")
    return match[1] if match else EXAMPLE_VERSION


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
