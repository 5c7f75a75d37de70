"""Every text of every page, in English and Korean side by side. A file an area; a key is `area.what`.

A text may hold simple markup (`<code>`), and `{names}` for values, which are escaped when they are put in. What a use case says
of a problem is shown in English as it came; in Korean by its sentence (`refusals.py`), else by its code: `problem.CODE`. What the
fields of a publisher are called is said in mails too, and stands with them (`usecases/letters/words.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from trustpub.usecases.letters.words import WORDS as MAILED
from trustpub.web.pages.words import (
    account,
    administration,
    details,
    events,
    notes,
    problems,
    project,
    public,
    publishing,
    shell,
    sign_in,
)
from trustpub.web.pages.words.refusals import in_korean

if TYPE_CHECKING:
    from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    **{key: pair for key, pair in MAILED.items() if key.startswith("row.")},
    **shell.WORDS,
    **sign_in.WORDS,
    **account.WORDS,
    **administration.WORDS,
    **notes.WORDS,
    **problems.WORDS,
    **events.WORDS,
    **details.WORDS,
    **public.WORDS,
    **project.WORDS,
    **publishing.WORDS,
}
COLUMNS = {"en": 0, "ko": 1}


def said(language: str, key: str, **values: object) -> Markup:
    """The text of this key in this language, with the values put in. KeyError for a key that is not there."""
    return Markup(WORDS[key][COLUMNS[language]]).format(**values)  # noqa: S704 - our own words; values are escaped


def word(language: str, key: str) -> str:
    """The word of this key; empty where the catalogue has none."""
    known = WORDS.get(key)
    return known[COLUMNS[language]] if known else ""


def problem_said(language: str, code: str, description: str, field: str = "") -> Markup:
    """What is wrong, in this language where the catalogue has words for it, else as the use case said it.

    Programs are told the field before the sentence, and read no further: here it stands at its field, as a whole sentence.
    """
    text = description.removeprefix(f"`{field}`: ")
    known = None
    if language != "en":
        by_code = WORDS.get(f"problem.{code}")
        known = in_korean(text) or (by_code[COLUMNS[language]] if by_code else None)
    return with_code(known or _sentence(text))


def _sentence(text: str) -> str:
    """With a capital letter at its beginning and a full stop at its end."""
    return text[:1].upper() + text[1:] + ("." if text[-1:].isalnum() or text.endswith(("`", ")")) else "")


def with_code(text: str) -> Markup:
    """A sentence of a use case, with what stands in backticks as code."""
    parts = text.split("`")
    whole = len(parts) % 2 == 1  # else one was not closed: shown as it is
    between = escape("" if whole else "`")
    return between.join(
        Markup("<code>{}</code>").format(part) if whole and at % 2 else escape(part) for at, part in enumerate(parts)
    )


def event_said(language: str, kind: str) -> str:
    """What an event of this kind is called; the kind itself, made readable, where the catalogue has no words for it."""
    known = WORDS.get(f"event.{kind}")
    return known[COLUMNS[language]] if known else kind.replace("-", " ").replace("_", " ")


def field_said(language: str, name: str) -> str:
    """What a field of a publisher's row is called; a claim that only its issuer knows keeps its own name."""
    known = WORDS.get(f"row.{name}")
    return known[COLUMNS[language]] if known else name
