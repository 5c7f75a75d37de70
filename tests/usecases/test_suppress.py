"""Suppression: comments that silence a finding for a reason, and findings on the comments themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.checking import RELEASE, checked, codes, written
from trustpub.rules import AFTERWARDS, load
from trustpub.rules.facts import Facts

MISSING = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {} ABOVE
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
"""A job that gets no ID token: M02 speaks at its permissions."""


ABOVE_IT = "    # trustpub: ignore[M02] why\n    # trustpub: ignore[C99] x\n    perm"


def with_comment(comment: str) -> str:
    """The workflow with a comment behind the line of the finding."""
    return MISSING.replace("ABOVE", comment)


def test_a_comment_with_a_reason_suppresses(tmp_path: Path) -> None:
    """At the end of the line: the finding is gone, and the report says why and where."""
    report = checked(tmp_path, with_comment("# trustpub: ignore[M02] the caller grants it"))

    assert "M02" not in codes(report)
    assert [("M02", "the caller grants it", f"{RELEASE}:6")] == [
        (each.finding.rule, each.reason, each.by) for each in report.suppressed if each.finding.rule == "M02"
    ]


def test_a_comment_above_suppresses(tmp_path: Path) -> None:
    """On lines of their own directly above; several may stand there."""
    text = MISSING.replace(" ABOVE", "").replace(
        "    perm", "    # trustpub: ignore[M02] why\n    # trustpub: ignore[C99] x\n    perm"
    )
    report = checked(tmp_path, text)

    assert "M02" not in codes(report)
    assert ["S03"] == [code for code in codes(report) if code in AFTERWARDS]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# trustpub: ignore[M02]", ["M02", "S02"]),
        ("# trustpub: ignore[M02, S01] why", ["S01"]),
        ("# trustpub: ignore[M2] why", ["M02", "S03"]),
        ("# trustpub: ignore why", ["M02", "S03"]),
        ("# nothing", ["M02"]),
    ],
)
def test_what_a_comment_does_not_suppress(tmp_path: Path, comment: str, expected: list[str]) -> None:
    """Without a reason, with another code, without any code."""
    report = checked(tmp_path, with_comment(comment))

    assert expected == [code for code in codes(report) if code == "M02" or code in AFTERWARDS]


def test_an_unused_comment_is_a_finding_with_a_fix(tmp_path: Path) -> None:
    """The fix takes the comment and nothing else."""
    text = MISSING.replace("{} ABOVE", "{id-token: write} # trustpub: ignore[M02] why")
    (finding,) = [each for each in checked(tmp_path, text).findings if each.rule == "S01"]

    assert finding.fix is not None
    assert finding.fix.safe
    (change,) = finding.fix.changes
    assert " # trustpub: ignore[M02] why" == text[change.place.start : change.place.end]
    assert "" == change.text


def test_one_unused_code_of_several_goes_alone(tmp_path: Path) -> None:
    """The code that is needed stays in the comment."""
    text = with_comment("# trustpub: ignore[S02, M02] why")
    (finding,) = [each for each in checked(tmp_path, text).findings if each.rule == "S01"]

    assert finding.fix is not None
    (change,) = finding.fix.changes
    assert "# trustpub: ignore[M02] why" in text[: change.place.start] + change.text + text[change.place.end :]


def test_an_unknown_code_names_the_nearest(tmp_path: Path) -> None:
    """By its spelling, or by the name of the rule."""
    for number, word in enumerate(("MO2", "m02", "id-token-missing")):
        report = checked(tmp_path / str(number), with_comment(f"# trustpub: ignore[{word}] why"))
        assert ["`M02`"] == [each.help.split()[1].rstrip(",") for each in report.findings if each.rule == "S03"]


def test_comments_of_other_files_count(tmp_path: Path) -> None:
    """A file that is not a workflow is looked at when a finding points into it; this one has none, so it is left alone."""
    report = checked(tmp_path, {RELEASE: with_comment(""), "Makefile": "all: # trustpub: ignore[M02] why\n"})

    assert "M02" in codes(report)
    assert not {"S01"} & set(codes(report))


def test_a_comment_for_what_only_github_tells_is_not_called_unused(tmp_path: Path) -> None:
    """Nobody was asked, so the rule could not speak."""
    assert {"S01"} & set(codes(checked(tmp_path / "a", with_comment("# trustpub: ignore[C03] why"))))
    assert not {"S01"} & set(codes(checked(tmp_path / "b", with_comment("# trustpub: ignore[E02, T04] why"))))


def test_the_rules_on_comments_are_not_asked_with_the_others(tmp_path: Path) -> None:
    """They have a text each, and yield nothing by themselves."""
    for code in sorted(AFTERWARDS):
        assert code == load(code).RULE.code
        assert [] == list(load(code).check(facts_of(tmp_path)))


def facts_of(folder: Path) -> Facts:
    """What is known of a checkout with one workflow."""
    from tests.usecases.checking import addresses
    from trustpub.parties.git import Checkout
    from trustpub.usecases.gather import gather
    from trustpub.workflows.predict import Wanted

    return gather(Checkout.open(str(written(folder, with_comment("")))), addresses(folder), Wanted())
