"""Predictions for a person: for each upload the verdict, when, why, the claims, and the form to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.text import columns, labelled
from trustpub.workflows.claims import NEVER_KNOWN
from trustpub.workflows.powers import ref_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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
_OTHERS = "and what could not be told"
_TO = {"depends": "may publish ", "refused": "on the way ", "never": "publishes "}
"""What makes a sentence of a verdict and the index."""
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
    yield from labelled("", _subject(found), 0)
    before: tuple[object, ...] = ()
    for group in _alike(found.predictions):
        here = (group[0].workflow, group[0].job, group[0].line)
        if here != before:
            yield ""
            yield f"{group[0].workflow}:{group[0].line}  job {group[0].job}, {_step(group[0].step)}"
            before = here
        yield from _prediction(group, style)
    if found.powers:
        yield ""
        yield "Who can publish"
        for sentence in found.powers:
            yield from labelled("  -", sentence, 4)
    for problem in found.not_read:
        yield ""
        yield from labelled("Not read", str(problem), _INDENT)


def _step(label: str) -> str:
    """Name the step; of a job that calls a workflow of another repository, name that workflow."""
    called, _, ref = label.partition("@")
    return f"calling {called}" if ref and "/.github/workflows/" in called else f"step {label}"


def _subject(found: Predictions) -> str:
    """Name the package, or the packages that any upload carries, and the repository."""
    of = f"of {found.repository.slug or 'a repository that is not known here'}"
    if found.package is None:
        named = dict.fromkeys(str(each.project or each.package or _OTHERS) for each in found.predictions)
        shown = [*(name for name in named if name != _OTHERS), *([_OTHERS] if _OTHERS in named and len(named) > 1 else [])]
        return f"{len(found.packages)} packages {of}" + (f"; uploaded: {', '.join(shown)}" if shown else "")
    name = found.package.name or "a package whose name only a build can tell"
    return f"{name}, in {'the root' if found.package.path == '.' else f'`{found.package.path}`'} {of}"


def _alike(predictions: Iterable[Prediction]) -> Iterator[list[Prediction]]:
    """Put neighbours together that differ only in the package that they carry."""
    group: list[Prediction] = []
    for each in predictions:
        if group and each != group[0]._replace(project=each.project, package=each.package):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _prediction(group: list[Prediction], style: Callable[[str, str], str]) -> Iterator[str]:
    prediction = group[0]
    where = f"to {prediction.index}" if prediction.index else "to an index that cannot be told"
    verdict = f"  {prediction.verdict}"
    lines = list(labelled(verdict, f"{_TO.get(prediction.verdict, '')}{where}, by {_when(prediction)}", _INDENT))
    yield "  " + style(prediction.verdict, prediction.verdict) + lines[0][len(verdict) :]
    yield from lines[1:]
    for sentence in prediction.why:
        yield from labelled("", f"- {sentence}", _INDENT)
    if prediction.verdict != "never" and prediction.credential == "trusted-publishing" and prediction.claims:
        yield from columns("  claims", _claims(prediction), _INDENT)
        yield from labelled("  not known", _unknown(prediction), _INDENT)
        yield from columns("  form", _form(prediction, group), _INDENT)


def _when(prediction: Prediction) -> str:
    if not prediction.event:
        return "an event that cannot be told"
    event = _EVENTS.get(prediction.event, f"{prediction.event},")
    if prediction.event == "release" and prediction.actions not in ((), ("published",)):
        event = f"a release ({', '.join(prediction.actions)}) of"
    if not prediction.ref:
        return event.rstrip(",")
    kind = "tag" if prediction.ref.startswith("refs/tags/") else "branch" if prediction.ref.startswith("refs/heads/") else "ref"
    kinds = " or ".join(prediction.ref_types) or kind
    words = ref_words(prediction.ref_pattern)
    rule = f"{'a' if words.startswith('that ') else 'the'} {kind} {words}"
    if prediction.ref_pattern == "**":
        rule = f"any {kinds}"
    example = "" if prediction.ref.endswith(f"/{prediction.ref_pattern}") else f" (for example {prediction.ref})"
    return f"{event} {rule}{example}"


def _claims(prediction: Prediction) -> list[tuple[str, str]]:
    rows = [(name, prediction.claims[name]) for name in _SHOWN if prediction.claims.get(name)]
    return [*rows, *(("sub" if number == 0 else "  or", text) for number, text in enumerate(prediction.subjects))]


def _unknown(prediction: Prediction) -> str:
    others = [name for name in prediction.unknown if name not in NEVER_KNOWN]
    return ", ".join([*others, f"and what only a run has: {', '.join(NEVER_KNOWN[:3])} ..."])


def _form(prediction: Prediction, group: list[Prediction]) -> list[tuple[str, str]]:
    names = dict.fromkeys(each.project or "(as the package is called)" for each in group)
    rows = [("Project name" if number == 0 else "  and", name) for number, name in enumerate(names)]
    rows += [(label, prediction.publisher.get(field, "")) for field, label in _FORM]
    return [(label, value or "(leave empty)") for label, value in rows]
