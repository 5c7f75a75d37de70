"""Who can change the publishing workflow on the default branch."""

from __future__ import annotations

import pytest

from tests.rules.online_samples import ALICE, IN_ORDER, MAIN, OPEN, UNTOLD, github, online
from tests.rules.samples import RELEASE, facts, found
from tests.workflows.samples import publishing
from trustpub.domain.github_settings import GitHubSide, Person

WORKFLOW = publishing("{push: {tags: ['v*']}}", "environment: pypi")
BARE = MAIN._replace(rules=("deletion",))
ADMIN = IN_ORDER.repository._replace(may=("admin", "push"))


def test_a_workflow_that_anybody_changes() -> None:
    """Everybody who can push is named; behind an approval less is at stake."""
    side = github(OPEN)._replace(branch=BARE)
    (finding,) = found("workflow_unreviewed", online(facts(WORKFLOW), side))
    expected = "whoever can push (`alice` and `bob`) can change `release.yml` on `main` without a pull request"
    assert ("medium", expected, RELEASE) == (finding.severity, finding.message, finding.span.path)
    assert finding.help.endswith("https://github.com/octo/tool/settings/rules/new?target=branch")
    (approved,) = found("workflow_unreviewed", online(facts(WORKFLOW), IN_ORDER._replace(branch=BARE)))
    assert "low" == approved.severity
    (unknown,) = found("workflow_unreviewed", online(facts(WORKFLOW), side._replace(people=UNTOLD)))
    assert unknown.message.startswith("whoever can push can change")


@pytest.mark.parametrize(
    "owners", ["", "*.py @octo/core", "/docs/ @octo/core", "* @octo/core\n/.github/workflows/", "workflows/* @a"]
)
def test_no_code_owner_is_asked(owners: str) -> None:
    """The last line about a file counts; one without an owner takes it back."""
    seen = facts({"release.yml": WORKFLOW, "CODEOWNERS": owners})
    (finding,) = found("workflow_unreviewed", online(seen))
    expected = "a pull request that changes `release.yml` needs no code owner: `CODEOWNERS` names none"
    assert ("low", expected) == (finding.severity, finding.message)


@pytest.mark.parametrize(
    "owners",
    [
        "* @octo/core",
        "/.github/ @a",
        ".github/ @a",
        ".github @a",
        ".github/workflows/* @a",
        "**/*.yml @a",
        "*.yml @a",
        "release.yml @a",
    ],
)
def test_a_code_owner_is_asked(owners: str) -> None:
    """In whatever way the file is written; but a rule has to ask for the review."""
    seen = facts({"release.yml": WORKFLOW, "docs/CODEOWNERS": f"# who\n{owners} # yes\n"})
    assert [] == found("workflow_unreviewed", online(seen))
    unasked = IN_ORDER._replace(branch=MAIN._replace(code_owners=False))
    assert [] == found("workflow_unreviewed", online(seen, unasked))
    (finding,) = found("workflow_unreviewed", online(seen, unasked._replace(repository=ADMIN)))
    assert "`main` has code owners, and no rule asks for their review" == finding.message


@pytest.mark.parametrize(
    "side", [None, IN_ORDER._replace(branch=UNTOLD), IN_ORDER._replace(branch=BARE, people=(Person(ALICE, "admin"),))]
)
def test_silence_where_nobody_could_review_or_nobody_knows(side: GitHubSide | None) -> None:
    """A maintainer alone has nobody to ask."""
    assert [] == found("workflow_unreviewed", online(facts(WORKFLOW), side))
