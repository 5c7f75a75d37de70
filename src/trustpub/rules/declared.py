"""Where `trustpub.toml` says something: the value of a key of one publisher, or of one environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Span
from trustpub.pattern import lazy_pattern
from trustpub.workflows.source import Source

if TYPE_CHECKING:
    from trustpub.domain.declaration import DeclaredEnvironment, DeclaredPublisher
    from trustpub.rules.facts import Facts

_PUBLISHER = lazy_pattern(r"(?m)^[ \t]*\[\[[ \t]*(?:tool\.trustpub\.)?publisher[ \t]*\]\]")
_TABLE = lazy_pattern(r"(?m)^[ \t]*\[")


def of_publisher(facts: Facts, row: DeclaredPublisher, key: str) -> Span:
    """Point at a publisher's value, at its `[[publisher]]` when it has no such key, at the file when it is written otherwise."""
    number = next(number for number, each in enumerate(facts.declaration.publishers) if each is row)
    heads = list(_PUBLISHER.finditer(_text(facts)))
    return _value(facts, heads[number], key) if number < len(heads) else Span(facts.declaration.path, 0, 0)


def of_environment(facts: Facts, rules: DeclaredEnvironment, key: str) -> Span:
    """Point at one rule of an environment, at its table when it has no such key, at the file when it is written otherwise."""
    name = re.escape(rules.name)
    head = re.search(
        rf"(?m)^[ \t]*\[[ \t]*(?:tool\.trustpub\.)?environments\.(?:{name}|\"{name}\"|'{name}')[ \t]*\]", _text(facts)
    )
    return _value(facts, head, key) if head is not None else Span(facts.declaration.path, 0, 0)


def of_tags(facts: Facts, key: str) -> Span:
    """Point at a value of `[tags]`, at the file when it is written otherwise."""
    head = re.search(r"(?m)^[ \t]*\[[ \t]*(?:tool\.trustpub\.)?tags[ \t]*\]", _text(facts))
    return _value(facts, head, key) if head is not None else Span(facts.declaration.path, 0, 0)


def _text(facts: Facts) -> str:
    path = facts.declaration.path
    return Source(path, (facts.files.read(path) or b"").decode("utf-8", "replace")).text


def _value(facts: Facts, head: re.Match[str], key: str) -> Span:
    text, path = head.string, facts.declaration.path
    next_table = _TABLE.search(text, head.end())
    end = next_table.start() if next_table is not None else len(text)
    value = r"\"[^\"\n]*\"|'[^'\n]*'|[^#\n]*[^#\s]"
    found = re.compile(rf"(?m)^[ \t]*{re.escape(key)}[ \t]*=[ \t]*({value})").search(text, head.end(), end)
    if found is None:
        start = head.start() + len(head[0]) - len(head[0].lstrip())
        return Span(path, start, head.end())
    quoted = 1 if found[1][0] in "\"'" else 0
    return Span(path, found.start(1) + quoted, found.end(1) - quoted)
