"""Patterns of refs: from which branches and tags a publisher lets files come (`refs/tags/v*`).

`*` stands for any characters but `/`, `**` for any characters; everything else for itself, case and all. A pattern is a whole
ref, as tokens spell it: `v*` alone would be a branch to one reader and a tag to another.
"""

from __future__ import annotations

LONGEST = 255
"""Characters of a ref or a pattern. No provider has longer refs, so that no claim is worth more work than this."""
MOST = 20
"""Patterns of one publisher."""


def ref_matches(pattern: str, ref: str) -> bool:
    """Whether the whole ref is as the pattern says. Takes time in proportion to both lengths, whatever they hold."""
    if len(ref) > LONGEST or len(pattern) > LONGEST:
        return False
    reached = [True, *([False] * len(ref))]
    place = 0
    while place < len(pattern):
        if pattern.startswith("**", place):
            reached, place = _run(reached, ref, across=True), place + 2
        elif pattern[place] == "*":
            reached, place = _run(reached, ref, across=False), place + 1
        else:
            wanted = pattern[place]
            reached, place = [False, *(reached[at] and ref[at] == wanted for at in range(len(ref)))], place + 1
    return reached[-1]


def ref_allowed(patterns: tuple[str, ...], ref: str) -> bool:
    """Whether a ref is as one of the patterns says; without any pattern every ref is."""
    return not patterns or any(ref_matches(pattern, ref) for pattern in patterns)


def ref_pattern_problem(pattern: str) -> str | None:
    """Say why this cannot be a pattern of refs, or None."""
    if len(pattern) > LONGEST:
        return f"A pattern has at most {LONGEST} characters."
    if not pattern.startswith(("refs/tags/", "refs/heads/")):
        return f"`{pattern}` is no whole ref. Write `refs/tags/{pattern}` for tags, or `refs/heads/{pattern}` for branches."
    if any(not each.isprintable() or each in " ~^:?[\\" for each in pattern) or "***" in pattern:
        return f"`{pattern}` holds what no ref holds: only letters, digits, signs, and `*` or `**` for anything."
    return None


def _run(reached: list[bool], ref: str, *, across: bool) -> list[bool]:
    """Where a star ends that began at any of these places."""
    found: list[bool] = []
    open_run = False
    for at, here in enumerate(reached):
        if at and open_run and not across and ref[at - 1] == "/":
            open_run = False
        open_run = open_run or here
        found.append(open_run)
    return found
