"""Words reach the stream that they belong to, whatever it can show."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from trustpub.cli.terminal import coloured, complain, say, styled, summarise


class Terminal(io.StringIO):
    """A stream that somebody sees."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "on_terminal", "elsewhere"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
    ids=str,
)
def test_colours(environment: dict[str, str], on_terminal: bool, elsewhere: bool) -> None:
    """A terminal gets colours, a file does not, and the two variables have the last word."""
    assert on_terminal == coloured(Terminal(), environment)
    assert elsewhere == coloured(io.StringIO(), environment)


def test_styled() -> None:
    """Colour and weight stand in front, and are taken back after."""
    assert styled("no", "red", bold=True) == "\x1b[31;1mno\x1b[0m"
    assert styled("plain") == "plain"


def test_what_cannot_be_encoded_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of a small encoding gets escapes and no traceback."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))

    say("é \udc80 x\n")

    assert raw.getvalue() == b"\\xe9 \\udc80 x\n"


def test_results_and_talk(capsys: pytest.CaptureFixture[str]) -> None:
    """Results go to stdout as they are, talk goes to stderr as a line."""
    say("result")
    complain("talk")

    assert capsys.readouterr() == ("result", "talk\n")


def test_a_summary_is_added_to_the_page_of_the_job(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Behind what stands there; one that cannot be written stops nothing, and without one nothing is done."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page.md"))
    summarise("한\n")
    summarise("two\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "nowhere" / "page.md"))
    summarise("lost")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY")
    summarise("lost")

    out, err = capsys.readouterr()
    assert ("한\ntwo\n", "") == ((tmp_path / "page.md").read_text(encoding="utf-8"), out)
    assert err.startswith("trustpub: `GITHUB_STEP_SUMMARY`: the summary cannot be written")
