"""Predictions for a person: for each upload the verdict, when, why, the claims, and the form to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.text import columns, labelled
from trustpub.workflows.claims import NEVER_KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustpub.usecases.predict import Predictions
    from trustpub.workflows.predict import Prediction

_INDENT = 13
_SHOWN = (
    "repository", "repository_owner_id", "job_workflow_ref", "workflow_ref", "ref", "event_name", "environment", "aud", "iss",
    "runner_environment",
)  # fmt: skip
_FORM = (
    ("repository_owner", "Owner"),
    ("repository_name", "Repository name"),
    ("workflow_filename", "Workflow name"),
    ("environment", "Environment name"),
)
"""The fields of PyPI's form, in its order and by its names."""
_EVENTS = {
    "push": "a push of",
    "release": "a release of",
    "workflow_dispatch": "a dispatch on",
    "schedule": "the schedule, on",
    "pull_request": "a pull request,",
    "pull_request_target": "a pull request (target), on",
}


def render_text(found: Predictions, style: Callable[[str, str], str] = lambda text, _: text) -> str:
    """Write the whole report, ending with a line feed. `style` may colour a word by its verdict."""
    return "\n".join(_lines(found, style)) + "\n"


def _lines(found: Predictions, style: Callable[[str, str], str]) -> Iterator[str]:
    name = found.package.name or "a package whose name only a build can tell"
    folder = "the root" if found.package.path == "." else f"`{found.package.path}`"
    yield f"{name}, in {folder} of {found.repository.slug or 'a repository that is not known here'}"
    before: tuple[object, ...] = ()
    for prediction in found.predictions:
        here = (prediction.workflow, prediction.job, prediction.line)
        if here != before:
            yield ""
            yield f"{prediction.workflow}:{prediction.line}  job {prediction.job}, step {prediction.step}"
            before = here
        yield from _prediction(prediction, style)


def _prediction(prediction: Prediction, style: Callable[[str, str], str]) -> Iterator[str]:
    where = f"to {prediction.index}" if prediction.index else "to an index that cannot be told"
    verdict = f"  {prediction.verdict}"
    lines = list(labelled(verdict, f"{where}, by {_when(prediction)}", _INDENT))
    yield "  " + style(prediction.verdict, prediction.verdict) + lines[0][len(verdict) :]
    yield from lines[1:]
    for sentence in prediction.why:
        yield from labelled("", f"- {sentence}", _INDENT)
    if prediction.verdict != "never" and prediction.credential == "trusted-publishing" and prediction.claims:
        yield from columns("  claims", _claims(prediction), _INDENT)
        yield from labelled("  not known", _unknown(prediction), _INDENT)
        yield from columns("  form", _form(prediction), _INDENT)


def _when(prediction: Prediction) -> str:
    if not prediction.event:
        return "an event that cannot be told"
    event = _EVENTS.get(prediction.event, f"{prediction.event},")
    if not prediction.ref:
        return event.rstrip(",")
    kind = "tag" if prediction.ref.startswith("refs/tags/") else "branch" if prediction.ref.startswith("refs/heads/") else "ref"
    kinds = " or ".join(prediction.ref_types) or kind
    rule = f"any {kinds}" if prediction.ref_pattern == "**" else f"the {kind} {prediction.ref_pattern}"
    example = "" if prediction.ref.endswith(f"/{prediction.ref_pattern}") else f" (for example {prediction.ref})"
    return f"{event} {rule}{example}"


def _claims(prediction: Prediction) -> list[tuple[str, str]]:
    rows = [(name, prediction.claims[name]) for name in _SHOWN if prediction.claims.get(name)]
    return [*rows, *(("sub" if number == 0 else "  or", text) for number, text in enumerate(prediction.subjects))]


def _unknown(prediction: Prediction) -> str:
    others = [name for name in prediction.unknown if name not in NEVER_KNOWN]
    return ", ".join([*others, f"and what only a run has: {', '.join(NEVER_KNOWN[:3])} ..."])


def _form(prediction: Prediction) -> list[tuple[str, str]]:
    rows = [("Project name", prediction.project or "(as the package is called)")]
    rows += [(label, prediction.publisher.get(field, "")) for field, label in _FORM]
    return [(label, value or "(leave empty)") for label, value in rows]
