"""A publisher as a program registers it: by PyPI's row names. What is wrong is said for each field, all of it at once.

The rules are those of the forms; beyond them a publisher's issuer must be one whose tokens this index reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.forms import ROW_NAMES, Account, LookupFailure, publisher_of, validate
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import FIELDS, Provider
from trustpub.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.domain.claims import JSON
    from trustpub.domain.issuers import Issuer
    from trustpub.domain.publishers import Publisher

MOST_CHARACTERS = 1024
"""Of one value: four times the longest name that any provider gives."""
MOST_SHOWN = 80
"""Characters of a field's name that are said again."""
MOST_FIELDS = 50
"""Claims that a generic OIDC publisher may hold."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of a request; `field` is empty when it is the request as a whole."""

    code: str
    description: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that is no publisher: everything that is wrong with it."""

    problems: tuple[Problem, ...]


def publisher_of_row(provider: JSON, row: JSON, issuer: JSON, issuers: Sequence[Issuer]) -> Publisher | Wrong:
    """The publisher that a row describes, or everything that is wrong with it. `issuers` are those of this index."""
    if not isinstance(provider, str) or provider not in list(Provider):
        return Wrong((wrong_field("provider", f"use one of: {', '.join(Provider)}"),))
    if not isinstance(row, dict) or len(row) > MOST_FIELDS:
        return Wrong((wrong_field("publisher", f"give an object of at most {MOST_FIELDS} fields by name"),))
    if issuer is not None and not isinstance(issuer, str):
        return Wrong((wrong_field("issuer", "it must be text: the exact `iss` of its tokens"),))
    kind = Provider(provider)
    fields = {name: value for name, value in row.items() if isinstance(value, str)}
    problems = _unreadable(kind, row) + (_unreadable_text("issuer", issuer) if issuer else ())
    if problems:
        return Wrong(problems)
    return _checked(kind, fields, issuer, [each.url for each in issuers if each.kind is kind])


def _unreadable(kind: Provider, row: Mapping[str, JSON]) -> tuple[Problem, ...]:
    """Fields that the provider does not have, and values that are no text."""
    problems: list[Problem] = []
    for name, value in row.items():
        if kind in FIELDS and name not in FIELDS[kind]:
            problems.append(wrong_field(name, f"a {kind} publisher has no such field; its fields: {', '.join(FIELDS[kind])}"))
        elif isinstance(value, str):
            problems += _unreadable_text(name, value)
        else:
            problems.append(wrong_field(name, "the value must be text"))
    return tuple(problems)


def _unreadable_text(name: str, value: str) -> tuple[Problem, ...]:
    for text in (name, value):
        if len(text) > MOST_CHARACTERS or any(
            ord(each) < 0x20 or each == "\x7f" or "\ud800" <= each <= "\udfff" for each in text
        ):
            why = f"at most {MOST_CHARACTERS} characters, none of them a control character or half of one"
            return (wrong_field(name, why),)
    return ()


def _checked(kind: Provider, row: Mapping[str, str], issuer: str | None, known: Sequence[str]) -> Publisher | Wrong:
    """Apply the form's rules to a readable row, and its issuer's."""
    names = {row_name: form_name for form_name, row_name in ROW_NAMES.get(kind, {}).items()}
    form = {names.get(name, name): value for name, value in row.items()}
    problems = _identity_problems(kind, row)
    if kind is Provider.OIDC:
        form["issuer"] = issuer or ""
    elif kind is Provider.GITLAB and issuer:
        form["issuer_url"] = issuer
    result = validate(
        kind,
        {name: value for name, value in form.items() if name not in ("owner_id", "actor_id")},
        github_user=Account(form.get("owner", ""), form.get("owner_id", "")),
        activestate_organization=Account(form.get("organization", ""), ""),
        activestate_actor=Account(form.get("actor", ""), form["actor_id"]) if form.get("actor_id") else LookupFailure.NOT_ASKED,
        issuers=known,
        profile=Profile.TRUSTPUB,
    )
    shown = ROW_NAMES.get(kind, {})
    problems += [wrong_field(shown.get(name, name), " ".join(said).rstrip(".")) for name, said in result.errors.items()]
    if result.stored is None or problems:
        return Wrong(tuple(problems))
    try:
        found = publisher_of(kind, result.stored)
    except BadInput as problem:
        return Wrong((Problem("invalid-field", str(problem)),))
    if issuer and kind not in (Provider.GITLAB, Provider.OIDC):
        found = found._replace(issuer=issuer)
    if found.issuer not in known:
        why = f"`{found.issuer}` is no {kind} issuer of this index; whoever runs it can add it as `[[issuers]]`"
        return Wrong((wrong_field("issuer", why),))
    return found


def _identity_problems(kind: Provider, row: Mapping[str, str]) -> list[Problem]:
    """Ids that the form would have looked up at the provider, and that nobody looks up here."""
    number = row.get("repository_owner_id", "")
    if kind is Provider.GITHUB and not (number.isascii() and number.isdigit()):
        why = (
            "GitHub's number for the owner is needed: a name can change hands, the number cannot. "
            "`gh api users/OWNER --jq .id` shows it"
        )
        return [wrong_field("repository_owner_id", why)]
    return []


def wrong_field(name: str, why: str) -> Problem:
    """A problem of one field, whose name may be anything that was sent."""
    shown = name if name.isprintable() and len(name) <= MOST_SHOWN else ascii(name)[1:-1][:MOST_SHOWN]
    return Problem("invalid-field", f"`{shown}`: {why}", shown)
