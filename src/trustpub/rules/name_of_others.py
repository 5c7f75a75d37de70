"""A project of this name that belongs to somebody else's repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.untold import Untold
from trustpub.rules.on_index import is_ours, newest, published, publishers_of
from trustpub.rules.wording import day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published

RULE = Rule(
    code="N02",
    name="name-of-others",
    severity="blocker",
    title="The project on the index is published from another repository",
    why=(
        "A name that somebody else has cannot be released to: an index takes files from that project's own publishers only. For "
        "the owner of both it means that the publisher of this repository was never used."
    ),
    source="PyPI's documentation: using a publisher; PEP 740, provenance of files",
    help="Choose another name, or let an owner of the project register a publisher for this repository.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each project whose newest release names another repository, while nothing that was read names this one."""
    fork = facts.github is not None and facts.github.repository.fork
    for each in published(facts) if facts.repository.slug and not fork else ():
        project = each.there
        if project is None or not each.uploads or any(row.stated for row in each.rows):
            continue
        unread = any(isinstance(told, Untold) for told in project.provenance.values())
        named = [one for file in project.files for one in publishers_of(project, file)]
        if named and not unread and not any(is_ours(facts, one) for one in named):
            yield _finding(facts, each)


def _finding(facts: Facts, each: Published) -> Finding:
    file, who = newest(each.there)[-1] if each.there is not None else (None, None)
    what = f"`{each.project}`{f' {file.version}' if file is not None else ''} on {each.index}"
    when = f" on {day(file.uploaded_at)}" if file is not None and file.uploaded_at is not None else ""
    whose = f"`{who.repository}`, `{who.workflow}`" if who is not None else ""
    return Finding(
        rule=RULE.code,
        severity="blocker",
        message=f"{what} was published{when} by {whose}; nothing read there names `{facts.repository.slug}`",
        span=each.place(facts),
        help=(
            f"Choose another name; or, as an owner of `{each.project}`, register the publisher of `{facts.repository.slug}` on "
            f"{each.index} and state it in `{facts.declaration.path or 'trustpub.toml'}` with the day, as `stated`."
        ),
    )
