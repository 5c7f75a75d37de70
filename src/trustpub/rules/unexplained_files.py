"""Files on the index that the workflows here do not account for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.rules.on_index import is_ours, published, publishers_of
from trustpub.rules.wording import day, quoted
from trustpub.workflows.uses import older, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.domain.index_project import IndexFile, IndexProject
    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="V02",
    name="unexplained-files",
    severity="high",
    title="A recent file has no provenance, or that of another repository",
    why=(
        "Where releases carry provenance, a file without it was uploaded some other way: with a token, from a laptop, or by "
        "somebody who took one of those. The malicious releases of several well-known packages showed exactly that."
    ),
    source="PEP 740; reports on uploads that no workflow had made",
    help="Find out who uploaded the file, by the project's security history; yank it if nobody did.",
)
RECENT = 3
"""How many of the newest releases are looked at."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield, for each project, its recent files without provenance after some with it, and those of other repositories."""
    for each in published(facts):
        if each.there is not None and each.uploads:
            yield from _without(facts, each, each.there)
            yield from _foreign(facts, each, each.there)


def _without(facts: Facts, each: Published, project: IndexProject) -> Iterator[Finding]:
    attested = [file for file in project.files if file.provenance and file.uploaded_at is not None]
    since = min((file.uploaded_at or 0 for file in attested), default=None)
    if since is None or facts.declaration.attestations is False:
        return
    latest = _recent(project)
    bare = [
        file for file in project.files if file.provenance == "" and file.version in latest and (file.uploaded_at or 0) > since
    ]
    last = max(file.uploaded_at or 0 for file in attested)
    between = [file for file in bare if (file.uploaded_at or 0) < last or file.version in {one.version for one in attested}]
    explained = not all(_surely_attests(site) for site, _ in each.uploads)
    if between or (bare and (facts.declaration.attestations or not explained)):
        grave = bool(between) or facts.declaration.attestations is True
        severity: Severity = "low" if each.index == "testpypi" else "high" if grave else "medium"
        yield _finding(facts, each, between or bare, severity)


def _recent(project: IndexProject) -> tuple[str, ...]:
    times: dict[str, float] = {}
    for file in project.files:
        times[file.version] = min(times.get(file.version, file.uploaded_at or 0), file.uploaded_at or 0)
    return tuple(sorted(times, key=lambda version: times[version])[-RECENT:])


def _surely_attests(site: Site) -> bool:
    """Say whether an upload surely makes attestations: then a newest release without them was not made by it."""
    if site.upload.tool != "action" or site.upload.attestations.strip().lower() not in ("", "true") or site.calls:
        return False
    used = site.uploading_step.uses
    return used is not None and not older(version_of(site.source, used), (1, 11))


def _finding(facts: Facts, each: Published, files: list[IndexFile], severity: Severity) -> Finding:
    first = min(files, key=lambda file: file.uploaded_at or 0)
    names = quoted(file.filename for file in files)
    when = f" on {day(first.uploaded_at)}" if first.uploaded_at is not None else ""
    verb = "were" if len(files) > 1 else "was"
    return Finding(
        rule=RULE.code,
        severity=severity,
        message=f"{names} {verb} uploaded to {each.index}{when} without provenance, after releases that have it",
        span=each.place(facts),
        help=(
            f"Ask who made {'them' if len(files) > 1 else 'it'}: the security history of `{each.project}` on {each.index} names "
            "the account or publisher. If it was nobody, yank the release and revoke every API token of the project."
        ),
    )


def _foreign(facts: Facts, each: Published, project: IndexProject) -> Iterator[Finding]:
    """Tell of files of another repository between those of this one. Where all are of others, the name is theirs."""
    named = [(file, one) for file in project.files for one in publishers_of(project, file)]
    others = [(file, one) for file, one in named if not is_ours(facts, one)]
    if others and len(others) < len(named):
        file, who = max(others, key=lambda pair: pair[0].uploaded_at or 0)
        when = f" on {day(file.uploaded_at)}" if file.uploaded_at is not None else ""
        by = f"`{who.repository}`, `{who.workflow}`"
        yield Finding(
            rule=RULE.code,
            severity="high",
            message=f"`{file.filename}` on {each.index} was published{when} by another repository: {by}",
            span=each.place(facts),
            help=f"If that is not meant, remove its publisher from `{each.project}` on {each.index} and yank what it uploaded.",
        )
