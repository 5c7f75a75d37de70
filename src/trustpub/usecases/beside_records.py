"""A job's claims beside the publishers on record: what the index will answer, as far as what is known decides it.

A record may leave something open: `trustpub.toml` need not say the owner's number, no API tells which events a publisher allows,
and an index of one's own has matching rules of its own choice. The heart is asked once for everything that may be so. Only what
it answers every time is said; the rest is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from trustpub.domain.matching import Accepted, Profile, Refused, decide
from trustpub.domain.providers.github import RISKY_EVENTS, called_workflow
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustpub.domain.claims import JSON, ClaimSet
    from trustpub.domain.outcome import Decision, Difference
    from trustpub.domain.publishers import Publisher

Verdict = Literal["accepted", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the publisher's record beside what this job presents.

    `expected` is None where nothing tells the record's value, `same` where nothing was compared.
    """

    field: str
    expected: str | None
    got: str
    same: bool | None


@dataclass(frozen=True, slots=True)
class Held:
    """What the index will answer. `publisher` is the record that decides: the one that matches, else the nearest."""

    verdict: Verdict
    code: str
    reason: str
    rows: tuple[Row, ...]
    next_step: str
    publisher: Publisher


@dataclass(frozen=True, slots=True)
class Job:
    """Who asks whom: the token's provider and claims, and the index. `public` says that it is one of PyPI's own."""

    provider: Provider
    claims: ClaimSet
    index: str
    public: bool

    def decide(self, records: Sequence[Publisher], profile: Profile) -> Decision:
        """Ask the heart. PyPI knows one issuer of GitHub's tokens, an index of one's own those that it was told."""
        issuer = None if self.public and self.provider is not Provider.GITLAB else self.text("iss")
        return decide(dict(self.claims), records, profile, provider=self.provider, issuer=issuer)

    def text(self, name: str) -> str:
        """A claim as text, empty when there is none."""
        return _text(self.claims.get(name))

    @property
    def profile(self) -> Profile:
        """The matching rules that are shown."""
        return Profile.PYPI if self.public else Profile.TRUSTPUB


def held(job: Job, records: Sequence[Publisher], source: str) -> Held:
    """Hold a job against records (at least one). `source` names where they are written."""
    answers = [job.decide(rows, profile) for rows, profile in _possible(job, records)]
    accepted = [answer for answer in answers if isinstance(answer, Accepted)]
    if not accepted:
        return _refused(job, records, answers[0])
    chosen = records[accepted[0].index]
    rows = _rows(job, chosen)
    if len(accepted) == len(answers) and len({answer.index for answer in accepted}) == 1:
        return Held("accepted", "", "", rows, "", chosen)
    reason, step = _open(job, records, source)
    return Held("unknown", "", reason, rows, step, chosen)


def _possible(job: Job, records: Sequence[Publisher]) -> Iterator[tuple[list[Publisher], Profile]]:
    """List what the records and the rules of the index may be, by all that is known; the likeliest first."""
    whole = [_with_owner_id(row, job) for row in records]
    for rows in (whole, list(records)) if _lacks_owner_id(job, records) else (whole,):
        yield rows, job.profile
        if not job.public:
            yield [row._replace(allowed_events=RISKY_EVENTS) for row in rows], Profile.TRUSTPUB
            yield rows, Profile.PYPI


def _lacks_owner_id(job: Job, records: Sequence[Publisher]) -> bool:
    return job.provider is Provider.GITHUB and any(_has_no_owner_id(row) for row in records)


def _has_no_owner_id(row: Publisher) -> bool:
    return row.provider is Provider.GITHUB and not row.get("repository_owner_id")


def _with_owner_id(row: Publisher, job: Job) -> Publisher:
    """Take an owner's number that nobody wrote down for the one that the job presents."""
    if not _has_no_owner_id(row):
        return row
    number = job.text("repository_owner_id")
    return row._replace(fields=tuple((name, number if name == "repository_owner_id" else value) for name, value in row.fields))


def _open(job: Job, records: Sequence[Publisher], source: str) -> tuple[str, str]:
    """Say what the answer depends on, and what would settle it."""
    whole = [_with_owner_id(row, job) for row in records]
    as_shown = job.decide(whole, job.profile)
    event = job.text("event_name")
    if isinstance(as_shown, Refused) and [each.field for each in as_shown.differences] == ["event_name"]:
        why = f"whether {job.index} takes a run that `{event}` started depends on the events that its publisher allows"
        return why, "Start the release by a tag, a release or by hand; or prove it with `--exchange`."
    if _lacks_owner_id(job, records) and isinstance(as_shown, Accepted):
        why = f"`{source}` does not say the owner's number, which {job.index} compares too; all else is the same"
        number = job.text("repository_owner_id")
        return why, f'Write `owner_id = "{number}"` there, if that is the account which the publisher was registered for.'
    other = job.decide(whole, Profile.PYPI)
    fields = _fields(other.differences) if isinstance(other, Refused) else ""
    why = f"it depends on the matching rules that {job.index} runs with (`profile`){f': {fields}' if fields else ''}"
    return why, "Register the publisher as the job presents itself, or prove it with `--exchange`."


def _refused(job: Job, records: Sequence[Publisher], decision: Decision) -> Held:
    """Name the record that is nearest, and the fields in which it differs."""
    answers = [(row, job.decide([_with_owner_id(row, job)], job.profile)) for row in records]
    refusals = [(row, answer) for row, answer in answers if isinstance(answer, Refused)]
    told = decision if isinstance(decision, Refused) else refusals[0][1]
    nearest, nearer = min(refusals, key=lambda each: _distance(job, *each), default=(records[0], told))
    rows = _rows(job, nearest)
    differences = nearer.differences or told.differences
    why = f"{_fields(differences)} {'differ' if len(differences) > 1 else 'differs'}" if differences else told.reason
    step = _repair(differences, job.index)
    return Held("refused", told.code, why or told.description, rows, step, nearest)


