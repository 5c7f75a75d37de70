"""List the rules of `check`, or find one by its code or its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.errors import BadInput
from trustpub.rules import MODULES, load

if TYPE_CHECKING:
    from trustpub.domain.findings import Rule


def every_rule() -> tuple[Rule, ...]:
    """Return all rules, in the order in which they are listed."""
    return tuple(load(code).RULE for code in MODULES)


def find_rule(wanted: str) -> Rule:
    """Find a rule by its code or name, without regard to case. Raises `BadInput` that names the nearest one."""
    rules = every_rule()
    for rule in rules:
        if wanted.lower() in (rule.code.lower(), rule.name.lower()):
            return rule
    near = _nearest(wanted, [word for rule in rules for word in (rule.code, rule.name)])
    step = f"Did you mean `{near}`? " if near else ""
    raise BadInput(f"rule `{wanted}`", why="there is none", next_step=f"{step}`trustpub rules` lists them")


def _nearest(wanted: str, words: list[str]) -> str | None:
    """Find what was probably meant: a code with its zero left out, a part of a name, else whatever looks most like it."""
    from difflib import get_close_matches

    whole = f"{wanted[:1].upper()}{wanted[1:].zfill(2)}"
    parts = [word for word in words if len(wanted) > 2 and wanted.lower() in word]
    return next((word for word in [whole, *parts] if word in words), None) or next(
        iter(get_close_matches(wanted.upper() if len(wanted) <= 4 else wanted.lower(), words, n=1, cutoff=0.4)), None
    )
