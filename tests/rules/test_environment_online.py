"""Environments as GitHub has them: guarded or open, passable, and other than declared."""

from __future__ import annotations

import pytest

from tests.rules.online_samples import ALICE, BOB, GUARDED, IN_ORDER, OPEN, OWNER, TEAM, UNTOLD, github, online
from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing
from trustpub.domain.github_settings import Environment, GitHubSide, Hosted, Person, RefRule

ON = "{push: {tags: ['v*']}}"
WORKFLOW = publishing(ON, "environment: PyPI")
BRANCH = RefRule("branch", "*")
ANY_BRANCH = OPEN._replace(policy="patterns", rules=(BRANCH,))
SETTINGS = "https://github.com/octo/tool/settings/environments"


@pytest.mark.parametrize(
    ("environments", "message", "link"),
    [
        ((OPEN,), "on GitHub the environment `pypi` has no reviewer and admits every branch and tag", f"{SETTINGS}/5/edit"),
        ((ANY_BRANCH,), "on GitHub the environment `pypi` has no reviewer and admits every branch (`*`)", f"{SETTINGS}/5/edit"),
        (
            (OPEN._replace(wait_minutes=5),),
            "on GitHub the environment `pypi` has no reviewer and admits every branch and tag, after 5 minutes",
            f"{SETTINGS}/5/edit",
        ),
        (
            (Environment("other"),),
            "`octo/tool` has no environment `PyPI`: the first job that names it makes it, without any rule",
            SETTINGS,
        ),
    ],
)
def test_an_environment_that_stops_nobody(environments: tuple[Environment, ...], message: str, link: str) -> None:
    """One that is not there is made by the job that names it."""
    seen = online(facts(WORKFLOW), github(*environments))
    (finding,) = found("environment_unguarded", seen)
    assert (message, "high", "PyPI") == (finding.message, finding.severity, spanned(seen, finding.span))
    assert finding.help.endswith(f"allow only your release tags and ask for an approval: {link}")


@pytest.mark.parametrize(
    "side",
    [
        None,
        IN_ORDER,
        github(OPEN._replace(reviewers=(ALICE,))),
        github(OPEN._replace(policy="patterns", rules=(RefRule("tag", "v*"),))),
        github(OPEN._replace(policy="patterns", rules=UNTOLD)),
        github(OPEN._replace(policy="protected")),
        github(OPEN._replace(apps=("gate",))),
        github(OPEN._replace(apps=UNTOLD)),
        IN_ORDER._replace(environments=UNTOLD),
    ],
)
def test_silence_where_something_stands_in_the_way_or_nobody_knows(side: GitHubSide | None) -> None:
    """What GitHub did not tell is taken for no fault."""
    assert [] == found("environment_unguarded", online(facts(WORKFLOW), side))


@pytest.mark.parametrize(
    ("plan", "words"),
    [("free", "free plan has no rules for environments"), ("team", "reviewers of private repositories need GitHub Enterprise")],
)
def test_the_help_knows_the_plan(plan: str, words: str) -> None:
    """What a plan does not have is not advised."""
    hosted = Hosted(OWNER, "tool", "70", "private", "main", plan=plan)
    (finding,) = found("environment_unguarded", online(facts(WORKFLOW), github(OPEN)._replace(repository=hosted)))
    assert words in finding.help
    assert "ask for an approval" not in finding.help


def test_an_environment_for_tests_only_is_no_grave_matter() -> None:
    """Nobody needs to approve uploads to TestPyPI."""
    text = publishing(ON, "environment: pypi", "run: uv publish --index testpypi")
    (finding,) = found("environment_unguarded", online(facts(text), github(OPEN)))
    assert "low" == finding.severity
    assert "approval" not in finding.help


DECLARED = "[environments.pypi]\n"


def test_githubs_rules_are_held_against_the_refs() -> None:
    """The declared ones say that tags get through; GitHub's do not."""
    real = OPEN._replace(policy="patterns", rules=(RefRule("branch", "v*"),))
    seen = facts({"release.yml": WORKFLOW, "trustpub.toml": DECLARED + 'tags = ["v*"]\n'})
    (finding,) = found("environment_refuses", online(seen, github(real)))
    start = "on GitHub the environment `pypi` lets only branches `v*` deploy, and refuses every run that gets here: "
    assert f"{start}push of `v1.2.3`" == finding.message
    assert f"Add a deployment tag rule with the name `v*`: {SETTINGS}/5/edit" == finding.help
    assert () == finding.related


