"""People who can upload past the publisher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.untold import Untold
from trustpub.rules.on_index import published
from trustpub.rules.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

RULE = Rule(
    code="T03",
    name="co-owners",
    severity="info",
    title="Several people can upload with tokens of their own",
    why=(
        "Everybody with a role in the project may have an API token, also one for all of their projects, that nobody else sees; "
        "it works next to every publisher. Releases of well-known packages were made with such a forgotten token."
    ),
    source="PyPI's documentation: API tokens; reports on uploads that no workflow had made",
    help="Ask each of them to revoke their tokens, and take the role from those who no longer need it.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each project with trusted publishing that more than one account may upload to."""
    for each in published(facts):
        owners = () if each.there is None or isinstance(each.there.owners, Untold) else each.there.owners
        if len({user for user, _ in owners}) > 1 and each.uploads and each.index != "testpypi":
            who = listed(f"`{user}` ({role})" for user, role in owners)
            yield Finding(
                rule=RULE.code,
                severity="info",
                message=f"beside the publisher these can upload `{each.project}` to {each.index} with API tokens: {who}",
                span=each.place(facts),
                help=RULE.help,
            )
