"""The catalogue itself: every cause can be named, and reads as it should."""

from __future__ import annotations

import re

import pytest

from trustpub.domain.failures import CATALOGUE, Cause, known
from trustpub.domain.failures.clue import look_for
from trustpub.domain.failures.presented import presented
from trustpub.domain.logs import cleaned

CODES = [cause.code for cause in CATALOGUE]
CLUES = [(cause, clue) for cause in CATALOGUE for clue in cause.clues]


def test_codes_are_unique() -> None:
    """One cause a code, and those that are behind others exist."""
    assert len(CODES) == len(set(CODES))
    assert set() == {code for cause in CATALOGUE for code in cause.behind} - set(CODES)


@pytest.mark.parametrize(("cause", "clue"), CLUES, ids=[f"{cause.code}: {clue.says}" for cause, clue in CLUES])
def test_every_clue_can_be_found(cause: Cause, clue: object) -> None:
    """A log with the phrase, and the company that it asks for, is explained by its cause; wrapped anywhere too."""
    from trustpub.domain.failures.clue import Clue

    assert isinstance(clue, Clue)
    said = re.sub(r"\{\w+\}", "v1", clue.says)
    for text in (said, said.replace(" ", "\n   ")):
        found = look_for(cause, f"noise\n{clue.near[0] if clue.near else ''} {text}\n")
        assert found is not None
        assert cause.code == found.code


@pytest.mark.parametrize("cause", CATALOGUE, ids=CODES)
def test_messages_read_well(cause: Cause) -> None:
    """The title goes on behind a code, the fix is sentences."""
    assert cause.title[0].islower() or cause.title[0] in "`GIT"
    assert not cause.title.endswith(".")
    assert cause.fix[0].isupper()
    assert cause.fix.endswith(".")


def test_a_company_that_is_missing_is_no_clue() -> None:
    """`WRONG_VERSION_NUMBER` of another address, an existing file of another tool: not known."""
    assert () == known("[SSL: WRONG_VERSION_NUMBER] wrong version number: /simple/demo/")
    assert () == known("File already exists: target/demo.jar")


def test_what_is_only_a_consequence_is_left_out() -> None:
    """The missing permission is the cause, the missing credential its consequence; a fork is the cause of both."""
    log = "Missing credentials for https://x.example/ (publish)\nis the `id-token: write` permission missing?"
    assert ["id-token-permission"] == [one.code for one in known(log)]
    assert ["fork-pull-request"] == [one.code for one in known(log + "\ncalled from a pull request on a fork")]


def test_what_is_certain_comes_first() -> None:
    """A warning in the same log stands last."""
    log = "Failed to invalidate trusted publishing token\nOnly one sdist may be uploaded per release"
    assert [("second-sdist", "certain"), ("token-not-given-back", "possible")] == [
        (one.code, one.confidence) for one in known(log)
    ]


def test_the_values_of_a_refused_tag_are_repeated() -> None:
    """Environment and ref stand in the title and in the fix."""
    (one,) = known('Tag "v1.2" is not allowed to deploy to pypi due to environment protection rules.')

    assert "the environment `pypi` lets no run of the tag `v1.2` deploy" == one.title
    assert "Environments → pypi" in one.fix


def test_a_log_that_a_page_quoted_is_read() -> None:
    """Quoted, wrapped anew, and with links in the place of digits, as people paste logs."""
    log = """> * `invalid-publisher`: valid token, but no corresponding
> publisher (All lookup strategies exhausted)
> * `sub`: `repo:octo/demo:environment:pypi`
> * `repository`: `octo/demo`
> * `repository_owner_id`: `[12](https://github.com/octo/demo/actions/runs/1/job/2#step:4:13)176396`
> * `job_workflow_ref`: `octo/demo/.github/workflows/pypi.yml@refs/tags/v1`"""
    (one,) = known(cleaned(log.encode()))
    said = presented(log, one.place)

    assert "invalid-publisher" == one.code
    assert said is not None
    assert ("octo/demo", "pypi", False) == (
        said.claims["repository"],
        said.claims["environment"],
        "repository_owner_id" in said.claims,
    )


def test_an_environment_s_name_may_have_blanks() -> None:
    """GitHub allows them."""
    (one,) = known('Branch "main" is not allowed to deploy to my release env due to environment protection rules.')
    assert ("environment-refuses-branch", "my release env") == (one.code, one.caught["environment"])


def test_a_warning_proves_less_than_a_refusal() -> None:
    """The publish action warns of reusable workflows that work, too; the index's own words leave no doubt and no second cause."""
    warned = "`invalid-publisher` refused\nsuggest that the calling workflow is a reusable workflow"
    assert [("reusable-workflow", "likely"), ("invalid-publisher", "likely")] == [
        (one.code, one.confidence) for one in known(warned)
    ]
    refused = "`invalid-publisher`: no corresponding publisher (The job_workflow_ref claim does not match, expecting one of [])"
    assert [("reusable-workflow", "certain")] == [(one.code, one.confidence) for one in known(refused)]


def test_a_script_that_was_only_shown_is_not_read() -> None:
    """GitHub shows a step's script before it runs: its messages were never printed."""
    shown = b"##[group]Run twine upload\necho MISSING DISTS\n##[endgroup]\nNameError\n"
    assert () == known(cleaned(shown))
    assert "no-distributions" == known(cleaned(shown + b"MISSING DISTS\n"))[0].code


def test_evidence_points_at_the_line() -> None:
    """Lines count from 1; a long line shows the part around the phrase."""
    log = "one\ntwo\n" + "x " * 500 + "Only one sdist may be uploaded per release " + "y " * 500
    (evidence,) = known(log)[0].evidence

    assert 3 == evidence.line
    assert "Only one sdist may be uploaded per release" in evidence.text
    assert evidence.text.startswith("…")
    assert evidence.text.endswith("…")
