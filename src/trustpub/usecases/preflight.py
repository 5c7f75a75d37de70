"""Preflight: what the index will answer to *this* job, found out before anything is built.

The job's own ID token is asked for, and its claims are held against the publishers that are on record: the index's own list where
it shows one, else what `trustpub.toml` states. Nothing is built and nothing uploaded. An exchange is only made when it is asked
for, because an exchange writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.index_project import IndexProject
from trustpub.domain.matching import Accepted, Profile, decide
from trustpub.domain.names import normalize
from trustpub.domain.providers.github import called_workflow
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Unreachable
from trustpub.parties.ci import BrokenHere, NotHere, ambient_token, in_ci
from trustpub.parties.issuer.jws import Unreadable, parse
from trustpub.parties.wire import Request
from trustpub.usecases.asked import ALL, wanted
from trustpub.usecases.gather import gather

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustpub.domain.claims import JSON, ClaimSet
    from trustpub.domain.outcome import Refused
    from trustpub.domain.publishers import Provider, Publisher
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.parties.index.port import Index
    from trustpub.rules.facts import Facts
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.three_sides import Parties
    from trustpub.workflows.predict import Prediction

Verdict = Literal["accepted", "refused", "unknown"]
CLOCK = 120
"""Seconds that this machine's clock may be off before it is said."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field of the publisher's record beside what this job presents. `same` is None where there is no record."""

    field: str
    expected: str | None
    got: str
    same: bool | None


@dataclass(frozen=True, slots=True)
class Leg:
    """One index. `evidence` says what the verdict rests on: the index itself, `trustpub.toml`, or nothing."""

    index: str
    projects: tuple[str, ...]
    verdict: Verdict
    evidence: Literal["proven", "stated", "none"]
    code: str
    reason: str
    rows: tuple[Row, ...]
    next_step: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preflight:
    """What became of every leg, and the job that it speaks of (workflow, job, environment, event, ref: as far as known)."""

    job: Mapping[str, str]
    legs: tuple[Leg, ...]

    @property
    def ok(self) -> bool:
        """Whether no leg is refused."""
        return all(leg.verdict != "refused" for leg in self.legs)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for: one index, a real exchange, also where it may create a project."""

    index: str | None = None
    exchange: bool = False
    create: bool = False


@dataclass(frozen=True, slots=True)
class _Token:
    """This job's ID token, unverified: it is the index that has to believe it."""

    provider: Provider
    text: str
    claims: ClaimSet

    def claim(self, name: str) -> str:
        value = self.claims.get(name)
        return value if isinstance(value, str) else "" if value is None else str(value)


def run(checkout: Checkout, addresses: Addresses, outside: Outside, wishes: Wishes) -> Preflight:
    """Speak for the job that this process runs in. Raises `BadInput` outside of CI, `Unreachable` for an index that is silent."""
    from trustpub.usecases.three_sides import index_names, parties_of

    environment = outside.environment
    if not in_ci(environment):
        step = "Run it as a step of the publishing job; here `trustpub predict` says from the files what that job will present."
        raise BadInput(
            "trustpub preflight", why="this is no job of GitHub Actions or GitLab CI, so there is no ID token", next_step=step
        )
    facts = gather(checkout, addresses, wanted(checkout, ALL))
    names = [wishes.index] if wishes.index else _of_this_file(facts, environment) or index_names(facts)
    known = {*PUBLIC_INDEXES, *facts.declaration.indexes}
    for name in names:
        if name not in known:
            raise BadInput(
                f"--index `{name}`",
                why="there is no such index",
                next_step=f"Declare it as `[indexes.{name}]` in `trustpub.toml`",
            )
    if not names:
        step = "Name the index with `--index`, for example `--index pypi`."
        raise BadInput("trustpub preflight", why="no file says where this repository publishes to", next_step=step)
    parties = parties_of(facts, outside, addresses, names)
    legs = [_Leg(facts, parties, outside, addresses, wishes, name).fly() for name in names]
    return Preflight(_job(environment, legs), tuple(leg for leg, _ in legs))


