"""Where a file came from, in words: the publisher, its repository, the workflow, the commit it was built from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.web.pages.visible import visible

if TYPE_CHECKING:
    from trustpub.domain.publishers import Publisher
    from trustpub.usecases.project_pages import Origin, ShownFile

_SHA = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
_GITHUB = "https://github.com"
"""Where repositories of GitHub's own issuer are."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """One file's origin for the page; an address is empty when there is none that is known to be right.

    `signed` tells who signed (in words) what kinds of statements; `attested` is where all of it can be read.
    """

    by: str
    trusted: bool
    attested: str
    signed: tuple[tuple[str, tuple[str, ...]], ...]
    repository: str
    repository_url: str
    workflow: str
    environment: str
    commit: str
    commit_url: str
    ref: str


def provenance_of(shown: ShownFile, project: str) -> Provenance:
    """What the page says of this file; `project` is the normalized name."""
    origin, file = shown.origin, shown.file
    repository, address = _repository(origin.publisher)
    sha = origin.claims.get("sha", "")
    commit = sha if _SHA.fullmatch(sha) else ""
    attested = f"/integrity/{project}/{quote(file.version)}/{quote(file.filename)}/provenance"
    return Provenance(
        by=visible(origin.by),
        trusted=origin.trusted,
        attested=attested if file.provenance is not None else "",
        signed=tuple((visible(by), tuple(map(visible, predicates))) for by, predicates in shown.signed),
        repository=repository,
        repository_url=address,
        workflow=_first(origin.publisher, "workflow_filename", "workflow_filepath"),
        environment=_first(origin.publisher, "environment"),
        commit=commit,
        commit_url=_commit(origin, address, commit),
        ref=visible(origin.claims.get("ref", origin.claims.get("ref_path", "")), 200),
    )


def _repository(publisher: Publisher | None) -> tuple[str, str]:
    """The repository's name, and its address where the issuer says which host it is at."""
    if publisher is None:
        return "", ""
    if publisher.provider is Provider.GITHUB:
        name = f"{publisher.get('repository_owner')}/{publisher.get('repository_name')}"
        own = publisher.issuer == DEFAULT_ISSUERS[Provider.GITHUB]
        return visible(name), f"{_GITHUB}/{quote(name)}" if own else ""
    if publisher.provider is Provider.GITLAB:
        name = f"{publisher.get('namespace')}/{publisher.get('project')}"
        return visible(name), f"{publisher.issuer.rstrip('/')}/{quote(name)}"
    return "", ""


def _commit(origin: Origin, address: str, commit: str) -> str:
    if not commit or not address or origin.publisher is None:
        return ""
    between = "/commit/" if origin.publisher.provider is Provider.GITHUB else "/-/commit/"
    return address + between + commit


def _first(publisher: Publisher | None, *names: str) -> str:
    return "" if publisher is None else next((visible(publisher.get(name)) for name in names if publisher.get(name)), "")
