"""Environments and rulesets: every rule is read, and what is hidden is unknown."""

from __future__ import annotations

import json

import pytest

from tests.parties.github.scripted import API, FORBIDDEN, MONA, REPO, SLUG, TEAM, Scripted, said
from trustpub.domain.github_settings import (
    Account,
    Bypass,
    Environment,
    RefRule,
)
from trustpub.domain.untold import Untold
from trustpub.errors import Denied, Unreachable
from trustpub.parties.wire import Response


def environment(**fields: object) -> dict[str, object]:
    """An environment as GitHub writes it, which is all open unless something else is said."""
    return {"id": 3, "name": "PyPI", "deployment_branch_policy": None, "protection_rules": []} | fields


REVIEW = {
    "type": "required_reviewers",
    "prevent_self_review": True,
    "reviewers": [{"type": "User", "reviewer": MONA}, {"type": "Team", "reviewer": TEAM}, {"type": "User", "reviewer": None}],
}
APPS = {
    "custom_deployment_protection_rules": [{"enabled": True, "app": {"slug": "gate"}}, {"enabled": False, "app": {"slug": "off"}}]
}
NO_APPS = said({"total_count": 0, "custom_deployment_protection_rules": []})


def test_an_environment_is_read_with_every_rule() -> None:
    """Reviewers, the wait, patterns of both kinds, bypass and apps."""
    rules = [REVIEW, {"type": "wait_timer", "wait_timer": 30}, {"type": "branch_policy"}, {"type": "of the future"}]
    policy = {"protected_branches": False, "custom_branch_policies": True}
    one = environment(protection_rules=rules, deployment_branch_policy=policy, can_admins_bypass=False)
    policies = {"branch_policies": [{"id": 1, "name": "v*", "type": "tag"}, {"id": 2, "name": "main"}]}
    script = {
        f"GET {REPO}/environments": said({"environments": [one]}),
        f"GET {REPO}/environments/PyPI/deployment-branch-policies": said(policies),
        f"GET {REPO}/environments/PyPI/deployment_protection_rules": said(APPS),
    }

    expected = Environment(
        name="PyPI",
        id="3",
        reviewers=(Account("mona", "7", "User"), Account("Octo/core", "9", "Team")),
        prevent_self_review=True,
        wait_minutes=30,
        policy="patterns",
        rules=(RefRule("tag", "v*", "1"), RefRule("branch", "main", "2")),
        admins_bypass=False,
        apps=("gate",),
    )
    assert {"pypi": expected} == Scripted(script).client().environments(SLUG)


def test_what_an_environment_does_not_tell_is_none() -> None:
    """An old Enterprise Server tells no bypass; without reviewers nobody can say who may approve."""
    script = {
        f"GET {REPO}/environments/PyPI": said(environment()),
        f"GET {REPO}/environments/PyPI/deployment_protection_rules": NO_APPS,
    }

    assert Environment("PyPI", "3") == Scripted(script).client().environment(SLUG, "PyPI")


def test_lists_of_an_environment_that_are_not_told_are_unknown() -> None:
    """The environment itself is known all the same."""
    policy = {"protected_branches": False, "custom_branch_policies": True}
    script = {f"GET {REPO}/environments/PyPI": said(environment(deployment_branch_policy=policy))}
    found = Scripted(script).client().environment(SLUG, "PyPI")

    assert isinstance(found, Environment)
    assert isinstance(found.rules, Untold)
    assert isinstance(found.apps, Untold)


def test_protected_branches_need_no_patterns() -> None:
    """They are not asked for."""
    policy = {"protected_branches": True, "custom_branch_policies": False}
    one = f"{REPO}/environments/PyPI"
    github = Scripted(
        {f"GET {one}": said(environment(deployment_branch_policy=policy)), f"GET {one}/deployment_protection_rules": NO_APPS}
    )
    found = github.client().environment(SLUG, "PyPI")

    assert isinstance(found, Environment)
    assert ("protected", ()) == (found.policy, found.rules)
    assert f"GET {one}/deployment-branch-policies" not in github.asked


@pytest.mark.parametrize("both", [True, False])
def test_a_policy_that_contradicts_itself_is_not_guessed(both: bool) -> None:
    """One of the two must be true."""
    policy = {"protected_branches": both, "custom_branch_policies": both}

    with pytest.raises(Unreachable, match="`deployment_branch_policy`"):
        Scripted({f"GET {REPO}/environments/x": said(environment(deployment_branch_policy=policy))}).client().environment(
            SLUG, "x"
        )


def test_an_environment_is_missing_only_where_all_can_be_listed() -> None:
    """GitHub hides and misses with the same word."""
    listed = {f"GET {REPO}/environments": said({"total_count": 0, "environments": []})}

    assert Scripted(listed).client().environment(SLUG, "pypi") is None
    assert isinstance(Scripted({}).client().environment(SLUG, "pypi"), Untold)


def test_the_name_of_an_environment_is_one_part_of_the_path() -> None:
    """A slash in it is no path."""
    github = Scripted({f"PUT {REPO}/environments/release%2Fpypi%3F": said(environment())})
    github.client().put_environment(SLUG, "release/pypi?", {"wait_timer": 0, "reviewers": None})

    assert {"wait_timer": 0, "reviewers": None} == json.loads(github.requests[0].body)
    assert "application/json" == github.requests[0].headers["Content-Type"]