def test_an_empty_list_lets_nothing_deploy() -> None:
    """Between switching the list on and filling it, every run is refused."""
    (finding,) = found("environment_refuses", online(facts(WORKFLOW), github(OPEN._replace(policy="patterns"))))
    assert "lets no branch and no tag deploy, its list being empty" in finding.message


def test_githubs_rules_go_before_the_declared_ones() -> None:
    """What is declared would refuse; GitHub does not, or does not exist, or did not tell which branches are protected."""
    seen = facts({"release.yml": WORKFLOW, "trustpub.toml": DECLARED + 'branches = ["main"]\n'})
    assert 1 == len(found("environment_refuses", online(seen, IN_ORDER._replace(environments=UNTOLD))))
    for side in (IN_ORDER, github(Environment("other")), github(OPEN._replace(policy="protected"))):
        assert [] == found("environment_refuses", online(seen, side))


def test_a_dispatch_from_any_branch_by_githubs_own_rules() -> None:
    """Nothing has to be declared for it."""
    seen = facts(publishing("workflow_dispatch", "environment: pypi"))
    (finding,) = found("dispatch", online(seen, github(OPEN)))
    assert "`workflow_dispatch` publishes to pypi from any branch: `pypi` admits every ref (GitHub's settings)" == finding.message
    for real in (GUARDED, OPEN._replace(apps=("gate",)), OPEN._replace(apps=UNTOLD), OPEN._replace(policy="protected")):
        assert [] == found("dispatch", online(seen, github(real)))


def test_pushes_to_a_branch_behind_githubs_own_rules() -> None:
    """Whether something holds them back is GitHub's word, not the declaration's."""
    seen = facts({"release.yml": publishing("{push: {branches: [main]}}", "environment: pypi"), "trustpub.toml": DECLARED})
    assert ["medium"] == [finding.severity for finding in found("trigger_too_wide", online(seen, github(OPEN)))]
    for real in (GUARDED, OPEN._replace(apps=UNTOLD), OPEN._replace(policy="protected")):
        assert [] == found("trigger_too_wide", online(seen, github(real)))


def test_who_may_pass_the_approval() -> None:
    """By approving oneself, and as an administrator: each with its switch."""
    real = GUARDED._replace(prevent_self_review=False, admins_bypass=True)
    first, second = found("environment_bypass", online(facts(WORKFLOW), github(real)))
    assert "whoever starts a release may approve it too, as one of the reviewers of `pypi`: `alice` and `bob`" == first.message
    assert "administrators (`alice`) can pass the approval of `pypi`" == second.message
    assert [f"Switch on `Prevent self-review`: {SETTINGS}/5/edit"] == [first.help]
    assert {"medium"} == {first.severity, second.severity}


def test_a_maintainer_who_is_alone() -> None:
    """There is no second person: that is good to know, and nothing can be switched."""
    real = GUARDED._replace(reviewers=(ALICE,), prevent_self_review=False, admins_bypass=True)
    side = github(real)._replace(people=(Person(ALICE, "admin"), Person(BOB, "read")))
    (finding,) = found("environment_bypass", online(facts(WORKFLOW), side))
    assert ("info", "the only reviewer of `pypi` is also the only one who can push: `alice`") == (
        finding.severity,
        finding.message,
    )


@pytest.mark.parametrize(
    "side",
    [
        None,
        IN_ORDER,
        github(OPEN._replace(admins_bypass=True)),
        github(GUARDED._replace(prevent_self_review=None, admins_bypass=None)),
        github(GUARDED._replace(reviewers=(ALICE,), prevent_self_review=False)),
        IN_ORDER._replace(environments=UNTOLD),
    ],
)
def test_silence_where_nobody_passes(side: GitHubSide | None) -> None:
    """Without reviewers there is no approval to pass; with one reviewer of several people nobody else could approve."""
    assert [] == found("environment_bypass", online(facts(WORKFLOW), side))


