"""Classifiers: a fixed list of phrases that somebody else keeps; it is given as an argument, and read only when it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.core_metadata import Problem, invalid
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

PRIVATE = "Private ::"


class Catalogue(NamedTuple):
    """Every classifier that exists, and those of them that should no longer be used, with what took their place."""

    known: Collection[str]
    deprecated: Mapping[str, Sequence[str]]


def classifier_problem(classifiers: Sequence[str], catalogue: Catalogue) -> Problem | None:
    """The first classifier that does not exist or is deprecated, in PyPI's order and words.

    What is private is a matter of the index's rules, not of the catalogue. Mirrors: warehouse/forklift/metadata.py @6b62157.
    """
    asked = sorted({each for each in classifiers if not each.startswith(PRIVATE)})
    for each in asked:
        if each not in catalogue.known and each not in catalogue.deprecated:
            return invalid("classifier", each, f"{each[:100]!r} is not a valid classifier.")
    for each in asked:
        if each in catalogue.deprecated:
            instead = catalogue.deprecated[each]
            use = f", use one of {list(instead)} instead." if instead else "."
            return invalid("classifier", each, f"The classifier {each!r} has been deprecated{use}")
    return None