def _of_this_file(facts: Facts, environment: Mapping[str, str]) -> list[str]:
    """List the indexes that the workflow of this very run uploads to, TestPyPI first."""
    from trustpub.usecases.three_sides import index_names

    file = called_workflow(environment.get("GITHUB_WORKFLOW_REF", ""))
    here = {each.index for each in _predictions(facts) if file and each.workflow.rsplit("/", 1)[-1] == file}
    return [name for name in index_names(facts) if name in here]


def _predictions(facts: Facts) -> list[Prediction]:
    return [each for one in facts.uploads for each in one.predictions if each.credential != "token"]


def _job(environment: Mapping[str, str], legs: Iterable[tuple[Leg, _Token | None]]) -> dict[str, str]:
    """Say which job this is, from its token where there is one: the token is what counts."""
    token = next((token for _, token in legs if token is not None), None)
    said = {
        "workflow": called_workflow(environment.get("GITHUB_WORKFLOW_REF", "")) or environment.get("CI_CONFIG_PATH", ""),
        "job": environment.get("GITHUB_JOB", "") or environment.get("CI_JOB_NAME", ""),
        "event": environment.get("GITHUB_EVENT_NAME", "") or environment.get("CI_PIPELINE_SOURCE", ""),
        "ref": environment.get("GITHUB_REF", ""),
        "environment": "",
    }
    if token is not None:
        claimed = {"workflow": called_workflow(token.claim("job_workflow_ref")), "event": token.claim("event_name")}
        claimed |= {name: token.claim(name) for name in ("ref", "environment")}
        said |= {name: value for name, value in claimed.items() if value}
    return {name: value for name, value in said.items() if value}


