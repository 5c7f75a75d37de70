"""A report as text and back, for the cache of `check`.

The lines of the files are not stored: a workflow may hold a password that somebody wrote into it, and the file is at hand when
the report is wanted again. What is read back is checked value by value, because anybody may have written the text.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from trustpub.usecases import report as shapes
from trustpub.usecases.report import MOST_LINES, Excerpt, Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.workflows.source import Source

_TELLING = r"pypi-[\w-]{16}|gh[opsur]_\w{16}|github_pat_|glpat-|A[KS]IA[A-Z0-9]{16}|-----BEGIN |eyJ[\w-]{16}"
"""What looks like a token or a key: a report that holds one anywhere is not stored."""


def dump(report: Report) -> str | None:
    """Write a report; None when it should not be stored."""
    text = json.dumps(_bare(report), ensure_ascii=True, separators=(",", ":"))
    return None if re.search(_TELLING, text) else text


def restore(stored: object, source_of: Callable[[str], Source]) -> Report:
    """Read a report back; `source_of` gives the files that it quotes. Raises `ValueError` for anything that is no report."""
    found = _value("Report", stored, source_of)
    if not isinstance(found, Report):
        raise ValueError("not a report")
    return found


def _bare(value: object) -> object:
    """Take the quoted lines out of every place."""
    if isinstance(value, Excerpt):
        value = value._replace(lines=())
    return [_bare(each) for each in value] if isinstance(value, tuple | list) else value


def _value(kind: str, stored: object, source_of: Callable[[str], Source]) -> object:
    """Build a value of an annotated kind."""
    if kind.endswith(" | None"):
        return None if stored is None else _value(kind.removesuffix(" | None"), stored, source_of)
    plain = {"str": str, "int": int, "bool": bool, "Severity": str, "State": str}.get(kind)
    if plain is not None:
        if type(stored) is not plain:
            raise ValueError(f"not {kind}")
        return stored
    if not isinstance(stored, list):
        raise ValueError(f"not {kind}")
    if kind.startswith("tuple["):
        return _tuple(kind[6:-1], stored, source_of)
    shape = getattr(shapes, kind)
    annotations = tuple(shape.__annotations__.values())
    made = shape(*(_value(each, part, source_of) for each, part in zip(annotations, stored, strict=True)))
    return _quoted(made, source_of(made.path)) if isinstance(made, Excerpt) else made


def _tuple(inside: str, stored: list[object], source_of: Callable[[str], Source]) -> tuple[object, ...]:
    if inside.endswith(", ..."):
        return tuple(_value(inside.removesuffix(", ..."), each, source_of) for each in stored)
    return tuple(_value(kind, each, source_of) for kind, each in zip(inside.split(", "), stored, strict=True))


def _quoted(place: Excerpt, source: Source) -> Excerpt:
    """Quote the lines of a place anew."""
    from trustpub.workflows.source import shown

    last = min(place.end_line, place.line + MOST_LINES - 1)
    return place._replace(lines=tuple(shown(source.line(number)) for number in range(place.line, last + 1)))
