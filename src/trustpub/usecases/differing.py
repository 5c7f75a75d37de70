"""Which field differs: what the token said, beside what is declared or predicted. The heart decides, as everywhere.

An index answers `invalid-publisher` without saying which field. The log holds one side of the comparison, the checkout the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.failures.exchange import INVALID_PUBLISHER, UNEXPLAINED
from trustpub.domain.matching import Profile, Refused, decide
from trustpub.domain.providers.github import called_workflow
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, publisher
from trustpub.record import NamedTuple
from trustpub.workflows.claims import placeholders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.failures import Evidence, Found
    from trustpub.domain.failures.presented import Presented
    from trustpub.domain.outcome import Difference
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction

REUSABLE = "reusable-workflow"
COMPARED = (INVALID_PUBLISHER, UNEXPLAINED, REUSABLE)
"""Causes that a comparison can make more of."""
LABELS = {
    "repository_owner": "Owner",
    "repository_name": "Repository name",
    "workflow_filename": "Workflow name",
    "environment": "Environment name",
}
"""The fields of PyPI's form, in its order."""
_WORDS = {
    "repository_owner": "owner",
    "repository_owner_id": "owner's id",
    "repository_name": "repository",
    "workflow_filename": "workflow file",
    "environment": "environment",
    "job_workflow_ref": "workflow reference",
    "event_name": "event",
}


_MOST = 3
"""Publishers that are equally close and each named."""
_APART = "PyPI and TestPyPI each have their own"


class _Held(NamedTuple):
    """One declared publisher beside one token."""

    row: DeclaredPublisher
    differences: tuple[Difference, ...]


def of_this_repository(said: Presented, facts: Facts) -> bool:
    """Say whether a token may be of the checkout's repository: a rename changes its name, a transfer its owner, nothing both."""
    owner, _, name = said.claims["repository"].lower().partition("/")
    rows = [row for row in facts.declaration.publishers if row.provider is Provider.GITHUB]
    ours = [(facts.repository.owner, facts.repository.name), *((row.owner, row.repository) for row in rows)]
    return any(owner == one.lower() or name == other.lower() for one, other in ours)


def compared(cause: Found, said: Presented | None, facts: Facts | None, index: str | None) -> tuple[Found, ...]:
    """Say more of a refused exchange: the field that differs, both values and the side to change; else what to compare.

    `said` is what the log shows of the token, `index` the one that refused it, when the log tells. With neither claims nor
    checkout the cause stays as it is.
    """
    if said is None and facts is None:
        return (cause,)
    if said is None:
        return _without_claims(cause, facts, index) if facts is not None else (cause,)
    if facts is not None and not of_this_repository(said, facts):
        facts = None
    rows = _rows(facts, index)
    if facts is None or not rows:
        if _stands_elsewhere(said.claims):
            return (_elsewhere(cause, said),)
        if cause.code == REUSABLE:
            return (cause,)
        return (_as_card(cause, said.claims, facts),)
    best = _closest([_Held(row, _differences(row, said.claims)) for row in rows])
    if not best[0].differences:
        return (_agreeing(cause, best[0].row, index),)
    sure = all(held.differences == best[0].differences for held in best)
    named = best[:1] if sure else best[:_MOST]
    return tuple(_differing(cause, held.row, each, said, facts, sure=sure) for held in named for each in held.differences)


def _rows(facts: Facts | None, index: str | None) -> list[DeclaredPublisher]:
    rows = [row for row in facts.declaration.publishers if row.provider is Provider.GITHUB] if facts else []
    return [row for row in rows if index is None or row.index == index]


def _closest(held: list[_Held]) -> list[_Held]:
    fewest = min(len(each.differences) for each in held)
    return [each for each in held if len(each.differences) == fewest]


def _differences(row: DeclaredPublisher, said: Mapping[str, str]) -> tuple[Difference, ...]:
    """Ask the heart. What the log does not show, and what the declaration leaves open, is taken for the same."""
    owner, _, _ = said["repository"].partition("/")
    owner_id = said.get("repository_owner_id") or row.owner_id or "0"
    fields = row.registered().row() | {"repository_owner_id": row.owner_id or owner_id}
    if row.owner.lower() == owner.lower():  # an index stores the owner as GitHub spells it, however it was typed
        fields["repository_owner"] = owner
    claims = {
        "repository": said["repository"],
        "repository_owner": said.get("repository_owner") or owner,
        "repository_owner_id": owner_id,
        "job_workflow_ref": said.get("job_workflow_ref") or _own_reference(row, said),
        "ref": said.get("ref") or _ref_of(said),
        "sha": _commit_of(said),
        "event_name": said.get("event_name") or "push",
        "jti": "read",
        "iss": row.issuer or DEFAULT_ISSUERS[Provider.GITHUB],
        "environment": said.get("environment", row.environment),
    }
    registered = publisher(Provider.GITHUB, fields, claims["iss"])
    profile = Profile.PYPI if row.index in ("pypi", "testpypi") else Profile.TRUSTPUB
    decision = decide(claims, [registered], profile, provider=Provider.GITHUB, issuer=claims["iss"])
    differences = decision.differences if isinstance(decision, Refused) else ()
    named = {each.field for each in differences}  # another owner has another number, and it is the name that people know
    return tuple(each for each in differences if each.field != "repository_owner_id" or "repository_owner" not in named)


