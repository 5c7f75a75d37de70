"""What a repository should want: its `trustpub.toml` where it has one, with the gaps filled from what GitHub and the files say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from trustpub.domain.declaration import Declaration
    from trustpub.rules.facts import Facts


class Wishes(NamedTuple):
    """What a person asks for; empty means that it is derived.

    `indexes` are those to publish to, in order; `workflow` is the file name of a new workflow; `team` are the reviewers of a
    release (users, or teams as `org/team`); `solo` says that there is nobody to review, None asks GitHub who there is; `event`
    starts a release where a workflow has to be written.
    """

    indexes: tuple[str, ...] = ()
    workflow: str = ""
    team: tuple[str, ...] = ()
    solo: bool | None = None
    event: Literal["tag", "release"] = "tag"


class Reason(NamedTuple):
    """Why a field of the proposal is what it is: a field as `trustpub.toml` names it, and a sentence."""

    field: str
    why: str


class Proposal(NamedTuple):
    """The declaration to want, and a reason for each decision that somebody might take otherwise."""

    declaration: Declaration
    reasons: tuple[Reason, ...] = ()


def propose(facts: Facts, wishes: Wishes) -> Proposal:
    """Propose a declaration. Raises `BadInput` where something is needed that cannot be derived, or a wish cannot be granted."""
    return Proposal(facts.declaration)
