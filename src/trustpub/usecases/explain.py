"""Explain: from the log of a failed release to its causes, each with evidence, the field and what to do.

What is not in the catalogue has no cause, and that is an answer too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.failures import CATALOGUE, Evidence, Found, known
from trustpub.domain.failures.clue import CONFIDENCES
from trustpub.domain.failures.presented import presented
from trustpub.domain.logs import cleaned
from trustpub.errors import BadInput
from trustpub.record import NamedTuple
from trustpub.usecases.at_hand import with_places
from trustpub.usecases.differing import COMPARED, compared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustpub.rules.facts import Facts

LONGEST_LOG = 50 * 1024 * 1024
"""Bytes of one log."""
_NEARBY = 4000
_ORDER = {cause.code: place for place, cause in enumerate(CATALOGUE)}


class Source(NamedTuple):
    """One text to explain. `job` names whose log it is, empty for the only one; `beside` says that it stands beside a log."""

    data: bytes
    job: str = ""
    beside: bool = False


def explain(
    sources: Sequence[Source], facts: Facts | None = None, index_of: Callable[[str], str | None] = lambda _: None
) -> tuple[Found, ...]:
    """Name the causes, the most likely first; nothing when none is known. Raises `BadInput` for a log that is too long.

    `facts` are those of a checkout of the same repository; `index_of` names the index of an address.
    """
    found: dict[tuple[str, str, str], Found] = {}
    for source in sources:
        if len(source.data) > LONGEST_LOG:
            why = f"it is longer than {LONGEST_LOG >> 20} MB"
            raise BadInput("the log", why=why, next_step="Give the log of the failed job or step alone")
        for cause in _causes(source, facts, index_of):
            found.setdefault((cause.code, cause.field, cause.title), cause)
    return tuple(sorted(found.values(), key=lambda one: CONFIDENCES.index(one.confidence)))


def _causes(source: Source, facts: Facts | None, index_of: Callable[[str], str | None]) -> list[Found]:
    text = cleaned(source.data)
    causes: list[Found] = []
    for one in known(text):
        cause = one._replace(evidence=tuple(_placed(each, source) for each in one.evidence))
        if cause.code in COMPARED:
            said = presented(text, one.place)
            causes += compared(cause, said, facts, _index(text, one.place, index_of) if facts is not None else None)
        else:
            causes.append(cause if facts is None else with_places(cause, facts))
    return causes


def _placed(evidence: Evidence, source: Source) -> Evidence:
    return evidence._replace(line=0 if source.beside else evidence.line, job=source.job)


def _index(text: str, place: int, index_of: Callable[[str], str | None]) -> str | None:
    """Name the index whose address stands nearest before a refusal, if there is one that is known."""
    around = text[max(0, place - _NEARBY) : place + 200]
    for address in reversed(re.findall(r"https?://[^\s\"'`<>)\x0b]{1,200}", around)):
        name = index_of(address)
        if name is not None:
            return name
    return None
