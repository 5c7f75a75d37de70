"""Reads what the tests ask of a Markdown page: headings, anchors, links, code blocks."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = ROOT / "docs" / "reference"
ENGLISH = ROOT / "docs" / "guides"
KOREAN = ENGLISH / "ko"

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>[\w-]*)\n(?P<body>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6}) (.+?)\s*$", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*([^)\s]+)\s*\)")


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @cached_property
    def text(self) -> str:
        """The whole page."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The page without its code blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def headings(self) -> list[tuple[int, str]]:
        """Level and text of every heading, in order, without backticks."""
        return [(len(marks), words.replace("`", "")) for marks, words in _HEADING.findall(self.prose)]

    @cached_property
    def anchors(self) -> list[str]:
        """What a link may name behind `#`, as GitHub makes it, in the order of the headings."""
        return [re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-") for _, words in self.headings]

    @cached_property
    def links(self) -> list[str]:
        """The targets of links and pictures, in order."""
        return _LINK.findall(self.prose)

    def below(self, title: str) -> list[str]:
        """The headings directly below the heading `title`."""
        found: list[str] = []
        level = 0
        for depth, words in self.headings:
            if level and depth <= level:
                break
            if level and depth == level + 1:
                found.append(words)
            if words == title:
                level = depth
        return found

    @cached_property
    def code(self) -> list[str]:
        """The code blocks of all languages with their fences, in order."""
        return [match.group() for match in _FENCE.finditer(self.text)]

    def blocks(self, language: str) -> Iterator[str]:
        """The code blocks of one language."""
        yield from (match["body"] for match in _FENCE.finditer(self.text) if match["language"] == language)


@cache
def files() -> tuple[Path, ...]:
    """Every file that git tracks or would add, and that is there."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def pages() -> list[Page]:
    """Every Markdown page of the project."""
    return [Page(path) for path in files() if path.suffix == ".md"]


def page(name: str) -> Page:
    """One page of the reference."""
    return Page(REFERENCE / name)


def place(link: str, folder: Path, guides: Path) -> str:
    """Where a link of a page in `folder` leads, in words that are the same in each language.

    A page in `guides`, the folder of the page's own language, is told by its name and the number of the heading, for headings
    are translated; any other by its path.
    """
    if re.match(r"[a-z]+:", link):
        return link
    name, _, anchor = link.partition("#")
    target = (folder / name).resolve()
    if target.parent != guides:
        return f"{target}#{anchor}"
    return f"{target.name}#{Page(target).anchors.index(anchor) if anchor else ''}"
