"""Decide one line: an exchange or a form as JSON in, the index's answer as JSON out.

The line protocol is a contract; what it exposes is the same heart that the exchange asks, so that anybody can hold it against
an index of their own.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from trustpub.domain.forms import Account, Lookup, LookupFailure, validate
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Accepted, Decision
from trustpub.domain.publishers import FIELDS, Provider, Publisher, publisher
from trustpub.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about one line."""

    values: dict[str, JSON]
    line: str
    """The same as one line of JSON: ASCII, without its newline."""

    @property
    def decided(self) -> bool:
        """Whether the line could be read, and so was decided."""
        return "error" not in self.values


def answer(line: bytes | str, profile: Profile) -> Answer:
    """Decide one line under a profile. A line that cannot be read is answered with an `error`; nothing raises."""
    try:
        question = _object(_parsed(line), "the line")
        return _said(_form(question, profile) if question.get("mode") == "form" else _exchange(question, profile))
    except RecursionError:
        return _said({"error": "the line is nested too deeply"})
    except BadInput as problem:
        return _said({"error": str(problem)})


def _said(values: dict[str, JSON]) -> Answer:
    return Answer(values, json.dumps(values, allow_nan=False))


def _parsed(line: bytes | str) -> JSON:
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        parsed: JSON = json.loads(text, parse_constant=_not_finite, parse_float=_finite)
    except ValueError as problem:
        raise BadInput("the line is not JSON", why=str(problem)) from None
    return parsed


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _not_finite(text)


def _not_finite(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number that JSON has")


def _exchange(question: Mapping[str, JSON], profile: Profile) -> dict[str, JSON]:
    provider = _provider(question)
    rows = _list(question.get("publishers", []), "publishers")
    publishers = [_publisher(provider, _object(row, f"publishers[{place}]")) for place, row in enumerate(rows)]
    claims = _object(question.get("claims"), "claims")
    jti = claims.get("jti")
    replayed = isinstance(jti, str) and jti in _list(question.get("seen_jti", []), "seen_jti")
    return _told(decide(claims, publishers, profile, provider=provider, replayed=replayed))


def _told(decision: Decision) -> dict[str, JSON]:
    if isinstance(decision, Accepted):
        return {"decision": "accept", "publisher": decision.index, "differences": []}
    told: dict[str, JSON] = {"decision": "reject", "code": decision.code}
    if decision.reason is not None:
        told["reason"] = decision.reason
    told["description"] = decision.description
    told["differences"] = [{"field": one.field, "expected": one.expected, "got": one.got} for one in decision.differences]
    return told


def _form(question: Mapping[str, JSON], profile: Profile) -> dict[str, JSON]:
    provider = _provider(question)
    posted = _object(question.get("fields"), "fields")
    fields = {name: _text(value, f"fields.{name}") for name, value in posted.items()}
    result = validate(
        provider,
        fields,
        github_user=_lookup(question.get("github_user")),
        activestate_organization=_lookup(question.get("activestate_organization")),
        activestate_actor=_lookup(question.get("activestate_actor")),
        profile=profile,
    )
    errors: dict[str, JSON] = {name: [*said] for name, said in result.errors.items()}
    return {"valid": result.valid, "errors": errors, "stored": None if result.stored is None else {**result.stored}}


def _lookup(said: JSON) -> Lookup:
    """What a provider answered: an account, or the HTTP status of its refusal; nothing when it was not asked."""
    if isinstance(said, dict):
        name, number = said.get("login"), said.get("id")
        if isinstance(name, str) and isinstance(number, str | int) and not isinstance(number, bool):
            return Account(name, number)
        raise BadInput("an account", why="it is an object with `login` and `id`")
    if said is None:
        return LookupFailure.NOT_ASKED
    return {404: LookupFailure.UNKNOWN, 403: LookupFailure.RATE_LIMITED}.get(
        said if isinstance(said, int) else 0, LookupFailure.REFUSED
    )


def _publisher(provider: Provider, row: Mapping[str, JSON]) -> Publisher:
    """A row as registered: absent and null fields are empty, unknown names ignored (a generic OIDC row names claims)."""
    extra = ("issuer", "allowed_events", "refs")
    names = FIELDS.get(provider) or [name for name in row if name not in extra]
    fields = {name: _text(row[name], name) for name in names if row.get(name) is not None}
    issuer = None if row.get("issuer") is None else _text(row["issuer"], "issuer")
    events = [_text(event, "allowed_events") for event in _list(row.get("allowed_events", []), "allowed_events")]
    refs = [_text(ref, "refs") for ref in _list(row.get("refs", []), "refs")]
    return publisher(provider, fields, issuer, events, refs)


def _provider(question: Mapping[str, JSON]) -> Provider:
    name = question.get("provider")
    if isinstance(name, str) and name in list(Provider):
        return Provider(name)
    raise BadInput("provider", why=f"it is not one of {', '.join(Provider)}")


def _object(value: JSON, what: str) -> dict[str, JSON]:
    if isinstance(value, dict):
        return value
    raise BadInput(what, why="it is not an object")


def _list(value: JSON, what: str) -> list[JSON]:
    if isinstance(value, list):
        return value
    raise BadInput(what, why="it is not a list")


def _text(value: JSON, what: str) -> str:
    if isinstance(value, str):
        return value
    raise BadInput(what, why="it is not text")
