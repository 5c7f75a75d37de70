"""A whole setup from nothing: what is wanted, in which order it is done, what a person has to say, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.setup.scenes import SLUG, TOKEN, refused
from tests.usecases.setup.whole import DECLARATION, Scene, scene
from trustpub.errors import BadInput, Unreachable
from trustpub.parties.github.fake_state import Plan as PlanName
from trustpub.parties.github.fake_state import Visibility
from trustpub.parties.wire import Request, Response
from trustpub.usecases.setup.planning import ended
from trustpub.usecases.setup.run import carried_out
from trustpub.usecases.setup.wishes import Wishes


def fresh(folder: Path) -> Scene:
    """A repository without any publishing, and a person who does what is asked and says so."""
    whole = scene(folder, declaration="")
    whole.person.answer = True
    return whole


def test_from_nothing_in_the_safe_order(tmp_path: Path) -> None:
    """Files, then what guards them, then who may publish: TestPyPI before PyPI. Afterwards there is nothing to do."""
    whole = fresh(tmp_path)
    found = whole.plan().plan
    parties = list(dict.fromkeys(step.party for step in found.steps))
    outcome = carried_out(found)

    assert ["files", "github", "testpypi", "pypi"] == parties
    assert 0 == outcome.exit_status
    assert {"proven", "stated"} == {each.state for each in outcome.done}
    assert {"account on testpypi", "publisher lamp on testpypi", "account on pypi", "publisher lamp on pypi"} == {
        each.step.key for each in outcome.done if each.state == "stated"
    }
    assert () == whole.plan().plan.differing
    assert 0 == carried_out(whole.plan().plan).exit_status


@pytest.mark.parametrize("token_tells_the_plan", [True, False])
@pytest.mark.parametrize(
    ("plan", "visibility", "open_steps"),
    [
        ("free", "public", set()),
        ("team", "private", set()),
        ("enterprise", "private", set()),
        ("free", "private", set()),
    ],
)
def test_from_nothing_on_every_plan(
    tmp_path: Path,
    plan: PlanName,
    visibility: Visibility,
    open_steps: set[str],
    token_tells_the_plan: bool,
) -> None:
    """What is proposed is what the plan can have; on Free what guards a private repository is missing, and that is said."""
    whole = fresh(tmp_path)
    repository = whole.github.repositories[SLUG.lower()]
    repository.plan, repository.owner.plan, repository.visibility = plan, plan, visibility
    if not token_tells_the_plan:
        whole.github.add_token(TOKEN, "olga")
    first = whole.plan().plan
    outcome = carried_out(first)

    assert not any("can name one only" in note for note in first.notes)
    assert open_steps == {each.step.key for each in outcome.done if each.state not in ("proven", "stated")}
    assert [] == refused(whole.github)
    again = whole.plan().plan
    assert ((), ()) == (again.differing, again.unread)
    unguarded = (plan, visibility) == ("free", "private")
    assert unguarded == any("so whoever can push can publish" in note for note in again.notes)
    assert unguarded == ("environment" not in (whole.root / "trustpub.toml").read_text())


def test_declared_rules_that_the_plan_lacks_differ_until_they_are_taken_out(tmp_path: Path) -> None:
    """A guard that is written down and does not exist is said at every check; without it there is nothing more to say."""
    whole = scene(tmp_path)
    repository = whole.github.repositories[SLUG.lower()]
    repository.plan, repository.owner.plan, repository.visibility = "free", "free", "private"
    carried_out(whole.plan().plan)
    found = whole.plan().plan

    assert ["environment own", "tag rules"] == [step.key for step in found.differing]
    assert all(step.cannot.endswith("out of `trustpub.toml`") for step in found.differing)
    text = (whole.root / "trustpub.toml").read_text()
    whole.edit("trustpub.toml", text[text.index("[environments.own]") : text.index("[indexes.own]")], "")
    assert ((), ()) == (whole.plan().plan.differing, whole.plan().plan.unread)


def test_declared_rules_are_unknown_where_it_may_be_the_plan(tmp_path: Path) -> None:
    """An administrator to whom GitHub shows nothing lacks no permission: the likely plan is named, as unknown."""
    whole = scene(tmp_path)
    repository = whole.github.repositories[SLUG.lower()]
    repository.plan, repository.owner.plan, repository.visibility = "free", "free", "private"
    whole.github.add_token(TOKEN, "olga")
    found = whole.plan().plan
    told = next(step.cannot for step in found.unread if step.key == "environment own")

    assert "most likely it is GitHub Free" in told
    assert "Actions: read" not in told


def test_nobody_says_what_only_a_person_knows(tmp_path: Path) -> None:
    """Without a person the accounts and publishers stay open, and nothing is written as if they had been seen."""
    whole = scene(tmp_path, declaration="")
    outcome = carried_out(whole.plan().plan)

    assert 1 == outcome.exit_status
    assert {"differs"} == {each.state for each in outcome.done if each.step.party in ("pypi", "testpypi")}
    assert "stated" not in (whole.root / "trustpub.toml").read_text()


def test_no_publisher_before_its_guard(tmp_path: Path) -> None:
    """Somebody who may not set the environment up registers nothing for it: until then everybody who can push could publish."""
    whole = scene(tmp_path)
    whole.github.add_token("ghp_nils", "nils")
    whole.environment["GH_TOKEN"] = "ghp_nils"
    found = whole.plan().plan
    outcome = carried_out(found)
    held = next(step for step in found.steps if step.key == "publisher lamp on own")

    assert held.cannot.startswith("it waits for the environment own, which guards it: only administrators of")
    assert (1, {}) == (outcome.exit_status, whole.index.publishers.rows)
    whole.environment["GH_TOKEN"] = TOKEN
    carried_out(whole.plan().plan)
    whole.index.publishers.rows.clear()
    whole.environment["GH_TOKEN"] = "ghp_nils"
    states = {each.step.key: each.state for each in carried_out(whole.plan().plan).done}
    assert ("proven", "skipped") == (states["publisher lamp on own"], states["tag rules"])  # who may pass is not shown to him
    assert 1 == len(whole.index.publishers.rows)


def test_no_publisher_of_a_repository_that_github_does_not_show(tmp_path: Path) -> None:
    """A private repository without a token: how it is guarded, nobody knows."""
    whole = scene(tmp_path)
    whole.github.repositories[SLUG.lower()].visibility = "private"
    del whole.environment["GH_TOKEN"]
    outcome = carried_out(whole.plan().plan)

    assert (1, {}) == (outcome.exit_status, whole.index.publishers.rows)
    assert "gh auth login" in next(each.note for each in outcome.done if each.step.key == "publisher lamp on own")


def test_reviewers_that_are_wished(tmp_path: Path) -> None:
    """`--reviewer` puts people and teams into the file and onto GitHub."""
    whole = fresh(tmp_path)
    carried_out(whole.plan(Wishes(team=("maria", "Octo-Org/makers"))).plan)

    assert 2 == len(whole.github.repositories[SLUG.lower()].environments["pypi"].reviewers)
    assert 'reviewers = ["maria", "Octo-Org/makers"]' in (whole.root / "trustpub.toml").read_text()


def test_wished_reviewers_that_the_plan_does_not_have(tmp_path: Path) -> None:
    """They are not declared, so that nothing is wanted that cannot be; the reason is said."""
    whole = fresh(tmp_path)
    repository = whole.github.repositories[SLUG.lower()]
    repository.plan, repository.owner.plan, repository.visibility = "team", "team", "private"
    found = whole.plan(Wishes(team=("maria",))).plan

    assert "`environments.reviewers`: nobody: this is a private repository on GitHub Team, which has no reviewers" in found.notes
    assert 0 == carried_out(found).exit_status


def test_wished_reviewers_of_environments_that_are_declared(tmp_path: Path) -> None:
    """The file rules: what it says is not changed by an option, and the person is told."""
    whole = scene(tmp_path)
    notes = whole.plan(Wishes(team=("nils", "maria"))).plan.notes

    assert ["`environments.reviewers`: not changed for nils: the environments are declared already"] == [
        note.partition(", so")[0] for note in notes if "reviewers" in note
    ]


def test_one_index_alone(tmp_path: Path) -> None:
    """`--index` leaves the other index's environment and publisher alone."""
    whole = fresh(tmp_path)
    keys = [step.key for step in whole.plan(Wishes(indexes=("testpypi",)), indexes=("testpypi",)).plan.steps]

    assert "publisher lamp on testpypi" in keys
    assert not [key for key in keys if key.endswith((" on pypi", " pypi"))]


