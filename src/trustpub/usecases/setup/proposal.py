"""What a repository should want: its `trustpub.toml`, and where that is silent what GitHub and the files say.

What the file says is never changed, but for GitHub's own spelling of owner and repository, and for what the file leaves empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.setup.proposed_publishers import publishers
from trustpub.usecases.setup.proposed_rules import with_rules
from trustpub.usecases.setup.wishes import Proposal, Reason, Wishes, identity_of

if TYPE_CHECKING:
    from trustpub.rules.facts import Facts

__all__ = ["Proposal", "Reason", "Wishes", "propose"]


def propose(facts: Facts, wishes: Wishes) -> Proposal:
    """Propose a declaration. Raises `BadInput` where something is needed that cannot be derived, or a wish cannot be granted."""
    me = identity_of(facts)
    found = publishers(facts, wishes, me)
    ruled = with_rules(facts, wishes, facts.declaration._replace(publishers=found.rows), me, several=found.several)
    return Proposal(ruled.declaration, tuple(dict.fromkeys([*found.reasons, *ruled.reasons])))
