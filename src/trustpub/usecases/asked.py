"""What somebody asks for of a checkout: one index, workflow, job, event or package; and what is kept for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.errors import BadInput
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.package import Package
    from trustpub.parties.git import Checkout
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Predicted, Prediction, Wanted


class Options(NamedTuple):
    """What was asked for; None means everything."""

    index: str | None = None  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record
    workflow: str | None = None
    job: str | None = None
    event: str | None = None
    package: str | None = None


ALL = Options()


def wanted(checkout: Checkout, options: Options) -> Wanted:
    """Say which uploads are asked for. Raises `BadInput` for a workflow file that is not there."""
    from trustpub.workflows.predict import Wanted

    path = path_of(options.workflow, checkout.files) if options.workflow is not None else None
    return Wanted(path, options.job, options.event)


def path_of(named: str, paths: Iterable[str]) -> str:
    """Find the file that is asked for, by its name or its path."""
    known = list(paths)
    for path in known:
        if named in (path, path.rsplit("/", 1)[-1]) or named.replace("\\", "/").endswith(f"/{path}"):
            return path
    raise no_such("--workflow", named, "there is no such file", [path.rsplit("/", 1)[-1] for path in known])


def narrowed(facts: Facts, options: Options, chosen: Package | None) -> Facts:
    """Keep the uploads to the index and of the package that are asked for. Raises `BadInput` when an option leaves nothing."""
    if options == ALL:
        return facts
    every = [each for one in facts.uploads for each in one.predictions]
    for option, value in (("--job", options.job), ("--event", options.event), ("--workflow", options.workflow)):
        if value is not None and not every:
            raise no_such(option, value, "no step uploads there", [])
    if options.index is not None and all(each.index != options.index for each in every):
        raise no_such("--index", options.index, "no step uploads there", [each.index for each in every if each.index])
    if chosen is not None and all(each.package != chosen.path for each in every):
        names = [each.package for each in every if each.package]
        raise no_such("--package", options.package or chosen.path, "no step uploads it", names)
    return facts._replace(uploads=tuple(_kept(facts.uploads, options, chosen)))


def _kept(uploads: Iterable[Predicted], options: Options, chosen: Package | None) -> Iterator[Predicted]:
    def keeps(each: Prediction) -> bool:
        ours = chosen is None or each.package == chosen.path
        return ours and options.index in (None, each.index)

    for one in uploads:
        if kept := tuple(each for each in one.predictions if keeps(each)):
            yield one._replace(predictions=kept)


def no_such(option: str, value: str, why: str, choices: Iterable[str]) -> BadInput:
    """Build the error for an option that names nothing, with what there is."""
    names = ", ".join(f"`{name}`" for name in dict.fromkeys(choices))
    return BadInput(f"{option} `{value}`", why=why, next_step=f"There is: {names}" if names else "There is none")