@pytest.mark.parametrize(
    ("words", "real", "message", "line"),
    [
        ('reviewers = ["bob", "octo/core"]', GUARDED, "lacks the reviewer `octo/core` and has the reviewer `alice`", "reviewers"),
        ("wait_minutes = 30", GUARDED, "waits 0 minutes, not 30", "wait_minutes = 0"),
        ('tags = ["v*", "rel-*"]', GUARDED, "lacks the tag rule `rel-*`", 'tags = ["v*"]'),
        ('branches = ["main"]\ntags = ["v*"]', GUARDED, "lacks the branch rule `main`", "branches = []"),
        ('tags = ["v*"]', OPEN, "lets every branch and tag deploy, not only tags `v*`", ""),
        ('tags = ["v*"]', OPEN._replace(policy="protected"), "lets protected branches deploy, not only tags `v*`", ""),
        ("admins_bypass = true", GUARDED, "lets no administrator pass its rules", "admins_bypass = false"),
        (
            "admins_bypass = false",
            GUARDED._replace(admins_bypass=True),
            "lets administrators pass its rules",
            "admins_bypass = true",
        ),
        ("prevent_self_review = false", GUARDED, "forbids self-reviews", "prevent_self_review = true"),
        (
            "prevent_self_review = true",
            GUARDED._replace(prevent_self_review=False),
            "allows self-reviews",
            "prevent_self_review = false",
        ),
    ],
)
def test_settings_that_differ_from_the_file(words: str, real: Environment, message: str, line: str) -> None:
    """Each key is one finding, at its line, with what would be written."""
    seen = online(facts({"release.yml": WORKFLOW, "trustpub.toml": DECLARED + words + "\n"}), github(real))
    (finding,) = found("environment_drift", seen)
    assert finding.message.startswith(f"on GitHub the environment `pypi` {message}")
    assert "trustpub.toml" == finding.span.path
    assert line in finding.help


def test_an_environment_that_only_the_file_has() -> None:
    """That a publishing job's own is missing is another rule's word."""
    seen = facts({"release.yml": WORKFLOW, "trustpub.toml": "[environments.staging]\n" + DECLARED})
    (finding,) = found("environment_drift", online(seen, github(Environment("other"))))
    assert "`trustpub.toml` has rules for the environment `staging`, which `octo/tool` lacks" == finding.message
    assert "[environments.staging]" == spanned(seen, finding.span)


@pytest.mark.parametrize(
    ("words", "side"),
    [
        (
            'reviewers = ["Alice", "bob"]\nwait_minutes = 0\ntags = ["v*"]\nprevent_self_review = true\nadmins_bypass = false',
            IN_ORDER,
        ),
        ("", IN_ORDER),
        ('reviewers = ["octo/core"]', github(GUARDED._replace(reviewers=(TEAM,)))),
        ('tags = ["v*"]', github(GUARDED._replace(rules=UNTOLD))),
        ("admins_bypass = true\nprevent_self_review = true", github(OPEN)),
        ("wait_minutes = 9", IN_ORDER._replace(environments=UNTOLD)),
        ("wait_minutes = 9", None),
    ],
)
def test_silence_where_file_and_settings_agree(words: str, side: GitHubSide | None) -> None:
    """What the file does not say is not compared, and neither is what GitHub does not tell."""
    seen = facts({"release.yml": WORKFLOW, "trustpub.toml": f"{DECLARED}{words}\n"})
    assert [] == found("environment_drift", online(seen, side))


def test_rules_of_an_app_without_a_deployment() -> None:
    """What nobody knows of the other rules is known of an app's; where there are no rules of either kind nothing is in doubt."""
    seen = facts(publishing(ON, "environment: {name: pypi, deployment: false}"))
    (finding,) = found("environment_undeployed", online(seen, github(OPEN._replace(apps=("gate",)))))
    assert ("medium", True) == (finding.severity, "the environment asks the app `gate`" in finding.message)
    assert ["info"] == [each.severity for each in found("environment_undeployed", online(seen, github(GUARDED)))]
    assert [] == found("environment_undeployed", online(seen, github(OPEN._replace(reviewers=(ALICE,)))))