class _Leg:
    """The way to one index."""

    def __init__(self, facts: Facts, parties: Parties, outside: Outside, addresses: Addresses, wishes: Wishes, name: str) -> None:
        self.facts, self.outside, self.addresses, self.wishes, self.name = facts, outside, addresses, wishes, name
        self.index: Index = parties.indexes[name]
        self.registrar = parties.registrars.get(name)
        self.profile = Profile.PYPI if name in PUBLIC_INDEXES else Profile.TRUSTPUB

    def fly(self) -> tuple[Leg, _Token | None]:
        """Ask for the audience, the token and the records, and compare."""
        blank = Leg(self.name, (), "unknown", "none", "", "", (), "")
        audience = self.index.audience()
        if isinstance(audience, Untold):
            step = "Ask whoever runs it, or publish there with a token."
            return replace(blank, verdict="refused", code="no-trusted-publishing", reason=str(audience), next_step=step), None
        found = ambient_token(self.outside.environment, audience, self._fetch)
        if isinstance(found, BrokenHere):
            return replace(blank, verdict="refused", code="no-id-token", reason=found.why, next_step=found.next_step), None
        if isinstance(found, NotHere):
            raise BadInput("trustpub preflight", why="this is no CI job")
        try:
            token = _Token(found.provider, found.token, parse(found.token).payload)
        except Unreadable:
            step = "Run the job again."
            return replace(blank, code="unreadable-token", reason="the ID token cannot be read", next_step=step), None
        return self._judged(token, audience), token

    def _fetch(self, url: str, headers: Mapping[str, str]) -> bytes:
        response = self.outside.send(Request("GET", url, {"Accept": "application/json", **headers}))
        if response.status != 200:
            raise Unreachable("the token endpoint", why=f"it answers {response.status}")
        return response.body

    def _judged(self, token: _Token, audience: str) -> Leg:
        records, evidence = self._records()
        notes = self._notes(token, audience)
        if not records:
            leg = self._without_record(token)
        else:
            decision = decide(
                dict(token.claims), [row for _, row in records], self.profile, provider=token.provider, issuer=token.claim("iss")
            )
            if isinstance(decision, Accepted):
                leg = self._accepted(token, records, decision, evidence)
            else:
                leg = self._refused(token, records, decision, evidence)
        leg = replace(leg, notes=(*leg.notes, *notes))
        return self._exchanged(leg, token) if self.wishes.exchange and leg.verdict != "unknown" else leg

    def _records(self) -> tuple[list[tuple[str, Publisher]], Literal["proven", "stated"]]:
        """Give the publishers on record with their projects, and what that rests on: the index's own list, else a statement."""
        declared = [row for row in self.facts.declaration.publishers if row.index == self.name]
        if self.registrar is not None:
            told = self.registrar.registered([row.project for row in declared] or self._uploaded())
            if not isinstance(told, Untold):
                return [(row.project, row.publisher) for row in told], "proven"
        return [(row.project, row.registered()) for row in declared], "stated"

    def _uploaded(self) -> list[str]:
        return list(dict.fromkeys(each.project for each in _predictions(self.facts) if each.index == self.name and each.project))

    def _notes(self, token: _Token, audience: str) -> list[str]:
        notes: list[str] = []
        if token.claims.get("aud") != audience:
            notes.append(f"the token carries the audience `{token.claim('aud')}`, the index asks for `{audience}`")
        issued = token.claims.get("iat")
        if isinstance(issued, int | float) and abs(issued - self.outside.clock()) > CLOCK:
            notes.append(f"this machine's clock is {abs(issued - self.outside.clock()):.0f} seconds away from the issuer's")
        return notes

    def _without_record(self, token: _Token) -> Leg:
        """Say what would have to be on record: nothing tells what is."""
        rows = tuple(Row(field, None, value, None) for field, value in presented(token.provider, token.claims).items())
        place = "`trustpub.toml` states no publisher there, and the index shows its list to nobody"
        if self.name not in PUBLIC_INDEXES:
            place = f"`trustpub.toml` states no publisher on `{self.name}`, and none was told by the index"
        step = f"Write the publisher of `{self.name}` into `trustpub.toml`; `trustpub setup` does it."
        return Leg(self.name, (), "unknown", "none", "", place, rows, step)

    def _accepted(
        self, token: _Token, records: Sequence[tuple[str, Publisher]], decision: Accepted, evidence: Literal["proven", "stated"]
    ) -> Leg:
        identity = decision.publisher.identity
        projects = tuple(project for project, row in records if row.identity == identity)
        other = self._other_job(token)
        if other:
            return Leg(self.name, projects, "unknown", evidence, "", other, _rows(token, decision.publisher), _MOVE)
        whose = "the index's own record" if evidence == "proven" else f"the publisher that `{self.facts.declaration.path}` states"
        return Leg(
            self.name, projects, "accepted", evidence, "", f"the claims match {whose}", _rows(token, decision.publisher), ""
        )

    def _refused(
        self, token: _Token, records: Sequence[tuple[str, Publisher]], decision: Refused, evidence: Literal["proven", "stated"]
    ) -> Leg:
        nearest = min((row for _, row in records), key=lambda row: sum(each.same is False for each in _rows(token, row)))
        rows = _rows(token, nearest)
        projects = tuple(project for project, row in records if row.identity == nearest.identity)
        other = self._other_job(token)
        if other:
            return Leg(self.name, projects, "unknown", evidence, decision.code, other, rows, _MOVE)
        fields = " and ".join(f"`{each.field}`" for each in decision.differences)
        why = (
            f"{fields} {'differ' if len(decision.differences) > 1 else 'differs'}"
            if fields
            else decision.reason or decision.description
        )
        return Leg(self.name, projects, "refused", evidence, decision.code, why, rows, _repair(decision, self.name))

    def _other_job(self, token: _Token) -> str:
        """Say why this job cannot speak for the one that uploads; empty when it can, or when no file knows of another."""
        uploads = [each for each in _predictions(self.facts) if each.index == self.name]
        file = called_workflow(token.claim("job_workflow_ref"))
        if not uploads or not file:
            return ""
        here = self.outside.environment.get("GITHUB_JOB", "")
        same_file = [each for each in uploads if each.workflow.rsplit("/", 1)[-1] == file]
        if not same_file:
            each = uploads[0]
            return f"this is `{file}`, and it is job `{each.job}` of `{each.workflow}` that uploads to {self.name}"
        alike = (
            each
            for each in same_file
            if each.environment.lower() == token.claim("environment").lower() and "environment" not in each.unknown
        )
        if any(each.job == here for each in same_file) or next(alike, None) is not None:
            return ""
        each = same_file[0]
        named = f"in the environment `{each.environment}`" if each.environment else "in another environment or none"
        return f"this is job `{here}`; it is job `{each.job}`, {named}, that uploads to {self.name}"

    def _exchanged(self, leg: Leg, token: _Token) -> Leg:
        """Make a real exchange, and give the upload token back at once."""
        why = "" if self.wishes.create else self._would_create(leg)
        if why:
            return replace(leg, notes=(*leg.notes, f"no exchange was made: {why}; `--create` makes it nevertheless"))
        from trustpub.parties.index.client import addresses_of
        from trustpub.parties.index.exchange import NotMinted, burn, exchange

        upload = addresses_of(self.name, self.facts.declaration, self.addresses).upload
        answer = exchange(self.outside.send, upload, token.text)
        if isinstance(answer, NotMinted):
            step = leg.next_step or "Compare the record on the index with the table, field by field."
            return replace(leg, verdict="refused", evidence="proven", code=answer.code, reason=answer.description, next_step=step)
        burnt = burn(self.outside.send, upload, answer.token)
        end = "and was given back" if burnt else "and ends by itself within minutes: this index takes none back"
        note = f"the index made an upload token, which was not used {end}"
        return replace(
            leg,
            verdict="accepted",
            evidence="proven",
            code="",
            reason="the index accepted this job's ID token",
            next_step="",
            notes=(*leg.notes, note),
        )

    def _would_create(self, leg: Leg) -> str:
        """Say why an exchange might create a project; empty when it cannot, as far as anybody here knows."""
        rows = [row.project for row in self.facts.declaration.publishers if row.index == self.name]
        for project in dict.fromkeys((*leg.projects, *rows)):
            found = self.index.project(project)
            if not isinstance(found, IndexProject):
                return f"`{normalize(project)}` does not exist on {self.name}, so an exchange could create it"
        return "" if leg.projects else f"which projects on {self.name} it is about is not known, so an exchange could create one"


