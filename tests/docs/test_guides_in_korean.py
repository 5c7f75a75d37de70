"""The Korean guides say what the English ones say, as far as a machine can see it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.docs.markdown import ENGLISH, KOREAN, Page, place

GUIDES = sorted(path.name for path in ENGLISH.glob("*.md"))


def switch(page: Page) -> str:
    """The first line below the title, in which the language is changed."""
    return page.text.split("\n\n")[1]


def shape(page: Page) -> Counter[str]:
    """How many headings of each level, rows of tables and entries of lists a page has."""
    begun = Counter(re.findall(r"^(#+ |\||- |\d\. )", page.prose, re.MULTILINE))
    return Counter({re.sub(r"\d", "1", mark): count for mark, count in begun.items()})


def words(page: Page) -> set[str]:
    """What a page writes as code within a sentence: commands, options, keys, values."""
    return {" ".join(code.split()) for code in re.findall(r"`([^`]+)`", page.prose)}


def places(page: Page) -> set[str]:
    """Where the links of a guide lead, but for the one to its twin; those within the page too."""
    links = (f"{page.path.name}{link}" if link.startswith("#") else link for link in page.links[1:])
    return {place(link, page.path.parent, page.path.parent) for link in links}


def differences(english: Page, korean: Page) -> list[str]:
    """What one of two twins has and the other has not."""
    found = []
    if english.code != korean.code:
        found.append(f"code: {sorted(set(english.code) ^ set(korean.code)) or 'another order'}")
    if shape(english) != shape(korean):
        found.append(f"shape: {shape(english)} and {shape(korean)}")
    for kind, one, other in (("links", places(english), places(korean)), ("words", words(english), words(korean))):
        if one != other:
            found.append(f"{kind}: {sorted(one - other)} only in English, {sorted(other - one)} only in Korean")
    return found


def test_every_guide_has_its_twin() -> None:
    """There is no guide in one language only."""
    assert GUIDES
    assert sorted(path.name for path in KOREAN.glob("*.md")) == GUIDES


@pytest.mark.parametrize("name", GUIDES)
def test_twins_lead_to_each_other(name: str) -> None:
    """Each names the other in a line below its title."""
    assert f"*[한국어](ko/{name})*" == switch(Page(ENGLISH / name))
    assert f"*[English](../{name})*" == switch(Page(KOREAN / name))


@pytest.mark.parametrize("name", GUIDES)
def test_twins_agree(name: str) -> None:
    """The same code to the letter, as many headings, rows and entries, the same links, the same words in backticks."""
    assert [] == differences(Page(ENGLISH / name), Page(KOREAN / name))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("$ trustpub x", "$ trustpub y", "code"),
        ("## Two", "### Two", "shape"),
        ("| a |\n", "", "shape"),
        ("(#two)", "(#one)", "links"),
        ("(other.md)", "(../other.md)", "links"),
        ("`--option`", "`--other`", "words"),
    ],
)
def test_a_forgotten_change_is_seen(old: str, new: str, kind: str, tmp_path: Path) -> None:
    """Whatever is changed in one of two twins is found, and nothing is found in a copy."""
    text = (
        "# One\n\n[switch](x)\n\n`--option` [two](#two) [other](other.md)\n\n| a |\n\n```console\n$ trustpub x\n```\n\n## Two\n"
    )
    twins = [Page(tmp_path / folder / "page.md") for folder in ("en", "en/ko")]
    for twin, written in zip(twins, (text, text), strict=True):
        twin.path.parent.mkdir()
        twin.path.write_text(written)
    assert [] == differences(*twins)

    changed = Page(tmp_path / "en" / "ko" / "page.md")
    changed.path.write_text(text.replace(old, new))

    assert [kind] == [each.partition(":")[0] for each in differences(twins[0], changed)]
