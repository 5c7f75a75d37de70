"""Tag rules as a step: one ruleset of ours, others' are counted and never touched."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.usecases.setup.scenes import SLUG, changes, client, github, plan, refused, side
from trustpub.domain.declaration import Declaration
from trustpub.errors import Denied
from trustpub.parties.github.fake import FakeGitHub
from trustpub.parties.wire import Request, Response
from trustpub.usecases.setup.run import Plan, carried_out
from trustpub.usecases.setup.tag_rules import NAME, tag_steps

TAGS = Declaration(tag_protect=("v*",), path="trustpub.toml")
ADMIN: Mapping[str, str | int] = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}


def with_ours(**more: object) -> FakeGitHub:
    """A GitHub on which our ruleset stands already, differently if asked."""
    fake = github()
    given: dict[str, object] = {
        "include": ["refs/tags/v*"],
        "rules": ["creation", "update", "deletion", "non_fast_forward"],
        "bypass": [ADMIN],
        **more,
    }
    fake.add_ruleset(SLUG, NAME, **given)  # type: ignore[arg-type]  # the scene's own keywords
    return fake


def test_the_ruleset_is_made() -> None:
    """One active ruleset over the declared tags, past which administrators may go."""
    fake = github()
    outcome = carried_out(plan(fake, TAGS))
    made = next(iter(fake.repositories[SLUG.lower()].rulesets.values()))

    assert ["proven"] == [each.state for each in outcome.done]
    assert (NAME, "tag", "active", [ADMIN]) == (made.name, made.target, made.enforcement, made.bypass_actors)
    assert {"ref_name": {"include": ["refs/tags/v*"], "exclude": []}} == made.conditions
    assert [{"type": rule} for rule in ("creation", "update", "deletion", "non_fast_forward")] == made.rules
    assert [] == refused(fake)
    assert [] == changes(plan(fake, TAGS))


@pytest.mark.parametrize(
    ("differently", "change"),
    [
        ({"enforcement": "disabled"}, "~ enforcement disabled>active"),
        ({"enforcement": "evaluate"}, "~ enforcement evaluate>active"),
        ({"include": ["refs/tags/v1.*"]}, "+ tags >v*"),
        ({"include": []}, "+ tags >v*"),
        ({"exclude": ["refs/tags/v0*"]}, "- excluded tags v0*>"),
        ({"rules": ["creation", "update"]}, "+ rule >deletion"),
        ({"rules": ["update", "deletion"]}, "+ rule >creation"),
        ({"bypass": []}, "+ may pass >role `admin`"),
        (
            {"bypass": [ADMIN, {"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "always"}]},
            "- may pass role `write`>",
        ),
    ],
)
def test_what_differs_is_mended(differently: dict[str, object], change: str) -> None:
    """Our ruleset is brought back, field by field, and then there is nothing to do."""
    fake = with_ours(**differently)
    found = plan(fake, TAGS)

    assert f"tag rules: {change}" in changes(found)
    assert ["proven"] == [each.state for each in carried_out(found).done]
    assert 1 == len(fake.repositories[SLUG.lower()].rulesets)
    assert [] == changes(plan(fake, TAGS))


@pytest.mark.parametrize(
    ("include", "exclude"),
    [
        (["~ALL"], []),
        (["refs/tags/*"], []),
        (["refs/tags/v*"], ["refs/tags/nightly-*"]),
        (["refs/tags/**/*"], []),
    ],
)
def test_somebody_elses_rules_count(include: list[str], exclude: list[str]) -> None:
    """Whatever protects the release tags already is enough, and is left alone."""
    fake = github()
    fake.add_ruleset(SLUG, "release guard", include=include, exclude=exclude)

    assert [] == changes(plan(fake, TAGS))


@pytest.mark.parametrize(
    "theirs",
    [
        {"include": ["refs/tags/v1*"]},
        {"exclude": ["refs/tags/v2*"]},
        {"exclude": ["~ALL"]},
        {"rules": ["deletion"]},
        {"enforcement": "disabled"},
        {"target": "branch"},
    ],
)
def test_rules_that_let_somebody_through_do_not_count(theirs: dict[str, object]) -> None:
    """What protects some of it does not spare ours, and stays as it is."""
    fake = github()
    fake.add_ruleset(SLUG, "release guard", **theirs)  # type: ignore[arg-type]  # the scene's own keywords
    held = fake.repositories[SLUG.lower()].rulesets
    before = next(iter(held.values()))
    carried_out(plan(fake, TAGS))

    assert ["release guard", NAME] == [each.name for each in held.values()]
    assert before is next(iter(held.values()))


def test_the_owners_ruleset_counts() -> None:
    """A ruleset of the organisation holds here too."""
    fake = github("enterprise")
    fake.add_ruleset("Octo-Org", "tags of everybody", include=["~ALL"])

    assert [] == changes(plan(fake, TAGS))


def test_two_rulesets_may_share_the_work() -> None:
    """Each of the three rules may stand in a ruleset of its own."""
    fake = github()
    fake.add_ruleset(SLUG, "no new ones", rules=["creation"])
    fake.add_ruleset(SLUG, "no changes", rules=["update", "deletion"])

    assert [] == changes(plan(fake, TAGS))


def test_a_team_may_release() -> None:
    """`tags.bypass` names roles and teams, and nobody else may pass."""
    fake = github()
    wanted = TAGS._replace(tag_bypass=("maintain", "Octo-Org/makers"))
    found = plan(fake, wanted)

    assert "Only role `maintain` and team `Octo-Org/makers` may make, move and delete the tags `v*`" in found.steps[0].power
    assert 0 == carried_out(found).exit_status
    made = next(iter(fake.repositories[SLUG.lower()].rulesets.values()))
    team = fake.teams["octo-org", "makers"].id
    assert [
        {"actor_id": 2, "actor_type": "RepositoryRole", "bypass_mode": "always"},
        {"actor_id": team, "actor_type": "Team", "bypass_mode": "always"},
    ] == made.bypass_actors


def test_more_tags_than_wanted_stay_protected() -> None:
    """What our ruleset covers beyond the file is not taken away."""
    fake = with_ours(include=["refs/tags/v*", "refs/tags/rc-*"], enforcement="disabled")
    carried_out(plan(fake, TAGS))
    made = next(iter(fake.repositories[SLUG.lower()].rulesets.values()))

    assert {"ref_name": {"include": ["refs/tags/v*", "refs/tags/rc-*"], "exclude": []}} == made.conditions


def test_a_rule_with_settings_is_left_to_a_person() -> None:
    """A rule that cannot be written again by its type alone would be lost: then nothing is done."""
    pattern = {"type": "tag_name_pattern", "parameters": {"operator": "starts_with", "pattern": "v"}}
    fake = with_ours(enforcement="disabled", rules=["creation", pattern])
    outcome = carried_out(plan(fake, TAGS))

    assert [("skipped", True)] == [(each.state, "`tag_name_pattern`" in each.note) for each in outcome.done]
    assert [] == fake.writes


def test_nothing_is_declared_nothing_is_planned() -> None:
    """Without `tags.protect` the tags are nobody's business here."""
    fake = github()
    asked = client(fake)

    assert [] == list(tag_steps(asked, side(asked), Declaration()))


