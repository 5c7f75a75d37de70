"""Make the plan of a setup: read the three sides, say what is wanted, compare, in the order in which it is safe to change things.

Files first, since everything else guards what they say; then GitHub's environments and tag rules, so that nothing can be
published past them; then the accounts and publishers, TestPyPI's before PyPI's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.errors import BadInput
from trustpub.parties.git import WORKFLOW_FOLDER, Checkout
from trustpub.parties.index.client import addresses_of
from trustpub.record import NamedTuple
from trustpub.usecases import three_sides
from trustpub.usecases.asked import no_such
from trustpub.usecases.gather import gather
from trustpub.usecases.package import package_asked_for
from trustpub.usecases.setup.accounts import account_steps
from trustpub.usecases.setup.environments import environment_steps
from trustpub.usecases.setup.files import declaration_step, workflow_step
from trustpub.usecases.setup.github_plan import may_not
from trustpub.usecases.setup.guards import guarded
from trustpub.usecases.setup.leftovers import leftovers
from trustpub.usecases.setup.owners import owner_steps, strangers
from trustpub.usecases.setup.pins import newest_pins
from trustpub.usecases.setup.proposal import propose
from trustpub.usecases.setup.registrars import publisher_steps
from trustpub.usecases.setup.run import Plan
from trustpub.usecases.setup.stating import states_account, states_publisher
from trustpub.usecases.setup.step import Done, Step
from trustpub.usecases.setup.tag_rules import tag_steps
from trustpub.usecases.setup.trial import offer
from trustpub.usecases.setup.walk import checklist
from trustpub.workflows.predict import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.parties.github.port import GitHub
    from trustpub.parties.index.addresses import Addresses
    from trustpub.parties.index.port import Registrar
    from trustpub.rules.facts import Facts
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.setup.ask import Ask
    from trustpub.usecases.setup.run import Outcome
    from trustpub.usecases.setup.walk import Item
    from trustpub.usecases.setup.wishes import Wishes
    from trustpub.usecases.three_sides import Parties, Sides


_OTHER_HOST = "Write it as `https://github.com/OWNER/NAME`, or name a GitHub of your own in the variable `GH_HOST`"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a plan is made for: the checkout, whom to ask, and what a person wishes.

    `indexes` restricts it to some of those that are wanted; `prune` takes away what nobody declared: patterns of refs, and
    publishers of this repository. `dispatch` starts the test deployment without asking.
    """

    checkout: Checkout
    addresses: Addresses
    outside: Outside
    ask: Ask
    wishes: Wishes
    package: str | None = None
    indexes: tuple[str, ...] = ()
    prune: bool = False
    dispatch: bool = False


class Planned(NamedTuple):
    """A plan, what it was made from, and whom it was made with."""

    plan: Plan
    facts: Facts
    desired: Declaration
    parties: Parties
    sides: Sides


def planned(setup: Setup) -> Planned:
    """Read everything and plan. Raises `BadInput` where something is needed that nothing tells."""
    facts = _gathered(setup)
    parties = _asked(setup, facts)
    _on_github(facts, parties)
    sides = three_sides.read(facts, parties, setup.outside.clock())
    facts = _gathered(replace(setup, checkout=_called_as(setup.checkout, sides)), sides)
    proposal = propose(facts, setup.wishes)
    desired = _restricted(proposal.declaration, setup.indexes)
    wanted = facts._replace(declaration=proposal.declaration)
    parties = _asked(setup, wanted, parties.github)
    sides = three_sides.with_new_indexes(sides, wanted, parties)
    facts = sides.attached(facts)
    offered = tuple(_indexes(setup, facts, _without(desired, strangers(facts, desired)), parties))
    told = tuple(step for step in offered if _is_told_only(step))
    steps: tuple[Step, ...] = (
        *_files(setup, _called_as(setup.checkout, sides), facts, proposal.declaration, parties),
        *owner_steps(facts, desired),
        *_github(setup, facts, desired, parties, sides),
        *(step for step in offered if step not in told),
    )
    steps = tuple(guarded(steps, facts, desired, _refused(facts, parties, sides)))
    reasons = tuple(f"`{each.field}`: {each.why}" for each in proposal.reasons)
    unreadable = tuple(f"`{path}` is not in this plan: {problem}" for path, problem in facts.broken.items())
    notes = (*reasons, *unreadable, *(step.cannot for step in told), *leftovers(facts))
    plan = Plan(facts.repository.slug, steps, notes, sides.unreachable)
    return Planned(plan, facts, desired, parties, sides)


class Ending(NamedTuple):
    """The checklist after a setup, and what became of the offer of a test deployment; None when there was none to make."""

    items: tuple[Item, ...]
    test: Done | None


def ended(setup: Setup, made: Planned, outcome: Outcome) -> Ending:
    """Go through the checklist, and offer the test deployment; what GitHub refuses is told there."""
    facts = _gathered(replace(setup, checkout=_called_as(Checkout.open(setup.checkout.path), made.sides)), made.sides)
    today = _today(setup)
    items = checklist(facts, made.desired, outcome.done, today)
    if outcome.problem is not None:
        return Ending(items, None)
    test = offer(facts, items, made.parties.github, setup.ask, name_of=setup.addresses.name_of, dispatch=setup.dispatch)
    return Ending(checklist(facts, made.desired, (*outcome.done, test), today), test)


def _today(setup: Setup) -> date:
    return datetime.fromtimestamp(setup.outside.clock(), UTC).date()


