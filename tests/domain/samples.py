"""One publisher and one token of each provider that belong together, for tests to bend."""

from __future__ import annotations

from trustpub.domain.claims import JSON
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, Publisher, publisher

SHA = "0123456789abcdef0123456789abcdef01234567"

Claims = dict[str, JSON]


def github(**fields: str) -> Publisher:
    """`octo/orchay`, workflow `pypi.yml`, any environment."""
    row = {
        "repository_owner": "octo",
        "repository_owner_id": "42",
        "repository_name": "orchay",
        "workflow_filename": "pypi.yml",
        "environment": "",
    }
    return publisher(Provider.GITHUB, {**row, **fields})


def github_claims(**claims: JSON) -> Claims:
    """A tag push of `octo/orchay` in environment `pypi`."""
    token: Claims = {
        "iss": DEFAULT_ISSUERS[Provider.GITHUB],
        "sub": "repo:octo/orchay:environment:pypi",
        "repository": "octo/orchay",
        "repository_owner": "octo",
        "repository_owner_id": "42",
        "job_workflow_ref": "octo/orchay/.github/workflows/pypi.yml@refs/tags/v1",
        "jti": "one",
        "event_name": "push",
        "ref": "refs/tags/v1",
        "sha": SHA,
        "environment": "pypi",
    }
    return {**token, **claims}


def gitlab(**fields: str) -> Publisher:
    """`group/team/orchay`, pipeline `.gitlab-ci.yml`, any environment."""
    row = {"namespace": "group/team", "project": "orchay", "workflow_filepath": ".gitlab-ci.yml", "environment": ""}
    return publisher(Provider.GITLAB, {**row, **fields})


def gitlab_claims(**claims: JSON) -> Claims:
    """A tag pipeline of `group/team/orchay` in environment `pypi`."""
    token: Claims = {
        "iss": DEFAULT_ISSUERS[Provider.GITLAB],
        "sub": "project_path:group/team/orchay:ref_type:tag:ref:v1",
        "project_path": "group/team/orchay",
        "ci_config_ref_uri": "gitlab.com/group/team/orchay//.gitlab-ci.yml@refs/tags/v1",
        "jti": "one",
        "ref_path": "refs/tags/v1",
        "sha": SHA,
        "environment": "pypi",
    }
    return {**token, **claims}


def google(**fields: str) -> Publisher:
    """The service account `bot@orchay.iam.gserviceaccount.com`, any subject."""
    return publisher(Provider.GOOGLE, {"email": "bot@orchay.iam.gserviceaccount.com", "sub": "", **fields})


def google_claims(**claims: JSON) -> Claims:
    """A token of that service account."""
    token: Claims = {
        "iss": DEFAULT_ISSUERS[Provider.GOOGLE],
        "email": "bot@orchay.iam.gserviceaccount.com",
        "email_verified": True,
        "sub": "111",
    }
    return {**token, **claims}


def activestate(**fields: str) -> Publisher:
    """Project `orchay` of organization `octo`, published by `hana`."""
    row = {"organization": "octo", "activestate_project_name": "orchay", "actor": "hana", "actor_id": "u-7"}
    return publisher(Provider.ACTIVESTATE, {**row, **fields})


def activestate_claims(**claims: JSON) -> Claims:
    """A token of that project, from the builder that publishes."""
    token: Claims = {
        "iss": DEFAULT_ISSUERS[Provider.ACTIVESTATE],
        "sub": "org:octo:project:orchay",
        "organization": "octo",
        "project": "orchay",
        "actor_id": "u-7",
        "builder": "pypi-publisher",
    }
    return {**token, **claims}


OIDC_ISSUER = "https://ci.example.com"


def oidc(**fields: str) -> Publisher:
    """Two claims of an issuer of one's own."""
    return publisher(Provider.OIDC, {"project": "orchay", "branch": "main", **fields}, OIDC_ISSUER)


def oidc_claims(**claims: JSON) -> Claims:
    """A token of that issuer."""
    return {"iss": OIDC_ISSUER, "project": "orchay", "branch": "main", "build": 7, **claims}


PAIRS: dict[Provider, tuple[Publisher, Claims]] = {
    Provider.GITHUB: (github(environment="pypi"), github_claims()),
    Provider.GITLAB: (gitlab(environment="pypi"), gitlab_claims()),
    Provider.GOOGLE: (google(sub="111"), google_claims()),
    Provider.ACTIVESTATE: (activestate(), activestate_claims()),
    Provider.OIDC: (oidc(), oidc_claims()),
}
"""For each provider a fully constrained publisher and a token that both profiles accept."""

CONSTRAINED: dict[Provider, tuple[str, ...]] = {
    Provider.GITHUB: ("repository", "repository_owner", "repository_owner_id", "job_workflow_ref", "environment"),
    Provider.GITLAB: ("sub", "project_path", "ci_config_ref_uri", "environment"),
    Provider.GOOGLE: ("email", "email_verified", "sub"),
    Provider.ACTIVESTATE: ("sub", "organization", "project", "actor_id", "builder"),
    Provider.OIDC: ("project", "branch"),
}
"""The claims that those publishers constrain."""
