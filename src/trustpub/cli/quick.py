"""The quick parser: reads an ordinary command line without click, and declines every other.

Whatever it does not understand completely it leaves to click, which then explains, helps or completes. What it does understand it
must read exactly as click would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.cli.options import Table, Value

COMPLETION = "_TRUSTPUB_COMPLETE"
"""The variable by which a shell asks click for completions."""


def parse(table: Table, args: Sequence[str], environment: Mapping[str, str]) -> dict[str, Value] | None:
    """Return every parameter's value, or None when click has to look."""
    if COMPLETION in environment:
        return None
    values = table.defaults()
    flags = {option.flag: option for option in table.options}
    waiting = list(reversed(args))
    placed = False
    while waiting:
        word = waiting.pop()
        if word and not word.startswith("-"):
            if placed:
                return None
            placed, values[table.argument] = True, word
            continue
        flag, equals, value = word.partition("=")
        option = flags.get(flag)
        if option is None or (option.switch and equals):
            return None
        if option.switch:
            values[option.name] = True
            continue
        if not equals:
            if not waiting or waiting[-1].startswith("-"):
                return None
            value = waiting.pop()
        if option.choices and value not in option.choices:
            return None
        values[option.name] = value
    return values
