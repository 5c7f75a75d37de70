"""`trustpub setup` at the command line: what is drawn, what is asked, and how it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.usecases.setup.scenes import SLUG
from tests.usecases.setup.whole import Scene, scene
from trustpub.cli import run
from trustpub.errors import Unreachable
from trustpub.parties.wire import Request, Response
from trustpub.usecases.outside import Outside


@dataclass
class Launchers:
    """Hands over the world of a scene."""

    whole: Scene

    def outside(self) -> Outside:
        """The world outside."""
        return self.whole.outside()


@pytest.fixture
def whole(tmp_path: Path) -> Scene:
    """A repository with nothing but a `trustpub.toml`."""
    return scene(tmp_path)


def setup(whole: Scene, *options: str) -> int:
    """Run the command there."""
    return run(["setup", str(whole.root), *options], Launchers(whole))


def report(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The JSON that was printed."""
    return cast("dict[str, object]", json.loads(capsys.readouterr().out))


def test_a_dry_run_draws_and_changes_nothing(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan goes to stdout; nobody is asked, nothing is written, and the status is 0."""
    assert 0 == setup(whole, "--dry-run")
    drawn = capsys.readouterr().out

    assert "  + environment own\n      + environment          own\n      + reviewer             maria\n" in drawn
    assert "      ~ wait_minutes         0 -> 10\n" in drawn
    assert "      who: Jobs of any branch or tag could deploy to `own`; from now on only those of tag `v*`." in drawn
    assert "          + name: release\n" in drawn
    assert drawn.endswith("\nOcto-Org/Lamp: 4 to do, 2 in order.\n")
    assert [] == whole.github.writes
    assert not (whole.root / ".github").exists()


def test_from_nothing_to_nothing_to_do(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """`--yes` applies all of it and reads it back; then there is nothing to do, and nothing is written again."""
    assert 0 == setup(whole, "--yes")
    first = capsys.readouterr()
    writes = len(whole.github.writes)
    assert 0 == setup(whole, "--yes")
    again = capsys.readouterr()

    assert "proven    environment own\n" in first.out
    assert "commit and push `.github/workflows/release.yml`" in first.out
    assert "  publisher on own   proven " in first.out
    assert "proven   environment own\n" in first.err
    assert again.out.startswith("Octo-Org/Lamp: nothing to do.\n")
    assert writes == len(whole.github.writes)


def test_check_tells_drift_by_its_status(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """0 in order, 1 when anything differs; nothing is changed either way."""
    setup(whole, "--yes")
    capsys.readouterr()
    assert 0 == setup(whole, "--check", "--format", "json")
    assert True is report(capsys)["in_order"]
    whole.github.repositories[SLUG.lower()].environments["own"].wait_timer = 0
    writes = len(whole.github.writes)

    assert 1 == setup(whole, "--check", "--format", "json")
    drift = report(capsys)
    steps = cast("list[dict[str, object]]", drift["steps"])
    assert False is drift["in_order"]
    assert [{"sign": "~", "field": "wait_minutes", "before": "0", "after": "10"}] == [
        change for step in steps for change in cast("list[object]", step["changes"])
    ]
    assert writes == len(whole.github.writes)


def test_without_a_person_nothing_is_applied(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """No terminal, no `--yes`: the plan is drawn and that is all."""
    assert 1 == setup(whole)
    captured = capsys.readouterr()

    assert "Nothing was changed. `--yes` applies the plan without asking.\n" in captured.err
    assert [] == whole.github.writes


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--solo", "--reviewer", "maria"], "trustpub: --solo: it says that nobody reviews, and --reviewer names somebody."),
        (["--reviewer", ""], "trustpub: --reviewer: the name is empty. Name a user, or a team as `org/team`"),
        (["--format", "json"], "trustpub: --format json: nobody can be asked in it. Add --check, --dry-run or --yes"),
        (
            ["--check", "--index", "pypl"],
            "trustpub: --index `pypl`: its address is not known. There is: `pypi`",
        ),
    ],
)
def test_what_cannot_be_used_is_one_line(whole: Scene, capsys: pytest.CaptureFixture[str], options: list[str], line: str) -> None:
    """A command line that contradicts itself ends with status 2."""
    assert 2 == setup(whole, *options)
    assert capsys.readouterr().err.startswith(line)


def test_a_wrong_reviewer_is_called_by_the_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No file names anybody yet; an `@` in front is how people write names."""
    fresh = scene(tmp_path, declaration="")
    assert 2 == setup(fresh, "--dry-run", "--reviewer", "@nobody-here")
    assert capsys.readouterr().err.startswith("trustpub: --reviewer: GitHub knows no user `nobody-here`.")
    assert 0 == setup(fresh, "--dry-run", "--reviewer", "@maria")
    assert '"maria"' in capsys.readouterr().out


def test_an_unreachable_github_is_status_3(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """What could not be read is named, and is no drift."""
    setup(whole, "--yes")
    capsys.readouterr()

    def nobody(request: Request) -> Response:
        raise Unreachable(f"`{request.url}`", why="the connection was refused")

    whole.github.send = nobody  # type: ignore[method-assign]  # this GitHub has gone
    assert 3 == setup(whole, "--check")
    drawn = capsys.readouterr().out
    assert "not reached: GitHub: " in drawn
    assert "nothing to do in what could be read" in drawn


def test_the_connection_breaks_in_the_middle(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """The step that was cut off stops those after it; the next run goes on."""
    real = whole.github.send

    def breaking(request: Request) -> Response:
        if request.method == "POST" and request.url.endswith("/rulesets"):
            raise Unreachable("`https://api.github.com`", why="the connection was cut")
        return real(request)

    whole.github.send = breaking  # type: ignore[method-assign]  # it breaks at one call
    assert 3 == setup(whole, "--yes", "--format", "json")
    told = report(capsys)
    states = {each["step"]: each["state"] for each in cast("list[dict[str, str]]", told["done"])}
    assert ("proven", "differs", "skipped") == tuple(
        states[key] for key in ("environment own", "tag rules", "publisher lamp on own")
    )
    assert "the connection was cut" in cast("dict[str, str]", told["problem"])["message"]
    whole.github.send = real  # type: ignore[method-assign]  # and is there again
    assert 0 == setup(whole, "--yes")


def test_an_expired_token_is_one_clear_line(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """GitHub no longer takes the token: the way to a new one is said, the token is not."""
    whole.github.tokens[whole.environment["GH_TOKEN"]].expired = True
    assert 3 == setup(whole, "--yes")
    captured = capsys.readouterr()

    assert "GitHub no longer takes the token. Run `gh auth login`" in captured.out
    assert "Nothing was changed: a setup has to reach everybody first." in captured.err
    assert not (whole.root / ".github").exists()
    assert {} == whole.index.publishers.rows
    assert whole.environment["GH_TOKEN"] not in captured.out + captured.err


def test_nobody_signed_in_is_told_how(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a token nothing is changed on GitHub, nothing registered before its guard: the way to a token is said."""
    del whole.environment["GH_TOKEN"]

    assert 1 == setup(whole, "--yes")
    assert "sign in with `gh auth login`, or set `GH_TOKEN`, and run it again\n" in capsys.readouterr().err
    assert [] == whole.github.writes
    assert {} == whole.index.publishers.rows


def test_secrets_that_are_left_over_are_said_and_kept(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Names like those of an index's tokens are notes of the plan; nothing is deleted."""
    whole.github.add_secret(SLUG, "PYPI_API_TOKEN")
    whole.github.add_secret(SLUG, "SLACK_HOOK")
    setup(whole, "--dry-run")
    drawn = " ".join(capsys.readouterr().out.split())

    assert "note: left over: `PYPI_API_TOKEN` (repository)." in drawn
    assert "SLACK_HOOK" not in drawn


def test_no_token_appears_anywhere(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither GitHub's token nor the index's is in any output of any way to call it."""
    for options in (["--dry-run"], ["--yes"], ["--check", "--format", "json"], ["--yes", "--format", "json"]):
        setup(whole, *options)
    captured = capsys.readouterr()

    assert [] == [name for name, value in whole.environment.items() if value in captured.out + captured.err]


def test_what_a_job_may_not_see_is_no_fine_answer(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """With a job's token nobody knows who may pass the ruleset: said, with the permission, and status 3 in text and JSON."""
    setup(whole, "--yes")
    whole.github.add_token("ghs_job", installation=True, permissions={"metadata": "read"}, repositories=[SLUG])
    whole.environment["GH_TOKEN"] = "ghs_job"
    capsys.readouterr()
    assert 3 == setup(whole, "--check")
    drawn = " ".join(capsys.readouterr().out.split())

    assert "? tag rules not done: GitHub shows who may pass the ruleset `trustpub: release tags` only to those who" in drawn
    assert drawn.endswith("1 that could not be compared, 5 in order.")
    assert 3 == setup(whole, "--check", "--format", "json")
    assert False is report(capsys)["in_order"]


def test_a_team_that_is_not_shown_leaves_the_json_whole(whole: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    """A reviewer whom GitHub hides is a step that cannot be done, not the end of the plan."""
    whole.edit("trustpub.toml", '"Octo-Org/makers"', '"Octo-Org/hidden"')

    assert 1 == setup(whole, "--check", "--format", "json")
    steps = cast("list[dict[str, str]]", report(capsys)["steps"])
    assert ["`Octo-Org/hidden`" in each["cannot"] for each in steps if each["step"] == "environment own"] == [True]
