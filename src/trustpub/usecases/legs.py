"""The legs of a rehearsal: which index, by which event, as whom, and what is registered there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.loopback import is_loopback
from trustpub.domain.matching import Profile
from trustpub.domain.names import normalize
from trustpub.domain.publishers import DEFAULT_ISSUERS, FIELDS, Provider, publisher
from trustpub.errors import BadInput
from trustpub.parties.issuer.github_claims import Job, github_claims
from trustpub.workflows.predict import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.domain.claims import JSON
    from trustpub.domain.declaration import Declaration, DeclaredEnvironment, DeclaredPublisher
    from trustpub.domain.publishers import Publisher
    from trustpub.workflows.predict import Prediction

_EVENTS = ("push", "release", "workflow_dispatch")


class AddressBook(Protocol):
    """Where the public indexes are."""

    def upload(self, name: str) -> str:
        """The upload address of `pypi` or `testpypi`."""

    def web(self, name: str) -> str:
        """The address of its pages."""


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """One index and the job that publishes to it.

    `project` is empty when only a build can tell its name. `upload_url` is empty for an index on this machine: the stage then
    answers under its own address. `invented` names the claims that nobody here can know; their values are made up. `stated` says
    where the publisher's row comes from, `issuer` whose tokens the index takes.
    """

    prediction: Prediction
    index: str
    project: str
    publisher: Publisher
    stated: str
    claims: Mapping[str, JSON]
    invented: tuple[str, ...]
    upload_url: str
    hosts: tuple[str, ...]
    audience: str
    issuer: str
    profile: Profile
    environment: str
    rules: DeclaredEnvironment | None
    declared: bool = True

    @property
    def assumed(self) -> tuple[str, ...]:
        """Fields of the publisher that hold a made-up value, the same as the token's."""
        return tuple(name for name, _ in self.publisher.fields if name in self.invented)

    @property
    def package(self) -> str:
        """The package's folder, relative to the checkout's root."""
        return self.prediction.package or "."


def plan_legs(predictions: Sequence[Prediction], declaration: Declaration, addresses: AddressBook) -> tuple[PlannedLeg, ...]:
    """One leg for each index that is published to, PyPI first; the most telling event of each.

    A leg that never publishes is kept when nothing better is there: that it never publishes is what its report has to say.
    """
    best: dict[str, Prediction] = {}
    for prediction in sorted(predictions, key=_rank):
        if prediction.index:
            best.setdefault(prediction.index, prediction)
    if not best:
        raise BadInput("no leg to rehearse", why="no step says which index it publishes to", next_step="Name one with --index")
    order = sorted(best, key=lambda name: (PUBLIC_INDEXES.index(name) if name in PUBLIC_INDEXES else len(PUBLIC_INDEXES), name))
    return tuple(_plan(best[name], declaration, addresses) for name in order)


def _rank(prediction: Prediction) -> tuple[int, int, int]:
    """Sort what publishes before what may, a tag before a branch, and the usual events first."""
    event = _EVENTS.index(prediction.event) if prediction.event in _EVENTS else len(_EVENTS)
    return (VERDICTS.index(prediction.verdict), not prediction.ref.startswith("refs/tags/"), event)


def _plan(prediction: Prediction, declaration: Declaration, addresses: AddressBook) -> PlannedLeg:
    index = prediction.index or ""
    declared = _declared(prediction, declaration)
    claims = complete_claims(prediction, declared.environment if declared else "")
    url, audience = _where(index, declaration, addresses)
    environment = claims.get("environment")
    name = environment if isinstance(environment, str) else ""
    public = index in PUBLIC_INDEXES
    return PlannedLeg(
        prediction=prediction,
        index=index,
        project=prediction.project or "",
        publisher=_with_owner_id(declared.registered() if declared else _needed(prediction), claims),
        stated=f"the publisher is as {declaration.path} states" if declared else _UNDECLARED,
        claims=claims,
        invented=tuple(unknown for unknown in prediction.unknown if unknown not in _OF_THE_TOKEN),
        upload_url=url,
        hosts=_hosts(index, url, addresses),
        audience=audience,
        issuer=DEFAULT_ISSUERS[Provider.GITHUB] if public else str(claims["iss"]),
        profile=Profile(prediction.profile),
        environment=name,
        rules=declaration.environment(name) if name else None,
        declared=declared is not None,
    )


