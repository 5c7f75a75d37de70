"""Tags that start releases, and the rulesets that hold them or do not."""

from __future__ import annotations

import pytest

from tests.rules.online_samples import ALICE, IN_ORDER, OPEN, OWNER, PROTECTED, UNTOLD, github, online
from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing
from trustpub.domain.github_settings import Bypass, GitHubSide, Hosted, Person, Ruleset

ON = "{push: {tags: ['v*']}}"
WORKFLOW = publishing(ON, "environment: pypi")
EVERYTHING = "creating, moving or deleting"


def side(*rulesets: Ruleset) -> GitHubSide:
    """A GitHub with these rulesets, and an environment without reviewers."""
    return github(OPEN)._replace(rulesets=rulesets)


@pytest.mark.parametrize(
    ("rulesets", "left", "severity"),
    [
        ((), f"{EVERYTHING} them", "high"),
        ((PROTECTED._replace(enforcement="evaluate"),), f"{EVERYTHING} them (`releases` is only evaluated)", "high"),
        ((PROTECTED._replace(enforcement="disabled"),), f"{EVERYTHING} them (`releases` is disabled)", "high"),
        ((PROTECTED._replace(target="branch"),), f"{EVERYTHING} them", "high"),
        ((PROTECTED._replace(include=("refs/tags/rel-*",)),), f"{EVERYTHING} them", "high"),
        ((PROTECTED._replace(exclude=("refs/tags/v1.*",)),), f"{EVERYTHING} them", "high"),
        ((PROTECTED._replace(rules=("creation", "non_fast_forward")),), "moving or deleting them", "high"),
        ((PROTECTED._replace(rules=("creation", "update")),), "deleting them", "medium"),
    ],
)
def test_tags_that_anybody_may_make_or_move(rulesets: tuple[Ruleset, ...], left: str, severity: str) -> None:
    """What is left to everybody is named, and the rulesets that would hold the tag if they were in force."""
    seen = online(facts(WORKFLOW), side(*rulesets))
    (finding,) = found("tags_unprotected", seen)
    start = "tags `v*` start a release, and no ruleset in force keeps anybody with write access from "
    assert (start + left, severity) == (finding.message, finding.severity)
    assert "v*" == spanned(seen, finding.span)
    assert 'Write `[tags]` with `protect = ["v*"]` in `trustpub.toml`' in finding.help


@pytest.mark.parametrize(
    "told",
    [
        None,
        side(PROTECTED),
        side(PROTECTED._replace(source="Organization", include=("~ALL",))),
        side(PROTECTED._replace(rules=("creation",)), PROTECTED._replace(rules=("update", "deletion"))),
        side(PROTECTED._replace(include=("refs/tags/**/*",))),
        side()._replace(rulesets=UNTOLD),
    ],
)
def test_silence_where_tags_are_protected_or_nobody_knows(told: GitHubSide | None) -> None:
    """An organisation's ruleset counts, and several count together."""
    assert [] == found("tags_unprotected", online(facts(WORKFLOW), told))


def test_each_pattern_of_a_trigger_is_held_against_the_rulesets() -> None:
    """Only the one that is not protected is named and pointed at; what the trigger takes back starts nothing."""
    on = "{push: {tags: ['v*', 'rel-*', '!rel-*-rc']}}"
    seen = online(facts(publishing(on, "environment: pypi")), side(PROTECTED))
    (finding,) = found("tags_unprotected", seen)
    assert ("rel-*", True) == (spanned(seen, finding.span), finding.message.startswith("tags `rel-*` start a release"))
    both = online(facts(publishing(on, "environment: pypi")), side())
    (finding,) = found("tags_unprotected", both)
    assert finding.message.startswith("tags `v*` or `rel-*` start a release")


def test_silence_where_no_tag_starts_it() -> None:
    """Whoever dispatches chooses a ref; a push to a branch makes none."""
    for on in ("workflow_dispatch", "{push: {branches: [main]}}"):
        assert [] == found("tags_unprotected", online(facts(publishing(on, "environment: pypi")), side()))


