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
from trustpub.domain.publishers import Provider, kin_of, number_of
from trustpub.domain.renames import NAMESPACE
from trustpub.storage.publishers import Registered, kin, numbered, pending_numbered
from trustpub.usecases.renames import moved_from

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.claims import JSON, Claims, ClaimSet
    from trustpub.domain.renames import Moved
    from trustpub.storage.database import Connection
    from trustpub.storage.publishers import Candidates, Pending

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
    """`full` is for the audit logs of `projects` (ids), `shown` and `moved` (a name that moved) for the caller.

    `near` are the publishers that the token was probably meant for.
    """

    full: tuple[Difference, ...]
    shown: tuple[Difference, ...]
    projects: tuple[int, ...]
    near: tuple[Registered, ...] = ()
    moved: Moved | None = None


def explain(
    connection: Connection, claims: Claims, provider: Provider, found: Candidates, refusal: Refused, profile: Profile
) -> Explanation:
    """Find the publishers that this token was probably meant for, and say in what they differ."""
    values = claims.values
    near = _near(connection, claims, provider, found)
    own = tuple(row for row in near if _is_callers(row, provider, values))
    full = _differences(claims, provider, own or near, refusal, profile)
    shown = full if own else tuple(difference._replace(expected=None) for difference in full)
    projects = tuple(dict.fromkeys(project for row in own or near for project in row.projects))[:MOST_PROJECTS]
    if profile is Profile.PYPI:
        return Explanation(full, (), projects, near)
    moves = (moved_from(row, values) for row in own or near)
    gone = next((each._replace(now=str(cut(each.now))) for each in moves if each is not None), None)
    return Explanation(full, _short(shown), projects, near, gone)


def described(refusal: Refused, explanation: Explanation) -> str:
    """The refusal's description, with the fields that may be shown, and what to do about a name that moved."""
    said = [*map(_said, explanation.shown), *([explanation.moved.words] if explanation.moved is not None else [])]
    if not said or not refusal.description.endswith(")"):
        return refusal.description
    return f"{refusal.description[:-1]}; {', '.join(said)})"


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


def _near(connection: Connection, claims: Claims, provider: Provider, found: Candidates) -> tuple[Registered, ...]:
    """The rows of the token's own name; else those that its numbers lead to, and those of the same owner."""
    rows = [row for row in found.registered if row.projects] + [_as_registered(row) for row in found.pending]
    if rows:
        return tuple(rows)
    number, key = number_of(provider, claims.values), kin_of(provider, claims.values)
    known = numbered(connection, claims.issuer, number)
    waiting = map(_as_registered, pending_numbered(connection, claims.issuer, number))
    others = () if key is None else (row for row in kin(connection, key) if row not in known)
    return (*known, *waiting, *others)


def _as_registered(row: Pending) -> Registered:
    """A pending publisher, in the shape of one that has no project."""
    return Registered(row.id, row.publisher, ())


def _differences(
    claims: Claims, provider: Provider, near: Sequence[Registered], refusal: Refused, profile: Profile
) -> tuple[Difference, ...]:
    """Hold the token against these publishers alone; where they accept it (a replay), the refusal speaks for itself."""
    again = decide(claims.values, [row.publisher for row in near], profile, provider=provider, issuer=claims.issuer)
    return again.differences if isinstance(again, Refused) else refusal.differences


def _is_callers(row: Registered, provider: Provider, claims: ClaimSet) -> bool:
    """Whether the token comes from this publisher's own repository and owner, so that it may know what was registered.

    The owner is known by its number: another name of the same account may know, another account of the same name may not.
    """
    publisher = row.publisher
    if provider is Provider.GITHUB:
        return bool(publisher.number) and publisher.number == number_of(provider, claims)
    if provider is Provider.GITLAB:
        found = moved_from(row, claims)
        if found is not None:
            return found.what == NAMESPACE
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
