"""Whether a tool's version, as far as a file tells it, is one that exchanges ID tokens."""

from __future__ import annotations

import re

from trustpub.pattern import lazy_pattern

_BOUND = lazy_pattern(r"(===?|@|<=?|~=)\s*v?([0-9]+(?:\.[0-9]+)*)(\.[*x])?")
_ANY = 1 << 30


class Since:
    """A tool that exchanges ID tokens since a version."""

    def __init__(self, version: str) -> None:
        self.version = version

    def of(self, requirement: str) -> tuple[bool | None, str]:
        """Judge `twine==5.1`, `twine<6`, `twine@6.1.0`; the newest version that the words allow is the one that runs."""
        least = numbers(self.version)
        for sign, written, star in _BOUND.findall(requirement):
            named = numbers(written)
            newest = (*named[:-1], _ANY) if sign == "~=" else (*named, _ANY) if star else named
            if (_padded(named) <= _padded(least)) if sign == "<" else (_padded(newest) < _padded(least)):
                return False, f"`{requirement}` is older than {self.version}, the first version that exchanges ID tokens"
        return True, ""


def numbers(version: str) -> tuple[int, ...]:
    """Return a version's numbers: `v1.8.14` is (1, 8, 14)."""
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:4])


def _padded(version: tuple[int, ...]) -> tuple[int, ...]:
    return (*version, 0, 0, 0, 0)[:4]
