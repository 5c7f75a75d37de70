"""A repository that was set up, and every way in which it can come apart: each is found, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.usecases.setup.scenes import SLUG
from tests.usecases.setup.whole import Scene, scene
from trustpub.parties.github.fake_state import Environment, RefPolicy, Ruleset
from trustpub.usecases.setup.run import carried_out


def at_rest(folder: Path) -> Scene:
    """A repository that is set up, and committed."""
    whole = scene(folder)
    outcome = carried_out(whole.plan().plan)
    assert {"proven"} == {each.state for each in outcome.done}, outcome
    return whole


def environment(whole: Scene) -> Environment:
    """The environment that guards releases."""
    return whole.github.repositories[SLUG.lower()].environments["own"]


def ruleset(whole: Scene) -> Ruleset:
    """The ruleset of release tags."""
    return next(iter(whole.github.repositories[SLUG.lower()].rulesets.values()))


def _missing_environment(whole: Scene) -> None:
    whole.github.repositories[SLUG.lower()].environments.clear()


def _reviewer_missing(whole: Scene) -> None:
    environment(whole).reviewers.pop()


def _reviewer_extra(whole: Scene) -> None:
    environment(whole).reviewers.append(("User", whole.github.owners["nils"].id))


def _no_reviewers(whole: Scene) -> None:
    environment(whole).reviewers.clear()


def _shorter_wait(whole: Scene) -> None:
    environment(whole).wait_timer = 1


def _self_review(whole: Scene) -> None:
    environment(whole).prevent_self_review = False


def _any_ref(whole: Scene) -> None:
    environment(whole).branch_policy = None


def _protected_only(whole: Scene) -> None:
    environment(whole).branch_policy = "protected"


def _tag_as_branch(whole: Scene) -> None:
    environment(whole).policies = {1: RefPolicy(1, "v*", "branch")}


def _other_pattern(whole: Scene) -> None:
    environment(whole).policies = {1: RefPolicy(1, "release-*", "tag")}


def _no_pattern(whole: Scene) -> None:
    environment(whole).policies.clear()


def _bypass_on(whole: Scene) -> None:
    environment(whole).can_admins_bypass = True


def _no_ruleset(whole: Scene) -> None:
    whole.github.repositories[SLUG.lower()].rulesets.clear()


def _ruleset_off(whole: Scene) -> None:
    ruleset(whole).enforcement = "disabled"


def _ruleset_only_looks(whole: Scene) -> None:
    ruleset(whole).enforcement = "evaluate"


def _ruleset_narrow(whole: Scene) -> None:
    ruleset(whole).conditions = {"ref_name": {"include": ["refs/tags/v1.*"], "exclude": []}}


def _ruleset_excludes(whole: Scene) -> None:
    ruleset(whole).conditions = {"ref_name": {"include": ["refs/tags/v*"], "exclude": ["refs/tags/v0.*"]}}


def _tags_deletable(whole: Scene) -> None:
    ruleset(whole).rules = [{"type": "creation"}, {"type": "update"}]


def _writers_pass(whole: Scene) -> None:
    actors = ruleset(whole).bypass_actors
    assert isinstance(actors, list)
    actors.append({"actor_id": 4, "actor_type": "RepositoryRole", "bypass_mode": "always"})


def _workflow_without_environment(whole: Scene) -> None:
    whole.edit(".github/workflows/release.yml", "    environment:\n      name: own\n", "")


def _workflow_of_another_environment(whole: Scene) -> None:
    whole.edit(".github/workflows/release.yml", "name: own\n", "name: staging\n")


def _workflow_without_id_token(whole: Scene) -> None:
    whole.edit(".github/workflows/release.yml", "      id-token: write", "      contents: read")


def _workflow_gone(whole: Scene) -> None:
    (whole.root / ".github/workflows/release.yml").unlink()


def _workflow_renamed(whole: Scene) -> None:
    folder = whole.root / ".github/workflows"
    (folder / "release.yml").rename(folder / "publish.yml")


def _other_owner_id(whole: Scene) -> None:
    owner = whole.github.repositories[SLUG.lower()].owner
    whole.edit("trustpub.toml", f'owner_id = "{owner.id}"', 'owner_id = "1"')


def _other_spelling(whole: Scene) -> None:
    whole.edit("trustpub.toml", 'repository = "Lamp"', 'repository = "lamp"')


def _no_publisher(whole: Scene) -> None:
    whole.index.publishers.rows.clear()


def _publisher_of_another_environment(whole: Scene) -> None:
    rows = whole.index.publishers.rows
    for key, row in rows.items():
        fields = tuple((name, "staging" if name == "environment" else value) for name, value in row.publisher.fields)
        rows[key] = row._replace(publisher=row.publisher._replace(fields=fields))


DRIFTS: tuple[tuple[Callable[[Scene], None], str, str], ...] = (
    (_missing_environment, "environment own", "+ environment own"),
    (_reviewer_missing, "environment own", "+ reviewer Octo-Org/makers"),
    (_reviewer_extra, "environment own", "- reviewer nils"),
    (_no_reviewers, "environment own", "+ reviewer maria"),
    (_shorter_wait, "environment own", "~ wait_minutes 1 10"),
    (_self_review, "environment own", "~ prevent_self_review no yes"),
    (_any_ref, "environment own", "~ may deploy every branch and tag only what matches a pattern"),
    (_protected_only, "environment own", "~ may deploy protected branches only what matches a pattern"),
    (_tag_as_branch, "environment own", "+ tag pattern v*"),
    (_other_pattern, "environment own", "+ tag pattern v*"),
    (_no_pattern, "environment own", "+ tag pattern v*"),
    (_bypass_on, "environment own", "~ admins_bypass yes no"),
    (_no_ruleset, "tag rules", "+ ruleset trustpub: release tags"),
    (_ruleset_off, "tag rules", "~ enforcement disabled active"),
    (_ruleset_only_looks, "tag rules", "~ enforcement evaluate active"),
    (_ruleset_narrow, "tag rules", "+ tags v*"),
    (_ruleset_excludes, "tag rules", "- excluded tags v0.*"),
    (_tags_deletable, "tag rules", "+ rule deletion"),
    (_writers_pass, "tag rules", "- may pass role `write`"),
    (_workflow_without_environment, "file .github/workflows/release.yml", "+ line"),
    (_workflow_of_another_environment, "file .github/workflows/release.yml", "~ line"),
    (_workflow_without_id_token, "file .github/workflows/release.yml", "line"),
    (_workflow_gone, "file .github/workflows/release.yml", "+ .github/workflows/release.yml"),
    (_other_spelling, "file trustpub.toml", "repository"),
    (_no_publisher, "publisher lamp on own", "+ "),
)


@pytest.mark.parametrize(("drift", "step", "change"), DRIFTS, ids=[each[0].__name__.strip("_") for each in DRIFTS])
def test_every_drift_is_found_and_nothing_else(tmp_path: Path, drift: Callable[[Scene], None], step: str, change: str) -> None:
    """One thing is changed behind setup's back: only its step differs, and setup brings it back."""
    whole = at_rest(tmp_path)
    assert () == whole.plan().plan.differing
    drift(whole)
    found = whole.plan().plan
    told = [
        " ".join(filter(None, (each.sign, each.field, each.before, each.after)))
        for one in found.differing
        for each in one.changes
    ]

    assert [step] == [each.key for each in found.differing]
    assert any(change in line for line in told), told
    assert 0 == carried_out(found).exit_status
    assert () == whole.plan().plan.differing


