"""Links lead somewhere, the front page is one screen, and nothing names a host that it may not."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from tests.docs.markdown import ENGLISH, KOREAN, ROOT, Page, files, pages, place
from tests.lint import HOSTS, PATHS

SCREEN = 60
FILE = re.compile(r"`((?:cli|domain|main|parties|storage|tests|usecases|web|workflows)/[\w/]+(?:\.py|/))`")
"""A file or a folder as the pages about the code name it."""


def problems(page: Page) -> list[str]:
    """The links of one page that lead nowhere."""
    found = []
    for link in page.links:
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        if not target.exists():
            found.append(f"{link}: no such file")
        elif anchor and anchor not in Page(target).anchors:
            found.append(f"{link}: no such heading")
    return found


def test_links() -> None:
    """Every relative link of every page, with its anchor, resolves."""
    assert [] == [f"{page.path.relative_to(ROOT)}: {problem}" for page in pages() for problem in problems(page)]


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    """The reader of links finds a missing file and a missing heading, and passes what is right."""
    page = tmp_path / "page.md"
    page.write_text("# A `b` c\n[x](gone.md) [y](#not-there) [z](#a-b-c) ![p](page.md) [w](https://example.com/)\n")

    assert ["gone.md: no such file", "#not-there: no such heading"] == problems(Page(page))


def test_the_code_that_is_named_is_there() -> None:
    """Each file that the map, the recipes, the decisions and the page of security name; `NAME` and `example` stand for any."""
    about = [ROOT / "docs" / "architecture.md", ROOT / "docs" / "reference" / "security.md"]
    about += [*(ROOT / "docs" / "recipes").glob("*.md"), *(ROOT / "docs" / "adr").glob("*.md")]
    named = {(path.name, name) for path in about for name in FILE.findall(path.read_text(encoding="utf-8"))}
    gone = {
        (page, name)
        for page, name in named
        if not any((root / name).exists() for root in (ROOT, ROOT / "src" / "trustpub")) and not re.search("NAME|example", name)
    }

    assert len(named) > 50
    assert set() == gone


def test_examples_in_yaml_are_yaml() -> None:
    """Every YAML example in a page can be read, and a workflow among them grants nothing to all jobs."""
    read = [yaml.safe_load(block) for each in pages() for block in each.blocks("yaml")]

    assert len(read) > 4
    assert [] == [each for each in read if isinstance(each, dict) and "jobs" in each and each.get("permissions") != {}]


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_front_page_is_one_screen(name: str) -> None:
    """The front page stays at sixty lines, whatever is added."""
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= SCREEN


def test_both_front_pages_lead_to_the_same_places() -> None:
    """The Korean page links what the English one links, guides in its own language, each to the other first."""
    english, korean = (Page(ROOT / name).links for name in ("README.md", "README.ko.md"))

    assert ["README.ko.md", "README.md"] == [english[0], korean[0]]
    assert {place(link, ROOT, ENGLISH) for link in english[1:]} == {place(link, ROOT, KOREAN) for link in korean[1:]}


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_front_page_has_the_two_commands(name: str) -> None:
    """The first thing to type is a rehearsal, the second a check."""
    block = next(Page(ROOT / name).blocks("console"))

    assert ["./x rehearse", "./x run check PATH"] == [line.partition("#")[0].strip() for line in block.splitlines()]


def test_the_picture_stands_alone() -> None:
    """The picture is XML, follows dark and light, and fetches nothing."""
    text = (ROOT / "docs" / "flow.svg").read_text(encoding="utf-8")
    root = ET.fromstring(text)

    assert "{http://www.w3.org/2000/svg}svg" == root.tag
    assert "prefers-color-scheme: dark" in text
    assert [] == re.findall(r"(?:href|src|@import|url\(h)[^#]*", text.replace("url(#", ""))


def test_no_file_names_a_registry_host() -> None:
    """No host of a registry and no path of a machine stands in any file of the project."""
    named = []
    for path in files():
        text = path.read_bytes().decode("utf-8", "replace")
        named += [f"{path.relative_to(ROOT)}: {match.group()}" for kind in (HOSTS, PATHS) for match in kind.finditer(text)]

    assert [] == named
