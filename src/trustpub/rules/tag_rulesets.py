"""Which rulesets in force hold a tag, and what they leave to everybody who can push."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.rules.wording import listed, quoted
from trustpub.workflows.environments import fnmatch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.domain.github_settings import Ruleset

NEEDED = {"creation": "creating", "update": "moving", "deletion": "deleting"}
"""The rules that a release tag needs, and what each of them keeps others from."""


def holds(ruleset: Ruleset, ref: str) -> bool:
    """Say whether a ruleset is about a tag, in force or not. `ref` is a full one."""
    if ruleset.target != "tag":
        return False
    included, excluded = (any(_fits(each, ref) for each in some) for some in (ruleset.include, ruleset.exclude))
    return included and not excluded


def _fits(pattern: str, ref: str) -> bool:
    return pattern == "~ALL" or fnmatch(pattern, ref)


def lacking(rulesets: Iterable[Ruleset], ref: str) -> tuple[str, ...]:
    """List the needed rules that no ruleset in force has for a tag; those of organisations count as the repository's own do."""
    active = [each for each in rulesets if each.enforcement == "active" and holds(each, ref)]
    return tuple(rule for rule in NEEDED if not any(rule in each.rules for each in active))


def left_open(rulesets: Iterable[Ruleset], ref: str, rules: Iterable[str]) -> str:
    """Say what nobody is kept from, and which rulesets would keep them if they were in force."""
    idle = [each for each in rulesets if each.enforcement != "active" and holds(each, ref)]
    words = {"evaluate": "only evaluated", "disabled": "disabled"}
    why = f" ({listed(f'`{each.name}` is {words[each.enforcement]}' for each in idle)})" if idle else ""
    return f"no ruleset in force keeps anybody with write access from {listed((NEEDED[rule] for rule in rules), 'or')} them{why}"


def example(pattern: str) -> str:
    """Write a tag's full ref that a pattern of tags takes; empty when none is found."""
    import re

    name = re.sub(r"\*\*/|\[[^\]]*\]", "", pattern).replace("*", "1.2.3").replace("?", "1").replace("\\", "")
    return f"refs/tags/{name}" if fnmatch(pattern, name) else ""


def shown(patterns: Iterable[str]) -> str:
    """Write patterns of tags for a sentence."""
    return quoted(patterns, "or")
