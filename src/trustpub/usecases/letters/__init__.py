"""What mails say: every kind in English and Korean, each in the language of whoever reads it.

A file an area, a kind of mail an entry: a line for the subject, a blank one, the body. A mail is plain text. It holds one link at
most, where there is something to open. Whoever runs the index is named below each when it goes out (`accounts/mailing.py`).

Values are put in as they are, on one line each. A value whose words we know (a role, a state, what changed) is said in the
reader's language; see `words.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from trustpub.usecases.letters import accounts, invitations, pending, projects, publishers
from trustpub.usecases.letters.words import WORDS, row_said

if TYPE_CHECKING:
    from collections.abc import Mapping

Rows: TypeAlias = "tuple[tuple[str, str], ...]"
"""Names and values that stand under a sentence, a line each."""

LETTERS: Mapping[str, tuple[str, str]] = {
    **accounts.LETTERS,
    **invitations.LETTERS,
    **projects.LETTERS,
    **publishers.LETTERS,
    **pending.LETTERS,
}
"""English and Korean by kind."""

MEMBERS = frozenset({*projects.LETTERS, *publishers.LETTERS})
"""Kinds that everybody in a project, or its owners, get without having asked for them: these say why."""
WHY = (
    "You get this mail because you have, or had until now, a role in the project {project}.",
    "{project} 프로젝트의 담당자이거나 담당자였으므로 보내 드리는 메일입니다.",
)


@dataclass(frozen=True, slots=True)
class Text:
    """A mail without its recipient."""

    subject: str
    body: str = field(repr=False)
    """May hold a link that is somebody's key."""


def letter(kind: str, language: str, said: Mapping[str, str], rows: Rows = ()) -> Text:
    """The letter of this kind in this language, English when we have no other, with the values that it takes.

    `rows` stand where the letter says `{rows}`.
    """
    column = column_of(language)
    subject, _, body = LETTERS[kind][column].partition("\n\n")
    told = {name: one_line(WORDS.get(f"{name}.{value}", (value, value))[column]) for name, value in said.items()}
    told["rows"] = "\n".join(f"  {row_said(name, column)}: {one_line(value)}" for name, value in rows if value)
    if kind in MEMBERS:
        body = f"{body.rstrip()}\n\n{WHY[column]}\n"
    return Text(subject.format_map(told), _paragraphs(body.format_map(told)))


def column_of(language: str) -> int:
    """Which text of a pair this language reads: 0 English, 1 Korean."""
    return int(language.partition("-")[0] == "ko")


def one_line(text: str) -> str:
    """A value as a mail can show it: nothing in it starts a line of its own, or turns the direction of what follows."""
    return "".join(each if each.isprintable() else " " for each in text)


def _paragraphs(body: str) -> str:
    """Without the hole of rows that a letter could have had."""
    return re.sub(r"\n{3,}", "\n\n", body).strip("\n") + "\n"
