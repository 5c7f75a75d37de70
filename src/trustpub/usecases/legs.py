"""The legs of a rehearsal: which index, by which event, as whom, and what is registered there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider, publisher
from trustpub.errors import BadInput
from trustpub.parties.issuer.github_claims import Job, github_claims

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.domain.claims import JSON
    from trustpub.domain.declaration import Declaration, DeclaredEnvironment
    from trustpub.domain.publishers import Publisher
    from trustpub.workflows.predict import Prediction

_PUBLIC = ("pypi", "testpypi")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_VERDICTS = ("publishes", "depends", "refused", "never")
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

    `upload_url` is empty for an index on this machine: the stage then answers under its own address. `invented` names the claims
    that nobody here can know; their values are made up. `stated` says where the publisher's row comes from.
    """

    prediction: Prediction
    index: str
    publisher: Publisher
    stated: str
    claims: Mapping[str, JSON]
    invented: tuple[str, ...]
    upload_url: str
    hosts: tuple[str, ...]
    audience: str
    environment: str
    rules: DeclaredEnvironment | None
    may_ask: bool = True

    @property
    def project(self) -> str:
        """The project's name as the package has it."""
        return self.prediction.project


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
    order = sorted(best, key=lambda name: (_PUBLIC.index(name) if name in _PUBLIC else len(_PUBLIC), name))
    return tuple(_plan(best[name], declaration, addresses) for name in order)


def _rank(prediction: Prediction) -> tuple[int, int, int]:
    """Sort what publishes before what may, a tag before a branch, and the usual events first."""
    event = _EVENTS.index(prediction.event) if prediction.event in _EVENTS else len(_EVENTS)
    return (_VERDICTS.index(prediction.verdict), not prediction.ref.startswith("refs/tags/"), event)


def _plan(prediction: Prediction, declaration: Declaration, addresses: AddressBook) -> PlannedLeg:
    index = prediction.index or ""
    claims, invented = complete_claims(prediction)
    row, stated = _row(prediction, declaration, claims)
    url, audience = _where(index, declaration, addresses)
    environment = claims.get("environment")
    name = environment if isinstance(environment, str) else ""
    return PlannedLeg(
        prediction=prediction,
        index=index,
        publisher=row,
        stated=stated,
        claims=claims,
        invented=invented,
        upload_url=url,
        hosts=_hosts(index, url, addresses),
        audience=audience,
        environment=name,
        rules=declaration.environment(name) if name else None,
    )


def complete_claims(prediction: Prediction) -> tuple[dict[str, JSON], tuple[str, ...]]:
    """The predicted claims, and made-up values for the rest, because a token carries them all."""
    known = dict(prediction.claims)
    owner, _, repository = str(known.get("repository", "")).partition("/")
    ref, workflow = str(known.get("ref", "")), str(known.get("workflow_ref", "")).partition("@")[0].rpartition("/")[2]
    environment = known.get("environment")
    job = Job(
        owner=owner,
        repository=repository,
        workflow=workflow,
        ref=ref,
        event_name=prediction.event,
        environment=environment if isinstance(environment, str) else "",
    )
    everything = {**github_claims(job), **known}
    return everything, tuple(sorted(set(everything) - set(known)))


def _row(prediction: Prediction, declaration: Declaration, claims: Mapping[str, JSON]) -> tuple[Publisher, str]:
    """The declared row, else the one that this workflow needs. Without an owner id the claims' own stands in."""
    wanted = normalize(prediction.project)
    for declared in declaration.publishers:
        if declared.index == prediction.index and normalize(declared.project) == wanted:
            if declared.provider is not Provider.GITHUB:
                raise BadInput(
                    f"{declaration.path}: publisher of `{declared.project}` on `{declared.index}`",
                    why=f"its provider is {declared.provider}, and a rehearsal plays GitHub",
                )
            return _with_owner_id(declared.registered(), claims), f"the publisher is as {declaration.path} states"
    row = {name: value for name, value in prediction.publisher.items() if isinstance(value, str)}
    needed = publisher(Provider.GITHUB, {name: row.get(name, "") for name in _GITHUB_FIELDS})
    return _with_owner_id(needed, claims), "no publisher is declared, so the one that this workflow needs was registered"


_GITHUB_FIELDS = ("repository_owner", "repository_owner_id", "repository_name", "workflow_filename", "environment")


def _with_owner_id(row: Publisher, claims: Mapping[str, JSON]) -> Publisher:
    if row.get("repository_owner_id"):
        return row
    return publisher(row.provider, {**row.row(), "repository_owner_id": str(claims.get("repository_owner_id", ""))}, row.issuer)


def _where(index: str, declaration: Declaration, addresses: AddressBook) -> tuple[str, str]:
    """Upload address and audience. Our own indexes are uploaded to at /legacy/ here, wherever theirs is."""
    if index in _PUBLIC:
        return addresses.upload(index), index
    declared = declaration.indexes.get(index)
    url = urlsplit(declared.url if declared else index)
    if not url.hostname:
        raise BadInput(f"index `{index}`", why="its address is not known", next_step=f"Add [indexes.{index}] to trustpub.toml")
    audience = (declared.audience if declared else "") or url.hostname
    if url.hostname in _LOOPBACK:
        return "", audience
    return f"https://{url.netloc.rpartition('@')[2]}/legacy/", audience


def _hosts(index: str, url: str, addresses: AddressBook) -> tuple[str, ...]:
    places = [url, addresses.web(index)] if index in _PUBLIC else [url] if url else []
    split = [urlsplit(place) for place in places]
    return tuple(dict.fromkeys(f"{place.hostname}:{place.port or 443}" for place in split))
