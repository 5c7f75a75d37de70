"""The form of a publisher: its fields by provider, what a link filled in, and the link to the form filled in.

The names are PyPI's, so that a link that was written for PyPI's page works here: `?provider=github&owner=...&repository=...`.
Nothing that stands in a link is saved before somebody posts the form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from trustpub.domain.forms import ROW_NAMES
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.domain.issuers import Issuer
    from trustpub.domain.publishers import Publisher
    from trustpub.web.pages.form import Form
    from trustpub.web.pages.visit import Visit

FIELDS: Mapping[Provider, tuple[str, ...]] = {
    Provider.GITHUB: ("owner", "owner_id", "repository", "workflow_filename", "environment", "issuer"),
    Provider.GITLAB: ("namespace", "project", "workflow_filepath", "environment", "issuer_url"),
    Provider.GOOGLE: ("email", "sub"),
    Provider.ACTIVESTATE: ("organization", "project", "actor", "actor_id"),
    Provider.OIDC: ("issuer", "claims"),
}
"""The fields of each form, by PyPI's names; `owner_id`, `issuer`, `actor_id` and all of generic OIDC are our own."""
LIMITS = ("refs", "allowed_events")
"""What any publisher can be held to beyond PyPI's fields."""
PROJECT_NAME = "project_name"


@dataclass(frozen=True, slots=True)
class FormShown:
    """A form as its page shows it.

    `values` are what is in its fields, `prefilled` says that they came from a link, `issuers` are this index's of the provider.
    """

    provider: Provider
    values: Mapping[str, str]
    prefilled: bool
    issuers: tuple[str, ...]
    link: str

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """The issuers as a select takes them."""
        return tuple((each, each) for each in self.issuers)


def provider_of(told: str) -> Provider:
    """The provider of this name, in whatever case; GitHub for what is none."""
    name = told.strip().lower()
    return Provider(name) if name in list(Provider) else Provider.GITHUB


def form_shown(visit: Visit, *, pending: bool) -> FormShown:
    """The form with what was posted, else with what stands in the address."""
    told: Form = visit.form if visit.posted else visit.query
    provider = provider_of(told.text("provider"))
    names = (*FIELDS[provider], *LIMITS, *((PROJECT_NAME,) if pending else ()))
    values = {name: told[name] for name in names if told.has(name)}
    given = {name: value for name, value in values.items() if value.strip()}
    return FormShown(
        provider=provider,
        values=values,
        prefilled=bool(given) and not visit.posted,
        issuers=issuers_of(visit.site.settings.issuers, provider),
        link=link(visit.path, provider, given) if given else "",
    )


def issuers_of(issuers: Sequence[Issuer], provider: Provider) -> tuple[str, ...]:
    """The issuers of one kind that this index trusts, the provider's own first."""
    own = DEFAULT_ISSUERS.get(provider)
    return tuple(sorted({each.url for each in issuers if each.kind is provider}, key=lambda url: (url != own, url)))


def link(path: str, provider: Provider, values: Mapping[str, str]) -> str:
    """The address of a form with these values in it; a value that is its default anyway is left out."""
    kept = {name: value for name, value in values.items() if value.strip() and value != DEFAULT_ISSUERS.get(provider)}
    return f"{path}?{urlencode({'provider': provider.value, **kept})}"


def values_of(publisher: Publisher) -> dict[str, str]:
    """A registered publisher's fields as its form has them."""
    names = {row: form for form, row in ROW_NAMES.get(publisher.provider, {}).items()}
    if publisher.provider is Provider.OIDC:
        return {"issuer": publisher.issuer, "claims": "\n".join(f"{name} = {value}" for name, value in publisher.fields)}
    values = {names.get(name, name): value for name, value in publisher.fields if value}
    if publisher.provider is Provider.GITHUB:
        values["issuer"] = publisher.issuer
    if publisher.allowed_events:
        values["allowed_events"] = " ".join(publisher.allowed_events)
    if publisher.refs:
        values["refs"] = " ".join(publisher.refs)
    return values
