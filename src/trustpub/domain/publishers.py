"""Publishers: who may upload. An identity at a provider (issuer and matched fields), registered on an index."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from trustpub.errors import BadInput
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustpub.domain.claims import JSON, ClaimSet


class Provider(StrEnum):
    """The kinds of issuer whose claims we can match."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GOOGLE = "google"
    ACTIVESTATE = "activestate"
    OIDC = "oidc"


DEFAULT_ISSUERS: dict[Provider, str] = {
    Provider.GITHUB: "https://token.actions.githubusercontent.com",
    Provider.GITLAB: "https://gitlab.com",
    Provider.GOOGLE: "https://accounts.google.com",
    Provider.ACTIVESTATE: "https://platform.activestate.com/api/v1/oauth/oidc",
}
"""Each provider's own issuer, the exact `iss` of its tokens. A generic OIDC publisher has none: its issuer is its identity."""

FIELDS: dict[Provider, tuple[str, ...]] = {
    Provider.GITHUB: ("repository_owner", "repository_owner_id", "repository_name", "workflow_filename", "environment"),
    Provider.GITLAB: ("namespace", "project", "workflow_filepath", "environment", "issuer_url"),
    Provider.GOOGLE: ("email", "sub"),
    Provider.ACTIVESTATE: ("organization", "activestate_project_name", "actor", "actor_id"),
}
"""The fields of each provider's row, by PyPI's names. A generic OIDC publisher names any claims it likes."""


class Publisher(NamedTuple):
    """An identity that may upload to the projects it is linked to.

    `fields` are the row's names and values, in the order of `FIELDS` (generic OIDC: by name); an empty value constrains nothing.
    `allowed_events` are triggers that the `trustpub` profile refuses unless they are named here, and `refs` patterns one of which
    the run's ref must be like under that profile (none: any ref). These two constrain what one project takes; they are no part
    of the identity. Neither is `namespace_id`, the number of the GitLab namespace that its last accepted token came from: the
    `trustpub` profile takes tokens of no other one, because a name that was given up can be registered by anybody. Build one with
    `publisher()`.
    """

    provider: Provider
    issuer: str
    fields: tuple[tuple[str, str], ...]
    allowed_events: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    namespace_id: str = ""

    def get(self, name: str, default: str = "") -> str:
        """The value of one field."""
        for field, value in self.fields:
            if field == name:
                return value
        return default

    def row(self) -> dict[str, str]:
        """The fields by name, as PyPI's row has them."""
        return dict(self.fields)

    @property
    def identity(self) -> str:
        """A key (SHA-256, hex) that two publishers share only when provider, issuer and every field are the same.

        The owner id and the issuer belong to it: a name that was given up and registered by somebody else is another identity.
        """
        import hashlib
        import json

        parts = json.dumps([self.provider, self.issuer, self.fields])
        return hashlib.sha256(parts.encode("ascii")).hexdigest()

    @property
    def lookup(self) -> str:
        """A key that narrows the candidates for a token; `lookup_of` finds the same in the claims. Wider than any matching."""
        if self.provider is Provider.GITHUB:
            return f"{self.get('repository_owner')}/{self.get('repository_name')}".lower()
        if self.provider is Provider.GITLAB:
            return f"{self.get('namespace')}/{self.get('project')}".lower()
        if self.provider is Provider.GOOGLE:
            return self.get("email").lower()
        if self.provider is Provider.ACTIVESTATE:
            return f"{self.get('organization')}/{self.get('activestate_project_name')}".lower()
        return self.issuer

    @property
    def kin(self) -> str:
        """A wider key: publishers that a refused token may have been meant for; `kin_of` finds the same in the claims."""
        if self.provider is Provider.GITHUB:
            return self.get("repository_owner").lower()
        if self.provider is Provider.GITLAB:
            return self.get("namespace").partition("/")[0].lower()
        if self.provider is Provider.ACTIVESTATE:
            return self.get("organization").lower()
        return self.lookup

    @property
    def number(self) -> str:
        """A key of numbers that no rename changes, empty when none is on record; `number_of` finds the same in the claims."""
        owner_id = self.get("repository_owner_id") if self.provider is Provider.GITHUB else ""
        return f"{owner_id}/{self.get('repository_name')}".lower() if owner_id else ""

    @property
    def specifier(self) -> str:
        """This publisher in human words."""
        environment = f", environment {self.get('environment')}" if self.get("environment") else ""
        if self.provider is Provider.GITHUB:
            place = f"{self.get('repository_owner')}/{self.get('repository_name')}"
            return f"GitHub {place}, workflow {self.get('workflow_filename')}{environment}"
        if self.provider is Provider.GITLAB:
            place = f"{self.get('namespace')}/{self.get('project')}"
            return f"GitLab {place}, pipeline {self.get('workflow_filepath')}{environment}"
        if self.provider is Provider.GOOGLE:
            return f"Google {self.get('email')}" + (f", subject {self.get('sub')}" if self.get("sub") else "")
        if self.provider is Provider.ACTIVESTATE:
            return f"ActiveState {self.get('organization')}/{self.get('activestate_project_name')}, actor {self.get('actor')}"
        return f"{self.issuer}, " + ", ".join(f"{name} {value}" for name, value in self.fields)


