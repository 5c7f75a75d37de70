"""Environments as steps: what differs is planned, done, read back; what is not declared stays."""

from __future__ import annotations

import pytest

from tests.usecases.setup.scenes import ROW, RULES, SLUG, WANTED, changes, client, github, plan, refused, side
from trustpub.domain.declaration import Declaration, DeclaredEnvironment
from trustpub.errors import BadInput
from trustpub.parties.github.client import Client
from trustpub.parties.github.fake import FakeGitHub
from trustpub.parties.github.fake_state import Plan as PlanName
from trustpub.parties.github.fake_state import Visibility
from trustpub.parties.wire import Request, Response, Send
from trustpub.usecases.setup.environments import environment_steps
from trustpub.usecases.setup.run import Plan, carried_out


def only(rules: DeclaredEnvironment) -> Declaration:
    """A declaration of one environment and nothing else."""
    return Declaration(environments={rules.name: rules}, path="trustpub.toml")


def test_a_missing_environment_is_made_whole() -> None:
    """Every declared rule of a new environment is planned, applied and proven."""
    fake = github()
    found = plan(fake, only(RULES))

    assert [
        "environment pypi: + environment >pypi",
        "environment pypi: + reviewer >maria",
        "environment pypi: + reviewer >Octo-Org/makers",
        "environment pypi: ~ wait_minutes 0>10",
        "environment pypi: ~ prevent_self_review no>yes",
        "environment pypi: ~ may deploy every branch and tag>only what matches a pattern",
        "environment pypi: + branch pattern >main",
        "environment pypi: + tag pattern >v*",
        "environment pypi: ~ admins_bypass yes>no",
    ] == changes(found)
    assert ["proven"] == [each.state for each in carried_out(found).done]
    assert [] == refused(fake)
    assert () == plan(fake, only(RULES)).differing


def test_what_is_in_order_is_not_touched() -> None:
    """A second run writes nothing."""
    fake = github()
    carried_out(plan(fake))
    writes = len(fake.writes)
    outcome = carried_out(plan(fake))

    assert 0 == outcome.exit_status
    assert {"proven"} == {each.state for each in outcome.done}
    assert writes == len(fake.writes)


def test_what_is_not_declared_is_sent_as_it_is() -> None:
    """GitHub replaces an environment whole, so every rule that the file does not speak of goes along."""
    fake = github()
    fake.add_environment(
        SLUG, "pypi", wait_timer=30, reviewers=["maria"], prevent_self_review=True, can_admins_bypass=False, branches=["main"]
    )
    carried_out(plan(fake, only(DeclaredEnvironment("pypi", wait_minutes=5))))
    each = fake.repositories[SLUG.lower()].environments["pypi"]

    assert (5, True, False, "custom") == (each.wait_timer, each.prevent_self_review, each.can_admins_bypass, each.branch_policy)
    assert 1 == len(each.reviewers)
    assert ["main"] == [policy.name for policy in each.policies.values()]


def test_a_policy_of_protected_branches_that_nobody_speaks_of_stays() -> None:
    """Only declared branches or tags change which refs may deploy."""
    fake = github()
    fake.add_environment(SLUG, "pypi", branch_policy="protected")
    carried_out(plan(fake, only(DeclaredEnvironment("pypi", wait_minutes=5))))

    assert "protected" == fake.repositories[SLUG.lower()].environments["pypi"].branch_policy


def test_a_tag_pattern_that_was_stored_as_a_branch_is_told_apart() -> None:
    """`v*` as a branch lets no tag deploy: the tag's pattern is missing, and the other one stays."""
    fake = github()
    fake.add_environment(SLUG, "pypi", branches=["v*"])
    found = plan(fake, only(DeclaredEnvironment("pypi", tags=("v*",))))

    assert ["environment pypi: + tag pattern >v*"] == changes(found)
    assert "branch `v*` still may" in found.steps[0].power
    carried_out(found)
    kept = fake.repositories[SLUG.lower()].environments["pypi"].policies.values()
    assert [("branch", "v*"), ("tag", "v*")] == sorted((each.type, each.name) for each in kept)


