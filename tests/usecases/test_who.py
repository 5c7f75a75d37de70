"""Who can publish, by name: people and teams, reviewers, who passes rules, and who has rights on the index."""

from __future__ import annotations

import pytest

from tests.rules.online_samples import (
    ALICE,
    BOB,
    GUARDED,
    IN_ORDER,
    OPEN,
    PROTECTED,
    TEAM,
    UNTOLD,
    github,
    index,
    online,
    project,
    registered,
)
from tests.rules.samples import facts
from tests.workflows.samples import publishing
from trustpub.domain.github_settings import Bypass, Environment, GitHubSide, Person
from trustpub.usecases.who import who
from trustpub.workflows.powers import powers

WORKFLOW = publishing("{push: {tags: ['v*']}}", "environment: pypi")
START = "pypi (`tool`): whoever can push a tag `v*` (write access), through the environment `pypi`, which "


def told(side: GitHubSide | None) -> tuple[str, ...]:
    """The sentences about one workflow."""
    return who(online(facts(WORKFLOW), side))


def test_without_anybody_asked_it_is_what_the_files_say() -> None:
    """Nothing is added."""
    seen = facts(WORKFLOW)
    assert powers(seen.uploads, seen.declaration) == who(seen)


def test_a_repository_in_good_order() -> None:
    """The environment's rules in words, the people, and who may make the tags."""
    first, changed, access, tags = told(IN_ORDER)
    gate = (
        "needs the approval of `alice` or `bob` other than whoever started it and lets only tags `v*` deploy (as GitHub has it)"
    )
    assert START + gate == first
    assert "change `release.yml` there and run it" in changed
    assert "write access to `octo/tool` have `alice` (admin) and `bob` (write)" == access
    assert "tags `v*` can be made only by the role admin (`alice`), whom the ruleset `releases` lets pass" == tags


@pytest.mark.parametrize(
    ("side", "gate"),
    [
        (github(OPEN), "asks for nothing (as GitHub has it)"),
        (github(Environment("x")), "asks for nothing (GitHub has none of that name: the first job that names it makes it)"),
        (
            IN_ORDER._replace(environments=UNTOLD),
            f"asks for what GitHub did not tell ({UNTOLD})",
        ),
    ],
)
def test_environments_as_github_has_them(side: GitHubSide, gate: str) -> None:
    """One that is not there asks for nothing."""
    assert START + gate == told(side)[0]


def test_githubs_rules_go_before_the_declared_ones() -> None:
    """The declared ones only count where GitHub did not tell."""
    seen = facts({"release.yml": WORKFLOW, "trustpub.toml": '[environments.pypi]\nreviewers = ["carol"]\n'})
    assert who(online(seen, github(OPEN)))[0].endswith("asks for nothing (as GitHub has it)")
    unknown = IN_ORDER._replace(environments=UNTOLD)
    assert who(online(seen, unknown))[0].endswith("needs the approval of `carol` (as `trustpub.toml` states it)")


def test_administrators_who_pass_the_rules() -> None:
    """By name, where they are known; of rules that ask for nothing there is nothing to pass."""
    passing = GUARDED._replace(admins_bypass=True)
    assert "administrators may pass the rules of the environment `pypi`: `alice` (admin)" in told(github(passing))
    unknown = github(passing)._replace(people=UNTOLD)
    assert "administrators may pass the rules of the environment `pypi`" in told(unknown)
    assert f"write access to `octo/tool`: GitHub did not tell who has it: {UNTOLD}" in told(unknown)
    assert [] == [each for each in told(github(OPEN._replace(admins_bypass=True))) if each.startswith("administrators")]


@pytest.mark.parametrize(
    ("bypass", "words"),
    [
        ((Bypass("RepositoryRole", "5"),), "the role admin (`alice`), whom the ruleset `releases` lets pass"),
        ((Bypass("RepositoryRole", "2"),), "the role maintain (`octo/core`), whom the ruleset `releases` lets pass"),
        ((Bypass("Team", "3"), Bypass("User", "2")), "the team `octo/core` (maintain) or `bob` (write), whom"),
        ((Bypass("Team", "99"),), "the team with the number 99, whom"),
        ((Bypass("OrganizationAdmin", "1"), Bypass("DeployKey", "")), "the owners of `octo` or deploy keys, whom"),
        ((Bypass("Integration", "44"),), "the app with the number 44, whom"),
        ((Bypass("RepositoryRole", "4"), Bypass("Team", "3", "pull_request")), "the role write (`bob`), whom"),
        (UNTOLD, "those whom the ruleset `releases` lets pass, which GitHub did not tell"),
    ],
)
def test_who_passes_a_ruleset(bypass: tuple[Bypass, ...], words: str) -> None:
    """By the names of people and teams that GitHub told; a pull request makes no tag."""
    people = (Person(ALICE, "admin"), Person(BOB, "write"), Person(TEAM, "maintain"))
    side = IN_ORDER._replace(rulesets=(PROTECTED._replace(bypass=bypass),), people=people)
    assert told(side)[-1].startswith(f"tags `v*` can be made only by {words}")


def test_tags_that_everybody_may_make() -> None:
    """Or of which GitHub did not tell."""
    assert "tags `v*` can be made by everybody with write access" == told(IN_ORDER._replace(rulesets=()))[-1]
    locked = told(IN_ORDER._replace(rulesets=(PROTECTED._replace(bypass=()),)))[-1]
    assert "tags `v*` can be made by nobody: the ruleset `releases` lets nobody pass" == locked
    unknown = told(IN_ORDER._replace(rulesets=UNTOLD))[-1]
    assert f"who may make the tags that start a release: GitHub did not tell: {UNTOLD}" == unknown


def test_who_has_rights_on_the_index() -> None:
    """Accounts with tokens of their own; publishers that an index lists."""
    found = who(online(facts(WORKFLOW), None, index(project())))
    assert "pypi (`tool`): `alice` (Owner) can upload with API tokens of their own, past every workflow" == found[-1]
    text = publishing("push", "environment: pypi", "run: uv publish --index own")
    seen = facts({"release.yml": text, "trustpub.toml": '[indexes.own]\nurl = "https://own.example/"\n'})
    rows = (registered(), registered(pending=True, repository_name="lib"), registered("other"))
    expected = (
        "GitHub octo/tool, workflow release.yml, environment pypi and GitHub octo/lib, workflow release.yml, environment pypi"
    )
    assert f"own (`tool`) lists as publishers: {expected} (pending)" == who(online(seen, None, index(None, "own", *rows)))[-1]
