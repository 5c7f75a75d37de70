"""The page: it stands alone, it is well formed, and nothing that a stranger wrote becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given, settings

from tests.cli.render.reports import BLOCKER, CLEAN, FOUND, MEDIUM, NOTHING, place, reports
from tests.conftest import Scale
from trustpub.cli.render.check_html import render_html
from trustpub.usecases.report import Report

VOID = {"meta"}
OURS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "b", "article", "span", "div", "pre"),
    *("details", "summary", "mark", "code", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"),
}
"""Every element that a report is made of."""


class Reader(HTMLParser):
    """Reads a page, and keeps what it is made of."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> Reader:
    """Read a page to its end; every element that was opened is closed, in order."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert [] == reader.open
    return reader


def test_stands_alone() -> None:
    """No script, no address, nothing to fetch, and a policy that forbids it."""
    text = render_html(FOUND)

    assert [] == re.findall(r"<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|https?:", text)
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert "prefers-color-scheme:dark" in text


def test_says_everything() -> None:
    """Findings with place, help and fix, the four rows, publishers, who can publish, what was not read or is suppressed."""
    said = " ".join("".join(read(render_html(FOUND)).words).split())

    for words in (
        "Check of octo/tool",
        "2 findings (1 blocker, 1 medium) in 2 workflow files with 1 upload.",
        "Next: trustpub check --fix repairs 1 of 2",
        "blocker M02 id-token-missing",
        ".github/workflows/release.yml:31:18",
        "What to do: Add id-token: write to the permissions of the job 배포.",
        "Fix: grant id-token: write to the job 배포 (trustpub check --fix)",
        "no file tells of an account",
        "These are declared in trustpub.toml.",
        "whoever can push a tag v*",
        "Travis CI is not read",
        "the old way, until May",
    ):
        assert words in said


def test_the_value_is_marked() -> None:
    """The value itself is marked, so no column has to be counted; an empty place gets a mark too."""
    point = MEDIUM._replace(place=place("key: ", 7, 6, 6))

    assert "permissions: <mark>{contents: read}</mark>  # 권한" in render_html(FOUND)
    assert 'key: <mark class="point"></mark>' in render_html(FOUND._replace(findings=(point,)))


def test_all_kept_lines_are_shown() -> None:
    """A place of several lines is shown with all of them, each marked from its first word on."""
    text = render_html(FOUND._replace(findings=(MEDIUM,)))

    assert "  </span><mark>on:</mark>\n" in text
    assert "  </span>  <mark>push:</mark>\n" in text
    assert "  </span>    <mark>tags: [v*]</mark></pre>" in text


def test_many_related_places_are_folded() -> None:
    """Two related places are shown, three wait behind their number."""
    (hint,) = BLOCKER.related

    assert "<details>" not in render_html(FOUND._replace(findings=(BLOCKER._replace(related=(hint,) * 2),)))
    assert "<details><summary>3 further places</summary>" in render_html(
        FOUND._replace(findings=(BLOCKER._replace(related=(hint,) * 3),))
    )


def test_without_findings() -> None:
    """A clean report has no list of findings, and a repository that uploads nothing is not called healthy."""
    assert "<h2>Findings</h2>" not in render_html(CLEAN)
    assert "Nothing to judge: no upload was found" in render_html(NOTHING)
    assert 'class="verdict no"' in render_html(FOUND._replace(findings=(BLOCKER,)))


def test_nothing_becomes_markup(scale: Scale) -> None:
    """Whatever a report holds, the page is made of our own elements and attributes, and every one is closed."""

    @settings(max_examples=scale(12, 2_000), deadline=None)
    @given(report=reports())
    def law(report: Report) -> None:
        text = render_html(report)
        page = read(text)

        assert set() == page.tags - OURS
        assert {"lang", "charset", "name", "content", "http-equiv", "class", "scope", "tabindex"} >= page.attributes
        assert text.replace("\n", "").isprintable()

    law()
