"""Copy cards: every value alone on its line, exactly as it is to be typed."""

from __future__ import annotations

from trustpub.cli.render.copy_card import EMPTY, render_card
from trustpub.usecases.setup.ask import Card, Field

CARD = Card(
    "Pending publisher of `tool` on PyPI",
    "https://pypi.example/manage/account/publishing/",
    (Field("Owner", "octo", "GitHub's number of this account is 583"), Field("Environment name", "")),
    ("It does not reserve the name. " * 8,),
)


def test_the_whole_card() -> None:
    """Title, address, each field with its place in the form, and what to know."""
    lines = render_card(CARD).splitlines()
    assert [
        "Pending publisher of `tool` on PyPI",
        "  https://pypi.example/manage/account/publishing/",
        "",
        "  1 of 2  Owner (GitHub's number of this account is 583)",
        "    octo",
        "",
        "  2 of 2  Environment name",
        f"    {EMPTY}",
        "",
    ] == lines[:9]
    assert lines[9].startswith("  - It does not reserve the name.")
    assert lines[10].startswith("    ")
    assert max(map(len, lines)) <= 110


def test_only_values_are_marked() -> None:
    """What is copied stands out, and nothing else does."""
    assert ["    <octo>"] == [line for line in render_card(CARD, lambda text: f"<{text}>").splitlines() if "<" in line]


def test_a_card_without_a_form() -> None:
    """A card may only say something."""
    assert "Your account\n\n  - Look.\n" == render_card(Card("Your account", "", notes=("Look.",)))


def test_nothing_drives_the_terminal() -> None:
    """Escapes and marks of direction do not get through, from any part of a card."""
    evil = "a\x1b[2Jb\u202ec\r\nd"
    drawn = render_card(Card(evil, evil, (Field(evil, evil, evil),), (evil,)))
    assert all(line.isprintable() for line in drawn.split("\n"))
