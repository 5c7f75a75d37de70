"""What the token said, read from a log: clients show claims when an exchange is refused, each in a form of its own.

uv prints them as a structure, the publish action as a list; older versions leave some out. What is not shown is not known, and
is never taken for empty.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.failures.clue import Evidence
from trustpub.domain.logs import line_at, line_number, masked
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = (
    "sub", "repository", "repository_owner", "repository_owner_id", "job_workflow_ref", "workflow_ref", "ref", "environment",
    "event_name",
)  # fmt: skip
_MISSING = "MISSING"
_FAR = 8000
"""Characters between a refusal and the claims that belong to it."""


class Presented(NamedTuple):
    """The claims by name, an empty text for one that is known to be absent; and where each stands."""

    claims: Mapping[str, str]
    places: Mapping[str, Evidence]


def presented(text: str, place: int) -> Presented | None:
    """Read the claims that are shown after a refusal, or before it; None when there are none."""
    start = max(0, place - _FAR)
    for begin, end in ((place, place + _FAR), (start, place)):
        found = _read(text, begin, end)
        if "repository" in found.claims and ("job_workflow_ref" in found.claims or "sub" in found.claims):
            return found
    return None


def _read(text: str, begin: int, end: int) -> Presented:
    claims: dict[str, str] = {}
    places: dict[str, Evidence] = {}
    for name in SHOWN:
        match = _shape(name).search(text, begin, end)
        if match is None:
            continue
        if name == "repository_owner_id" and not (match["value"] or "").isdigit():
            continue  # pages make links of the digits that look like line numbers
        value = "" if match["value"] in (None, _MISSING) else masked(match["value"])
        claims[name] = value
        places[name] = Evidence(line_number(text, match.start()), line_at(text, match.start()))
    return Presented(_with_environment(claims), places)


def _shape(name: str) -> re.Pattern[str]:
    mark = "[`\"']"
    value = rf"(?:{mark}(?P<value>[^`\"'\n]{{0,300}}){mark}|None\b)"
    return re.compile(rf"(?<![\w-]){mark}?{name}{mark}?[ ]?[:=]\s{{0,4}}(?:Some\(\s{{0,80}})?{value}")


def _with_environment(claims: dict[str, str]) -> dict[str, str]:
    """Read the environment out of the subject where it is not shown itself."""
    if "environment" in claims or "sub" not in claims:
        return claims
    subject = re.fullmatch(r"repo:[^:]+:(environment|ref|pull_request)(?::(.*))?", claims["sub"])
    if subject is None:  # a customised subject
        return claims
    named = subject[1] == "environment"
    return {**claims, "environment": (subject[2] or "").replace("%3A", ":") if named else ""}
