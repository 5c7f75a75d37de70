"""A lazy pattern answers as a compiled one."""

from __future__ import annotations

import re

import pytest

from trustpub.pattern import lazy_pattern


@pytest.mark.parametrize(("text", "flags"), [(r"(a+)(?P<b>b)?", 0), (r"A+", re.IGNORECASE), (r"^x$", re.MULTILINE)])
def test_answers_alike(text: str, flags: int) -> None:
    """Every way to ask gives what `re.compile` gives, the first time and later."""
    lazy, compiled = lazy_pattern(text, flags), re.compile(text, flags)
    for words in ("aab", "xx", "y\nx\n", ""):
        for _ in range(2):
            for ask in ("match", "search", "fullmatch"):
                assert str(getattr(lazy, ask)(words)) == str(getattr(compiled, ask)(words))
            assert [match.span() for match in lazy.finditer(words)] == [match.span() for match in compiled.finditer(words)]
            assert lazy.sub("-", words) == compiled.sub("-", words)
            assert lazy.split(words) == compiled.split(words)
            assert lazy.findall(words) == compiled.findall(words)
    assert (lazy.pattern, lazy.flags, lazy.groups, lazy.groupindex) == (
        text,
        compiled.flags,
        compiled.groups,
        compiled.groupindex,
    )


def test_compiles_when_asked() -> None:
    """Making one compiles nothing."""
    wrong = lazy_pattern("(")
    with pytest.raises(re.error):
        wrong.search("x")