def _distance(job: Job, record: Publisher, refused: Refused) -> tuple[bool, bool, int]:
    """How far a record is from a job; one of another provider, or that was not compared, is the farthest."""
    return record.provider is not job.provider, not refused.differences, len(refused.differences)


def _fields(differences: Sequence[Difference]) -> str:
    return " and ".join(f"`{each.field}`" for each in differences)


def _rows(job: Job, record: Publisher) -> tuple[Row, ...]:
    """Put a record beside what the job presents; the heart says what is the same."""
    decision = job.decide([_with_owner_id(record, job)], job.profile)
    differences = decision.differences if isinstance(decision, Refused) else ()
    if [each.field for each in differences] == ["issuer"]:
        differences = (*differences, *_behind_the_issuer(job, record))
    differing = {"issuer_url" if each.field == "issuer" and record.get("issuer_url") else each.field for each in differences}
    compared = record.provider is job.provider and (bool(differing) or isinstance(decision, Accepted))
    shown = presented(job.provider, job.claims)
    open_id = _has_no_owner_id(record)
    rows = [
        Row(field, None, shown.get(field, ""), None)
        if open_id and field == "repository_owner_id"
        else Row(field, value, shown.get(field, ""), field not in differing if compared else None)
        for field, value in record.row().items()
    ]
    known = {each.field for each in rows}
    extra = [each for each in differences if each.field not in known and (each.field != "issuer" or "issuer_url" not in known)]
    return (*rows, *(Row(each.field, _text(each.expected), _text(each.got), same=False) for each in extra))


def _behind_the_issuer(job: Job, record: Publisher) -> tuple[Difference, ...]:
    """Compare the other fields too: an issuer that differs is all that the heart looks at."""
    claims = {**job.claims, "iss": record.issuer}
    decision = decide(claims, [_with_owner_id(record, job)], job.profile, provider=job.provider, issuer=record.issuer)
    found = decision.differences if isinstance(decision, Refused) else ()
    return tuple(each for each in found if record.get(each.field))


def _text(value: JSON) -> str:
    if isinstance(value, list):
        return " or ".join(map(_text, value))
    return value if isinstance(value, str) else "" if value is None else str(value)


def presented(provider: Provider, claims: ClaimSet) -> dict[str, str]:
    """What a token presents, by the names of the publisher's row."""

    def claim(name: str) -> str:
        value = claims.get(name)
        return value if isinstance(value, str) else ""

    if provider is Provider.GITLAB:
        namespace, _, project = claim("project_path").rpartition("/")
        path = claim("ci_config_ref_uri").partition("//")[2].partition("@")[0]
        named = {"namespace": namespace, "project": project, "workflow_filepath": path, "environment": claim("environment")}
        return named | {"issuer_url": claim("iss")}
    return {
        "repository_owner": claim("repository_owner"),
        "repository_owner_id": claim("repository_owner_id"),
        "repository_name": claim("repository").partition("/")[2],
        "workflow_filename": called_workflow(claim("job_workflow_ref")),
        "environment": claim("environment"),
    }


_SIDES = {
    "environment": "Give the job `environment: {expected}`, or change the publisher's environment to `{got}`.",
    "workflow_filename": "Register the file `{got}`, or upload from `{expected}`.",
    "repository_name": "Release from the repository `{expected}`; if it is called `{got}` now, register the publisher anew.",
    "repository_owner": "Release from the repository of `{expected}`; if it is `{got}`'s now, register the publisher anew.",
    "repository_owner_id": "Remove the publisher and register it again: the owner's number is `{got}` now.",
    "job_workflow_ref": "Move the job into the registered file itself: what stands in another repository or at another ref never "
    "matches.",
    "event_name": "Start the release by a tag, a release or by hand; `{got}` is refused.",
    "issuer": "Publish from a job whose tokens `{expected}` issues, or to an index that knows `{got}`.",
}


def _repair(differences: Sequence[Difference], index: str) -> str:
    """Say which side to change for the first field that differs."""
    for each in differences:
        words = _SIDES.get(each.field)
        if words is not None:
            expected, got = _text(each.expected), _text(each.got)
            if each.field == "environment" and not got:
                return f"Give the job `environment: {expected}`, or register the publisher on {index} without an environment."
            return words.format(expected=expected, got=got)
    if not differences:
        return f"No record on {index} would change that: the job's ID token itself is not one that {index} takes."
    return f"Compare the record on {index} with the table, field by field."


def as_stored(record: Publisher, claims: ClaimSet) -> Publisher:
    """Spell the owner of a stated record as GitHub does: PyPI looks it up there, however it was typed."""
    owner = claims.get("repository_owner")
    if record.provider is not Provider.GITHUB or not isinstance(owner, str):
        return record
    if record.get("repository_owner").lower() != owner.lower():
        return record
    return record._replace(fields=tuple((name, owner if name == "repository_owner" else value) for name, value in record.fields))


def foreign_issuer(job: Job) -> bool:
    """Say whether PyPI knows nothing of the token's issuer: a GitHub Enterprise Server, or an enterprise with one of its own."""
    return job.public and job.provider is Provider.GITHUB and job.text("iss") != DEFAULT_ISSUERS[Provider.GITHUB]