def _on_github(facts: Facts, parties: Parties) -> None:
    """Raise `BadInput` where publishers would have to be made up for a repository that is on no GitHub.

    `owner/name` of another host is somebody else's repository on GitHub, and a publisher would let that one publish.
    """
    if parties.github is None and facts.repository.slug and not facts.declaration.publishers:
        why = f"`{facts.host}` is not known to be a GitHub, and publishers of GitHub are what can be set up here"
        raise BadInput("the remote `origin`", why=why, next_step=_OTHER_HOST)


def _asked(setup: Setup, facts: Facts, github: GitHub | None = None) -> Parties:
    """Choose whom to ask. Raises `BadInput` for an index whose address nobody knows."""
    known = (*PUBLIC_INDEXES, *facts.declaration.indexes)
    for name in setup.indexes:
        if name not in known:
            raise no_such("--index", name, "its address is not known", known)
    return three_sides.parties_of(facts, setup.outside, setup.addresses, setup.indexes or None, github)


def _gathered(setup: Setup, sides: Sides | None = None) -> Facts:
    chosen = package_asked_for(setup.checkout, setup.package)
    facts = gather(setup.checkout, setup.addresses, EVERYTHING, chosen=chosen, whole=True)
    if sides is None:
        return facts
    return sides.attached(facts._replace(repository=sides.repository or facts.repository))


def _restricted(desired: Declaration, indexes: tuple[str, ...]) -> Declaration:
    """Keep the publishers on the indexes that are asked for. Raises `BadInput` for one on which none is wanted."""
    there = list(dict.fromkeys(row.index for row in desired.publishers))
    for name in indexes:
        if name not in there:
            raise no_such("--index", name, "no publisher is wanted there", there)
    kept = tuple(row for row in desired.publishers if not indexes or row.index in indexes)
    return desired._replace(publishers=kept)


def _without(desired: Declaration, rows: tuple[DeclaredPublisher, ...]) -> Declaration:
    return desired._replace(publishers=tuple(row for row in desired.publishers if row not in rows))


def _refused(facts: Facts, parties: Parties, sides: Sides) -> str:
    """Say why whoever asks cannot guard what is published, though GitHub could; empty when they can."""
    if parties.github is None:
        return ""
    if facts.github is None:
        return _unseen(facts, parties, sides)
    return may_not(parties.github, facts.github.repository)


def _unseen(facts: Facts, parties: Parties, sides: Sides) -> str:
    """Say why GitHub's settings are not there to be compared, and what to do."""
    if any(each.startswith("GitHub") for each in sides.unreachable):
        return "GitHub did not answer. Run it again when it does"
    why = next((each.why for each in sides.unknown if each.about == "GitHub's settings"), "no remote `origin` names a GitHub")
    if parties.github is None:
        return f"{why}. {_OTHER_HOST}" if facts.host else f"{why}. Add the remote, and run it again"
    if not parties.github.signed_in:
        return f"{why}. Sign in with `gh auth login`, or set `GH_TOKEN`, and run it again"
    return f"{why}. Correct the address of `origin`, or take a token of somebody who sees the repository, and run it again"


def _is_told_only(step: Step) -> bool:
    """Say whether a step is about somebody else's publisher: that differs from nothing, and is nobody's to compare."""
    return step.key.startswith("other publisher ") and not step.changes


def _called_as(checkout: Checkout, sides: Sides) -> Checkout:
    """Call a checkout what GitHub calls its repository now: a remote keeps a former name, and any spelling."""
    if checkout.origin is None or sides.github is None:
        return checkout
    there = sides.github.repository
    origin = checkout.origin._replace(owner=there.owner.login, repository=there.name)
    return checkout._replace(origin=origin, default_branch=there.default_branch)


def _files(setup: Setup, checkout: Checkout, facts: Facts, desired: Declaration, parties: Parties) -> Iterator[Step]:
    yield declaration_step(checkout, desired)
    new = any(f"{WORKFLOW_FOLDER}/{row.workflow}" not in checkout.files for row in desired.publishers)
    pins = newest_pins(parties.github if new and facts.github is not None else None)
    yield from workflow_step(checkout, facts, desired, setup.addresses, pins=pins, wishes=setup.wishes)


def _github(setup: Setup, facts: Facts, desired: Declaration, parties: Parties, sides: Sides) -> Iterator[Step]:
    if parties.github is not None and facts.github is not None:
        yield from environment_steps(parties.github, facts.github, desired, indexes=setup.indexes, prune=setup.prune)
        yield from tag_steps(parties.github, facts.github, desired)
    elif not any(each.startswith("GitHub") for each in sides.unreachable):
        yield Step("environments and tag rules", "github", cannot=_unseen(facts, parties, sides))


def _indexes(setup: Setup, facts: Facts, desired: Declaration, parties: Parties) -> Iterator[Step]:
    today = _today(setup)
    pages, ask = setup.addresses.web, setup.ask
    accounts = account_steps(facts, desired, ask, today, pages=pages, state=states_account(setup.checkout.path))
    publishers = publisher_steps(
        facts,
        desired,
        parties.indexes,
        _signed_in(setup, desired, parties),
        ask,
        today,
        pages=pages,
        state=states_publisher(setup.checkout.path),
        prune=setup.prune,
    )
    steps = [*accounts, *publishers]
    for party in dict.fromkeys(step.party for step in steps):  # an index's account goes before its publishers
        yield from (step for step in steps if step.party == party)


def _signed_in(setup: Setup, desired: Declaration, parties: Parties) -> dict[str, Registrar]:
    """Keep the registrars for which there is a token: the publishers of the others are told, with the token's place."""
    environment = setup.outside.environment
    places = {name: addresses_of(name, desired, setup.addresses).web for name in parties.registrars}
    return {name: each for name, each in parties.registrars.items() if environment.get(three_sides.token_variable(places[name]))}