def publisher(
    provider: Provider | str,
    fields: Mapping[str, str],
    issuer: str | None = None,
    allowed_events: Iterable[str] = (),
    refs: Iterable[str] = (),
) -> Publisher:
    """Build a publisher from a row: absent fields become empty, the issuer is the provider's own unless it is named.

    Raises `BadInput` for a provider or a field that does not exist, a value that is not text, and a generic OIDC publisher that
    names no issuer or constrains no claim (it would accept everybody).
    """
    try:
        kind = Provider(provider)
    except ValueError:
        raise BadInput(
            f"provider `{provider}`", why="no such provider", next_step=f"Use one of: {', '.join(Provider)}."
        ) from None
    for name, value in fields.items():
        if not isinstance(value, str):
            raise BadInput(f"{kind} publisher field `{name}`", why="the value must be text")
    home = issuer or (fields.get("issuer_url") if kind is Provider.GITLAB else None) or DEFAULT_ISSUERS.get(kind)
    if not home:
        raise BadInput("oidc publisher", why="it names no issuer", next_step="Give the exact `iss` of its tokens.")
    return Publisher(kind, home, _row(kind, fields, home), tuple(allowed_events), tuple(refs))


def _row(kind: Provider, fields: Mapping[str, str], issuer: str) -> tuple[tuple[str, str], ...]:
    """Put a row's fields into the one order that makes equal rows equal values."""
    if kind is Provider.OIDC:
        if not fields:
            raise BadInput(
                "oidc publisher", why="it constrains no claim", next_step="Name at least one claim and its exact value."
            )
        return tuple(sorted(fields.items()))
    known = FIELDS[kind]
    for name in fields:
        if name not in known:
            raise BadInput(f"{kind} publisher field `{name}`", why="no such field", next_step=f"Fields: {', '.join(known)}.")
    values = {**fields, "issuer_url": issuer}
    return tuple((name, values.get(name, "")) for name in known)


def lookup_of(provider: Provider, claims: ClaimSet) -> str | None:
    """The `lookup` of the publishers that these claims may match; None when the claims do not carry it."""
    if provider is Provider.GITHUB:
        return _slug(claims.get("repository"))
    if provider is Provider.GITLAB:
        return _slug(claims.get("project_path"))
    if provider is Provider.GOOGLE:
        return _text(claims.get("email"))
    if provider is Provider.ACTIVESTATE:
        organization, project = _text(claims.get("organization")), _text(claims.get("project"))
        return None if organization is None or project is None else f"{organization}/{project}"
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) and issuer else None


def kin_of(provider: Provider, claims: ClaimSet) -> str | None:
    """The `kin` of the publishers that these claims may have been meant for; None when the claims do not carry it."""
    if provider is Provider.GITHUB:
        return _text(claims.get("repository_owner")) or _first(lookup_of(provider, claims))
    if provider is Provider.GITLAB:
        return _first(lookup_of(provider, claims))
    if provider is Provider.ACTIVESTATE:
        return _text(claims.get("organization"))
    return lookup_of(provider, claims)


def number_of(provider: Provider, claims: ClaimSet) -> str:
    """The `number` of the publishers whose names may have moved away from these claims; empty when the claims carry none.

    GitHub: the owner's id and the repository's name. GitLab: the project's id, which a publisher has from its last token.
    """
    if provider is Provider.GITHUB:
        owner_id, name = claims.get("repository_owner_id"), (lookup_of(provider, claims) or "").partition("/")[2]
        return f"{owner_id}/{name}".lower() if isinstance(owner_id, str) and owner_id and name else ""
    project_id = claims.get("project_id") if provider is Provider.GITLAB else None
    return project_id if isinstance(project_id, str) else ""


def _slug(value: JSON) -> str | None:
    return value.lower() if isinstance(value, str) and "/" in value else None


def _text(value: JSON) -> str | None:
    return value.lower() if isinstance(value, str) and value else None


def _first(slug: str | None) -> str | None:
    return None if slug is None else slug.partition("/")[0]
