"""The places that findings point at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Span
from trustpub.workflows.source import place_in

if TYPE_CHECKING:
    from trustpub.workflows.actions import Action
    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Scalar


def of_job(workflow: Workflow, job: Job) -> Span:
    """The job's id."""
    return Span(workflow.path, job.start, job.start + len(job.id))


def of_word(workflow: Workflow | Action, word: Scalar) -> Span:
    """A whole word without its quotes; of a block, its first line."""
    return inside(
        workflow, word, 0, len(word.value.rstrip("\n").partition("\n")[0]) if word.style in ("|", ">") else len(word.value)
    )


def inside(workflow: Workflow | Action, word: Scalar, start: int, end: int) -> Span:
    """A piece of a word's value, from the index of its first to after that of its last character there."""
    first = place_in(workflow.source, word, start)
    last = place_in(workflow.source, word, end - 1) + 1 if end > start else first
    return Span(workflow.path, first, max(first, last))


def of_upload(site: Site) -> Span:
    """The words that upload, as the workflow's own step has them: its action, or the line of its script."""
    run = site.step.run
    if site.step.uses is not None or run is None or site.actions:
        return of_step(site.workflow, site.step)
    offset = site.upload.offset
    line = run.value[offset:].partition("\n")[0].rstrip()
    return inside(site.workflow, run, offset, offset + len(line)) if line else of_step(site.workflow, site.step)


def of_step(workflow: Workflow, step: Step) -> Span:
    """What the step is best known by: its action, the first line that it runs, else its beginning."""
    word = step.uses or step.run
    return of_word(workflow, word) if word is not None else Span(workflow.path, step.start, step.start)
