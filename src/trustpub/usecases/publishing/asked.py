"""What somebody asks for: a publisher as a page's form or as a program's row, and what its project holds it to.

One set of rules for both. A form has PyPI's names of forms and text alone, a row PyPI's names of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.forms import ROW_NAMES
from trustpub.domain.publishers import FIELDS, Provider, Publisher
from trustpub.domain.refs import MOST, ref_pattern_problem
from trustpub.usecases.not_done import NotDone, Problem
from trustpub.usecases.publisher_rows import Wrong, publisher_of_row, wrong_field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.domain.claims import JSON
    from trustpub.domain.issuers import Issuer

OWN_FIELDS = ("provider", "issuer", "claims", "refs", "allowed_events", "project_name", "project")
"""What a form has beside the provider's fields."""
WITH_REFS = (Provider.GITHUB, Provider.GITLAB, Provider.OIDC)
"""Providers whose tokens say which branch or tag a run is for."""


def publisher_in_form(form: Mapping[str, str], issuers: Sequence[Issuer]) -> Publisher | NotDone:
    """The publisher that a form describes, with its constraints; or everything that is wrong, by the form's names.

    Fields of other providers are left alone: a page may post all of its tabs. A GitHub owner's number must be given: a name can
    change hands, and nobody is asked for it from here.
    """
    provider = form.get("provider", "")
    kind = Provider(provider) if provider in list(Provider) else None
    shown = {row: name for name, row in ROW_NAMES.get(kind, {}).items()} if kind else {}
    if kind is Provider.OIDC:
        row, problems = _claims(form.get("claims", ""))
    else:
        names = FIELDS.get(kind, ()) if kind else ()
        row, problems = {name: form[shown.get(name, name)].strip() for name in names if shown.get(name, name) in form}, []
    found = publisher_of_row(provider, {**row}, form.get("issuer", "").strip() or None, issuers)
    if isinstance(found, Wrong):
        problems += [_renamed(problem, shown) for problem in found.problems]
    held = _words(form.get("refs", "")), _words(form.get("allowed_events", ""))
    problems += constraint_problems(kind, *held)
    if isinstance(found, Wrong) or problems:
        return NotDone(422, tuple(problems))
    return found._replace(refs=held[0], allowed_events=held[1])


def publisher_in_row(wanted: Mapping[str, JSON], issuers: Sequence[Issuer]) -> Publisher | Wrong:
    """The publisher that a program's object describes: `provider`, `publisher`, `issuer`, `refs`, `allowed_events`."""
    found = publisher_of_row(wanted.get("provider"), wanted.get("publisher"), wanted.get("issuer"), issuers)
    provider = wanted.get("provider")
    kind = Provider(provider) if isinstance(provider, str) and provider in list(Provider) else None
    refs, wrong_refs = listed_texts("refs", wanted.get("refs", []))
    events, wrong_events = listed_texts("allowed_events", wanted.get("allowed_events", []))
    problems = [*wrong_refs, *wrong_events, *constraint_problems(kind, refs, events)]
    if isinstance(found, Wrong) or problems:
        return Wrong((*(found.problems if isinstance(found, Wrong) else ()), *problems))
    return found._replace(refs=refs, allowed_events=events)


def constraints_in_form(form: Mapping[str, str]) -> dict[str, str | tuple[str, ...]]:
    """What a form says of constraints: the environment, refs and events that it names; what is not in it stays."""
    said: dict[str, str | tuple[str, ...]] = {name: _words(form[name]) for name in ("refs", "allowed_events") if name in form}
    if "environment" in form:
        said["environment"] = form["environment"].strip()
    return said


def constraint_problems(kind: Provider | None, refs: Sequence[str], events: Sequence[str]) -> list[Problem]:
    """What is wrong with refs and events for publishers of this kind."""
    from trustpub.domain.providers.github import RISKY_EVENTS

    problems = [wrong_field("refs", said.rstrip(".")) for each in refs[:MOST] if (said := ref_pattern_problem(each))]
    if len(refs) > MOST:
        problems.append(wrong_field("refs", f"give at most {MOST} patterns"))
    if refs and kind is not None and kind not in WITH_REFS:
        problems.append(wrong_field("refs", f"a {kind} token names no ref, so that nothing could match"))
    if any(each not in RISKY_EVENTS for each in events) or (events and kind is not Provider.GITHUB):
        why = f"of GitHub's events these may be allowed: {', '.join(RISKY_EVENTS)}; all others are"
        problems.append(wrong_field("allowed_events", why))
    return problems


def listed_texts(name: str, value: JSON) -> tuple[tuple[str, ...], list[Problem]]:
    """A list of texts, each once, and what is wrong with it."""
    if not isinstance(value, list):
        return (), [wrong_field(name, "give a list of texts")]
    texts = tuple(dict.fromkeys(each for each in value if isinstance(each, str)))
    return texts, [] if all(isinstance(each, str) for each in value) else [wrong_field(name, "give a list of texts")]


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.replace(",", " ").split()))


def _claims(text: str) -> tuple[dict[str, str], list[Problem]]:
    """Claims and their exact values, a line each: `name = value`."""
    row: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, equals, value = line.partition("=")
        if not equals or not name.strip() or name.strip() in row:
            return {}, [wrong_field("claims", "write each claim once, on a line of its own: `name = value`")]
        row[name.strip()] = value.strip()
    return row, []


def _renamed(problem: Problem, shown: Mapping[str, str]) -> Problem:
    """The problem of a row's field as one of the form's."""
    name = shown.get(problem.field, problem.field)
    description = problem.description.replace(f"`{problem.field}`:", f"`{name}`:", 1) if problem.field else problem.description
    return Problem(problem.code, description, name)
