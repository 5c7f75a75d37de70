"""Registering a publisher: which fields are accepted, what is wrong with the others, and what is stored.

The rules are PyPI's (which values are valid, and what is kept of them), the wording is ours. Under the `trustpub` profile a
value is also refused when no token could ever match it. Looking an owner up is somebody else's work: the answer comes in.
Mirrors: warehouse/oidc/forms @6b62157.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from trustpub.domain.matching import Profile
from trustpub.domain.names import project_name_problem
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, Publisher, publisher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Stored: TypeAlias = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Account:
    """What a provider says about a user or an organization: the name as it spells it, and the id that no rename changes."""

    name: str
    id: str | int


class LookupFailure(StrEnum):
    """Why a provider could not tell about a user or an organization."""

    NOT_ASKED = "not-asked"
    UNKNOWN = "unknown"
    RATE_LIMITED = "rate-limited"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"


Lookup: TypeAlias = Account | LookupFailure


@dataclass(frozen=True, slots=True)
class FormResult:
    """Whether the form is accepted, what is wrong with each field, and what is stored (None unless it is accepted)."""

    valid: bool
    errors: dict[str, list[str]]
    stored: Stored | None


def validate(
    provider: Provider,
    fields: Mapping[str, str],
    *,
    github_user: Lookup = LookupFailure.NOT_ASKED,
    activestate_organization: Lookup = LookupFailure.NOT_ASKED,
    activestate_actor: Lookup = LookupFailure.NOT_ASKED,
    issuers: Sequence[str] = (DEFAULT_ISSUERS[Provider.GITLAB],),
    profile: Profile = Profile.PYPI,
) -> FormResult:
    """Check a form as posted (PyPI's field names), with what the provider answered about its names. Never raises.

    `issuers` are the GitLab issuers to choose from. A `project_name` (a pending publisher's) is checked as a name; whether it
    is taken only the index can tell. A generic OIDC form is an `issuer` and the claims to hold, by name.
    """
    form = _Form(fields, profile)
    if provider is Provider.GITHUB:
        stored = _github(form, github_user)
    elif provider is Provider.GITLAB:
        stored = _gitlab(form, issuers)
    elif provider is Provider.GOOGLE:
        stored = _google(form)
    elif provider is Provider.ACTIVESTATE:
        stored = _activestate(form, activestate_organization, activestate_actor)
    else:
        stored = _oidc(form)
    if "project_name" in fields:
        stored["project_name"] = _project_name(form)
    return FormResult(not form.errors, form.errors, None if form.errors else stored)


ROW_NAMES: dict[Provider, dict[str, str]] = {
    Provider.GITHUB: {"owner": "repository_owner", "owner_id": "repository_owner_id", "repository": "repository_name"},
    Provider.ACTIVESTATE: {"project": "activestate_project_name"},
}
"""What the row calls a form's field, where they differ."""


def publisher_of(provider: Provider, stored: Mapping[str, str | int]) -> Publisher:
    """The publisher that an accepted form describes. Raises `BadInput` when the form was never accepted."""
    names = ROW_NAMES.get(provider, {})
    row = {names.get(name, name): str(value) for name, value in stored.items() if name != "project_name"}
    return publisher(provider, row, issuer=row.pop("issuer", None) if provider is Provider.OIDC else None)


@dataclass(slots=True)
class _Form:
    """The posted fields, and what was found wrong with them so far."""

    fields: Mapping[str, str]
    profile: Profile
    errors: dict[str, list[str]] = field(default_factory=dict)

    @property
    def strict(self) -> bool:
        """Whether values that can never match are refused too."""
        return self.profile is Profile.TRUSTPUB

    def text(self, name: str) -> str:
        """A field's value; a value that is no text is refused."""
        value: object = self.fields.get(name, "")
        if isinstance(value, str):
            return value
        self.refuse(name, "The value must be text.")
        return ""

    def required(self, name: str, what: str) -> str:
        """The value of a field that must not be empty."""
        value = self.text(name)
        if not value and name not in self.errors:
            self.refuse(name, f"Give {what}.")
        return value

    def refuse(self, name: str, why: str) -> None:
        """Remember what is wrong with a field."""
        self.errors.setdefault(name, []).append(why)

    def matches(self, pattern: re.Pattern[str], value: str) -> bool:
        """Whether the whole value is as the pattern says. PyPI's `$` lets one final newline pass, and stores it."""
        return pattern.fullmatch(value if self.strict else value.removesuffix("\n")) is not None


_GITHUB_OWNER = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*")
_GITHUB_REPOSITORY = re.compile(r"[a-zA-Z0-9._-]+")
_GITHUB_NOT_IN_ENVIRONMENT = re.compile(r"[\x00-\x1f\x7f'\"`,;\\]")
_GITHUB_SAYS = {
    LookupFailure.NOT_ASKED: "GitHub was not asked about this owner, so its id is not known.",
    LookupFailure.UNKNOWN: "GitHub knows no user or organization of this name.",
    LookupFailure.RATE_LIMITED: "GitHub answers no more questions for now. Try again in a few minutes.",
    LookupFailure.REFUSED: "GitHub did not answer as expected. Try again.",
    LookupFailure.UNREACHABLE: "GitHub could not be reached. Try again in a few minutes.",
    LookupFailure.TIMED_OUT: "GitHub took too long to answer. Try again in a few minutes.",
}


def _github(form: _Form, user: Lookup) -> Stored:
    account = _github_owner(form, user)
    repository = form.required("repository", "the repository's name")
    if repository:
        _github_repository(form, repository)
    workflow = form.required("workflow_filename", "the workflow's file name").strip()
    if "workflow_filename" not in form.errors:
        _github_workflow(form, workflow)
    return {
        "owner": account.name,
        "repository": repository,
        "workflow_filename": workflow,
        "environment": _github_environment(form),
        "owner_id": account.id,
    }


def _github_owner(form: _Form, user: Lookup) -> Account:
    """The owner as GitHub spells it, with its id: what is typed only finds it."""
    nobody = Account("", 0)
    owner = form.required("owner", "the repository's owner: a GitHub user or organization")
    if not owner:
        return nobody
    if not form.matches(_GITHUB_OWNER, owner):
        form.refuse("owner", "A GitHub owner is letters, digits and hyphens, and starts with no hyphen.")
        return nobody
    if isinstance(user, LookupFailure):
        form.refuse("owner", _GITHUB_SAYS[user])
        return nobody
    return user


def _github_repository(form: _Form, repository: str) -> None:
    if not form.matches(_GITHUB_REPOSITORY, repository):
        form.refuse("repository", "A repository's name is letters, digits, hyphens, dots and underscores, without its owner.")
    elif form.strict and (repository.lower().endswith(".git") or repository in (".", "..")):
        form.refuse("repository", "No repository has this name at GitHub: leave `.git` away.")


def _github_workflow(form: _Form, workflow: str) -> None:
    if not workflow.endswith((".yml", ".yaml")):
        form.refuse("workflow_filename", "A workflow's file name ends in .yml or .yaml.")
    elif "/" in workflow:
        form.refuse("workflow_filename", "Give the file's name only, without its folder.")
    elif form.strict and workflow in (".yml", ".yaml"):
        form.refuse("workflow_filename", "The file needs a name before its ending.")


def _github_environment(form: _Form) -> str:
    """The environment in lower case, as GitHub compares it. PyPI passes one of blanks only, and stores the blanks."""
    environment = form.text("environment")
    if not environment.strip():
        return "" if form.strict else environment
    if len(environment) > 255:
        form.refuse("environment", f"An environment's name has at most 255 characters, this one {len(environment)}.")
    elif environment.startswith(" ") or environment.endswith(" "):
        form.refuse("environment", "An environment's name starts and ends with no blank.")
    elif _GITHUB_NOT_IN_ENVIRONMENT.search(environment):
        form.refuse("environment", "An environment's name holds no control characters and none of ' \" ` , ; \\")
    return environment.lower()


_GITLAB_NAMESPACE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_./+-]*[a-zA-Z0-9]")
_GITLAB_PROJECT = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*[a-zA-Z0-9]")
_GITLAB_TWO_SPECIALS = re.compile(r"[._-]{2}")
_GITLAB_ENVIRONMENT = re.compile(r"[a-zA-Z0-9_/${} -]+")


def _gitlab(form: _Form, issuers: Sequence[str]) -> Stored:
    namespace = form.required("namespace", "the namespace: a GitLab user, group or group/subgroup")
    _gitlab_name(form, "namespace", namespace, _GITLAB_NAMESPACE)
    project = form.required("project", "the project's name")
    _gitlab_name(form, "project", project, _GITLAB_PROJECT)
    path = form.required("workflow_filepath", "the path of the top-level pipeline file").strip()
    if "workflow_filepath" not in form.errors:
        if not path.endswith((".yml", ".yaml")):
            form.refuse("workflow_filepath", "The top-level pipeline file ends in .yml or .yaml.")
        elif path.startswith("/"):
            form.refuse("workflow_filepath", "The path starts with no slash: it is counted from the repository's root.")
    environment = form.text("environment")
    environment = environment if environment.strip() else ""
    if environment and not form.matches(_GITLAB_ENVIRONMENT, environment):
        form.refuse("environment", "An environment's name is letters, digits, blanks and - _ / $ { }")
    return {
        "namespace": namespace,
        "project": project,
        "workflow_filepath": path,
        "environment": environment,
        "issuer_url": _gitlab_issuer(form, issuers),
    }


def _gitlab_name(form: _Form, name: str, value: str, pattern: re.Pattern[str]) -> None:
    if not value:
        return
    if value.lower().endswith((".atom", ".git")):
        form.refuse(name, "GitLab gives no name that ends in .git or .atom.")
    if not form.matches(pattern, value):
        form.refuse(name, "It has two characters or more and starts and ends with a letter or a digit.")
    elif _GITLAB_TWO_SPECIALS.search(value):
        form.refuse(name, "No two of . _ - stand side by side.")


def _gitlab_issuer(form: _Form, issuers: Sequence[str]) -> str:
    issuer = form.text("issuer_url")
    if not issuer and form.strict and issuers and "issuer_url" not in form.errors:
        return issuers[0]
    if issuer not in issuers and "issuer_url" not in form.errors:
        form.refuse("issuer_url", f"Choose one of: {', '.join(issuers)}")
    return issuer


_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII | re.IGNORECASE)
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])", re.ASCII | re.IGNORECASE)
_SPECIAL_DOMAINS = (".arpa", ".invalid", ".local", ".localhost", ".onion", ".test")