POLICIES = f"{REPO}/environments/pypi/deployment-branch-policies"
RULE = RefRule("tag", "v*", "4")


MOVED = Response(303, {"content-type": "text/html"}, b"<html>You are being redirected</html>")


@pytest.mark.parametrize("answer", [said({"id": 4}), MOVED, said(None, 303, location=f"{API}{POLICIES}/4")])
def test_a_pattern_is_added_or_there_already(answer: Response) -> None:
    """Nothing is followed."""
    github = Scripted({f"POST {POLICIES}": answer})
    github.client().add_ref_rule(SLUG, "pypi", RefRule("tag", "v*"))

    assert {"name": "v*", "type": "tag"} == json.loads(github.requests[0].body)
    assert 1 == len(github.requests)


def policies(*rules: RefRule) -> Response:
    """A list of patterns."""
    return said({"branch_policies": [{"id": int(rule.id), "name": rule.pattern, "type": rule.kind} for rule in rules]})


def test_a_pattern_is_removed_by_its_id() -> None:
    """Which is looked up when it is not known."""
    github = Scripted({f"DELETE {POLICIES}/4": said(None, 204), f"GET {POLICIES}": policies(RefRule("branch", "v*", "3"), RULE)})
    github.client().remove_ref_rule(SLUG, "pypi", RULE)
    github.client().remove_ref_rule(SLUG, "pypi", RefRule("tag", "v*"))
    github.client().remove_ref_rule(SLUG, "pypi", RefRule("tag", "gone"))

    assert [f"DELETE {POLICIES}/4"] * 2 == [each for each in github.asked if each.startswith("DELETE")]


def test_a_pattern_that_is_gone_is_no_error_and_one_that_stays_is() -> None:
    """Whoever lacks the right is told "not found", too."""
    Scripted({f"GET {POLICIES}": policies()}).client().remove_ref_rule(SLUG, "pypi", RULE)
    for script in ({f"GET {POLICIES}": policies(RULE)}, {}, {f"DELETE {POLICIES}/4": FORBIDDEN}):
        with pytest.raises(Denied, match=r"the rule `v\*` of the environment `pypi` of `octo/lamp`"):
            Scripted(script).client().remove_ref_rule(SLUG, "pypi", RULE)


RULESET = {
    "id": 21,
    "name": "tags",
    "target": "tag",
    "source_type": "Organization",
    "enforcement": "active",
    "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": ["refs/tags/v0*"]}},
    "rules": [{"type": "creation"}, {"type": "deletion"}],
    "bypass_actors": [
        {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"},
        {"actor_id": None, "actor_type": "DeployKey"},
    ],
}


def test_rulesets_are_read_one_by_one() -> None:
    """The list does not tell what they hold."""
    listed = {key: RULESET[key] for key in ("id", "name", "enforcement")}
    github = Scripted({f"GET {REPO}/rulesets": said([listed]), f"GET {REPO}/rulesets/21": said(RULESET)})
    found = github.client().rulesets(SLUG)

    assert not isinstance(found, Untold)
    (one,) = found
    assert ("21", "tags", "tag", "active", "Organization") == (one.id, one.name, one.target, one.enforcement, one.source)
    assert (("refs/tags/v*",), ("refs/tags/v0*",), ("creation", "deletion")) == (one.include, one.exclude, one.rules)
    assert (Bypass("RepositoryRole", "5"), Bypass("DeployKey", "")) == one.bypass
    assert all("includes_parents=true" in each.url for each in github.requests)


def test_who_may_pass_is_unknown_to_those_who_are_not_told() -> None:
    """An empty list would be an answer."""
    hidden = {key: value for key, value in RULESET.items() if key != "bypass_actors"}
    for whole, kind in ((hidden, Untold), (RULESET | {"bypass_actors": []}, tuple)):
        found = (
            Scripted({f"GET {REPO}/rulesets": said([RULESET]), f"GET {REPO}/rulesets/21": said(whole)}).client().rulesets(SLUG)
        )
        assert not isinstance(found, Untold)
        assert isinstance(found[0].bypass, kind)


def test_a_ruleset_without_refs_holds_for_none() -> None:
    """Those of pushes have no conditions."""
    whole = RULESET | {"target": "push", "conditions": None}
    found = Scripted({f"GET {REPO}/rulesets": said([RULESET]), f"GET {REPO}/rulesets/21": said(whole)}).client().rulesets(SLUG)

    assert not isinstance(found, Untold)
    assert ((), ()) == (found[0].include, found[0].exclude)


def test_a_ruleset_is_created_or_replaced_whole() -> None:
    """Its id comes back."""
    github = Scripted({f"POST {REPO}/rulesets": said(RULESET, 201), f"PUT {REPO}/rulesets/21": said(RULESET)})
    body = {"name": "tags", "rules": []}

    assert "21" == github.client().put_ruleset(SLUG, body)
    assert "21" == github.client().put_ruleset(SLUG, body, "21")
    assert [f"POST {REPO}/rulesets", f"PUT {REPO}/rulesets/21"] == github.asked