def _own_reference(row: DeclaredPublisher, said: Mapping[str, str]) -> str:
    return f"{said['repository']}/.github/workflows/{row.workflow}@{said.get('ref') or 'refs/heads/main'}"


def _ref_of(said: Mapping[str, str]) -> str:
    ref = said.get("job_workflow_ref", "").partition("@")[2]
    return ref if ref.startswith("refs/") else "refs/heads/main"


def _commit_of(said: Mapping[str, str]) -> str:
    ref = said.get("job_workflow_ref", "").partition("@")[2]
    return ref if re.fullmatch(r"[0-9a-f]{40}", ref) and not said.get("ref") else "0" * 40


# What is said of it


def _differing(
    cause: Found, row: DeclaredPublisher, difference: Difference, said: Presented, facts: Facts, *, sure: bool
) -> Found:
    field = difference.field
    expected = row.environment if field == "environment" else _shown(difference.expected)
    got = said.claims.get("environment", "") if field == "environment" else _shown(difference.got)
    code = REUSABLE if field == "job_workflow_ref" else cause.code
    word = _WORDS.get(field, field)
    token = f"`{got}`" if got else "none"
    return cause._replace(
        code=INVALID_PUBLISHER if code == UNEXPLAINED else code,
        title=f"the publisher of `{row.project}` on {row.index} has the {word} `{expected}`, the token said {token}",
        confidence="certain" if sure else "likely",
        evidence=(*cause.evidence[:2], *_claim_evidence(field, said, cause)),
        fix=_fix(row, field, expected, got, facts, said.claims),
        field=field,
        expected=expected,
        got=got,
    )


def _shown(value: object) -> str:
    return " or ".join(str(each) for each in value) if isinstance(value, list | tuple) else "" if value is None else str(value)


def _claim_evidence(field: str, said: Presented, cause: Found) -> Iterator[Evidence]:
    claim = {"repository_name": "repository", "workflow_filename": "job_workflow_ref"}.get(field, field)
    place = said.places.get(claim) or said.places.get("sub" if field == "environment" else "repository")
    if place is not None:
        job = cause.evidence[0].job if cause.evidence else ""
        yield place._replace(job=job)


def _fix(row: DeclaredPublisher, field: str, expected: str, got: str, facts: Facts, said: Mapping[str, str]) -> str:
    if field == "environment":
        return _environment_fix(row, expected, got, _job_of(facts, said))
    if field == "workflow_filename":
        return (
            f"If the file was renamed, register the publisher on {row.index} again with *Workflow name* `{got}` and write "
            f'`workflow = "{got}"` in `{facts.declaration.path}`. If not, let the job run in `{expected}`: the file counts '
            f"whose job "
            "runs, not the one that calls it."
        )
    if field == "repository_owner_id":
        return (
            f"The owner's number is another: the account was made anew or its name taken over. Remove the publisher on "
            f"{row.index} and "
            f'add it again, which looks the number up, and write `owner_id = "{got}"` in `{facts.declaration.path}`.'
        )
    if field == "job_workflow_ref":
        return (
            f"The job stands in a workflow of another repository or ref. Move it into `{row.workflow}` itself; an index "
            f"compares the "
            "file whose job runs."
        )
    if field in LABELS:
        return (
            f"After a rename or a transfer register the publisher on {row.index} again with *{LABELS[field]}* `{got}`, spelled "
            f"like this, and change `{facts.declaration.path}`. In a fork the refusal is as it should be."
        )
    return "Publish on a tag push, a release or a dispatch."


def _environment_fix(row: DeclaredPublisher, expected: str, got: str, job: str) -> str:
    """Name both sides: the workflow can be changed, or the record."""
    change = f"Write `environment: {expected}` at {job}"
    record = f"*{LABELS['environment']}* `{got}`" if got else f"*{LABELS['environment']}* left empty"
    return f"{change}, as the publisher has it; or register the publisher on {row.index} again with {record}."


def _job_of(facts: Facts, said: Mapping[str, str]) -> str:
    """Name the publishing job in the file that ran."""
    file = called_workflow(said.get("job_workflow_ref", ""))
    jobs = {(site.workflow.path, site.job.id) for site, _ in facts.trusted() if not file or site.workflow.file_name == file}
    if len(jobs) == 1:
        ((path, job),) = jobs
        return f"the job `{job}` in `{path}`"
    return f"the publishing job of `{file}`" if file else "the publishing job"