def test_a_name_that_another_account_has_is_for_a_person(tmp_path: Path) -> None:
    """A declared owner's number that is not GitHub's is never mended, and nothing is registered for it."""
    whole = at_rest(tmp_path)
    _other_owner_id(whole)
    _no_publisher(whole)
    found = whole.plan().plan

    assert ["owner Octo-Org"] == [each.key for each in found.differing]
    assert "another account has the name `Octo-Org` now" in found.differing[0].cannot
    assert 1 == carried_out(found).exit_status
    assert {} == whole.index.publishers.rows


def test_a_publisher_that_changed_is_one_too_few_and_one_too_many(tmp_path: Path) -> None:
    """The right one is registered; the wrong one is shown, and goes only when pruned."""
    whole = at_rest(tmp_path)
    _publisher_of_another_environment(whole)
    found = whole.plan().plan

    assert 2 == len(found.differing)
    assert "publisher lamp on own" == found.differing[0].key
    assert "staging" in found.differing[1].key
    carried_out(found)
    assert 2 == len(whole.index.publishers.rows)
    assert 0 == carried_out(whole.plan(prune=True).plan).exit_status
    assert () == whole.plan().plan.differing


def test_a_renamed_repository_is_followed(tmp_path: Path) -> None:
    """GitHub leads to the new name: the file and the publisher follow, the publisher of the old name is told of."""
    whole = at_rest(tmp_path)
    whole.github.rename_repository(SLUG, "Lantern")
    found = whole.plan().plan

    assert ["file trustpub.toml", "publisher lamp on own"] == [each.key for each in found.differing]
    assert any("also lets GitHub Octo-Org/Lamp," in note for note in found.notes)
    carried_out(found)
    fields = [row.publisher.get("repository_name") for row in whole.index.publishers.rows.values()]
    assert ["Lamp", "Lantern"] == fields
    assert () == whole.plan().plan.differing
    assert 0 == carried_out(whole.plan().plan).exit_status


def test_a_renamed_workflow_gets_no_twin(tmp_path: Path) -> None:
    """A second file that publishes the same would upload everything twice: the person is told of both ways out."""
    whole = at_rest(tmp_path)
    _workflow_renamed(whole)
    found = whole.plan().plan

    assert ["file .github/workflows/release.yml"] == [each.key for each in found.differing]
    assert "`.github/workflows/publish.yml` uploads `lamp` to own" in found.differing[0].cannot
    assert 1 == carried_out(found).exit_status


def test_all_drifts_at_once_are_told_apart(tmp_path: Path) -> None:
    """Several at a time hide nothing of each other."""
    whole = at_rest(tmp_path)
    for drift in (
        _reviewer_extra,
        _shorter_wait,
        _bypass_on,
        _tags_deletable,
        _workflow_without_id_token,
        _no_publisher,
        _other_spelling,
    ):
        drift(whole)

    assert {
        "environment own",
        "tag rules",
        "file .github/workflows/release.yml",
        "file trustpub.toml",
        "publisher lamp on own",
    } == {each.key for each in whole.plan().plan.differing}
