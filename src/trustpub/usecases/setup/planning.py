"""Make the plan of a setup: read the three sides, say what is wanted, compare, in the order in which it is safe to change things.

Files first, since everything else guards what they say; then GitHub's environments and tag rules, so that nothing can be
published past them; then the publishers, TestPyPI's before PyPI's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.usecases import three_sides
from trustpub.usecases.gather import gather
from trustpub.usecases.package import package_asked_for
from trustpub.usecases.setup.environments import environment_steps
from trustpub.usecases.setup.files import declaration_step, workflow_step
from trustpub.usecases.setup.proposal import Wishes, propose
from trustpub.usecases.setup.run import Plan
from trustpub.usecases.setup.step import Step
from trustpub.usecases.setup.tag_rules import tag_steps
from trustpub.workflows.predict import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.declaration import Declaration
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.rules.facts import Facts
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.three_sides import Parties, Sides


@dataclass(frozen=True, slots=True)
class Setup:
    """What a plan is made for: the checkout, whom to ask, and what a person wishes.

    `indexes` restricts it to some of those that are wanted; `prune` takes away patterns of refs that nobody declared.
    """

    checkout: Checkout
    addresses: Addresses
    outside: Outside
    wishes: Wishes
    package: str | None = None
    indexes: tuple[str, ...] = ()
    prune: bool = False


def planned(setup: Setup) -> Plan:
    """Read everything and plan. Raises `BadInput` where something is needed that nothing tells."""
    chosen = package_asked_for(setup.checkout, setup.package)
    facts = gather(setup.checkout, setup.addresses, EVERYTHING, chosen=chosen, whole=True)
    parties = three_sides.parties_of(facts, setup.outside, setup.addresses)
    sides = three_sides.read(facts, parties, setup.outside.clock())
    if sides.repository is not None:
        facts = gather(setup.checkout, setup.addresses, EVERYTHING, chosen=chosen, whole=True, identity=sides.repository)
    facts = sides.attached(facts)
    proposal = propose(facts, setup.wishes)
    _known(setup.indexes, proposal.declaration)
    steps = tuple(_steps(setup, facts, proposal.declaration, parties, sides))
    reasons = tuple(f"`{each.field}`: {each.why}" for each in proposal.reasons)
    return Plan(facts.repository.slug, steps, (*reasons, *leftovers(facts)), sides.unreachable)


def _known(indexes: tuple[str, ...], desired: Declaration) -> None:
    there = list(dict.fromkeys(row.index for row in desired.publishers))
    for name in indexes:
        if name not in there:
            raise no_such("--index", name, "no publisher is wanted there", there)


def _steps(setup: Setup, facts: Facts, desired: Declaration, parties: Parties, sides: Sides) -> Iterator[Step]:
    yield declaration_step(setup.checkout, desired)
    yield from workflow_step(setup.checkout, facts, desired, setup.addresses, wishes=setup.wishes)
    if parties.github is not None and facts.github is not None:
        yield from environment_steps(parties.github, facts.github, desired, indexes=setup.indexes, prune=setup.prune)
        yield from tag_steps(parties.github, facts.github, desired)
    elif not any(each.startswith("GitHub") for each in sides.unreachable):
        why = next((f"{each.why}" for each in sides.unknown if each.about == "GitHub's settings"), "the remote is not known")
        step = "Sign in with `gh auth login`, or set `GH_TOKEN`, and run it again"
        yield Step("environments and tag rules", "github", cannot=f"{why}. {step}")


_TOKEN = re.compile(r"PYPI|TWINE|UV_PUBLISH|POETRY_HTTP_BASIC|FLIT_(PASSWORD|USERNAME)|HATCH_INDEX|MATURIN_P", re.IGNORECASE)


def leftovers(facts: Facts) -> Iterator[str]:
    """Name the secrets that look like an index's tokens. They are said, never deleted: nobody can make them again."""
    secrets = facts.github.secrets if facts.github is not None else ()
    found = [f"`{each.name}` ({each.where})" for each in secrets if _TOKEN.search(each.name)]
    if found:
        yield (
            f"left over: {', '.join(found)}. Once a release went out without a token, delete the secret on GitHub and revoke the "
            "token on the index; setup deletes neither"
        )
