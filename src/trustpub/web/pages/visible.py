"""Texts that strangers wrote, fit for one line of a page: nothing invisible, nothing that turns the line around, not too long."""

from __future__ import annotations

import unicodedata

LONGEST = 500
HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Categories of characters that are not seen, or that reorder or break what is around them."""
JOINERS = frozenset("\u200c\u200d")
"""Not seen either, and needed to write Persian, or an emoji of a family."""


def visible(text: str, longest: int = LONGEST) -> str:
    """The text on one line; what cannot be seen is shown as its number, what is too long ends in dots."""
    short = text if len(text) <= longest else text[: longest - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    return "".join(_seen(each) for each in " ".join(short.split()))


def _seen(character: str) -> str:
    if unicodedata.category(character) in HIDDEN and character not in JOINERS:
        return f"\N{REPLACEMENT CHARACTER}U+{ord(character):04X}"
    return character