def test_an_index_that_nobody_wants_is_refused(tmp_path: Path) -> None:
    """A name that is declared but publishes nothing is told apart from one that is not known."""
    whole = scene(tmp_path, DECLARATION + '\n[indexes.spare]\nurl = "https://spare.example/legacy/"\n')
    with pytest.raises(BadInput) as refusal:
        whole.plan(indexes=("spare",))

    assert "no publisher is wanted there" == refusal.value.why


def test_a_checkout_without_a_remote_is_told_what_to_do(tmp_path: Path) -> None:
    """Whose repository it is, nobody can guess."""
    whole = fresh(tmp_path)
    (whole.root / ".git" / "config").write_text("")
    with pytest.raises(BadInput) as refusal:
        whole.plan()

    assert "git remote add origin" in refusal.value.next_step


def pushed(whole: Scene) -> None:
    """Let GitHub hold the workflow as the checkout does."""
    path = ".github/workflows/pypi.yml"
    whole.github.add_file(SLUG, path, (whole.root / path).read_bytes())


def test_the_test_deployment_is_offered_at_the_end(tmp_path: Path) -> None:
    """With everything in place and a person who wants it, the workflow is started on TestPyPI's leg."""
    whole = fresh(tmp_path)
    whole.github.add_workflow(SLUG, ".github/workflows/pypi.yml")
    setup = whole.setup()
    made = whole.plan()
    outcome = carried_out(made.plan)
    unpushed = ended(setup, made, outcome)
    pushed(whole)
    end = ended(setup, made, outcome)

    assert unpushed.test is not None
    assert "commit and push `.github/workflows/pypi.yml` first" in unpushed.test.note
    assert end.test is not None
    assert "stated" == end.test.state, end.test
    assert ["POST"] == [each.method for each in whole.github.writes if each.path.endswith("/dispatches")]
    assert {"account": "stated", "publisher": "stated", "environment": "proven", "id-token": "proven"}.items() <= {
        each.name: each.state for each in end.items
    }.items()