def test_less_is_at_stake_behind_an_approval_or_alone() -> None:
    """The severity says so; TestPyPI alone is a minor matter."""
    alone = side()._replace(people=(Person(ALICE, "admin"),))
    for told in (IN_ORDER._replace(rulesets=()), alone):
        assert ["medium"] == [each.severity for each in found("tags_unprotected", online(facts(WORKFLOW), told))]
    test = publishing(ON, "environment: pypi", "run: uv publish --index testpypi")
    assert ["low"] == [each.severity for each in found("tags_unprotected", online(facts(test), side()))]


def test_a_release_makes_its_tag_too() -> None:
    """The event is pointed at; a plan without rulesets gets other advice."""
    seen = online(facts(publishing("{release: {types: [published]}}", "environment: pypi")), side())
    (finding,) = found("tags_unprotected", seen)
    assert "release" == spanned(seen, finding.span)
    hosted = Hosted(OWNER, "tool", "70", "private", "main", plan="free")
    (private,) = found("tags_unprotected", online(facts(WORKFLOW), side()._replace(repository=hosted)))
    assert private.help.startswith("GitHub's free plan has no rulesets for private repositories")


PROTECT = '[tags]\nprotect = ["v*", "rel-[0-9]*"]\n'


def test_declared_tags_that_are_not_protected() -> None:
    """Each pattern is held against the rulesets; of those that start a release the other rule speaks."""
    seen = facts({"release.yml": WORKFLOW, "trustpub.toml": PROTECT})
    (finding,) = found("tags_drift", online(seen, side(PROTECTED)))
    assert finding.message.startswith("`trustpub.toml` protects the tags `rel-[0-9]*`, but no ruleset in force keeps anybody")
    assert '["v*", "rel-[0-9]*"]' == spanned(seen, finding.span)
    assert ["rel-[0-9]*"] == [each.message.split("`")[3] for each in found("tags_drift", online(seen, side()))]
    (first,) = found("tags_unprotected", online(seen, side()))
    assert first.help.startswith("`trustpub setup` makes the ruleset for `[tags] protect` of `trustpub.toml`")


@pytest.mark.parametrize(
    "told", [None, side(PROTECTED._replace(include=("refs/tags/v*", "refs/tags/rel-*"))), side()._replace(rulesets=UNTOLD)]
)
def test_silence_where_declared_tags_are_protected(told: GitHubSide | None) -> None:
    """Or where nobody knows."""
    assert [] == found("tags_drift", online(facts({"release.yml": WORKFLOW, "trustpub.toml": PROTECT}), told))


@pytest.mark.parametrize("bypass", [(), (Bypass("Team", "3", "pull_request"),)])
def test_tags_that_nobody_may_make(bypass: tuple[Bypass, ...]) -> None:
    """Not even an administrator: the release cannot be started."""
    seen = online(facts(WORKFLOW), side(PROTECTED._replace(bypass=bypass)))
    (finding,) = found("tags_locked", seen)
    assert "tags `v*` start a release, and the ruleset `releases` lets nobody make them" == finding.message
    assert ("blocker", "v*") == (finding.severity, spanned(seen, finding.span))
    assert finding.help.endswith("https://github.com/octo/tool/settings/rules/9")


def test_several_patterns_that_one_ruleset_locks() -> None:
    """They are one finding, for there is one thing to do."""
    seen = online(facts(WORKFLOW.replace("'v*'", "'v*', 'rel-*'")), side(PROTECTED._replace(bypass=(), include=("~ALL",))))
    assert ["tags `v*` or `rel-*` start a release, and the ruleset `releases` lets nobody make them"] == [
        finding.message for finding in found("tags_locked", seen)
    ]


@pytest.mark.parametrize(
    "told",
    [
        None,
        IN_ORDER,
        side()._replace(rulesets=UNTOLD),
        side(PROTECTED._replace(bypass=UNTOLD)),
        side(PROTECTED._replace(bypass=(), enforcement="evaluate")),
        side(PROTECTED._replace(bypass=(), rules=("update", "deletion"))),
        side(PROTECTED._replace(bypass=(), include=("refs/tags/x*",))),
    ],
)
def test_silence_where_somebody_may_make_them(told: GitHubSide | None) -> None:
    """Or where GitHub did not tell who passes."""
    assert [] == found("tags_locked", online(facts(WORKFLOW), told))
