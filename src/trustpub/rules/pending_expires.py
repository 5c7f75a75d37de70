"""A pending publisher that is about to expire, or has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.findings import Finding, Rule
from trustpub.domain.pending import PENDING_DAYS
from trustpub.rules import declared
from trustpub.rules.on_index import published
from trustpub.rules.wording import DAY, age, day, midnight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.rules.facts import Facts

RULE = Rule(
    code="M09",
    name="pending-expires",
    severity="high",
    title="A pending publisher expires before the first release",
    why="PyPI removes a pending publisher after 30 days. The first release is refused then, and the name was free all the time.",
    source="warehouse/oidc/tasks.py: pending publishers expire after 30 days, with a reminder after 25",
    help="Publish the first release, or register the pending publisher again.",
)
REMINDS = 25
"""Days."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each stated pending publisher of a project that still does not exist on PyPI or TestPyPI, from the 25th day on."""
    for each in published(facts):
        for row in each.rows if each.told is None and each.index in PUBLIC_INDEXES else ():
            then = midnight(row.stated) if row.pending and row.stated else None
            days = age(then, facts.now) if then is not None and facts.now is not None else 0
            if days >= REMINDS and not _newer(row, each.rows):
                yield _finding(facts, row, then or 0, days)


def _newer(row: DeclaredPublisher, rows: tuple[DeclaredPublisher, ...]) -> bool:
    """Say whether the same project has another pending publisher of a later day."""
    return any(other.pending and other.stated > row.stated for other in rows)


def _finding(facts: Facts, row: DeclaredPublisher, then: float, days: int) -> Finding:
    over = days > PENDING_DAYS
    end = day(then + PENDING_DAYS * DAY)
    fate = f"{row.index} {'removed' if over else 'removes'} it on {end}, {PENDING_DAYS} days later"
    return Finding(
        rule=RULE.code,
        severity="high" if over else "medium",
        message=f"the pending publisher of `{row.project}` was stated on {row.stated}, and {fate}",
        span=declared.of_publisher(facts, row, "stated"),
        help=(
            f"Register it again on {row.index} and write the new day as `stated`."
            if over
            else f"Publish `{row.project}` before that, or register it again and write the new day as `stated`."
        ),
    )
