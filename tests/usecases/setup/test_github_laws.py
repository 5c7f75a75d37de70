"""Laws of GitHub's part of a setup: whatever is there and whatever is declared, on every plan."""

from __future__ import annotations

from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.usecases.setup.scenes import SLUG, github, plan, refused, state
from trustpub.domain.declaration import Declaration, DeclaredEnvironment
from trustpub.parties.github.fake import FakeGitHub
from trustpub.parties.github.fake_state import Environment, Visibility
from trustpub.parties.github.fake_state import Plan as PlanName
from trustpub.usecases.setup.run import carried_out

PEOPLE = st.lists(st.sampled_from(["maria", "nils", "olga", "Octo-Org/makers"]), unique=True, max_size=3)
PATTERNS = st.lists(st.sampled_from(["v*", "main", "release/*", "[0-9]*"]), unique=True, max_size=3)
FLAG = st.none() | st.booleans()
PLANS: st.SearchStrategy[tuple[PlanName, Visibility]] = st.sampled_from(
    [
        ("free", "public"),
        ("free", "private"),
        ("pro", "private"),
        ("team", "private"),
        ("enterprise", "private"),
        ("enterprise", "internal"),
    ]
)
POLICIES: st.SearchStrategy[Literal["protected", "custom"] | None] = st.sampled_from([None, "protected", "custom"])
DECLARED = st.builds(
    DeclaredEnvironment,
    name=st.sampled_from(["pypi", "PyPI"]),
    reviewers=PEOPLE.map(tuple),
    wait_minutes=st.none() | st.sampled_from([0, 5, 43_200]),
    branches=PATTERNS.map(tuple),
    tags=PATTERNS.map(tuple),
    admins_bypass=FLAG,
    prevent_self_review=FLAG,
)


@st.composite
def worlds(draw: st.DrawFn) -> FakeGitHub:
    """A GitHub of any plan, with or without the environment, in any state that its plan can have."""
    name, visibility = draw(PLANS)
    fake = github(name, visibility)
    if draw(st.booleans()) and (name, visibility) != ("free", "private"):
        full = visibility != "private" or name == "enterprise"
        policy = draw(POLICIES)
        patterns = policy == "custom"
        fake.add_environment(
            SLUG,
            "pypi",
            wait_timer=draw(st.sampled_from([0, 5, 30])) if full else 0,
            reviewers=draw(PEOPLE) if full else (),
            prevent_self_review=draw(st.booleans()) if full else False,
            can_admins_bypass=draw(st.booleans()) if full else True,
            branch_policy=policy,
            branches=draw(PATTERNS) if patterns else (),
            tags=draw(PATTERNS) if patterns else (),
        )
    return fake


def held(fake: FakeGitHub) -> Environment | None:
    """The environment, if there is one."""
    return fake.repositories[SLUG.lower()].environments.get("pypi")


def patterns(found: Environment | None) -> set[tuple[str, str]]:
    """The patterns in force."""
    return {(each.type, each.name) for each in found.policies.values()} if found and found.branch_policy == "custom" else set()


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), DECLARED, PATTERNS)
def test_one_run_does_all_that_can_be_done(fake: FakeGitHub, rules: DeclaredEnvironment, tags: list[str]) -> None:
    """No write is refused, what was done is proven where GitHub shows it, and a second run has nothing left that it could do."""
    wanted = Declaration(environments={rules.name: rules}, tag_protect=tuple(tags), path="trustpub.toml")
    outcome = carried_out(plan(fake, wanted))
    after = state(fake)
    again = plan(fake, wanted)

    assert [] == refused(fake)
    shown = rules.reviewers or not rules.prevent_self_review
    assert {"proven", "skipped", *([] if shown else ["stated"])} >= {each.state for each in outcome.done}
    assert () == again.doable
    carried_out(again)
    assert after == state(fake)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), DECLARED)
def test_nothing_is_taken_that_is_not_declared(fake: FakeGitHub, rules: DeclaredEnvironment) -> None:
    """Patterns stay, and so does every rule that the file does not speak of."""
    before = held(fake)
    kept = patterns(before)
    was = None if before is None else (before.wait_timer, before.reviewers, before.can_admins_bypass, before.branch_policy)
    carried_out(plan(fake, Declaration(environments={rules.name: rules}, path="trustpub.toml")))
    after = held(fake)

    assert kept <= patterns(after)
    if was is None or after is None:
        return
    full = fake.repositories[SLUG.lower()].visibility != "private" or fake.repositories[SLUG.lower()].plan == "enterprise"
    assert (was[0] if rules.wait_minutes is None or not full else rules.wait_minutes) == after.wait_timer
    assert rules.reviewers or was[1] == after.reviewers
    assert rules.admins_bypass is not None or was[2] == after.can_admins_bypass
    assert rules.branches or rules.tags or was[3] == after.branch_policy