def test_what_moved_after_the_plan_is_not_overwritten() -> None:
    """A ruleset that was changed otherwise meanwhile is read again before it is written."""
    fake = with_ours(enforcement="disabled")
    found = plan(fake, TAGS)
    next(iter(fake.repositories[SLUG.lower()].rulesets.values())).rules = [{"type": "creation"}]
    outcome = carried_out(found)

    assert isinstance(outcome.problem, Denied)
    assert [] == fake.writes


def job(fake: FakeGitHub) -> str:
    """The token of a job: it reads the rulesets, and not who may pass them."""
    fake.add_token("ghs_job", installation=True, permissions={"metadata": "read", "actions": "read"}, repositories=[SLUG])
    return "ghs_job"


@pytest.mark.parametrize("who", ["a job", "nobody"])
def test_who_may_pass_is_unknown_where_it_is_not_shown(who: str) -> None:
    """A list that was widened looks like one that was not: the rest is in order, and that is unknown."""
    fake = with_ours(bypass=[ADMIN, {"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "always"}])
    found = plan(fake, TAGS, token=job(fake) if who == "a job" else None)

    assert (("tag rules",), ()) == (tuple(step.key for step in found.unread), found.differing)
    assert "only to those who may edit it (it needs the permission Administration: write)" in found.unread[0].cannot
    assert ["skipped"] == [each.state for each in carried_out(found).done]


def test_what_differs_beside_what_is_not_shown_is_told_too() -> None:
    """One line differs, another is unknown: both are said."""
    fake = with_ours(enforcement="disabled")
    found = plan(fake, TAGS, token=job(fake))

    assert ["tag rules: ~ enforcement disabled>active"] == changes(found)
    assert ["tag rules: who may pass"] == [step.key for step in found.unread]


def test_somebody_elses_rules_are_unknown_where_it_is_not_shown_who_may_pass() -> None:
    """They protect the tags from all but those who may pass, and these nobody told."""
    fake = github()
    fake.add_ruleset(SLUG, "release guard")
    found = plan(fake, TAGS, token=job(fake))

    assert (["tag rules"], ()) == ([step.key for step in found.unread], found.differing)
    assert "`release guard`" in found.unread[0].cannot


@pytest.mark.parametrize(
    ("passing", "enough"),
    [
        ([ADMIN], True),
        ([{"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}], True),
        ([{"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"}], True),
        ([{"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "always"}], False),
        ([{"actor_id": None, "actor_type": "DeployKey", "bypass_mode": "always"}], False),
    ],
)
def test_somebody_elses_rules_count_only_for_those_who_may_pass(passing: list[dict[str, object]], enough: bool) -> None:
    """Whoever may pass theirs and is not named in `tags.bypass` can make a release tag: then ours is needed."""
    fake = github()
    fake.add_ruleset(SLUG, "release guard", bypass=passing)  # type: ignore[arg-type]  # plain JSON

    assert enough == (() == plan(fake, TAGS).differing)


def test_what_github_took_and_does_not_show_is_stated() -> None:
    """The ruleset is written, and reads back without those who may pass: nobody has proven it."""
    fake = with_ours(enforcement="disabled")
    real = fake.send

    def shy(request: Request) -> Response:
        """GitHub, which shows nobody who may pass."""
        answer = real(request)
        found = json.loads(answer.body) if answer.body and "/rulesets/" in request.url else None
        if not isinstance(found, dict):
            return answer
        found.pop("bypass_actors", None)
        return Response(answer.status, answer.headers, json.dumps(found).encode())

    asked = client(fake, send=shy)
    steps = tuple(tag_steps(asked, side(asked), TAGS))
    outcome = carried_out(Plan(SLUG, steps))

    assert ["stated", "skipped"] == [each.state for each in outcome.done]
    assert "active" == next(iter(fake.repositories[SLUG.lower()].rulesets.values())).enforcement


def test_a_team_that_is_not_shown_is_a_line_of_the_plan() -> None:
    """Whether it may pass is unknown; who may and shall not is told all the same, and nothing is written."""
    wanted = TAGS._replace(tag_bypass=("admin", "Octo-Org/hidden"))
    fake = with_ours()
    found = plan(fake, wanted)
    assert (["tag rules"], ()) == ([step.key for step in found.unread], found.differing)
    assert "tags.bypass: `Octo-Org/hidden`" in found.unread[0].cannot

    fake = with_ours(bypass=[ADMIN, {"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "always"}])
    found = plan(fake, wanted)
    assert ["tag rules: - may pass role `write`>"] == changes(found)
    assert (None, True) == (found.steps[0].apply, "`Octo-Org/hidden`" in found.steps[0].cannot)
    assert 1 == carried_out(found).exit_status
    assert [] == fake.writes
