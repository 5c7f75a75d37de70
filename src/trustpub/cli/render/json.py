"""JSON reports: one way to write them, so that every command's output reads alike."""

from __future__ import annotations

import json


def to_json(value: object) -> str:
    """Write plain data with two spaces of indentation and a line feed at the end; text stays readable, keys keep their order."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not plain data")
