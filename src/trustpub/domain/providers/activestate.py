"""ActiveState: organization, project and the acting user's id, by the builder that publishes.

Mirrors: warehouse/oidc/models/activestate.py @6b62157 (the `pypi` profile; ours accepts the same tokens).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.narrowing import Candidates, Comparison, differs, narrow, not_found, texts
from trustpub.domain.outcome import NOT_FOUND, REPLAYED, Accepted, Decision, Refused, invalid_publisher

if TYPE_CHECKING:
    from trustpub.domain.claims import ClaimSet
    from trustpub.domain.publishers import Publisher

REQUIRED = ("sub", "organization", "project", "actor_id", "builder")
ROWS = {"project": "activestate_project_name"}
BUILDER = "pypi-publisher"


def pypi(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Decide as PyPI does: look the row up by three claims, then check the subject and the builder."""
    text = texts(claims, REQUIRED, (), candidates, ROWS)
    if isinstance(text, Refused):
        return text
    chosen = _look_up(text, candidates)
    reason = NOT_FOUND if chosen is None else _wrong(chosen[1], text)
    if chosen is not None and not reason:
        return REPLAYED if replayed else Accepted(*chosen)
    return invalid_publisher(reason, narrow(candidates, lambda publisher: _compare(publisher, text)))


def trustpub(claims: ClaimSet, candidates: Candidates, replayed: bool) -> Decision:
    """Decide by our own rules, which are PyPI's; the refusal names the fields."""
    text = texts(claims, REQUIRED, (), candidates, ROWS)
    if isinstance(text, Refused):
        return text
    chosen = _look_up(text, candidates)
    if chosen is not None and not _wrong(chosen[1], text):
        return REPLAYED if replayed else Accepted(*chosen)
    return not_found(narrow(candidates, lambda publisher: _compare(publisher, text)))


def _look_up(text: dict[str, str], candidates: Candidates) -> tuple[int, Publisher] | None:
    for candidate in candidates:
        if not any(_compare(candidate[1], text)[:3]):
            return candidate
    return None


def _wrong(publisher: Publisher, text: dict[str, str]) -> str:
    """Which check of the found row fails; empty when none."""
    sub = text["sub"]
    if not sub:
        return "Missing 'subject' claim"
    if sub.count(":") < 3:
        return "Invalid 'subject' claim. Wrong format"
    if not _same_sub(publisher, sub):
        return "Invalid 'subject' claim"
    return "" if text["builder"] == BUILDER else "Check failed for required claim 'builder'"


def _sub(publisher: Publisher) -> str:
    return f"org:{publisher.get('organization')}:project:{publisher.get('activestate_project_name')}"


def _same_sub(publisher: Publisher, sub: str) -> bool:
    """Whether the first four parts of `sub` name this project."""
    return ":".join(sub.split(":", 4)[:4]) == _sub(publisher)


def _compare(publisher: Publisher, text: dict[str, str]) -> Comparison:
    organization, project = publisher.get("organization"), publisher.get("activestate_project_name")
    actor_id, sub, builder = publisher.get("actor_id"), text["sub"], text["builder"]
    same_organization = bool(organization) and organization == text["organization"]
    same_project = bool(project) and project == text["project"]
    named = same_organization and same_project
    return (
        differs("organization", organization, text["organization"], same_organization),
        differs("activestate_project_name", project, text["project"], same_project),
        differs("actor_id", actor_id, text["actor_id"], bool(actor_id) and actor_id == text["actor_id"]),
        differs("sub", _sub(publisher), sub, not named or _same_sub(publisher, sub)),
        differs("builder", BUILDER, builder, builder == BUILDER),
    )
