"""What somebody said at a setup, as the next check tells it: a pending publisher that waits, and later has been used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_check_online import FILES, WORKFLOW, check, row
from tests.usecases.setup.whole import Person
from tests.world import NOW, TOKEN, World, checkout, world
from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.parties.index.fake import provenance
from trustpub.parties.index.fake_projects import FakeProject
from trustpub.usecases.setup.planning import Ending, Setup, ended, planned
from trustpub.usecases.setup.run import Outcome, carried_out
from trustpub.usecases.setup.wishes import Wishes

DAY = 86_400


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A public repository of somebody who is signed in; no index has the project."""
    made = world(tmp_path, monkeypatch)
    made.github.add_user("octo", plan="pro")
    made.github.add_repository("octo", "tool")
    made.github.add_token(TOKEN, "octo")
    return made


def setup(there: World, root: Path, person: Person) -> tuple[Outcome, Ending]:
    """Set everything up, with this person at the terminal."""
    outside = there.outside()
    whole = Setup(Checkout.open(root), Addresses(outside.cache), outside, person, Wishes(solo=True))
    made = planned(whole)
    outcome = carried_out(made.plan)
    return outcome, ended(whole, made, outcome)


def codes(report: dict[str, list[dict[str, str]]]) -> set[str]:
    """The rules that found something."""
    return {each["rule"] for each in report["findings"]}


def test_what_was_said_at_a_setup_is_what_check_tells(there: World, tmp_path: Path) -> None:
    """Before: no pending publisher is stated. After a yes: stated with its day and its end; later, that the end is near."""
    root = checkout(tmp_path, FILES)
    before = check(there, root)[1]
    outcome, _ = setup(there, root, Person(answer=True))
    after = check(there, root)[1]
    text = (root / "trustpub.toml").read_text()
    (root / "trustpub.toml").write_text(text.replace("stated = 2026-09-21", "stated = 2026-08-25"))
    late = check(there, root)[1]

    assert {"publisher tool on pypi": "stated", "account on pypi": "stated"} == {
        each.step.key: each.state for each in outcome.done if each.step.party == "pypi"
    }
    assert [{"M03"}, set[str](), {"M09"}] == [codes(each) & {"M03", "M09"} for each in (before, after, late)]
    expected = "pypi has no `tool` yet; `trustpub.toml` states a pending publisher since 2026-09-21: publish before 2026-10-21"
    assert ("stated", expected) == (row(after, "project")["state"], row(after, "project")["evidence"])
    assert ["stated", "stated"] == [row(after, name)["state"] for name in ("account", "publisher")]


def used(there: World, **more: object) -> FakeProject:
    """Let the pending publisher make the project, on the day after it was stated."""
    project = there.pypi.project("tool", roles=(("octo", "Owner"),))
    project.add("tool-1-py3-none-any.whl", "1", uploaded_at=NOW + DAY, **more)  # type: ignore[arg-type]
    return project


def test_the_first_release_without_provenance_leaves_nothing_to_do(there: World, tmp_path: Path) -> None:
    """Neither setup nor check asks for a publisher again; only another one's provenance does."""
    root = checkout(tmp_path, FILES)
    setup(there, root, Person(answer=True))
    used(there)
    nobody = Person(answer=None)
    outcome, _ = setup(there, root, nobody)
    report = check(there, root)[1]

    assert ([], {"stated"}) == (nobody.cards, {each.state for each in outcome.done if each.step.party == "pypi"})
    assert "its first exchange makes an ordinary publisher of a pending one" in row(report, "publisher")["evidence"]
    assert ("stated", "proven") == (row(report, "publisher")["state"], row(report, "project")["state"])

    used(there, provenance=provenance("acme/tool", "release.yml", "pypi"))
    outcome, _ = setup(there, root, nobody)
    assert {"publisher tool on pypi": "differs"} == {
        each.step.key: each.state for each in outcome.done if each.step.party == "pypi" and each.state != "stated"
    }
    assert row(check(there, root)[1], "publisher")["state"] in ("unknown", "missing")


def test_a_yes_to_everything_starts_no_test(there: World, tmp_path: Path) -> None:
    """What GitHub holds is compared, and a workflow that is not pushed starts nothing."""
    by_hand = WORKFLOW.replace('push: {tags: ["v*"]}', 'push: {tags: ["v*"]}\n  workflow_dispatch:')
    assert by_hand != WORKFLOW
    test = "dc37677b2e1c63e2034f94d8a5b11f265b73ba33\n        with: {repository-url: 'https://test.pypi.example/legacy/'}"
    text = by_hand.replace("dc37677b2e1c63e2034f94d8a5b11f265b73ba33", test)
    declared = FILES["trustpub.toml"] + 'index = "testpypi"\n'
    root = checkout(tmp_path, {**FILES, ".github/workflows/release.yml": text, "trustpub.toml": declared})
    there.github.add_workflow("octo/tool", ".github/workflows/release.yml")
    _, ending = setup(there, root, Person(answer=True))

    assert ending.test is not None
    assert ("skipped", True) == (ending.test.state, "push `.github/workflows/release.yml` first" in ending.test.note), ending.test
    there.github.add_file("octo/tool", ".github/workflows/release.yml", (root / ".github/workflows/release.yml").read_bytes())
    _, ending = setup(there, root, Person(answer=True))
    assert ending.test is not None
    assert "stated" == ending.test.state, ending.test