def _agreeing(cause: Found, row: DeclaredPublisher, index: str | None) -> Found:
    """The token and the declaration are the same: it is the index that holds something else."""
    gone = " A pending publisher is gone after 30 days, and after its first use." if row.pending else ""
    if index is None:
        gone += f" If the upload went to another index than {row.index}, that one needs a publisher of its own."
    return cause._replace(
        code=INVALID_PUBLISHER if cause.code == UNEXPLAINED else cause.code,
        title=f"{row.index} holds another publisher for `{row.project}` than the one declared, which fits the token, or none",
        confidence="likely",
        fix=f"Compare the publisher on {row.index} itself ({_APART}) with these values: {_form(row)}.{gone}",
    )


def _form(row: DeclaredPublisher) -> str:
    values = (row.owner, row.repository, row.workflow, row.environment)
    return _values(dict(zip(LABELS, values, strict=True)))


def _values(fields: Mapping[str, str]) -> str:
    return ", ".join(f"{label} `{fields[name]}`" if fields.get(name) else f"{label} empty" for name, label in LABELS.items())


def _as_card(cause: Found, said: Mapping[str, str], facts: Facts | None) -> Found:
    """Without a declaration: what the publisher has to be, in the order of the form."""
    owner, _, name = said["repository"].partition("/")
    fields = {
        "repository_owner": owner,
        "repository_name": name,
        "workflow_filename": called_workflow(said.get("job_workflow_ref", "")),
    }
    fields["environment"] = said.get("environment", "")
    changed = _changed_since(said, facts) if facts is not None else ""
    return cause._replace(
        code=INVALID_PUBLISHER if cause.code == UNEXPLAINED else cause.code,
        fix=f"A publisher that fits this token has: {_values(fields)}. Compare it field by field with the one on the index that "
        f"refused ({_APART}); case counts.{changed}",
    )


def _stands_elsewhere(said: Mapping[str, str]) -> bool:
    """Say whether the job's file is of another repository than the run, which no publisher can match."""
    owner, slash, rest = said.get("job_workflow_ref", "").partition("/")
    return bool(slash) and f"{owner}/{rest.partition('/')[0]}".lower() != said["repository"].lower()


def _elsewhere(cause: Found, said: Presented) -> Found:
    called, repository = said.claims["job_workflow_ref"], said.claims["repository"]
    return cause._replace(
        code=REUSABLE,
        title=f"the publishing job stands in a workflow of another repository than `{repository}`: no publisher fits its token",
        confidence="certain",
        evidence=(*cause.evidence[:2], *_claim_evidence("workflow_filename", said, cause)),
        fix=f"Move the publishing job into a workflow of `{repository}` itself, and register that file; the shared workflow can "
        "still build.",
        field="job_workflow_ref",
        expected=f"{repository}/.github/workflows/...",
        got=called,
    )


def _changed_since(said: Mapping[str, str], facts: Facts) -> str:
    """Say when this checkout would present something else than the run did."""
    file = called_workflow(said.get("job_workflow_ref", ""))
    predictions = [each for _, found in facts.trusted() for each in found if each.reached]
    same_file = [each for each in predictions if each.publisher.get("workflow_filename") == file]
    if not predictions:
        return ""
    if not same_file:
        now = " or ".join(sorted({f"`{each.publisher.get('workflow_filename', '')}`" for each in predictions}))
        return f" In this checkout it is {now} that publishes: the run was of another state of the repository."
    named = {each.environment for each in same_file if "environment" not in each.unknown}
    if named and "environment" in said and said["environment"].lower() not in {each.lower() for each in named}:
        now = " or ".join(f"`{each}`" if each else "none" for each in sorted(named))
        return f" In this checkout the job's environment is {now}: the run was of another state of the repository."
    return ""


def _without_claims(cause: Found, facts: Facts, index: str | None) -> tuple[Found, ...]:
    """The client shows no claims: take those that this checkout will present, which is a little less sure."""
    from trustpub.domain.failures.presented import Presented

    rows = _rows(facts, index)
    predictions = [each for _, found in facts.trusted() for each in found if each.reached and (not index or each.index == index)]
    if not predictions:
        return (cause,)
    answers: list[tuple[Found, ...]] = []
    for prediction in predictions:
        claims = _predicted(prediction)
        if "repository" in claims:
            answers.append(compared(cause, Presented(claims, {}), facts, index if rows else None))
    if not answers:
        return (cause,)
    best = min(answers, key=lambda each: sum(bool(found.field) for found in each))
    return tuple(
        each._replace(confidence="likely", title=each.title.replace("the token said", "this checkout's job says"))
        for each in best
    )


def _predicted(prediction: Prediction) -> dict[str, str]:
    claims = {name: value for name, value in prediction.claims.items() if value}
    if "environment" not in prediction.unknown:
        claims.setdefault("environment", "")
    known = set(claims)
    return {name: value for name, value in placeholders(claims).items() if name in known}
