"""An upload that cannot, or does not, exchange the ID token that its job may ask for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.rules.secrets import given, given_texts, is_made_in_the_run, secret_name
from trustpub.rules.spans import inside, of_step, of_word
from trustpub.rules.stored_token import without_password
from trustpub.workflows.permissions import id_token
from trustpub.workflows.uses import older, uses, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="A02",
    name="upload-client",
    severity="blocker",
    title="The upload does not use the ID token that the job may ask for",
    why=(
        "Only a tool that knows the exchange can publish without a password: the publish action from 1.8.0, `uv publish` from "
        "0.4.16, `twine upload` from 6.1.0, `pdm publish` from 2.6.0, `maturin` from 0.15.0; poetry, flit and hatch do not "
        "know it. And every one of them prefers a password that it is given: the upload then works by the old token, nobody "
        "notices, and the token stays as strong as ever."
    ),
    source="the release notes of the upload tools; PyPI's documentation: publishing with a Trusted Publisher",
    help="Upload with `pypa/gh-action-pypi-publish`, `uv publish` or `twine upload` of a version that knows the exchange, and "
    "without a password.",
)

_BRINGS = r"(?i)pypirc|keyring|pypi-token|http-basic|netrc|GITHUB_ENV|_TOKEN|PASSWORD|\bconfig\b"
"""What may bring a password that no option of the upload shows."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each secret that hides an ID token, and one for each upload that cannot use its own."""
    if facts.host not in ("", "github.com"):
        return
    seen: set[tuple[str, str]] = set()
    for site, predictions in facts.sites():
        known = [each for each in predictions if each.index in PUBLIC_INDEXES and each.reached]
        finding = _finding(site, known) if known else None
        key = (site.workflow.path, secret_name(given_texts(site)) or str(site.start))
        if finding is not None and key not in seen:
            seen.add(key)
            yield finding


def _finding(site: Site, predictions: list[Prediction]) -> Finding | None:
    if site.upload.mode == "id-token-first" or is_made_in_the_run(given_texts(site)):
        return None
    if both := next((each for each in predictions if each.credential == "both"), None):
        return _shadowed(site, both)
    token = id_token(site.workflow, site.job)
    if token.granted and all(each.credential == "trusted-publishing" for each in predictions):
        return _incapable(site)
    return None


def _shadowed(site: Site, prediction: Prediction) -> Finding | None:
    token = id_token(site.workflow, site.job)
    if token.start is None:
        return None
    name = secret_name(given_texts(site))
    what = f"the stored secret `{name}`" if name else "a stored password or token"
    place = given(site)
    span = inside(site.workflow, place.word, place.start, place.end) if place is not None else of_step(site.workflow, site.step)
    right = Span(site.workflow.path, token.start, token.start + len("write"))
    after = f"then delete the secret `{name}` and revoke the token" if name else "then revoke the token"
    return Finding(
        rule=RULE.code,
        severity="high",
        message=f"the job `{site.job.id}` may ask for an ID token, but uploads to {prediction.index} with {what}",
        span=span,
        help=f"Take the password away when {prediction.index} knows this workflow as a trusted publisher; {after}.",
        related=(Related(right, "this right is not used for the upload"),),
        fix=without_password(site, permissions=False),
    )


def _incapable(site: Site) -> Finding | None:
    """Speak of a tool, or a version of one, that cannot exchange the ID token and that nothing in sight gives a password."""
    upload = site.upload
    if upload.tool == "action" and site.step.uses is not None:
        if not older(version_of(site.workflow.source, site.step.uses), (1, 8)):
            return None
        what = f"this version of the publish action cannot exchange ID tokens: `{uses(site.step.uses.value).ref}`"
        return _blocked(
            of_word(site.workflow, site.step.uses), what, "Use `pypa/gh-action-pypi-publish@release/v1`, or a commit of it."
        )
    if upload.oidc is not False or upload.secrets or any(re.search(_BRINGS, text) for text in _texts(site)):
        return None
    what = f"`{upload.tool}` cannot exchange the ID token that the job `{site.job.id}` may ask for, and has no password"
    why = f": {upload.oidc_why}" if upload.oidc_why else ""
    return _blocked(
        _span(site), what + why, "Upload with `pypa/gh-action-pypi-publish`, or with a newer version if there is one that can."
    )


def _texts(site: Site) -> Iterator[str]:
    for step in site.job.steps:
        if step.run is not None:
            yield step.run.value
    yield from (name for level in (site.workflow.env, site.job.env, site.step.env) for name in level)


def _span(site: Site) -> Span:
    if site.step.run is None:
        return of_step(site.workflow, site.step)
    line = site.step.run.value[site.upload.offset :].partition("\n")[0].rstrip()
    return inside(site.workflow, site.step.run, site.upload.offset, site.upload.offset + len(line))


def _blocked(span: Span, message: str, help_: str) -> Finding:
    return Finding(rule=RULE.code, severity=RULE.severity, message=message, span=span, help=help_)
