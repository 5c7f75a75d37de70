"""What GitHub gets: annotations that cannot be forged, and a summary in which nothing but our own markup works."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from tests.cli.render.reports import BLOCKER, CLEAN, FOUND, MEDIUM, NOTHING, reports
from tests.conftest import Scale
from trustpub.cli.render.check_github import MOST, MOST_ROWS, annotation, cell, render_github, render_summary
from trustpub.usecases.report import Report


def test_annotations() -> None:
    """One line for each finding, then how it stands, then what to do next."""
    annotated = (
        "::error file=.github/workflows/release.yml,line=31,endLine=31,col=18,endColumn=33,title=M02 id-token-missing::"
        "the job `배포` uploads, but its `permissions` set `id-token` to none. "
        "Add `id-token: write` to the `permissions` of the job `배포`.\n"
        "::warning file=.github/workflows/release.yml,line=3,endLine=5,title=M02 id-token-missing::"
        "a message with 50%25 of <b>everything</b>, and `a|b`. Do it.\n"
    )
    said = (
        "trustpub check: 2 findings (1 blocker, 1 medium) in 2 workflow files with 1 upload. 1 suppressed. "
        "Not known without asking: account.\n"
        "trustpub check: next: `trustpub check --fix` repairs 1 of 2; with `--diff` it only shows how.\n"
    )

    assert annotated + said == render_github(FOUND)


def test_escaping() -> None:
    """Signs that end a value, and line feeds, are escaped; a path may hold every one of them."""
    odd = MEDIUM._replace(place=MEDIUM.place._replace(path="a,b:c%.yml"), message="one\r\ntwo\n::error::three")

    assert (
        "::warning file=a%2Cb%3Ac%25.yml,line=3,endLine=5,title=M02 id-token-missing::one%0Atwo%0A::error::three. Do it."
    ) == annotation(odd)


@pytest.mark.parametrize(
    ("severity", "kind"),
    [("blocker", "error"), ("high", "error"), ("medium", "warning"), ("low", "notice"), ("info", "notice")],
)
def test_kinds(severity: str, kind: str) -> None:
    """Each severity has its kind of annotation."""
    assert annotation(MEDIUM._replace(severity=severity)).startswith(f"::{kind} ")  # type: ignore[arg-type]


def test_ten_of_a_kind() -> None:
    """GitHub draws ten of a kind: the others are counted, and are in the summary."""
    many = FOUND._replace(findings=(BLOCKER,) * (MOST + 2) + (MEDIUM,))
    lines = render_github(many).splitlines()

    assert [MOST, 1] == [sum(line.startswith(f"::{kind} ") for line in lines) for kind in ("error", "warning")]
    assert lines[-2].endswith("2 of them stand only in the summary.")
    assert MOST + 2 == render_summary(many).count("| blocker |")


def test_summary() -> None:
    """The summary has the findings, the rows, the publishers and what was not read, in Markdown."""
    text = render_summary(FOUND)
    headings = [line for line in text.splitlines() if line.startswith("#")]

    assert [
        "## trustpub check",
        "### Acceptance",
        "### Publishers, declared in <code>trustpub.toml</code>",
        "### Who can publish",
        "### Not read",
    ] == headings
    assert "| pypi | tool | octo | tool | release.yml | pypi |\n" in text
    assert "| environment | missing | the publishing job <code>publish</code> names no environment |\n" in text
    assert "a message with 50&#37; of &#60;b&#62;everything&#60;/b&#62;, and <code>a&#124;b</code> | Do it. |\n" in text


def test_summary_without_findings() -> None:
    """Without findings there is no empty table, and a repository that uploads nothing is not called healthy."""
    assert "| Severity |" not in render_summary(CLEAN)
    assert "No finding in 2 workflow files with 1 upload." in render_summary(CLEAN)
    assert "Nothing to judge: no upload was found" in render_summary(NOTHING)


def test_summary_stays_below_the_limit() -> None:
    """A summary of very many findings lists the gravest and counts the rest: GitHub refuses more than 1 MiB."""
    text = render_summary(FOUND._replace(findings=(BLOCKER,) * (MOST_ROWS + 3)))

    assert MOST_ROWS == text.count("| blocker |")
    assert "\n3 more are in the report.\n" in text
    assert len(text.encode()) < 1 << 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `b` c", "a <code>b</code> c"),
        ("a `b", "a &#96;b"),
        ("`a` ` `b`", "<code>a</code> <code> </code>b&#96;"),
        ("_x_ *y* [z](w) #1 @me", "&#95;x&#95; &#42;y&#42; &#91;z&#93;(w) &#35;1 &#64;me"),
        ("see https://example.com: x", "see https&#58;//example.com: x"),
        (":tada:", "&#58;tada:"),
        ("two\nlines | \\| 한글", "two lines &#124; &#92;&#124; 한글"),
    ],
)
def test_cells(text: str, expected: str) -> None:
    """Backticks become code, everything else that could be markup becomes a number."""
    assert expected == cell(text)


def test_nothing_can_be_forged(scale: Scale) -> None:
    """Whatever a report holds: a line is ours, one for a finding; and in the summary the only tag is `code`."""

    @settings(max_examples=scale(15, 2_000), deadline=None)
    @given(report=reports())
    def law(report: Report) -> None:
        *lines, end = render_github(report).split("\n")
        *commands, standing, following = lines

        assert "" == end
        assert all(re.match(r"::(error|warning|notice) file=[^:]*,title=[^:]*::", line) for line in commands)
        assert len(report.findings) == len(commands)
        assert standing.startswith("trustpub check: ")
        assert following.startswith("trustpub check: next: ")
        assert "\n".join(lines).replace("\n", "").isprintable()
        assert set() == set(re.findall(r"<[^>]*", render_summary(report))) - {"<code", "</code"}
        assert render_summary(report).replace("\n", "").isprintable()

    law()
