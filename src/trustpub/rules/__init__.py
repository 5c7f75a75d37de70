"""The rules of `check`: one file each, loaded only when they are needed.

A rule's file holds `RULE`, which says what it is, and `check(facts)`, which yields findings. To add one, write the file and its
line in `MODULES` (docs/recipes/rule.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Finding
    from trustpub.domain.findings import Rule as RuleText
    from trustpub.rules.facts import Facts

MODULES = {
    "M02": "id_token",
    "S01": "suppress_unused",
    "S02": "suppress_reason",
    "S03": "suppress_unknown",
}
"""Every rule: its code and its file, in the order in which they are listed."""
AFTERWARDS = frozenset(("S01", "S02", "S03"))
"""The rules on comments that suppress findings: they speak when all others have, so they are not asked with them."""


class RuleFile(Protocol):
    """What a rule's file holds."""

    RULE: RuleText

    def check(self, facts: Facts) -> Iterator[Finding]:
        """Yield what is wrong."""


def load(code: str) -> RuleFile:
    """Import one rule. Raises `KeyError` for a code that does not exist."""
    from importlib import import_module

    return cast("RuleFile", import_module(f"trustpub.rules.{MODULES[code]}"))


def check(facts: Facts) -> Iterator[Finding]:
    """Ask every rule."""
    for code in MODULES:
        if code not in AFTERWARDS:
            yield from load(code).check(facts)
