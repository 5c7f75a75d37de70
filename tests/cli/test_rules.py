"""`trustpub rules`: a list of all, an explanation of one, and one line for a wrong one."""

from __future__ import annotations

import json

import pytest

from trustpub.cli import run
from trustpub.domain.findings import Rule
from trustpub.rules import MODULES, load


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a rule, and last what to do next."""
    assert 0 == run(["rules"], None)
    *lines, empty, following = capsys.readouterr().out.splitlines()

    assert list(MODULES) == [line.split()[0] for line in lines]
    assert ("", "trustpub rules CODE explains one.") == (empty, following)


def test_explains(capsys: pytest.CaptureFixture[str]) -> None:
    """Why, what to do, who says so, and how to live with it."""
    assert 0 == run(["rules", "id-token-missing"], None)
    words = " ".join(capsys.readouterr().out.split())
    rule = load("M02").RULE

    for part in (f"M02 id-token-missing ({rule.severity} at most)", rule.title, rule.why, rule.help, rule.source):
        assert " ".join(part.split()) in words
    assert "# trustpub: ignore[M02] and the reason" in words


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The same as data: all of them, or one."""
    assert 0 == run(["rules", "--format", "json"], None)
    assert [load(code).RULE._asdict() for code in MODULES] == json.loads(capsys.readouterr().out)["rules"]
    assert 0 == run(["rules", "M02", "--format", "json"], None)
    assert list(Rule._fields) == list(json.loads(capsys.readouterr().out))


def test_a_wrong_one(capsys: pytest.CaptureFixture[str]) -> None:
    """One line on stderr, status 2."""
    assert 2 == run(["rules", "M0"], None)
    out, err = capsys.readouterr()

    assert ("", 1) == (out, len(err.splitlines()))
    assert "rule `M0`" in err
