"""Regular expressions that are compiled when they are first used.

A check reaches a hundred of them and uses a half; compiling one takes a tenth of a millisecond. To whoever uses it, a pattern is
what `re.compile` returns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable


class _Pattern:
    """Stands for a compiled pattern. What is asked of it once is kept, so that later questions go straight to the pattern."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern = text
        self.compiled: Callable[[], re.Pattern[str]] = lambda: re.compile(text, flags)

    def __getattr__(self, name: str) -> object:
        found: object = getattr(self.compiled(), name)
        self.__dict__[name] = found
        return found


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern, to be compiled when it is first used: a mistake in it shows only then."""
    return cast("re.Pattern[str]", _Pattern(text, flags))
