"""What a rule sees: a checkout that has been read, and what is predicted of it. A rule looks; it never fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.release_path import PathJob, release_path
from trustpub.workflows.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.domain.declaration import Declaration
    from trustpub.domain.github_settings import GitHubSide
    from trustpub.domain.index_project import IndexSide
    from trustpub.domain.package import Package
    from trustpub.errors import BrokenFile
    from trustpub.workflows.contexts import Repository
    from trustpub.workflows.files import Files
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.predict import Predicted, Prediction
    from trustpub.workflows.sites import Missing


class Facts(NamedTuple):
    """Everything that is known. `host` is the remote's (`github.com`), empty when there is no remote.

    `workflows` are the files that could be read, `broken` those that could not, by path. `uploads` are in the order of the files.
    `missing` is what may upload too, but could not be followed.

    `github` is what GitHub told, None when it was not asked; `indexes` what the indexes told, by name, only those that were
    asked; `now` the time of asking, in seconds since the epoch, None when nobody was asked.
    """

    repository: Repository
    host: str
    declaration: Declaration
    workflows: Mapping[str, Workflow]
    broken: Mapping[str, BrokenFile]
    packages: tuple[Package, ...]
    uploads: tuple[Predicted, ...]
    files: Files
    missing: tuple[Missing, ...] = ()
    github: GitHubSide | None = None
    indexes: Mapping[str, IndexSide] = {}
    now: float | None = None

    def sites(self) -> Iterator[tuple[Site, tuple[Prediction, ...]]]:
        """Yield the uploads whose steps are in this checkout, with their predictions (at least one each)."""
        for one in self.uploads:
            if isinstance(one.site, Site):
                yield one.site, one.predictions

    def trusted(self) -> Iterator[tuple[Site, tuple[Prediction, ...]]]:
        """Yield the uploads that some run makes by trusted publishing, or would if nothing were in the way."""
        for site, predictions in self.sites():
            if any(each.credential == "trusted-publishing" for each in predictions):
                yield site, predictions

    def path_jobs(self) -> Iterator[PathJob]:
        """Yield every job on the way to any upload, each once; one that uploads anywhere counts as publishing."""
        found: dict[tuple[str, str], PathJob] = {}
        for site, _ in self.sites():
            for step in release_path(site, self.workflows):
                key = (step.workflow.path, step.job.id)
                if key not in found or step.role == "publishes":
                    found[key] = step
        yield from found.values()
