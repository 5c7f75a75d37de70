"""One look at one file, in whatever process: the archive, then its metadata, then what the metadata promises about the rest."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING

from trustpub.domain.classifiers import Catalogue, classifier_problem
from trustpub.domain.core_metadata import CoreMetadata, Problem, first_problem, one_line, read
from trustpub.domain.filenames import WHEEL
from trustpub.parties.archives.descriptions import description_problem
from trustpub.parties.archives.port import Inspected, Rejected, Unacceptable
from trustpub.parties.archives.sdists import Sdist
from trustpub.parties.archives.wheels import Wheel

if TYPE_CHECKING:
    from trustpub.parties.archives.port import Job

_LICENCES_SINCE = ("2.4", "2.5")
"""Metadata versions in which `License-File` is a promise (PEP 639)."""


def inspect(fd: int, job: Job) -> Inspected | Rejected:
    """Look at the open file; its position is neither used nor moved. Raises OSError, and MemoryError under a limit."""
    size = os.fstat(fd).st_size
    if size == 0:
        return Rejected("Invalid distribution file. It is empty")
    with mmap.mmap(fd, size, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as data:
        return inspect_bytes(data, job)


def inspect_bytes(data: memoryview, job: Job) -> Inspected | Rejected:
    """Look at these bytes."""
    try:
        archive = Wheel(data, job) if job.filetype == WHEEL else Sdist(data, job)
        metadata = archive.metadata() if job.metadata_only else archive.check()
        core = read(metadata)
        if isinstance(core, Problem):
            return Rejected(core.message)
        if job.metadata_only:
            return Inspected(metadata, core)
        problem = first_problem(core, job.rules) or _classifier_problem(core)
        if problem:
            return Rejected(problem.message)
        unshown = description_problem(core)
        if unshown:
            return Rejected(unshown)
        _check_licences(archive, core, job)
    except Unacceptable as refusal:
        return Rejected(refusal.what)
    return Inspected(metadata, core)


def _classifier_problem(core: CoreMetadata) -> Problem | None:
    """Whether every classifier is one; without the list that comes with an index, nobody can tell."""
    asked = core.all("classifier")
    if not asked:
        return None
    try:
        from trove_classifiers import classifiers, deprecated_classifiers
    except ImportError:
        return None
    return classifier_problem(asked, Catalogue(classifiers, deprecated_classifiers))


def _check_licences(archive: Wheel | Sdist, core: CoreMetadata, job: Job) -> None:
    if core.one("metadata-version") not in _LICENCES_SINCE:
        return
    for licence in core.all("license-file"):
        path = archive.licence_path(licence)
        if path not in archive:
            told = f"License-File {licence} does not exist in distribution file {job.filename} at {path}"
            raise Unacceptable(one_line(told))