def complete_claims(prediction: Prediction, environment: str = "") -> dict[str, JSON]:
    """The predicted claims, and made-up values for those that only a run has, because a token carries them all.

    `environment` stands in for one that the workflow computes.
    """
    known: dict[str, JSON] = dict(prediction.claims)
    owner, _, repository = str(known.get("repository", "")).partition("/")
    if not repository:
        step = "Declare a publisher in trustpub.toml, or add a remote: git remote add origin URL"
        raise BadInput("repository", why="neither a remote `origin` nor trustpub.toml names it", next_step=step)
    if "environment" in prediction.unknown and environment:
        known["environment"] = environment
    if prediction.subjects:
        known["sub"] = prediction.subjects[0]
    job = Job(
        owner=owner,
        repository=repository,
        workflow=prediction.workflow.rpartition("/")[2],
        ref=prediction.ref or "refs/heads/main",
        event_name=prediction.event,
        environment=str(known.get("environment", "")),
    )
    return {"iss": DEFAULT_ISSUERS[Provider.GITHUB], **github_claims(job), **known}


def _declared(prediction: Prediction, declaration: Declaration) -> DeclaredPublisher | None:
    """The declared row of this leg: the one that the job fits when there are several."""
    rows = [row for row in declaration.publishers if row.index == prediction.index]
    if prediction.project:
        rows = [row for row in rows if normalize(row.project) == normalize(prediction.project)]
    if rows and all(row.provider is not Provider.GITHUB for row in rows):
        why = f"its provider is {rows[0].provider}, and a rehearsal plays GitHub"
        raise BadInput(f"{declaration.path}: publisher of `{rows[0].project}` on `{rows[0].index}`", why=why)
    mine = [row for row in rows if row.provider is Provider.GITHUB]
    fitting = [row for row in mine if _same(row.registered().row(), prediction.publisher)]
    return next(iter([*fitting, *mine]), None)


def _same(row: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(row[name] == other.get(name) for name in row if name != "repository_owner_id")


def _needed(prediction: Prediction) -> Publisher:
    """The row that this job needs, when nothing is declared."""
    return publisher(Provider.GITHUB, {name: prediction.publisher.get(name, "") for name in FIELDS[Provider.GITHUB]})


_UNDECLARED = "no publisher is declared, so the one that this workflow needs was registered"
_OF_THE_TOKEN = ("jti", "iat", "nbf", "exp")


def _with_owner_id(row: Publisher, claims: Mapping[str, JSON]) -> Publisher:
    if row.get("repository_owner_id"):
        return row
    return publisher(row.provider, {**row.row(), "repository_owner_id": str(claims.get("repository_owner_id", ""))}, row.issuer)


def _where(index: str, declaration: Declaration, addresses: AddressBook) -> tuple[str, str]:
    """Upload address and audience. Our own indexes are uploaded to at /legacy/ here, wherever theirs is."""
    if index in PUBLIC_INDEXES:
        return addresses.upload(index), index
    declared = declaration.indexes.get(index)
    url = urlsplit(declared.url if declared else index)
    if not url.hostname:
        raise BadInput(f"index `{index}`", why="its address is not known", next_step=f"Add [indexes.{index}] to trustpub.toml")
    audience = (declared.audience if declared else "") or url.hostname
    if is_loopback(url.hostname):
        return "", audience
    return f"https://{url.netloc.rpartition('@')[2]}/legacy/", audience


def _hosts(index: str, url: str, addresses: AddressBook) -> tuple[str, ...]:
    places = [url, addresses.web(index)] if index in PUBLIC_INDEXES else [url] if url else []
    split = [urlsplit(place) for place in places]
    return tuple(dict.fromkeys(f"{place.hostname}:{place.port or 443}" for place in split))