_MOVE = "Run the preflight as a step of that job, or in a job with the same environment of the same file."


def _rows(token: _Token, row: Publisher) -> tuple[Row, ...]:
    """Put a record beside what the job presents; the heart says what is the same."""
    from trustpub.domain.matching import Refused

    decision = decide(dict(token.claims), [row], Profile.PYPI, provider=token.provider, issuer=token.claim("iss"))
    differing = {each.field for each in decision.differences} if isinstance(decision, Refused) else set()
    compared = bool(differing) or not isinstance(decision, Refused)
    shown = presented(token.provider, token.claims)
    rows = [
        Row(field, value, shown.get(field, ""), field not in differing if compared else None)
        for field, value in row.row().items()
        if value or field != "repository_owner_id"
    ]
    extra = [
        each for each in (decision.differences if isinstance(decision, Refused) else ()) if each.field not in dict(row.fields)
    ]
    return (*rows, *(Row(each.field, _text(each.expected), _text(each.got), same=False) for each in extra))


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def presented(provider: Provider, claims: ClaimSet) -> dict[str, str]:
    """What a token presents, by the names of the publisher's row."""
    from trustpub.domain.publishers import Provider as Providers

    def claim(name: str) -> str:
        value = claims.get(name)
        return value if isinstance(value, str) else ""

    if provider is Providers.GITLAB:
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
    "event_name": "Start the release by a tag, a release or by hand; `{got}` is refused.",
}


def _repair(decision: Refused, index: str) -> str:
    """Say which side to change for the first field that differs."""
    for each in decision.differences:
        words = _SIDES.get(each.field)
        if words is not None:
            expected, got = _text(each.expected), _text(each.got)
            if each.field == "environment" and not got:
                return f"Give the job `environment: {expected}`, or register the publisher on {index} without an environment."
            return words.format(expected=expected, got=got)
    if not decision.differences:
        return f"No record on {index} would change that: the job's ID token itself is not one that {index} takes."
    return f"Compare the record on {index} with the table, field by field."
