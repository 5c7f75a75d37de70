"""A setup that dies at any call and is run again ends like one that nobody disturbed."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.conftest import Scale
from tests.usecases.setup.scenes import SLUG, github, plan, refused, state
from trustpub.parties.github.fake import FakeGitHub, Killed
from trustpub.parties.github.fake_state import Plan as PlanName
from trustpub.parties.github.fake_state import Visibility
from trustpub.usecases.setup.run import carried_out

SCENES: tuple[tuple[PlanName, Visibility], ...] = (("free", "public"), ("enterprise", "private"), ("team", "private"))


def scene(plan_name: PlanName, visibility: Visibility) -> FakeGitHub:
    """A repository with an environment that is half right, and a ruleset that is switched off."""
    fake = github(plan_name, visibility)
    fake.add_environment(SLUG, "pypi", branches=["v*"], can_admins_bypass=True)
    fake.add_ruleset(SLUG, "trustpub: release tags", enforcement="disabled", include=["refs/tags/v*"])
    return fake


def run(fake: FakeGitHub) -> None:
    """Read, plan, apply."""
    carried_out(plan(fake))


def cut_off(fake: FakeGitHub, call: int, mode: Literal["before", "after"]) -> bool:
    """Run until it dies at this call; say whether it died at all."""
    fake.die_at(call, mode)
    try:
        run(fake)
    except Killed:
        return True
    fake.die_at(10**9, mode)
    return False


@pytest.mark.parametrize("mode", ["before", "after"])
@pytest.mark.parametrize(("plan_name", "visibility"), SCENES)
def test_killed_at_every_call(
    plan_name: PlanName, visibility: Visibility, mode: Literal["before", "after"], scale: Scale
) -> None:
    """Whichever call it dies at, before it is carried out or right after, the next run completes it.

    A short run takes every second call: the odd ones before, the even ones after.
    """
    whole = scene(plan_name, visibility)
    run(whole)
    calls, step = len(whole.requests), scale(2, 1)
    call = 1 if mode == "before" else step
    while cut_off(fake := scene(plan_name, visibility), call, mode):
        run(fake)
        assert state(whole) == state(fake), f"killed {mode} call {call}"
        assert [] == refused(fake)
        assert not plan(fake).doable
        call += step

    assert calls < call <= calls + step


def test_killed_at_every_call_of_every_run() -> None:
    """Runs that die one after the other, each a call later, come to the same end."""
    whole = scene("free", "public")
    run(whole)
    fake = scene("free", "public")
    call = 1
    while cut_off(fake, call, "after"):
        call += 1

    assert state(whole) == state(fake)