def _google(form: _Form) -> Stored:
    email = form.required("email", "the account's e-mail address")
    if email and not _is_address(email):
        form.refuse("email", "This is no e-mail address.")
    subject = form.text("sub")
    return {"email": email, "sub": subject if subject.strip() or not form.strict else ""}


def _is_address(text: str) -> bool:
    """Whether this is an address that Google could give: ASCII, a name at a public domain."""
    local, _, domain = text.rpartition("@")
    well_formed = _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)
    return bool(well_formed) and len(local) <= 64 and len(text) <= 254 and not domain.lower().endswith(_SPECIAL_DOMAINS)


_ACTIVESTATE_PROJECT = re.compile(r"[.a-zA-Z0-9-]{3,40}")
_ACTIVESTATE_SAYS = {
    LookupFailure.NOT_ASKED: "ActiveState was not asked about this name.",
    LookupFailure.UNKNOWN: "ActiveState does not know this name.",
    LookupFailure.RATE_LIMITED: "ActiveState answers no more questions for now. Try again in a few minutes.",
    LookupFailure.REFUSED: "ActiveState did not answer as expected. Try again.",
    LookupFailure.UNREACHABLE: "ActiveState could not be reached. Try again in a few minutes.",
    LookupFailure.TIMED_OUT: "ActiveState took too long to answer. Try again in a few minutes.",
}