def test_patterns_that_nobody_named_go_only_when_pruned() -> None:
    """`--prune` takes patterns away that the file does not name."""
    fake = github()
    fake.add_environment(SLUG, "pypi", branches=["dev"], tags=["v*"])
    wanted = only(DeclaredEnvironment("pypi", tags=("v*",)))

    assert [] == changes(plan(fake, wanted))
    found = plan(fake, wanted, prune=True)
    assert ["environment pypi: - branch pattern dev>"] == changes(found)
    assert ["proven"] == [each.state for each in carried_out(found).done]
    assert ["v*"] == [each.name for each in fake.repositories[SLUG.lower()].environments["pypi"].policies.values()]


def test_reviewers_that_nobody_named_go() -> None:
    """The declared reviewers are all of them: one more would be one more who can let a release out."""
    fake = github()
    fake.add_environment(SLUG, "pypi", reviewers=["nils", "maria"])
    found = plan(fake, only(DeclaredEnvironment("pypi", reviewers=("maria",))))

    assert ["environment pypi: - reviewer nils>"] == changes(found)
    assert "`nils` may approve deployments no more" in found.steps[0].power
    assert 0 == carried_out(found).exit_status


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nobody-at-all", "GitHub knows no user `nobody-at-all`"),
        ("Octo-Org", "`Octo-Org` is an organisation, and only people and teams can be named here"),
    ],
)
def test_a_wrong_reviewer_stops_it_before_anything_is_changed(name: str, why: str) -> None:
    """Names are looked up while the plan is made."""
    fake = github()
    with pytest.raises(BadInput) as refusal:
        plan(fake, only(DeclaredEnvironment("pypi", reviewers=("maria", name), tags=("v*",))))

    assert ("trustpub.toml: environments.pypi.reviewers", why) == (refusal.value.what, refusal.value.why)
    assert [] == fake.writes


def test_a_reviewer_who_cannot_read_the_repository_differs_in_the_end() -> None:
    """GitHub leaves such a reviewer out without a word; reading back tells."""
    fake = github(plan="enterprise", visibility="private")
    fake.add_user("stranger")
    outcome = carried_out(plan(fake, only(DeclaredEnvironment("pypi", reviewers=("maria", "stranger")))))

    assert [("differs", ["stranger"])] == [(each.state, [left.after for left in each.left]) for each in outcome.done]
    assert 1 == outcome.exit_status


def test_a_team_that_github_does_not_show_is_a_line_of_the_plan() -> None:
    """GitHub hides and misses a team with the same word: it is drawn as missing, and nothing is written for it."""
    fake = github()
    fake.add_environment(SLUG, "pypi", reviewers=["nils"])
    found = plan(fake, only(DeclaredEnvironment("pypi", reviewers=("Octo-Org/no-team", "maria"), tags=("v*",))))

    assert "environment pypi: + reviewer >Octo-Org/no-team" in changes(found)
    assert "environment pypi: - reviewer nils>" in changes(found)
    assert "environments.pypi.reviewers: `Octo-Org/no-team`: GitHub does not show the team" in found.steps[0].cannot
    assert (None, True) == (found.steps[0].apply, found.steps[0].awaited)
    assert 1 == carried_out(found).exit_status
    assert [] == fake.writes


def silent(fake: FakeGitHub) -> Send:
    """An old Enterprise Server, which does not tell whether administrators may pass."""

    def send(request: Request) -> Response:
        answer = fake.send(request)
        body = answer.body.replace(b'"can_admins_bypass": true, ', b"").replace(b'"can_admins_bypass": false, ', b"")
        return Response(answer.status, answer.headers, body)

    return send


def steps_of(asked: Client, wanted: Declaration) -> Plan:
    """The environments' part of a plan."""
    return Plan(SLUG, tuple(environment_steps(asked, side(asked), wanted)))


def test_whether_administrators_pass_is_unknown_where_it_is_not_told() -> None:
    """What was declared and cannot be read is neither in order nor different."""
    fake = github()
    fake.add_environment(SLUG, "pypi", tags=["v*"])
    found = steps_of(client(fake, send=silent(fake)), only(DeclaredEnvironment("pypi", tags=("v*",), admins_bypass=False)))

    assert (["environment pypi"], ()) == ([step.key for step in found.unread], found.differing)
    assert "does not tell whether administrators may pass the rules of `pypi`" in found.unread[0].cannot


