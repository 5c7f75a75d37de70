"""Whom a setup reaches before it changes anything, and what is said where somebody is not there, or is somebody else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.usecases.setup.scenes import SLUG
from tests.usecases.setup.whole import Scene, scene
from trustpub.errors import BadInput, Unreachable
from trustpub.parties.wire import Request, Response
from trustpub.usecases.setup.planning import planned
from trustpub.usecases.setup.run import carried_out
from trustpub.usecases.setup.wishes import Wishes
from trustpub.usecases.three_sides import token_variable

OWN = "https://index.example/"


@pytest.fixture
def fresh(tmp_path: Path) -> Scene:
    """A repository without any publishing."""
    return scene(tmp_path, declaration="")


def cannot(whole: Scene, key: str) -> str:
    """Why a step cannot be done."""
    return next(step.cannot for step in whole.plan().plan.steps if step.key == key)


@pytest.mark.parametrize(
    "remote", ["https://gitlab.com/octo/lamp.git", "github-work:octo/lamp.git", "https://gist.github.com/octo/lamp.git"]
)
def test_no_publisher_is_made_up_for_another_host(fresh: Scene, remote: str) -> None:
    """`octo/lamp` of another host is somebody else's on GitHub: a publisher would let that one publish."""
    fresh.edit(".git/config", f"https://github.com/{SLUG}.git", remote)
    with pytest.raises(BadInput, match=r"the remote `origin`: .* is not known to be a GitHub.*GH_HOST"):
        fresh.plan()


def test_what_is_declared_is_planned_on_any_host(tmp_path: Path) -> None:
    """A person wrote down whose publisher it is; which variable names the host is said, and no token is asked for."""
    whole = scene(tmp_path)
    whole.edit(".git/config", f"https://github.com/{SLUG}.git", "https://git.example/octo/lamp.git")
    why = cannot(whole, "environments and tag rules")

    assert why.startswith("`git.example` is not known to be a GitHub. ")
    assert "GH_HOST" in why
    assert "gh auth login" not in why


def test_a_repository_that_a_token_does_not_show(tmp_path: Path) -> None:
    """Who is signed in is not told to sign in."""
    whole = scene(tmp_path)
    whole.github.repositories.clear()
    why = cannot(whole, "environments and tag rules")

    assert why.startswith(f"GitHub knows no `{SLUG}`, or does not show it to this token. Correct the address of `origin`")


def test_a_github_that_is_silent_is_not_called_unwilling(fresh: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The publishers wait for it, and nobody is told to sign in."""

    def silent(request: Request) -> Response:
        raise Unreachable(request.url, why="the connection was refused")

    monkeypatch.setattr(fresh.github, "send", silent)
    plan = fresh.plan().plan

    assert any(each.startswith("GitHub: ") for each in plan.unreachable)
    assert not any("gh auth login" in step.cannot for step in plan.steps)
    assert "GitHub did not answer" in cannot(fresh, "publisher lamp on pypi")


def test_an_index_that_only_the_proposal_names_is_reached_too(fresh: Scene) -> None:
    """Nothing is changed before everybody answers: PyPI is one of them before any file says so."""
    known = fresh.send

    def down(request: Request) -> Response:
        return Response(503, {}, b"") if "//pypi.example/" in request.url.replace("upload.", "") else known(request)

    fresh.send = down  # type: ignore[method-assign]
    plan = fresh.plan().plan

    assert 1 == len(plan.unreachable)
    assert plan.unreachable[0].startswith("pypi: ")
    assert ".." not in cannot(fresh, "publisher lamp on pypi")


def test_githubs_own_client_is_asked_for_its_token_once(fresh: Scene) -> None:
    """It may have to open a keyring, which takes seconds."""
    token, asked = fresh.environment.pop("GH_TOKEN"), []
    outside = fresh.outside()

    def gh(command: list[str]) -> str:
        asked.append(command)
        return token

    found = planned(replace(fresh.setup(), outside=replace(outside, run=gh)))

    assert 1 == len(asked)
    assert found.facts.github is not None


def test_a_workflow_that_nobody_can_read_is_named(fresh: Scene) -> None:
    """What it does is not in the plan, and that is said."""
    (fresh.root / ".github" / "workflows").mkdir(parents=True)
    (fresh.root / ".github" / "workflows" / "old.yml").write_text("on: [push\n")

    assert any(note.startswith("`.github/workflows/old.yml` is not in this plan: ") for note in fresh.plan().plan.notes)


def test_a_token_that_the_index_does_not_take_stops_nothing_too_late(tmp_path: Path) -> None:
    """It is asked about the projects that are proposed, before GitHub is changed: what it refuses stands in the plan."""
    whole = scene(tmp_path, declaration=f'[indexes.own]\nurl = "{OWN}legacy/"\n')
    whole.environment[token_variable(OWN)] = "tp-wrong"
    why = next(
        step.cannot for step in whole.plan(Wishes(("own",)), indexes=("own",)).plan.steps if step.key == "publisher lamp on own"
    )

    assert token_variable(OWN) in why


def test_publishers_that_are_there_are_seen_by_the_first_plan(tmp_path: Path) -> None:
    """Though no file named the project when the index was first asked."""
    whole = scene(tmp_path)
    carried_out(whole.plan().plan)
    (whole.root / "trustpub.toml").write_text(f'[indexes.own]\nurl = "{OWN}legacy/"\n')
    steps = {step.key: step for step in whole.plan(Wishes(("own",)), indexes=("own",)).plan.steps}

    assert () == steps["publisher lamp on own"].changes
