"""The fake GitHub's rulesets: whose they are, who sees who may pass them, and what a plan refuses."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.parties.github.worlds import ANN, JSON, LAMP, ask, listed, rich, told
from trustpub.parties.github.fake_state import Plan, Visibility

RULESETS = f"{LAMP}/rulesets"
NEW: Mapping[str, JSON] = {
    "name": "new",
    "target": "tag",
    "enforcement": "active",
    "conditions": {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}},
    "rules": [{"type": "deletion"}],
    "bypass_actors": [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}],
}


def test_a_list_has_no_rules_and_the_owners_rulesets_too() -> None:
    """Rules stand only where one ruleset is asked for; the organisation's can be left out."""
    fake = rich()

    whole, own, tags = (
        listed(ask(fake.send, "GET", RULESETS + query)) for query in ("", "?includes_parents=false", "?targets=tag")
    )

    assert [("everywhere", "Organization"), ("tags", "Repository")] == [(each["name"], each["source_type"]) for each in whole]
    assert [["tags"], ["tags"]] == [[each["name"] for each in some] for some in (own, tags)]
    assert not any("rules" in each or "bypass_actors" in each for each in whole)


def test_a_put_replaces_the_whole() -> None:
    """Who may pass is emptied with everything else that is left out."""
    fake = rich()
    one = f"{RULESETS}/{told(ask(fake.send, 'POST', RULESETS, NEW))['id']}"

    after = told(ask(fake.send, "PUT", one, {"name": "new", "enforcement": "disabled"}))

    assert ("disabled", "tag", [], []) == tuple(after[key] for key in ("enforcement", "target", "bypass_actors", "rules"))
    assert [204, 404] == [ask(fake.send, "DELETE", one).status for _ in range(2)]


@pytest.mark.parametrize(
    ("token", "sees"),
    [(ANN, True), (None, False), ("bob's", False), ("reading", False), ("writing", True), ("job", False)],
)
def test_who_may_pass_is_told_to_those_who_may_edit(token: str | None, sees: bool) -> None:
    """Everybody may read a public repository's rules; the rest is for its administrators."""
    fake = rich()
    fake.add_token("bob's", "bob")
    fake.add_token("reading", "ann", permissions={"administration": "read"})
    fake.add_token("writing", "ann", permissions={"administration": "write"})
    fake.add_token("job", permissions={}, installation=True)
    number = next(iter(fake.repositories["acme/lamp"].rulesets))

    response = ask(fake.send, "GET", f"{RULESETS}/{number}", token=token)

    assert (200, sees) == (response.status, "bypass_actors" in told(response))


def test_a_ruleset_of_the_organisation_is_read_here_and_edited_elsewhere() -> None:
    """Its owners see who may pass it; a PUT through the repository finds nothing."""
    fake = rich()
    number = next(iter(fake.owners["acme"].rulesets))

    assert "bypass_actors" in told(ask(fake.send, "GET", f"{RULESETS}/{number}"))
    assert 404 == ask(fake.send, "GET", f"{RULESETS}/{number}?includes_parents=false").status
    assert 404 == ask(fake.send, "PUT", f"{RULESETS}/{number}", NEW).status


@pytest.mark.parametrize(
    ("plan", "visibility", "status", "evaluate"),
    [
        ("free", "public", 201, 422),
        ("free", "private", 403, 403),
        ("pro", "private", 201, 422),
        ("enterprise", "private", 201, 201),
    ],
)
def test_the_plan_says_whether_there_are_rulesets(plan: Plan, visibility: Visibility, status: int, evaluate: int) -> None:
    """A private repository on Free is told to upgrade; trying a ruleset out is for Enterprise."""
    fake = rich()
    fake.add_repository("acme", "other", visibility=visibility, plan=plan)
    path = "/repos/acme/other/rulesets"

    assert evaluate == ask(fake.send, "POST", path, {**NEW, "name": "trial", "enforcement": "evaluate"}).status
    response = ask(fake.send, "POST", path, NEW)
    assert status == response.status
    if status == 403:
        assert str(told(response)["message"]).startswith("Upgrade to GitHub Pro")
        assert 403 == ask(fake.send, "GET", path).status


@pytest.mark.parametrize(
    "change",
    [
        {"target": "commit"},
        {"enforcement": "on"},
        {"enforcement": None},
        {"name": "tags"},
        {"rules": [{}]},
        {"rules": {}},
        {"bypass_actors": [{"actor_type": "Bot"}]},
        {"bypass_actors": [{"actor_type": "Team", "actor_id": 1, "bypass_mode": "never"}]},
        {"conditions": {"ref_name": {"include": ["v*"], "exclude": []}}},
        {"conditions": {"ref_name": []}},
        {"colour": "red"},
    ],
)
def test_what_is_refused_makes_nothing(change: Mapping[str, JSON]) -> None:
    """A strange value, a name that is taken, a pattern that is no full ref."""
    fake = rich()

    assert 422 == ask(fake.send, "POST", RULESETS, {**NEW, **change}).status
    assert 1 == len(fake.repositories["acme/lamp"].rulesets)


def test_the_rules_of_a_branch_are_those_in_force() -> None:
    """From every active ruleset that covers it, each with where it comes from; a branch that nothing covers has none."""
    fake = rich()
    fake.add_ruleset("acme/lamp", "topics", target="branch", include=["refs/heads/topic/*"], rules=["creation"])
    fake.add_ruleset("acme/lamp", "off", target="branch", enforcement="disabled", rules=["update"])

    def rules(branch: str) -> list[tuple[JSON, JSON]]:
        found = listed(ask(fake.send, "GET", f"{LAMP}/rules/branches/{branch}"))
        return [(each["type"], each["ruleset_source"]) for each in found]

    assert [("deletion", "acme"), ("pull_request", "acme")] == rules("main")
    assert [("creation", "acme/lamp")] == rules("topic%2Fx") == rules("topic/x")
    assert [] == rules("stable")
