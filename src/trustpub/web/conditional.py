"""Conditional and partial requests: entity tags and byte ranges (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(rb"\s*bytes\s*=\s*([0-9]{0,19})-([0-9]{0,19})\s*", re.IGNORECASE)


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """Whether the client has this representation already. Compares weakly, as the header asks for."""
    if if_none_match == etag:
        return True
    return any(tag.strip().removeprefix(b"W/") in (etag, b"*") for tag in if_none_match.split(b","))


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` up to, not including, `end`."""

    start: int
    end: int


def requested_part(value: bytes, size: int) -> Part | None:
    """The one range a client asks for; None when the header is none that we serve, and the whole file is the answer.

    Several ranges at once are allowed to be ignored, and are: answering them is how a small request becomes a giant answer. A
    range that holds no byte of the file is returned empty, for the answer 416.
    """
    found = _RANGE.fullmatch(value)
    if found is None or found.groups() == (b"", b""):
        return None
    first, last = found.groups()
    if not first:
        return Part(max(size - int(last), 0), size) if int(last) else Part(0, 0)
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None  # not a range at all
    return Part(start, end) if start < size else Part(0, 0)
