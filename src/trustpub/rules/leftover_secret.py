"""A stored upload token that nothing needs any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.pattern import lazy_pattern
from trustpub.rules import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.github_settings import GitHubSide, Secret
    from trustpub.rules.facts import Facts
    from trustpub.workflows.sites import Outside, Site

RULE = Rule(
    code="T04",
    name="leftover-secret",
    severity="high",
    title="A stored upload token is still there",
    why=(
        "A trusted publisher takes no token away: the one that was used before still uploads, from anywhere, for whoever reads "
        "it. Several well-known packages were taken over by such a left-over token."
    ),
    source="PyPI's documentation: trusted publishers, security model and considerations",
    help="After a release by trusted publishing revoke the token on the index, then delete the secret.",
)

_TOOLS = lazy_pattern(
    r"TWINE_PASSWORD|UV_PUBLISH_(?:TOKEN|PASSWORD)|POETRY_PYPI_TOKEN_\w+|POETRY_HTTP_BASIC_\w*PYPI\w*_PASSWORD|FLIT_PASSWORD"
    r"|PDM_PUBLISH_PASSWORD|HATCH_INDEX_AUTH|MATURIN_(?:PYPI_TOKEN|PASSWORD)"
)
"""What the upload tools read."""
_NAMED = lazy_pattern(r"(?:\w+_)?(?:TEST_?)?PYPI(?:_\w+)?")
_SECRET_WORDS = frozenset(
    ("TOKEN", "PASSWORD", "PASS", "PWD", "KEY", "APIKEY", "SECRET", "AUTH", "CREDENTIALS", "TEST", "PYPI", "TESTPYPI")
)
"""With what such a name ends: a user name alone opens nothing."""
_OTHERS = lazy_pattern(
    r"NEXUS|ARTIFACTORY|JFROG|GITLAB|AZURE|AWS|CODEARTIFACT|GCP|PRIVATE|INTERNAL|DEVPI|GEMFURY|CLOUDSMITH|MIRROR|PROXY|SIGN|GPG|SSH"
)
"""Words of indexes that are not PyPI, and of keys that upload nothing."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each secret named like an upload token that no upload here uses, where the uploads are made by trusted publishing."""
    side = facts.github
    trusted = [site for site, predictions in facts.trusted() if all(_is_trusted(each.credential) for each in predictions)]
    if side is None or not trusted:
        return
    texts = [text for one in facts.uploads for text in _given(one.site)]
    used = {name.upper() for text in texts for name in re.findall(r"secrets\.(\w+)", text)}
    for secret in side.secrets if "inherit" not in texts else ():
        if is_upload_token(secret.name) and secret.name.upper() not in used:
            yield _finding(facts, side, secret, spans.of_upload(trusted[0]))


def _is_trusted(credential: str) -> bool:
    return credential == "trusted-publishing"


def _given(site: Site | Outside) -> tuple[str, ...]:
    """Return the texts that give an upload its secrets; `inherit` where a workflow elsewhere gets all of them."""
    from trustpub.rules.secrets import given_texts
    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Scalar

    if isinstance(site, Site):
        return given_texts(site)
    call = site.calls[-1]
    if isinstance(call.job.secrets, Scalar):
        return (call.job.secrets.value,)
    return (call.workflow.source.text[call.job.node.start : call.job.node.end],)


def is_upload_token(name: str) -> bool:
    """Say whether a secret is named like a token or password for uploads to PyPI or TestPyPI."""
    name = name.upper()
    if _TOOLS.fullmatch(name):
        return True
    if not _NAMED.fullmatch(name) or _OTHERS.search(name):
        return False
    return name.rsplit("_", 1)[-1] in _SECRET_WORDS


def _finding(facts: Facts, side: GitHubSide, secret: Secret, upload: Span) -> Finding:
    since = f", last changed on {secret.updated_at[:10]}" if secret.updated_at else ""
    place = _named_at(facts, secret.name)
    what = f"Find out what `{place.path}` needs it for. " if place else ""
    named = f", and `{place.path.rsplit('/', 1)[-1]}` names it" if place else ""
    return Finding(
        rule=RULE.code,
        severity="medium" if place else "high",
        message=f"the uploads here need no stored token, but `{secret.name}` is still in {_where(secret)}{since}{named}",
        span=place or upload,
        help=(
            f"{what}Once a release was made by trusted "
            f"publishing: revoke the token in the account of whoever made it on the index, then `{_command(side, secret)}`."
        ),
        related=(Related(upload, "uploads by trusted publishing"),) if place else (),
    )


def _where(secret: Secret) -> str:
    """Say where it lies, in GitHub's own words."""
    if secret.where.startswith("environment "):
        return f"the environment `{secret.where.removeprefix('environment ')}`"
    return "the secrets of Dependabot" if secret.where == "dependabot" else f"the secrets of the {secret.where}"


def _command(side: GitHubSide, secret: Secret) -> str:
    """Write the command that deletes it; an organisation's is shared with other repositories."""
    if secret.where == "organization":
        return f"gh secret delete {secret.name} --org {side.repository.owner.login}"
    start = f"gh secret delete {secret.name} --repo {side.repository.slug}"
    if secret.where == "dependabot":
        return f"{start} --app dependabot"
    name = secret.where.removeprefix("environment ")
    return f"{start} --env {name}" if name != secret.where else start


def _named_at(facts: Facts, name: str) -> Span | None:
    """Point at the first workflow that names it, if there is one."""
    for path, workflow in facts.workflows.items():
        match = re.search(rf"secrets\.{re.escape(name)}\b", workflow.source.text, re.IGNORECASE)
        if match is not None:
            return Span(path, match.start(), match.end())
    return None