def _activestate(form: _Form, organization: Lookup, actor: Lookup) -> Stored:
    """The organization is known by its display name; of the actor the id is kept."""
    name = form.required("organization", "the ActiveState organization")
    if name and isinstance(organization, LookupFailure):
        form.refuse("organization", _ACTIVESTATE_SAYS[organization])
    project = form.required("project", "the ActiveState project")
    if project:
        _activestate_project(form, project)
    user = form.required("actor", "the ActiveState user that publishes")
    if user and isinstance(actor, LookupFailure):
        form.refuse("actor", _ACTIVESTATE_SAYS[actor])
    actor_id = actor.id if isinstance(actor, Account) else ""
    return {"organization": name, "project": project, "actor": user, "actor_id": actor_id}


def _activestate_project(form: _Form, project: str) -> None:
    if not form.matches(_ACTIVESTATE_PROJECT, project):
        form.refuse("project", "A project's name is 3 to 40 letters, digits, dots and hyphens.")
    if "--" in project:
        form.refuse("project", "No two hyphens stand side by side.")
    if project.startswith("-") or project.endswith("-"):
        form.refuse("project", "A project's name starts and ends with no hyphen.")


def _oidc(form: _Form) -> Stored:
    claims = {name: form.text(name) for name in form.fields if name not in ("issuer", "project_name")}
    issuer = form.required("issuer", "the exact `iss` of its tokens")
    if issuer and not issuer.startswith(("https://", "http://")):
        form.refuse("issuer", "An issuer is a URL.")
    if not any(claims.values()):
        form.refuse("issuer", "Name at least one claim and its exact value: the issuer alone would let everybody in.")
    for name, value in claims.items():
        if not value and name not in form.errors:
            form.refuse(name, "Give the claim's exact value.")
    return {"issuer": issuer, **claims}


def _project_name(form: _Form) -> str:
    name = form.required("project_name", "the project's name")
    problem = project_name_problem(name) if name else None
    if problem:
        form.refuse("project_name", problem)
    return name
