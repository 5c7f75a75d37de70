"""An upload to PyPI or TestPyPI with a stored password or token."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.findings import Finding, Fix, Related, Rule, Span
from trustpub.rules.secrets import given, given_texts, is_made_in_the_run, secret_name
from trustpub.rules.spans import inside, of_step
from trustpub.workflows import edit
from trustpub.workflows.events import CALLED, triggers
from trustpub.workflows.sites import Outside
from trustpub.workflows.source import Map, Scalar
from trustpub.workflows.uses import older, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Edit
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="T01",
    name="stored-token",
    severity="high",
    title="An upload to PyPI or TestPyPI uses a stored token",
    why=(
        "A stored token works for whoever gets hold of it, from anywhere, until somebody revokes it; most of the malicious "
        "releases of well-known packages were uploaded with one. A trusted publisher needs no secret: the job shows an ID "
        "token, and the index hands out an upload token that lives for fifteen minutes."
    ),
    source="PyPI's documentation: Trusted Publishers, security model and considerations",
    help="Register the repository as a trusted publisher of the project, give the job an environment and `id-token: write` below "
    "`permissions`, and upload without a password; after the first such release delete the secret and revoke the token on the "
    "index.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each secret of each file that uploads with it."""
    if facts.host not in ("", "github.com"):
        return
    groups: dict[tuple[str, str, str], list[tuple[Site, Prediction]]] = {}
    indexes: dict[tuple[str, str], set[str]] = {}
    for site, predictions in facts.sites():
        indexes.setdefault((site.workflow.path, site.job.id), set()).update(each.index or "" for each in predictions)
        stored = next((each for each in predictions if is_stored(site, each)), None)
        if stored is not None:
            key = (site.workflow.path, stored.index or "", secret_name(given_texts(site)) or site.job.id)
            groups.setdefault(key, []).append((site, stored))
    for group in groups.values():
        site = group[0][0]
        yield _finding(group, both=indexes[site.workflow.path, site.job.id] >= set(PUBLIC_INDEXES))
    yield from _handed_over(facts)


def _handed_over(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each call that hands a stored token to a workflow of another repository that uploads with it."""
    seen: set[tuple[str, int]] = set()
    for upload in facts.uploads:
        site = upload.site
        if not isinstance(site, Outside) or not any(_is_token(each) for each in upload.predictions):
            continue
        call = site.calls[-1]
        given = call.job.secrets
        for key, value in given.entries if isinstance(given, Map) else ():
            name = secret_name((value.value,)) if isinstance(value, Scalar) else ""
            if name and re.search(r"pypi|twine", key.value, re.IGNORECASE) and (call.workflow.path, key.start) not in seen:
                seen.add((call.workflow.path, key.start))
                yield Finding(
                    rule=RULE.code,
                    severity="low",
                    message=f"the job `{call.job.id}` hands the stored secret `{name}` to a workflow that uploads with it",
                    span=Span(call.workflow.path, value.start, value.end),
                    help=(
                        "A workflow of another repository cannot use a trusted publisher of PyPI. Let it only build, upload in a "
                        f"job of `{call.workflow.file_name}` with `id-token: write`, and revoke the token after that release."
                    ),
                )


def _is_token(prediction: Prediction) -> bool:
    return prediction.credential == "token" and prediction.index in PUBLIC_INDEXES and prediction.verdict != "never"


def is_stored(site: Site, prediction: Prediction) -> bool:
    """Say whether an upload uses a stored token where a trusted publisher could do: not in a file that others only call."""
    if prediction.credential != "token" or prediction.index not in PUBLIC_INDEXES or not prediction.reached:
        return False
    if is_made_in_the_run(given_texts(site)):
        return False
    return {trigger.event for trigger in triggers(site.root.on)} != {CALLED}


def _finding(group: list[tuple[Site, Prediction]], both: bool) -> Finding:
    """Tell of one secret. A job that uploads to `both` indexes is not fixed: each of them wants an environment of its own."""
    site, prediction = group[0]
    name = secret_name(given_texts(site))
    what = f"the stored secret `{name}`" if name else "a stored password or token"
    others = {each.start: each for each, _ in group if each.start != site.start}
    related = [
        Related(of_step(each.workflow, each.step), f"the job `{each.job.id}` uploads with it too") for each in others.values()
    ]
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the job `{site.job.id}` uploads to {prediction.index} with {what}",
        span=_span(site),
        help=_help(site, prediction),
        related=tuple(related),
        fix=without_password(site, permissions=True, environment=prediction.index or "") if not others and not both else None,
    )


def _span(site: Site) -> Span:
    place = given(site)
    if place is not None:
        return inside(site.workflow, place.word, place.start, place.end)
    return of_step(site.workflow, site.step)


def _help(site: Site, prediction: Prediction) -> str:
    upload = site.upload
    name = secret_name(given_texts(site))
    last = f"after the first such release delete the secret `{name}` and revoke the token" if name else "then revoke the token"
    environment = f"`environment: {prediction.index}` and " if site.job.environment is None else ""
    publisher = f"Register this repository, `{site.workflow.file_name}` and the job's environment"
    first = f"{publisher} as a trusted publisher on {prediction.index}; give the job {environment}`id-token: write` below"
    if upload.oidc is False:
        how = "upload with `pypa/gh-action-pypi-publish` without a password"
        why = upload.oidc_why or f"`{upload.tool}` does not exchange ID tokens"
        return f"{first} `permissions`, and {how} ({why}); {last}."
    return f"{first} `permissions`, and take the password away; {last}."


def without_password(site: Site, permissions: bool, environment: str = "") -> Fix | None:
    """Take `password` and `user` out of the publish action, and let the job ask for an ID token. None where it is not certain.

    A job without an environment gets the one that is given: whoever can push could publish otherwise.
    """
    inputs = site.step.node.get("with")
    if site.upload.tool != "action" or not isinstance(inputs, Map) or not _exchanges(site):
        return None
    source = site.workflow.source
    names = [entry.key.value for entry in inputs.entries if entry.key.value in ("password", "user")]
    if len(names) == len(inputs.entries):
        edits = [edit.removed(source, site.step.node, "with")]
    else:
        edits = [edit.removed(source, inputs, name) for name in names]
    if permissions:
        edits.append(_permission(site))
    if environment and site.job.environment is None:
        edits.append(edit.inserted(source, site.job.node, "environment", environment, after="runs-on"))
    sure = [each for each in edits if each is not None]
    if not names or len(sure) != len(edits):
        return None
    return Fix("upload by trusted publishing instead of with a password", tuple(sure), safe=False)


def _exchanges(site: Site) -> bool:
    """Say whether the action is surely of a version that exchanges ID tokens: a commit id without a comment may be older."""
    version = version_of(site.workflow.source, site.step.uses) if site.step.uses is not None else None
    return version is not None and not older(version, (1, 8))


def _permission(site: Site) -> Edit | None:
    """Grant `id-token: write` to the job. A map of its own takes away what the workflow's gives, so that is written down too."""
    source, node = site.workflow.source, site.job.permissions
    if isinstance(node, Map):
        return edit.inserted(source, node, "id-token", "write") if node.get("id-token") is None and node.entries else None
    if node is not None:
        return None
    outer = site.workflow.permissions
    words = [(key, value.value) for key, value in outer.items() if isinstance(value, Scalar)] if isinstance(outer, Map) else []
    kept = "".join(f"  {key}: {value}\n" for key, value in words) or "  contents: read\n"
    return edit.inserted(source, site.job.node, "permissions", f"\n{kept}  id-token: write", after="runs-on")
