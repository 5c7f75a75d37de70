"""A project that takes no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.rules.on_index import published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

RULE = Rule(
    code="P01",
    name="project-frozen",
    severity="blocker",
    title="The project takes no files",
    why="The exchange still succeeds for an archived or quarantined project; the upload after it is refused.",
    source="warehouse/packaging/models.py: who may upload to a project, by its state",
    help="Take the project out of the archive, or settle the quarantine with the index's administrators.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each project that an upload goes to and that is archived or quarantined."""
    for each in published(facts):
        if each.there is not None and each.uploads and each.there.status in ("archived", "quarantined"):
            archived = each.there.status == "archived"
            yield Finding(
                rule=RULE.code,
                severity="blocker",
                message=f"`{each.project}` on {each.index} is {each.there.status}: every upload is refused",
                span=each.place(facts),
                help=f"Unarchive it in the project's settings on {each.index}, as an owner."
                if archived
                else f"Ask the administrators of {each.index}: nobody else can end a quarantine.",
            )
