"""The fake GitHub's environments: what a PUT replaces, what a plan refuses, and how patterns come and go."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parties.github.openapi import checked
from tests.parties.github.worlds import JSON, LAMP, ask, listed, rich, told
from trustpub.parties.github.fake import FakeGitHub
from trustpub.parties.github.fake_state import Plan, Visibility
from trustpub.parties.wire import Response

PYPI = f"{LAMP}/environments/pypi"
PATTERNS = f"{PYPI}/deployment-branch-policies"
BY_PATTERNS: JSON = {"protected_branches": False, "custom_branch_policies": True}
PROTECTED: JSON = {"protected_branches": True, "custom_branch_policies": False}
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "wait_timer": st.integers(0, 43200),
        "prevent_self_review": st.booleans(),
        "can_admins_bypass": st.booleans(),
        "reviewers": st.none() | st.lists(st.sampled_from(["User", "Team"]), unique=True),
        "deployment_branch_policy": st.sampled_from([None, BY_PATTERNS, PROTECTED]),
    },
)


def put(fake: FakeGitHub, body: JSON, path: str = PYPI) -> Response:
    """PUT an environment."""
    return ask(fake.send, "PUT", path, body)


def rules(response: Response) -> list[JSON]:
    """The kinds of the rules in an environment."""
    found = told(response)["protection_rules"]
    assert isinstance(found, list)
    return [each["type"] for each in found]


def test_a_put_replaces_the_whole() -> None:
    """What is left out goes back to its default, but for the switch for administrators."""
    fake = rich()
    before = ask(fake.send, "GET", PYPI)

    after = put(fake, {"can_admins_bypass": False})

    assert ["wait_timer", "required_reviewers", "branch_policy"] == rules(before)
    assert [] == rules(after)
    assert (told(before)["id"], None) == (told(after)["id"], told(after)["deployment_branch_policy"])
    assert told(put(fake, {}))["can_admins_bypass"] is False


def test_a_name_has_no_case_and_keeps_its_spelling() -> None:
    """GitHub compares without case, and a slash is part of a name."""
    fake = rich()
    put(fake, {}, f"{LAMP}/environments/Test%2FOne")

    assert "Test/One" == told(put(fake, {}, f"{LAMP}/environments/test%2fone"))["name"]
    assert 3 == told(ask(fake.send, "GET", f"{LAMP}/environments"))["total_count"]
    assert 422 == put(fake, {}, f"{LAMP}/environments/{'x' * 256}").status


@pytest.mark.parametrize(
    "body",
    [
        {"wait_timer": -1},
        {"wait_timer": 43201},
        {"wait_timer": "30"},
        {"wait_timer": True},
        {"wait_timer": None},
        {"prevent_self_review": 1},
        {"reviewers": {}},
        {"reviewers": ["ann"]},
        {"reviewers": [{"type": "Bot", "id": 1}]},
        {"reviewers": [{"type": "User", "id": number} for number in range(7)]},
        {"deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": True}},
        {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": False}},
        {"deployment_branch_policy": {"protected_branches": False}},
        {"deployment_branch_policy": []},
        {"deploy": True},
    ],
)
def test_what_a_put_refuses_changes_nothing(body: JSON) -> None:
    """Every refusal is 422, and the environment stays as it was."""
    fake = rich()
    before = ask(fake.send, "GET", PYPI).body

    assert 422 == put(fake, body).status
    assert before == ask(fake.send, "GET", PYPI).body
    assert 422 == put(fake, body, f"{LAMP}/environments/fresh").status
    assert 404 == ask(fake.send, "GET", f"{LAMP}/environments/fresh").status


@pytest.mark.parametrize(
    ("plan", "visibility", "ok", "gated"),
    [
        ("free", "public", 200, 200),
        ("team", "public", 200, 200),
        ("free", "private", 404, 404),
        ("pro", "private", 200, 422),
        ("team", "private", 200, 422),
        ("enterprise", "private", 200, 200),
        ("enterprise", "internal", 200, 200),
    ],
)
def test_the_plan_says_what_may_be_set(plan: Plan, visibility: Visibility, ok: int, gated: int) -> None:
    """Free private repositories have no environments, others without Enterprise only patterns: not even a default value."""
    fake = rich()
    fake.add_repository("acme", "other", visibility=visibility, plan=plan)
    path = "/repos/acme/other/environments/pypi"
    defaults: dict[str, JSON] = {"wait_timer": 0, "reviewers": [], "prevent_self_review": False, "can_admins_bypass": True}

    for key, value in [*defaults.items(), ("reviewers", None)]:
        assert (gated, key) == (put(fake, {key: value}, path).status, key)
    assert ok == put(fake, {"deployment_branch_policy": BY_PATTERNS}, path).status
    assert ok == ask(fake.send, "POST", f"{path}/deployment-branch-policies", {"name": "v*", "type": "tag"}).status
    assert ok == ask(fake.send, "GET", "/repos/acme/other/environments").status


def test_reviewers_who_cannot_read_are_left_out() -> None:
    """Without a word, as GitHub does; teams without rights here are left out, too, and doubles count once."""
    fake = rich()
    fake.add_team("acme", "other", ["bob"])
    fake.add_repository("acme", "hidden", visibility="private", plan="enterprise", teams={"release": "write"})
    asked = [("User", fake.owners["eve"].id), ("User", fake.owners["ann"].id), ("User", fake.owners["ann"].id), ("User", 99)]
    teams = [("Team", fake.teams["acme", slug].id) for slug in ("other", "release")]
    body: JSON = {"reviewers": [{"type": kind, "id": number} for kind, number in (*asked, *teams)], "prevent_self_review": True}

    whole = told(put(fake, body, "/repos/acme/hidden/environments/pypi"))["protection_rules"]

    assert isinstance(whole, list)
    assert whole[0]["prevent_self_review"] is True
    named = [each["reviewer"].get("login") or each["reviewer"].get("slug") for each in whole[0]["reviewers"]]
    assert ["ann", "release"] == named


def test_the_other_readings_of_a_put_can_be_chosen() -> None:
    """What GitHub does not promise can be tried both ways: keys that are left out, and reviewers without access."""
    fake = rich()
    fake.omitted_stays = fake.strangers_refused = True

    assert ["wait_timer", "required_reviewers", "branch_policy"] == rules(put(fake, {"wait_timer": 9}))
    assert 2 == len(listed(ask(fake.send, "GET", PATTERNS), "branch_policies"))
    assert ["wait_timer"] == rules(put(fake, {"reviewers": [], "deployment_branch_policy": None}))
    assert 422 == put(fake, {"reviewers": [{"type": "User", "id": 99}]}).status


@settings(deadline=None, max_examples=60)
@given(BODIES)
def test_what_was_put_is_what_is_read(body: dict[str, JSON]) -> None:
    """Any body that GitHub takes is read back as it was, a second time changes nothing, and all of it is described."""
    fake = rich()
    send = checked(fake.send)
    known = {"User": fake.owners["bob"].id, "Team": fake.teams["acme", "release"].id}
    kinds = body.get("reviewers") or []
    assert isinstance(kinds, list)
    if kinds:
        body = {**body, "reviewers": [{"type": kind, "id": known[kind]} for kind in kinds]}

    made = told(ask(send, "PUT", PYPI, body))
    read = told(ask(send, "GET", PYPI))
    again = told(ask(send, "PUT", PYPI, body))

    assert made == read == again
    found = {str(each["type"]): each for each in listed(ask(send, "GET", PYPI), "protection_rules")}
    waits = found["wait_timer"]["wait_timer"] if "wait_timer" in found else 0
    reviewers = found["required_reviewers"]["reviewers"] if "required_reviewers" in found else []
    assert isinstance(reviewers, list)
    assert body.get("wait_timer", 0) == waits
    assert list(kinds) == [each["type"] for each in reviewers]
    assert body.get("deployment_branch_policy") == read["deployment_branch_policy"]
    assert body.get("can_admins_bypass", True) == read["can_admins_bypass"]


def test_whether_one_may_approve_oneself_is_told_only_with_reviewers() -> None:
    """Without reviewers there is no rule for it to stand on."""
    assert "prevent_self_review" not in str(told(put(rich(), {"prevent_self_review": True})))


def test_patterns_are_of_branches_unless_they_say_tag() -> None:
    """The same text may stand there once for each; a second time it is 303."""
    fake = rich()

    made = [ask(fake.send, "POST", PATTERNS, body) for body in ({"name": "w*"}, {"name": "w*", "type": "tag"}, {"name": "w*"})]

    assert [200, 200, 303] == [each.status for each in made]
    assert ["branch", "tag"] == [told(each)["type"] for each in made[:2]]
    assert 422 == ask(fake.send, "POST", PATTERNS, {"name": "w*", "type": "commit"}).status
    assert 422 == ask(fake.send, "POST", PATTERNS, {"type": "tag"}).status


def test_patterns_need_an_environment_that_goes_by_them() -> None:
    """404 without the environment, and before it goes by patterns; going away from patterns drops them."""
    fake = rich()

    assert 404 == ask(fake.send, "POST", PATTERNS.replace("pypi", "none"), {"name": "w*"}).status
    assert 404 == ask(fake.send, "POST", PATTERNS.replace("pypi", "docs"), {"name": "w*"}).status
    put(fake, {"deployment_branch_policy": BY_PATTERNS})
    assert 2 == len(listed(ask(fake.send, "GET", PATTERNS), "branch_policies"))
    put(fake, {"deployment_branch_policy": PROTECTED})
    assert [] == listed(ask(fake.send, "GET", PATTERNS), "branch_policies")


def test_a_pattern_can_be_changed_and_removed_by_its_number() -> None:
    """Its text, never its kind; what is gone is 404."""
    fake = rich()
    one = f"{PATTERNS}/{listed(ask(fake.send, 'GET', PATTERNS), 'branch_policies')[1]['id']}"

    assert ("x*", "tag") == (told(changed := ask(fake.send, "PUT", one, {"name": "x*"}))["name"], told(changed)["type"])
    assert 422 == ask(fake.send, "PUT", one, {"name": "x*", "type": "branch"}).status
    assert [204, 404] == [ask(fake.send, "DELETE", one).status for _ in range(2)]
    assert 404 == ask(fake.send, "GET", f"{PATTERNS}/many").status


def test_deleting_an_environment_takes_everything_with_it() -> None:
    """Rules, patterns and the names of its secrets."""
    fake = rich()

    assert [204, 404] == [ask(fake.send, "DELETE", PYPI).status for _ in range(2)]
    assert 404 == ask(fake.send, "GET", f"{PYPI}/secrets").status


@pytest.mark.parametrize(
    ("ghes", "bypass", "self_review"),
    [("", 200, 200), ("3.17", 200, 200), ("3.10", 200, 422), ("3.9", 422, 422)],
)
def test_an_old_enterprise_server_does_not_know_the_newer_keys(ghes: str, bypass: int, self_review: int) -> None:
    """It refuses what it does not know in so many words, and does not tell it either."""
    fake = rich(ghes=ghes)

    assert [bypass, self_review] == [put(fake, {key: True}).status for key in ("can_admins_bypass", "prevent_self_review")]
    assert (bypass == 200) is ("can_admins_bypass" in told(ask(fake.send, "GET", PYPI)))
    if bypass == 422:
        said = told(put(fake, {"can_admins_bypass": True}))["message"]
        assert 'Invalid request.\n\n"can_admins_bypass" is not a permitted key.' == said
