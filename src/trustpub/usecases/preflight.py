"""Preflight: what the index will answer to *this* job, found out before anything is built.

The job's own ID token is asked for, and its claims are held against the publishers that are on record: the index's own list where
it shows one, else what `trustpub.toml` states. Nothing is built and nothing uploaded. An exchange is only made when it is asked
for, because an exchange writes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.index_project import IndexProject
from trustpub.domain.names import normalize
from trustpub.domain.pending import PENDING_DAYS
from trustpub.domain.providers.github import called_workflow
from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Unreachable
from trustpub.parties.ci import BrokenHere, NotHere, ambient_token, in_ci
from trustpub.parties.issuer.jws import Unreadable, parse
from trustpub.parties.wire import Request
from trustpub.usecases.asked import ALL, wanted
from trustpub.usecases.beside_records import Held, Row, Verdict, as_stored, foreign_issuer, held, presented
from trustpub.usecases.beside_records import Job as Asking
from trustpub.usecases.gather import gather

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustpub.domain.claims import ClaimSet
    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.publishers import Publisher
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.parties.index.port import Index
    from trustpub.rules.facts import Facts
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.three_sides import Parties
    from trustpub.workflows.predict import Prediction

CLOCK = 120
"""Seconds that this machine's clock may be off before it is said."""
LEEWAY = 30
"""Seconds after its end for which PyPI still takes an ID token."""
CLOSED = {
    "archived": "Unarchive the project in its settings on the index, as an owner, before the tag is pushed.",
    "quarantined": "Ask whoever runs the index: nobody else can end a quarantine.",
}
"""States in which a project takes no files, and what to do about each."""
Evidence = Literal["proven", "stated"]


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
        self.public = name in PUBLIC_INDEXES
        self.uploads = [each for each in _predictions(facts) if each.index == name]

    def fly(self) -> tuple[Leg, _Token | None]:
        """Ask for the audience, the token and the records, and compare."""
        blank = Leg(self.name, (), "unknown", "none", "", "", (), "")
        audience = self.index.audience()
        if isinstance(audience, Untold):
            step = "Ask whoever runs it, or publish there with a token."
            return replace(blank, verdict="refused", code="no-trusted-publishing", reason=str(audience), next_step=step), None
        silent: list[Unreachable] = []
        found = ambient_token(self.outside.environment, audience, lambda url, headers: self._fetch(url, headers, silent))
        if silent:
            raise silent[0]
        if isinstance(found, BrokenHere):
            if elsewhere := self._job_elsewhere():
                return replace(blank, code="no-id-token", reason=f"{elsewhere}; {found.why}", next_step=_MOVE), None
            return replace(blank, verdict="refused", code="no-id-token", reason=found.why, next_step=found.next_step), None
        if isinstance(found, NotHere):
            raise BadInput("trustpub preflight", why="this is no CI job")
        try:
            token = _Token(found.provider, found.token, parse(found.token).payload)
        except Unreadable:
            step = "Run the job again."
            return replace(blank, code="unreadable-token", reason="the ID token cannot be read", next_step=step), None
        return self._judged(token, audience), token

    def _fetch(self, url: str, headers: Mapping[str, str], silent: list[Unreachable]) -> bytes:
        """Ask the CI system for the token; whether it cannot answer or will not is a difference that must not get lost."""
        try:
            response = self.outside.send(Request("GET", url, {"Accept": "application/json", **headers}))
        except Unreachable as problem:
            silent.append(problem)
            raise
        if response.status != 200:
            answer = Unreachable("the token endpoint", why=f"it answers {response.status}", next_step="Run the job again.")
            if response.status >= 500 or response.status == 429:
                silent.append(answer)
            raise answer
        return response.body

    def _judged(self, token: _Token, audience: str) -> Leg:
        records, evidence = self._records(token)
        other = self._other_job(token)
        if not records:
            leg = self._without_record(token)
        else:
            asking = Asking(token.provider, token.claims, self.name, self.public)
            said = held(asking, [row for _, row in records], self.facts.declaration.path)
            projects = tuple(dict.fromkeys(project for project, row in records if row.identity == said.publisher.identity))
            leg = self._leg(said, projects, evidence, _issuer_unknown(asking))
            leg = replace(leg, verdict="unknown", reason=other, next_step=_MOVE) if other else self._carried(leg, records, token)
        leg = leg if other else self._believed(leg, token, audience)
        leg = replace(leg, notes=(*leg.notes, *self._notes(token)))
        return self._open(self._exchanged(leg, token) if self.wishes.exchange and not other else leg)

    def _leg(self, said: Held, projects: tuple[str, ...], evidence: Evidence, stranger: str) -> Leg:
        if said.verdict == "accepted":
            stated = f"the publisher that `{self.facts.declaration.path}` states"
            whose = "the index's own record" if evidence == "proven" else stated
            leg = Leg(self.name, projects, "accepted", evidence, "", f"the claims match {whose}", said.rows, "")
            return self._existing(leg) if evidence == "stated" and self.public else leg
        code, reason = ("invalid-payload", stranger) if stranger else (said.code, said.reason)
        return Leg(self.name, projects, said.verdict, evidence, code, reason, said.rows, said.next_step)

    def _existing(self, leg: Leg) -> Leg:
        """Hold a statement against what everybody can see: a pending publisher goes, unused after 30 days or once it is used."""
        for row in self._declared():
            if row.project not in leg.projects:
                continue
            exists = self.index.project(row.project)
            if exists is None and row.pending and row.stated and self._days_since(row.stated) > PENDING_DAYS:
                why = f"`{row.project}` does not exist on {self.name}, and a pending publisher is gone after {PENDING_DAYS} days"
                step = f"Look whether it is still there (it was stated on {row.stated}), else register it again."
                return replace(leg, verdict="unknown", reason=why, next_step=step)
            if exists is None and not row.pending:
                note = f"`{row.project}` does not exist on {self.name} yet: only a *pending* publisher can make it"
                leg = replace(leg, notes=(*leg.notes, note))
            if isinstance(exists, IndexProject) and row.pending:
                note = f"`{row.project}` exists on {self.name}: if it was not made by this pending publisher, that is refused"
                leg = replace(leg, notes=(*leg.notes, note))
        return leg

    def _open(self, leg: Leg) -> Leg:
        """Look whether the projects take files: an index still gives a closed one an upload token, and refuses the upload."""
        if leg.verdict != "accepted":
            return leg
        for project in leg.projects:
            found = self.index.project(project)
            if isinstance(found, IndexProject) and found.status in CLOSED:
                why = f"the exchange is accepted, and `{found.name}` on {self.name} is {found.status}: every upload is refused"
                return replace(leg, verdict="refused", code="project-closed", reason=why, next_step=CLOSED[found.status])
        return leg

    def _days_since(self, day: str) -> float:
        return self.outside.clock() / 86400 - (date.fromisoformat(day) - date(1970, 1, 1)).days

    def _carried(self, leg: Leg, records: Sequence[tuple[str, Publisher]], token: _Token) -> Leg:
        """Look whether this job uploads what the upload token will be for: the token is for no other project."""
        here = [each for each in self.uploads if self._is_here(each, token)]
        carried = {normalize(each.project) for each in here if each.project}
        missing = carried - {normalize(project) for project in leg.projects}
        if leg.verdict != "accepted" or not missing or not all(each.project for each in here):
            return leg
        known = missing <= {normalize(project) for project, _ in records}
        names = " and ".join(f"`{project}`" for project in sorted(missing))
        why = f"the publisher that matches is of {_names(leg.projects)}, and this job uploads {names}"
        step = f"Register a publisher with these values for {names} too."
        if missing == carried and known:
            return replace(leg, verdict="refused", code="other-project", reason=why, next_step=step)
        return replace(leg, verdict="unknown", reason=why, next_step=step)

    def _is_here(self, each: Prediction, token: _Token) -> bool:
        """Say whether a predicted upload is of this very job, and of the leg that runs, as far as its environment tells."""
        file = called_workflow(token.claim("job_workflow_ref"))
        same = bool(file) and each.workflow.rsplit("/", 1)[-1] == file
        leg = "environment" in each.unknown or each.environment.lower() == token.claim("environment").lower()
        run = each.event == token.claim("event_name")
        return same and leg and run and each.job == self.outside.environment.get("GITHUB_JOB", "")

    def _believed(self, leg: Leg, token: _Token, audience: str) -> Leg:
        """Hold the token itself against what every index asks: its audience, as one text, and its end."""
        if token.claims.get("aud") != audience:
            why = f"the token carries the audience `{token.claim('aud')}`, and the index asks for the one text `{audience}`"
            step = f"Ask for the audience `{audience}`; in GitLab it is the `aud:` below `id_tokens:`."
            return replace(leg, verdict="refused", code="invalid-token", reason=why, next_step=step)
        end = token.claims.get("exp")
        if leg.verdict == "accepted" and isinstance(end, int | float) and end + LEEWAY < self.outside.clock():
            why = "by this machine's clock the ID token has ended"
            step = "Look at the clock, and publish sooner after the job's start."
            return replace(leg, verdict="unknown", reason=why, next_step=step)
        return leg

    def _records(self, token: _Token) -> tuple[list[tuple[str, Publisher]], Evidence]:
        """Give the publishers on record with their projects, and what that rests on: the index's own list, else a statement."""
        declared = self._declared()
        if self.registrar is not None:
            uploaded = [each.project for each in self.uploads if each.project]
            told = self.registrar.registered(dict.fromkeys([*(row.project for row in declared), *uploaded]))
            if not isinstance(told, Untold):
                return [(row.project, row.publisher) for row in told], "proven"
        rows = [(row.project, row.registered()) for row in declared]
        return [(project, as_stored(row, token.claims) if self.public else row) for project, row in rows], "stated"

    def _declared(self) -> list[DeclaredPublisher]:
        return [row for row in self.facts.declaration.publishers if row.index == self.name]

    def _notes(self, token: _Token) -> list[str]:
        """Say when the clocks disagree. GitLab makes a job's token at its start: only one from the future tells."""
        issued = token.claims.get("iat")
        if not isinstance(issued, int | float):
            return []
        ahead = issued - self.outside.clock()
        off = ahead if token.provider is Provider.GITLAB else abs(ahead)
        return [f"this machine's clock is {off:.0f} seconds away from the issuer's"] if off > CLOCK else []

    def _without_record(self, token: _Token) -> Leg:
        """Say what would have to be on record: nothing tells what is."""
        rows = tuple(Row(field, None, value, None) for field, value in presented(token.provider, token.claims).items())
        place = "`trustpub.toml` states no publisher there, and the index shows its list to nobody"
        if self.name not in PUBLIC_INDEXES:
            place = f"`trustpub.toml` states no publisher on `{self.name}`, and none was told by the index"
        step = f"Write the publisher of `{self.name}` into `trustpub.toml`; `trustpub setup` does it."
        return Leg(self.name, (), "unknown", "none", "", place, rows, step)

    def _other_job(self, token: _Token) -> str:
        """Say why this job cannot speak for the one that uploads; empty when it can, or when no file knows of another."""
        uploads = self.uploads
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

    def _job_elsewhere(self) -> str:
        """Say that another job uploads, for one that has no token to tell it by; empty when this may be the one."""
        here = self.outside.environment.get("GITHUB_JOB", "")
        if not here or not self.uploads or any(each.job == here for each in self.uploads):
            return ""
        each = self.uploads[0]
        return f"this is job `{here}`; it is job `{each.job}` of `{each.workflow}` that uploads to {self.name}"

    def _exchanged(self, leg: Leg, token: _Token) -> Leg:
        """Make a real exchange, and give the upload token back at once."""
        if token.provider is Provider.GITLAB:
            note = "no exchange was made: GitLab gives a job one ID token, and an exchange would spend it before the upload"
            return replace(leg, notes=(*leg.notes, note))
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
            if isinstance(found, Untold):
                return f"whether `{normalize(project)}` exists on {self.name} is not known ({found.why})"
            if found is None:
                return f"`{normalize(project)}` does not exist on {self.name}, so an exchange could create it"
        return "" if leg.projects else f"which projects on {self.name} it is about is not known, so an exchange could create one"


_MOVE = "Run the preflight as a step of that job, or in a job with the same environment of the same file."


def _issuer_unknown(asking: Asking) -> str:
    """Say that PyPI does not know who issued the token; empty when it does."""
    return f"unknown trusted publishing issuer: `{asking.text('iss')}`" if foreign_issuer(asking) else ""


def _names(projects: Iterable[str]) -> str:
    return " and ".join(f"`{project}`" for project in projects)