def test_what_is_not_told_is_stated_when_it_was_written() -> None:
    """GitHub took the request, and reads back without that line: nobody has proven it."""
    fake = github()
    rules = DeclaredEnvironment("pypi", tags=("v*",), admins_bypass=False)
    outcome = carried_out(steps_of(client(fake, send=silent(fake)), only(rules)))

    assert ["stated"] == [each.state for each in outcome.done]
    assert False is fake.repositories[SLUG.lower()].environments["pypi"].can_admins_bypass


def test_self_reviews_are_unknown_without_reviewers() -> None:
    """GitHub tells of self-reviews beside reviewers only; whatever else differs is told apart."""
    fake = github()
    fake.add_environment(SLUG, "pypi")
    found = plan(fake, only(DeclaredEnvironment("pypi", prevent_self_review=True, wait_minutes=3)))

    assert ["environment pypi: ~ wait_minutes 0>3"] == changes(found)
    assert ["environment pypi: not told"] == [step.key for step in found.unread]
    assert "Name `reviewers` in `trustpub.toml`" in found.unread[0].cannot


@pytest.mark.parametrize(
    ("plan_name", "visibility", "done", "not_done"),
    [
        ("free", "public", ["environment pypi", "tag rules"], []),
        ("enterprise", "private", ["environment pypi", "tag rules"], []),
        ("enterprise", "internal", ["environment pypi", "tag rules"], []),
        ("pro", "private", ["environment pypi", "tag rules"], ["environment pypi: approval"]),
        ("team", "private", ["environment pypi", "tag rules"], ["environment pypi: approval"]),
        ("free", "private", [], ["environment pypi", "tag rules"]),
    ],
)
def test_nothing_is_sent_that_the_plan_refuses(
    plan_name: PlanName, visibility: Visibility, done: list[str], not_done: list[str]
) -> None:
    """On every plan of GitHub no write is refused; what it lacks is said with what to do instead."""
    fake = github(plan_name, visibility)
    found = plan(fake)
    outcome = carried_out(found)

    assert [] == refused(fake)
    assert done == [each.step.key for each in outcome.done if each.state == "proven"]
    assert not_done == [each.step.key for each in outcome.done if each.state == "skipped"]
    assert all(step.cannot and step.apply is None for step in found.steps if step.key in not_done)
    assert (1 if not_done else 0) == outcome.exit_status


def test_a_plan_that_was_not_told_gets_what_every_paid_plan_has() -> None:
    """Somebody who is no owner of the organisation does not learn its plan: reviewers are not sent."""
    fake = github("team", "private")
    fake.add_user("adam")
    fake.repositories[SLUG.lower()].collaborators["adam"] = "admin"
    fake.add_token("ghp_adam", "adam")
    rules = RULES._replace(reviewers=("maria",))
    found = plan(fake, WANTED._replace(environments={"pypi": rules}), token="ghp_adam")
    outcome = carried_out(found)

    assert [] == refused(fake)
    assert {"environment pypi": "proven", "environment pypi: approval": "skipped", "tag rules": "proven"} == {
        each.step.key: each.state for each in outcome.done
    }
    assert "GitHub did not tell" in next(step.cannot for step in found.steps if step.key.endswith("approval"))


def test_an_ordinary_token_does_not_learn_the_plan() -> None:
    """GitHub tells an organisation's plan only to its owners, by a token for that: how to get one is said."""
    fake = github("enterprise", "private")
    fake.add_token("ghp_ordinary", "olga")
    found = plan(fake, token="ghp_ordinary")

    assert "gh auth refresh -s admin:org" in next(step.cannot for step in found.steps if step.key.endswith("approval"))
    carried_out(found)
    assert [] == refused(fake)


def test_rules_that_github_took_before_are_kept_though_the_plan_is_not_told() -> None:
    """Whoever has reviewers there already has a plan with them: they are sent again, or they would be gone."""
    fake = github("enterprise", "private")
    fake.add_token("ghp_ordinary", "olga")
    fake.add_environment(SLUG, "pypi", reviewers=["maria"], wait_timer=7)
    outcome = carried_out(plan(fake, only(DeclaredEnvironment("pypi", tags=("v*",))), token="ghp_ordinary"))

    assert ["proven"] == [each.state for each in outcome.done]
    each = fake.repositories[SLUG.lower()].environments["pypi"]
    assert (7, 1) == (each.wait_timer, len(each.reviewers))


