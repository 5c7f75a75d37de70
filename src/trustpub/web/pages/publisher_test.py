"""Testing publishers: what pasted claims would get from each, and which field differs. No signature is checked, nothing kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone, not_done
from trustpub.web.pages.again import page_or_again
from trustpub.web.pages.pasted_claims import claims_of
from trustpub.web.pages.visible import visible
from trustpub.web.pages.words import problem_said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from trustpub.domain.claims import JSON
    from trustpub.domain.renames import Moved
    from trustpub.usecases.projects.mine import MyProject
    from trustpub.usecases.publishing import Registration, Tested
    from trustpub.web.pages.visit import Visit

TEMPLATE = "publishing/test.html"
NO_CLAIMS = "This is neither a JSON object nor an ID token. Paste the claims as your CI prints them, or a whole token."


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one publisher says to the claims; `differences` are (field, what is registered, what came).

    `moved` is a name that moved between them, `closed` a state in which the project takes no file.
    """

    each: Registration
    accepted: bool
    why: str
    differences: tuple[tuple[str, str, str], ...]
    moved: Moved | None
    closed: str


def tested(visit: Visit, publishers: Sequence[Registration], project: MyProject | None, above: str) -> Response:
    """The page: the form, and after it was sent what every publisher says, the one that accepts first."""

    def page(claims: str, why: NotDone | None = None, verdicts: Sequence[Verdict] | None = None) -> Response:
        form = {"claims": claims}
        return page_or_again(
            visit, TEMPLATE, why, project=project, publishers=publishers, above=above, form=form, verdicts=verdicts
        )

    if not visit.posted:
        return page("")
    claims = claims_of(visit.form.text("claims"))
    if not claims:
        return page("", not_done(422, "no-claims", NO_CLAIMS, "claims"))
    verdicts: list[Verdict] = []
    for each in publishers:
        done = visit.site.publishing.test(visit.caller, each.id, claims)
        if isinstance(done, NotDone):
            return page(claims, done)
        verdicts.append(_verdict(visit.language, each, done))
    verdicts.sort(key=lambda verdict: (not verdict.accepted, len(verdict.differences)))
    return page(claims, None, verdicts)


def _verdict(language: str, each: Registration, done: Tested) -> Verdict:
    rows = tuple((difference.field, _told(difference.expected), _told(difference.got)) for difference in done.differences)
    return Verdict(
        each,
        done.verdict == "accepted",
        problem_said(language, done.verdict, visible(done.why, 1000)),
        rows,
        done.moved,
        done.closed,
    )


def _told(value: JSON) -> str:
    """A value in words; empty for one that is not there."""
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_told, value)))
    return visible(value if isinstance(value, str) else str(value), 300)
