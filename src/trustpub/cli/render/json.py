"""JSON reports: one way to write them, so that every command's output reads alike."""

from __future__ import annotations

import json


def to_json(value: object) -> str:
    """Write plain data with two spaces of indentation and a line feed at the end; text stays readable, keys keep their order.

    Characters that have no shape of their own (they could drive a terminal) are written as escapes.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, default=_plain)
    hidden = {char for char in set(text) if not char.isprintable()} - {"\n"}
    return (text.translate({ord(char): json.dumps(char)[1:-1] for char in hidden}) if hidden else text) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not plain data")
