"""A repository, workflow or environment that was renamed since the last release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.rules.on_index import is_ours, newest, published, stated_since
from trustpub.rules.spans import of_upload
from trustpub.rules.wording import day, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.domain.github_settings import GitHubSide
    from trustpub.domain.index_project import Attested, IndexFile
    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published

RULE = Rule(
    code="M08",
    name="identity-changed",
    severity="blocker",
    title="The last release was published under another identity than the next one will have",
    why=(
        "An index knows a publisher by the names that it was registered with. When a repository, an owner, a workflow file or an "
        "environment gets another name, nobody tells the index, and it refuses the new one in the middle of the next release."
    ),
    source="PyPI's documentation: trusted publishers, troubleshooting; GitHub's documentation: renaming a repository",
    help="Register the publisher again with the new names before the next release, then remove the old one.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield what differs between who published the newest release and who will publish the next; then a rename by itself."""
    told = False
    for each in published(facts):
        last = newest(each.there) if each.there is not None and each.uploads else ()
        if last and is_ours(facts, last[-1][1]) and not stated_since(each, last[-1][0]):
            differs = _differs(facts, each, last[-1][1])
            if differs:
                told = True
                yield _finding(facts, each, last[-1], differs)
    side = facts.github
    if side is not None and side.repository.renamed_from and not told:
        yield from _renamed(facts, side)


def _differs(facts: Facts, each: Published, last: Attested) -> tuple[Severity, str, str] | None:
    """Compare repository, owner's number, workflow and environment, in the order in which an index does."""
    slug = facts.github.repository.slug if facts.github is not None else facts.repository.slug
    if last.repository.lower() != slug.lower():
        return "blocker", f"`{last.repository}`", f"this repository is now `{slug}`"
    number, before = facts.repository.owner_id, last.claim("repository_owner_id")
    if facts.github is not None and number and before and number != before:
        return "blocker", f"`{last.repository}`, whose owner had the number {before}", f"now it has {number}"
    files = {prediction.publisher["workflow_filename"] for _, prediction in each.uploads}
    if last.workflow and last.workflow not in files:
        verb = "uploads" if len(files) == 1 else "upload"
        return "high", f"the workflow `{last.workflow}`", f"here {quoted(sorted(files))} {verb}"
    same = [prediction for _, prediction in each.uploads if prediction.publisher["workflow_filename"] == last.workflow]
    open_ = any("environment" in prediction.unknown for prediction in same)
    names = {prediction.environment for prediction in same}
    if last.environment and not open_ and last.environment.lower() not in {name.lower() for name in names}:
        now = listed(f"names `{name}`" if name else "names none" for name in sorted(names))
        return "high", f"a publisher with the environment `{last.environment}`", f"the job here {now}"
    return None


def _finding(facts: Facts, each: Published, last: tuple[IndexFile, Attested], differs: tuple[Severity, str, str]) -> Finding:
    severity, before, now = differs
    file = last[0]
    when = f" on {day(file.uploaded_at)}" if file.uploaded_at is not None else ""
    return Finding(
        rule=RULE.code,
        severity=severity,
        message=f"`{each.project}` {file.version} was published to {each.index}{when} by {before}; {now}",
        span=each.place(facts),
        help=(
            f"Unless that was done since: register the publisher on {each.index} again as the workflow is now, and state it in "
            f"`{facts.declaration.path or 'trustpub.toml'}` with the day, as `stated`. Then remove the old one."
        ),
    )


def _renamed(facts: Facts, side: GitHubSide) -> Iterator[Finding]:
    """Tell of a rename that no release has shown. Publishers that are declared with the old name another rule tells of."""
    old, new = side.repository.renamed_from, side.repository.slug
    sites = [site for site, _ in facts.trusted()]
    slugs = {f"{row.owner}/{row.repository}".lower() for row in facts.declaration.publishers}
    if not sites or old.lower() == new.lower() or old.lower() in slugs:
        return
    declared = new.lower() in slugs
    remote = f"git remote set-url origin https://{facts.host or 'github.com'}/{new}.git"
    yield Finding(
        rule=RULE.code,
        severity="info" if declared else "high",
        message=f"GitHub has moved `{old}` to `{new}`: ID tokens carry the new name, and publishers of the old one are refused",
        span=of_upload(sites[0]),
        help=f"{'' if declared else f'Register every publisher of `{old}` again for `{new}`. '}For this checkout: `{remote}`.",
    )
