"""What a known failure looks like in a log: phrases that clients, indexes and GitHub print, and what follows from them.

A phrase is plain text. Between its words any blank may stand, so that a wrapped line matches as well; `{name}` stands for one
word, which the fix can then repeat. Finding them takes linear time, whatever the log holds.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeAlias

from trustpub.domain.logs import ENDS, LONGEST_EVIDENCE, line_at, line_number, masked
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Confidence: TypeAlias = Literal["certain", "likely", "possible"]
CONFIDENCES: tuple[Confidence, ...] = ("certain", "likely", "possible")
MOST_EVIDENCE = 3
_MOST_LOOKED_AT = 200
"""Places of one phrase whose surroundings are looked at."""
_AROUND = 600
"""Characters before and after a phrase in which its company must stand."""


class Clue(NamedTuple):
    """One phrase. Of the texts in `near` one must stand around it, of those in `apart` none may; `around` is how far is looked.

    `sure` is how much it proves, where that is not what the cause says.
    """

    says: str
    near: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    sure: Confidence | None = None
    around: int = _AROUND


class Cause(NamedTuple):
    """One known failure.

    `title` says what happened, `fix` what to do; both may repeat what a phrase caught. `field` is what must be changed, by PyPI's
    row name where it has one. `sure` is how much the phrase alone proves. A cause in `behind` is the reason for this one: when
    that is certain, this one is only its consequence and is left out. A `last_resort` is left out beside any other cause.
    """

    code: str
    title: str
    clues: tuple[Clue, ...]
    fix: str
    field: str = ""
    sure: Confidence = "certain"
    behind: tuple[str, ...] = ()
    last_resort: bool = False


class Evidence(NamedTuple):
    """One line of the log, from 1; 0 when the text stands beside the log (an annotation).

    `job` names whose log it is, when there are several.
    """

    line: int
    text: str
    job: str = ""


class Found(NamedTuple):
    """One cause in one log. `expected` and `got` are the two values of the field, when they are known.

    `place` is where in the cleaned log its first phrase stands, `caught` what the phrases' words stood for.
    """

    code: str
    title: str
    confidence: Confidence
    evidence: tuple[Evidence, ...]
    fix: str
    field: str = ""
    expected: str = ""
    got: str = ""
    place: int = 0
    caught: Mapping[str, str] = {}


class _Words(dict[str, str]):
    """What phrases caught; a word that none caught shows as `...`."""

    def __missing__(self, key: str) -> str:
        return "..."


@cache
def _pattern(says: str) -> tuple[str, re.Pattern[str]]:
    """Compile a phrase; with it goes its longest word, which is looked for first."""
    anchor = max(re.sub(r"\{\w+\}", " ", says).split(), key=len)
    parts = [_word(part) for part in says.split(" ")]
    return anchor, re.compile(r"[\s|>]{1,200}".join(parts))


def _word(word: str) -> str:
    pieces = re.split(r"(\{\w+\})", word)
    return "".join(_caught(piece[1:-1]) if piece.startswith("{") else re.escape(piece) for piece in pieces)


def _caught(name: str) -> str:
    """What may stand for a name: one word; an environment's name may have blanks in it."""
    return rf"(?P<{name}>[^\n\"'`{{}}]{{1,255}}?)" if name == "environment" else rf"(?P<{name}>[^\s\"'`{{}}]{{1,200}})"


def matches(clue: Clue, text: str) -> list[re.Match[str]]:
    """Find the first places of a clue."""
    anchor, pattern = _pattern(clue.says)
    if anchor not in text:
        return []
    found = (
        match for match in islice(pattern.finditer(text), _MOST_LOOKED_AT) if _in_company(clue, text, match.start(), match.end())
    )
    return list(islice(found, MOST_EVIDENCE))


def _in_company(clue: Clue, text: str, begin: int, end: int) -> bool:
    if not clue.near and not clue.apart:
        return True
    around = " ".join(text[max(0, begin - clue.around) : end + clue.around].split())  # a wrapped line hides no company
    return (not clue.near or any(word in around for word in clue.near)) and not any(word in around for word in clue.apart)


def look_for(cause: Cause, text: str) -> Found | None:
    """Look for one cause."""
    by_clue = [(clue, found) for clue in cause.clues if (found := matches(clue, text))]
    if not by_clue:
        return None
    seen = sorted((match for _, found in by_clue for match in found), key=lambda match: match.start())
    caught = _Words()
    for match in seen:
        for name, value in match.groupdict().items():
            caught.setdefault(name, _tidy(value))
    field = caught["field"] if cause.field == "{field}" else cause.field
    return Found(
        code=cause.code,
        title=cause.title.format_map(caught),
        confidence=min((clue.sure or cause.sure for clue, _ in by_clue), key=CONFIDENCES.index),
        evidence=_evidence(text, seen),
        fix=cause.fix.format_map(caught),
        field=field,
        place=seen[0].start(),
        caught=caught,
    )


def _tidy(value: str) -> str:
    """What a phrase caught, without the marks around it and without secrets."""
    return masked(value.strip(".,:;()[]<>*"))[:100]


def _evidence(text: str, seen: list[re.Match[str]]) -> tuple[Evidence, ...]:
    """The lines of the first places; what a line has shown already is not shown again."""
    lines: list[Evidence] = []
    shown = -1
    for match in seen:
        place = match.start()
        if shown < 0 or place - shown > LONGEST_EVIDENCE or any(end in text[shown:place] for end in ENDS):
            lines.append(Evidence(line_number(text, place), line_at(text, place)))
            shown = place
    return tuple(lines[:MOST_EVIDENCE])