def test_reviewers_from_the_days_of_another_plan_are_not_lost() -> None:
    """GitHub replaces an environment whole, and on this plan takes none with reviewers: it is left, and said."""
    fake = github(plan="team", visibility="private")
    fake.add_environment(SLUG, "pypi", reviewers=["maria"], tags=["r*"])
    bare = Declaration(publishers=(ROW,), environments={"pypi": DeclaredEnvironment("pypi", tags=("v*",))})
    (step,) = environment_steps(client(fake), side(client(fake)), bare)

    assert ("environment pypi", None, ["tag pattern"]) == (step.key, step.apply, [each.field for each in step.changes])
    assert "takes no request that keeps them" in step.cannot


def test_a_private_repository_on_free_whose_plan_was_not_told() -> None:
    """GitHub hides what the plan does not have: nothing is sent, and the likely reason is said."""
    fake = github("free", "private")
    fake.add_token("ghp_ordinary", "olga")
    found = plan(fake, only(RULES), token="ghp_ordinary")

    assert "most likely it is GitHub Free, which has neither in a private repository" in found.steps[0].cannot
    assert 1 == carried_out(found).exit_status
    assert [] == fake.writes


def test_nobody_signed_in_may_change_nothing() -> None:
    """What differs is drawn without a token too, with how to sign in."""
    fake = github()
    rules = DeclaredEnvironment("pypi", tags=("v*",))
    found = plan(fake, only(rules), token=None)

    assert [True] == [bool(step.changes) for step in found.steps]
    assert "gh auth login" in found.steps[0].cannot


def test_a_writer_is_sent_to_an_administrator() -> None:
    """Whoever may not administer the repository is not let run into a refusal."""
    fake = github()
    fake.add_token("ghp_nils", "nils")
    found = plan(fake, token="ghp_nils")

    assert all("only administrators of `Octo-Org/Lamp`" in step.cannot for step in found.steps)
    assert 1 == carried_out(found).exit_status
    assert [] == fake.writes


def test_an_environment_that_only_a_publisher_names_is_made() -> None:
    """A publisher's environment shall exist, with rules or without; the publisher of another repository is no matter here."""
    fake = github()
    other = ROW._replace(repository="Other", environment="elsewhere")
    found = plan(fake, Declaration(publishers=(ROW, other), path="trustpub.toml"))

    assert ["environment pypi: + environment >pypi"] == changes(found)
    assert 0 == carried_out(found).exit_status


def test_only_the_environments_of_the_indexes_that_are_asked_for() -> None:
    """`--index` leaves the other environments alone."""
    fake = github()
    asked = client(fake)
    test = ROW._replace(index="testpypi", environment="testpypi")
    wanted = Declaration(publishers=(ROW, test), environments={"pypi": RULES, "docs": DeclaredEnvironment("docs")})

    found = environment_steps(asked, side(asked), wanted, indexes=("testpypi",))
    assert ["environment testpypi"] == [step.key for step in found]


def test_what_moved_after_the_plan_is_not_overwritten() -> None:
    """Somebody took the environment away between plan and apply: nothing is done, and a new run plans anew."""
    fake = github()
    fake.add_environment(SLUG, "pypi", tags=["v*"])
    found = plan(fake, only(DeclaredEnvironment("pypi", tags=("v*",), wait_minutes=3)))
    del fake.repositories[SLUG.lower()].environments["pypi"]
    outcome = carried_out(found)

    assert outcome.problem is not None
    assert "has changed on GitHub since the plan was made" in str(outcome.problem)
    assert [] == fake.writes
    assert 0 == carried_out(plan(fake, only(DeclaredEnvironment("pypi", tags=("v*",))))).exit_status


def test_the_spelling_of_an_environment_is_githubs() -> None:
    """GitHub compares environments without case: another spelling is the same environment."""
    fake = github()
    fake.add_environment(SLUG, "PyPI", tags=["v*"])

    assert [] == changes(plan(fake, only(DeclaredEnvironment("pypi", tags=("v*",)))))


def test_apply_may_be_called_again() -> None:
    """A step that was cut off can be applied again within the same plan."""
    fake = github()
    found = plan(fake)
    for step in (*found.steps, *found.steps):
        assert step.apply is not None
        step.apply()

    assert () == plan(fake).differing
    assert [] == refused(fake)
