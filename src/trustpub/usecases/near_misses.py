"""Explaining a refused exchange: the whole truth for the owners' audit log, and for the caller what it may know.

A token is easy to get: anybody's job has one. So what a publisher registered is told over HTTP only to a job of that very
repository and owner; everybody else hears the field's name and their own value back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.matching import Profile, decide
from trustpub.domain.narrowing import ascii_lower
from trustpub.domain.outcome import Difference, Refused
from trustpub.domain.publishers import Provider, kin_of
from trustpub.storage.publishers import kin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.claims import JSON, Claims, ClaimSet
    from trustpub.domain.publishers import Publisher
    from trustpub.storage.database import Connection
    from trustpub.storage.publishers import Candidates

LONGEST_VALUE = 300
"""Characters of a claim that are repeated, to the caller or in the audit log."""

MOST_PROJECTS = 20
"""Projects in whose logs one refusal is written."""

TOLD = (
    "repository",
    "repository_owner_id",
    "job_workflow_ref",
    "project_path",
    "ci_config_ref_uri",
    "ref",
    "environment",
    "event_name",
    "email",
    "sub",
)
"""Claims that an audit event repeats: they say which job asked. Never the `jti`."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`full` is for the audit logs of `projects` (ids), `shown` for the caller."""

    full: tuple[Difference, ...]
    shown: tuple[Difference, ...]
    projects: tuple[int, ...]


def explain(
    connection: Connection, claims: Claims, provider: Provider, found: Candidates, refusal: Refused, profile: Profile
) -> Explanation:
    """Find the publishers that this token was probably meant for, and say in what they differ."""
    near: list[tuple[Publisher, tuple[int, ...]]] = [(row.publisher, row.projects) for row in found.registered if row.projects]
    near += [(row.publisher, ()) for row in found.pending]
    key = kin_of(provider, claims.values)
    if not near and key is not None:
        near = [(row.publisher, row.projects) for row in kin(connection, key)]
    own = [(publisher, projects) for publisher, projects in near if _is_callers(publisher, provider, claims.values)]
    full = _differences(claims, provider, own or near, refusal, profile)
    shown = full if own else tuple(difference._replace(expected=None) for difference in full)
    projects = tuple(dict.fromkeys(project for _, linked in own or near for project in linked))
    return Explanation(full, () if profile is Profile.PYPI else _short(shown), projects[:MOST_PROJECTS])


def described(refusal: Refused, shown: Sequence[Difference]) -> str:
    """The refusal's description, with the fields that may be shown."""
    if not shown or not refusal.description.endswith(")"):
        return refusal.description
    return f"{refusal.description[:-1]}; {', '.join(map(_said, shown))})"


def audited(claims: Claims, provider: Provider, refusal: Refused, explanation: Explanation) -> dict[str, JSON]:
    """What the audit log keeps of a refused exchange: the whole difference, and which job asked."""
    return {
        "code": refusal.code,
        "reason": cut(refusal.reason),
        "provider": str(provider),
        "issuer": claims.issuer,
        "differences": [{"field": each.field, "expected": cut(each.expected), "got": cut(each.got)} for each in explanation.full],
        "claims": told(claims.values),
    }


def told(claims: ClaimSet) -> dict[str, JSON]:
    """The claims that the audit log keeps of a refused token."""
    return {name: cut(claims[name]) for name in TOLD if claims.get(name) is not None}


def cut(value: JSON) -> JSON:
    """The value, or the beginning of its text when it is long: a caller decides how long its claims are."""
    text = value if isinstance(value, str) else repr(value)
    return value if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "..."


def _differences(
    claims: Claims,
    provider: Provider,
    near: Sequence[tuple[Publisher, tuple[int, ...]]],
    refusal: Refused,
    profile: Profile,
) -> tuple[Difference, ...]:
    """Hold the token against these publishers alone; where they accept it (a replay), the refusal speaks for itself."""
    again = decide(claims.values, [publisher for publisher, _ in near], profile, provider=provider, issuer=claims.issuer)
    return again.differences if isinstance(again, Refused) else refusal.differences


def _is_callers(publisher: Publisher, provider: Provider, claims: ClaimSet) -> bool:
    """Whether the token comes from this publisher's own repository and owner, so that it may know what was registered."""
    if provider is Provider.GITHUB:
        owner_id = publisher.get("repository_owner_id")
        slug = f"{publisher.get('repository_owner')}/{publisher.get('repository_name')}"
        return bool(owner_id) and owner_id == claims.get("repository_owner_id") and _same(slug, claims.get("repository"))
    if provider is Provider.GITLAB:
        return _same(f"{publisher.get('namespace')}/{publisher.get('project')}", claims.get("project_path"))
    if provider is Provider.ACTIVESTATE:
        same_actor = publisher.get("actor_id") == claims.get("actor_id")
        same_organization = publisher.get("organization") == claims.get("organization")
        return same_actor and same_organization and publisher.get("activestate_project_name") == claims.get("project")
    # An address may be anybody's until it is verified, and of other issuers we do not know which claim names the owner.
    return provider is Provider.GOOGLE and claims.get("email_verified") is True and publisher.get("email") == claims.get("email")


def _same(registered: str, claim: JSON) -> bool:
    return isinstance(claim, str) and ascii_lower(registered) == ascii_lower(claim)


def _short(differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
    return tuple(Difference(each.field, cut(each.expected), cut(each.got)) for each in differences)


def _said(difference: Difference) -> str:
    got = "no value" if difference.got is None else f"`{difference.got}`"
    expected = "" if difference.expected is None else f", expected `{_one_of(difference.expected)}`"
    return f"{difference.field} is {got}{expected}"


def _one_of(expected: JSON) -> str:
    return "` or `".join(map(str, expected)) if isinstance(expected, list) else str(expected)
