"""Predict: from a checkout to what every publishing step will claim, and what the index will answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.errors import BadInput, BrokenFile
from trustpub.record import NamedTuple
from trustpub.usecases.asked import Options, no_such, wanted
from trustpub.usecases.gather import declaration_of, gather, without_credentials
from trustpub.usecases.not_read import not_read
from trustpub.usecases.package import choose_package, package_asked_for
from trustpub.workflows.events import triggers
from trustpub.workflows.powers import powers
from trustpub.workflows.sites import Site, sites

if TYPE_CHECKING:
    from trustpub.domain.declaration import Declaration
    from trustpub.domain.package import Package
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.rules.facts import Facts
    from trustpub.workflows.contexts import Repository
    from trustpub.workflows.predict import Predicted, Prediction

__all__ = ["Options", "Predictions", "choose_package", "run", "run_for_one_package", "without_credentials"]


class Predictions(NamedTuple):
    """The predictions, and what they were made from.

    `package` is the one that was asked for, or the only one; None when there are several. `not_read` are files that nobody can
    read, and that do not look as if they published anything. `uploads` are the predictions upload by upload, before any was left
    out.
    """

    predictions: tuple[Prediction, ...]
    checkout: Checkout
    declaration: Declaration
    package: Package | None
    repository: Repository
    packages: tuple[Package, ...] = ()
    not_read: tuple[BrokenFile, ...] = ()
    uploads: tuple[Predicted, ...] = ()

    @property
    def powers(self) -> tuple[str, ...]:
        """Who can publish by what is predicted here, in sentences."""
        kept = {id(each) for each in self.predictions}
        rows = (one._replace(predictions=tuple(each for each in one.predictions if id(each) in kept)) for one in self.uploads)
        return powers(rows, self.declaration)

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
    chosen = package_asked_for(checkout, options.package)
    found = _predict(checkout, options, addresses, chosen)
    return found if chosen is None else _of_package(found, chosen, options.package)


def run_for_one_package(checkout: Checkout, options: Options, addresses: Addresses) -> Predictions:
    """Predict the uploads of one package: a repository of several needs `options.package`, else `BadInput` is raised."""
    declared = declaration_of(checkout)
    _need_workflows(checkout)
    chosen = choose_package(checkout, options.package, [row.path for row in declared.publishers if row.path])
    return _of_package(_predict(checkout, options, addresses, chosen), chosen, options.package)


def _predict(checkout: Checkout, options: Options, addresses: Addresses, chosen: Package | None) -> Predictions:
    _need_workflows(checkout)
    asked = wanted(checkout, options)
    facts = gather(checkout, addresses, asked, chosen=chosen, whole=True)
    _refuse_broken(facts, asked.workflow)
    predictions = tuple(each for one in facts.uploads for each in one.predictions)
    if not predictions:
        raise _nothing(facts, options)
    if not facts.packages:
        choose_package(checkout)  # says what is missing
    return Predictions(
        _of_index(predictions, options.index),
        checkout,
        facts.declaration,
        chosen or (facts.packages[0] if len(facts.packages) == 1 else None),
        facts.repository,
        facts.packages,
        tuple(facts.broken.values()) if asked.workflow is None else (),
        facts.uploads,
    )


def _need_workflows(checkout: Checkout) -> None:
    if not checkout.files:
        why = "no workflow: there is no .yml or .yaml file in `.github/workflows`"
        step = "Run this in the repository that publishes the package; where nothing does yet, `trustpub setup` writes a workflow"
        raise BadInput(f"{checkout.path}", why=why, next_step=step)


def _refuse_broken(facts: Facts, asked: str | None) -> None:
    """Refuse a file that nobody can read where it matters, and a publishing one that GitHub itself would refuse."""
    for path, problem in facts.broken.items():
        if path == asked or (asked is None and (not facts.uploads or _may_publish(facts, path))):
            raise problem
    for site, _ in facts.sites():
        for workflow in (site.root, *(call.workflow for call in site.calls), site.workflow):
            for wrong in workflow.problems:
                raise workflow.source.broken(wrong.start, wrong.why)


def _may_publish(facts: Facts, path: str) -> bool:
    """Say whether a file's bytes speak of publishing at all."""
    data = (facts.files.read(path) or b"").lower()
    return any(word in data for word in (b"publish", b"upload", b"twine", b"pypi", b"release"))


def _nothing(facts: Facts, options: Options) -> BadInput:
    """Say what an option named that is not there, or that there is nothing at all."""
    found = [site for site in sites(facts.workflows, facts.files) if isinstance(site, Site)]
    jobs = [job.id for site in found for job in (site.job, *(call.job for call in site.calls))]
    if options.job is not None and found and options.job not in jobs:
        return no_such("--job", options.job, "no such job publishes", jobs)
    events = [trigger.event for site in found for trigger in triggers(site.root.on)]
    if options.event is not None and found and options.event not in events:
        return no_such("--event", options.event, "no publishing workflow is started by it", events)
    given = {"workflow": options.workflow, "job": options.job, "event": options.event}
    asked = [f"--{name} `{value}`" for name, value in given.items() if value is not None]
    where = " with ".join(["no publishing job", ", ".join(asked)]) if asked else "no publishing job"
    number = len(facts.workflows)
    read = f"the {number} workflow files that were read" if number != 1 else "the one workflow file that was read"
    looked = f"no step that uploads was found in {read}: neither an action, nor {_CLIENTS}"
    unread = [f"`{each.path}`: {each.why}" for each in not_read(facts)]
    why = "; ".join([looked, *(["not read: " + "; ".join(unread)] if unread else [])])
    return BadInput(where, why=why, next_step="Add a step that uploads, or name another folder")


_CLIENTS = "uv, twine, flit, hatch, maturin, pdm, poetry, rye, setup.py, jupyter-releaser or semantic-release"
"""The clients whose uploads are known, for the sentence that none of them was found."""


def _of_package(found: Predictions, chosen: Package, asked: str | None) -> Predictions:
    """Keep what carries the chosen package."""
    kept = tuple(prediction for prediction in found.predictions if prediction.package == chosen.path)
    if not kept:
        names = [prediction.package for prediction in found.predictions if prediction.package is not None]
        raise no_such("--package" if asked is not None else "the package in", asked or chosen.path, "no step uploads it", names)
    return found._replace(predictions=kept)


def _of_index(predictions: tuple[Prediction, ...], asked: str | None) -> tuple[Prediction, ...]:
    if asked is None:
        return predictions
    chosen = tuple(prediction for prediction in predictions if prediction.index == asked)
    if not chosen:
        raise no_such("--index", asked, "no step uploads there", [p.index for p in predictions if p.index is not None])
    return chosen
