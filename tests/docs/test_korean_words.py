"""One word for one thing in Korean: what the glossary rules out is nowhere, and what it names is used."""

from __future__ import annotations

import pytest

from tests.docs.markdown import KOREAN, ROOT
from trustpub.usecases.letters import LETTERS, WHY
from trustpub.usecases.letters.words import WORDS as MAILED
from trustpub.web.pages.words import WORDS
from trustpub.web.pages.words.refusals import REFUSALS

GLOSSARY = ROOT / "docs" / "recipes" / "korean.md"


def rows() -> list[tuple[str, list[str], list[str]]]:
    """English, Korean and ruled-out words of each row."""
    lines = [line.strip("|").split("|") for line in GLOSSARY.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [(english.strip(), _words(korean), _words(others)) for english, korean, others in lines[1:]]


def _words(cell: str) -> list[str]:
    return [each.strip() for each in cell.split(",") if each.strip()]


def texts() -> dict[str, str]:
    """Everything that we say in Korean, by where it stands."""
    pages = {f"page: {key}": korean for key, (_, korean) in WORDS.items()}
    refusals = {f"refusal: {english}": korean for english, korean in REFUSALS.items()}
    mails = {f"mail: {kind}": korean for kind, (_, korean) in {**LETTERS, **MAILED, "why": WHY}.items()}
    documents = {path.name: path.read_text("utf-8") for path in (*KOREAN.glob("*.md"), ROOT / "README.ko.md")}
    return {**pages, **refusals, **mails, **documents}


@pytest.mark.parametrize(("english", "korean", "others"), rows())
def test_a_thing_has_one_word(english: str, korean: list[str], others: list[str]) -> None:
    """In pages, refusals, mails, guides and the README."""
    said = texts()
    assert [] == [(where, other) for where, text in said.items() for other in others if other in text]
    assert english
    for word in korean:
        assert any(word.removesuffix("하다").removesuffix("리다") in text for text in said.values()), word


def test_mails_call_things_what_pages_call_them() -> None:
    """Roles, states and fields of publishers, in both languages."""
    told = {key: pair for key, pair in MAILED.items() if key in WORDS}
    assert len(told) > 15
    assert told == {key: WORDS[key] for key in told}
    for before, page in (("before.owner", "role.owner"), ("before.maintainer", "role.maintainer")):
        assert MAILED[before] == WORDS[page]
    for state in ("active", "archived", "quarantined"):
        assert MAILED[f"before.{state}"] == WORDS[f"state.{state}"]
