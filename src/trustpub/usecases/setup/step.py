"""One step of a setup: what differs, who gains power, how it is done, and how it is seen to be done.

Steps are made anew from what is read at every run, so a setup that was cut off anywhere goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Sign = Literal["+", "~", "-"]
State = Literal["proven", "stated", "differs", "skipped"]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs: what is there (empty: nothing), and what shall be. Both as a person reads them."""

    sign: Sign
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the plan that is done whole.

    `key` names it for good (`environment pypi`, `tag rules`, `file .github/workflows/pypi.yml`, `publisher orchay on pypi`),
    `party` says whose side it is (`files`, `github`, or the name of an index). Without `changes` there is nothing to do.
    `power` is a sentence on who gains or loses what. `cannot` says why it is not done here and what to do instead: then
    `apply` is None. `apply` does it, raises `Denied` or `Unreachable`, and may be called again after it was cut off;
    `read_back` asks the party again and returns what still differs, or None where nobody can ask (it is then *stated*, which
    goes for a step without changes too). `awaited` says that somebody else could do it, so that what it guards waits for it.
    """

    key: str
    party: str
    changes: tuple[Change, ...] = ()
    power: str = ""
    cannot: str = ""
    apply: Callable[[], None] | None = None
    read_back: Callable[[], tuple[Change, ...] | None] | None = None
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a step. `left` is what still differed when it was read back, `note` a word to the person."""

    step: Step
    state: State
    left: tuple[Change, ...] = ()
    note: str = ""
