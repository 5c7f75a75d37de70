"""The environment's gate, judged by the declared rules."""

from __future__ import annotations

import pytest

from trustpub.domain.declaration import DeclaredEnvironment
from trustpub.usecases.gate import GateOutcome, pass_gate, ref_kind

TAGS = DeclaredEnvironment("pypi", reviewers=("octo/maintainers", "ana"), wait_minutes=15, tags=("v*",))


def test_a_job_without_an_environment_meets_no_gate() -> None:
    """Nothing of GitHub stands before it, and that is said."""
    expected = GateOutcome(ok=True, evidence="the job names no environment, so no rule of GitHub stands before it")
    assert expected == pass_gate("", None, "refs/tags/v1")


def test_undeclared_rules_are_not_taken_for_proof() -> None:
    """Passing without rules says that the real settings were not read."""
    assert pass_gate("pypi", None, "refs/tags/v1").evidence.endswith("(the real settings were not read)")


def test_an_admitted_tag_tells_who_would_be_asked() -> None:
    """Reviewers and the wait are told, and approved here."""
    expected = (
        "environment pypi admits tag v1.2 (declared: v*); would wait for octo/maintainers or ana: approved here by you; "
        "would wait 15 min: not waited for here"
    )
    assert pass_gate("pypi", TAGS, "refs/tags/v1.2") == GateOutcome(ok=True, evidence=expected)


@pytest.mark.parametrize(
    ("rules", "ref", "problem"),
    [
        (TAGS, "refs/tags/1.2", 'Tag "1.2" is not allowed to deploy to pypi due to environment protection rules.'),
        (TAGS, "refs/heads/v1", 'Branch "v1" is not allowed to deploy to pypi due to environment protection rules.'),
        (
            DeclaredEnvironment("pypi", branches=("main",)),
            "refs/tags/v1",
            'Tag "v1" is not allowed to deploy to pypi due to environment protection rules.',
        ),
    ],
)
def test_a_closed_gate_speaks_githubs_words(rules: DeclaredEnvironment, ref: str, problem: str) -> None:
    """The design's own trap: a branch rule alone stops every tag push."""
    found = pass_gate("pypi", rules, ref)
    assert (found.ok, found.problem) == (False, problem)
    assert problem in found.evidence


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("refs/tags/v1", ("tag", "v1")),
        ("refs/heads/a/b", ("branch", "a/b")),
        ("refs/pull/7/merge", ("branch", "refs/pull/7/merge")),
    ],
)
def test_refs_are_split_as_rules_see_them(ref: str, expected: tuple[str, str]) -> None:
    """Short names for tags and branches; a pull request's merge ref stays whole."""
    assert expected == ref_kind(ref)
