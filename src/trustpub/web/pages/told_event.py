"""An event in words: what its detail says, on one line, and who did it. Values are others' texts: shown with `visible`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trustpub.web.pages.visible import visible
from trustpub.web.pages.words import field_said, said, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.domain.claims import JSON

UNSHOWN = frozenset(
    {"token", "token_id", "publisher_id", "reader_id", "uploaded_via_trusted_publisher", "reified_from_pending_publisher", "code"}
)
"""Numbers of rows, and what the kind of the event or its actor says already."""
LONGEST = 2000


def actor_said(language: str, actor: str) -> str:
    """Who did it; in words where it was nobody with an account."""
    return word(language, f"actor.{actor}") or visible(actor, 200)


def detail_said(language: str, detail: Mapping[str, JSON], unshown: frozenset[str] = frozenset()) -> str:
    """The detail of an event, on one line; `unshown` are keys that go without saying on this page."""
    return visible(" · ".join(_parts(language, detail, UNSHOWN | unshown)), LONGEST)


def _parts(language: str, detail: Mapping[str, JSON], unshown: frozenset[str]) -> Iterator[str]:
    for key, value in detail.items():
        if key in unshown or value in (None, "", [], {}):
            continue
        if isinstance(value, dict):
            yield from _parts(language, value, unshown)
        else:
            yield f"{word(language, f'detail.{key}') or field_said(language, key)}: {_value(language, key, value)}"


def _value(language: str, key: str, value: JSON) -> str:
    if isinstance(value, list):
        return ", ".join(_value(language, key, each) for each in value)
    if isinstance(value, dict):
        return _difference(language, value)
    if key == "expires" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d")
    return word(language, f"value.{value}") or str(value)


def _difference(language: str, each: Mapping[str, JSON]) -> str:
    nothing = word(language, "value.nothing")
    told = {name: str(each.get(name) or nothing) for name in ("expected", "got")}
    return str(said(language, "value.difference", field=field_said(language, str(each.get("field", ""))), **told).unescape())