def test_a_dispatch_that_github_does_not_take_hides_nothing(tmp_path: Path) -> None:
    """The checklist is there all the same, and says why nothing was started."""
    whole = fresh(tmp_path)
    real = whole.github.send

    def closed(request: Request) -> Response:
        if request.url.endswith("/dispatches"):
            raise Unreachable("`https://api.github.com`", why="the connection was cut")
        return real(request)

    whole.github.send = closed  # type: ignore[method-assign]  # it breaks at one call
    made = whole.plan()
    outcome = carried_out(made.plan)
    pushed(whole)
    end = ended(whole.setup(), made, outcome)

    assert end.test is not None
    assert ("skipped", True) == (end.test.state, "the connection was cut" in end.test.note)
    assert len(end.items) > 5


def test_nothing_is_offered_after_a_failure(tmp_path: Path) -> None:
    """What stopped the setup stops the offer too."""
    whole = fresh(tmp_path)
    made = whole.plan()
    whole.github.tokens[whole.environment["GH_TOKEN"]].expired = True
    end = ended(whole.setup(), made, carried_out(made.plan))

    assert end.test is None
    assert [] == [each for each in whole.github.writes if each.status < 400]


def test_no_publisher_before_a_guard_whose_reviewers_are_not_shown(tmp_path: Path) -> None:
    """The environment cannot be set up without its team, so its publisher waits; files go on."""
    whole = scene(tmp_path)
    whole.edit("trustpub.toml", '"Octo-Org/makers"', '"Octo-Org/hidden"')
    found = whole.plan().plan
    carried_out(found)
    held = next(step for step in found.steps if step.key == "publisher lamp on own")

    assert held.cannot.startswith("it waits for the environment own, which guards it: trustpub.toml: environments.own.reviewers")
    assert {} == whole.index.publishers.rows
    assert (whole.root / ".github/workflows/release.yml").exists()
