"""What a page's form sent, or an address's query: each field once, nothing cut, nothing guessed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect

from trustpub.web.body import SECONDS
from trustpub.web.protocol import BODY_UNTIL

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

LIMIT = 64 * 1024
"""Bytes of one form: pasted claims are the longest thing anybody sends."""
FIELDS = 64
URLENCODED = b"application/x-www-form-urlencoded"


class Form(Mapping[str, str]):
    """The fields of one form by name. A field that was not sent is not there; `text` reads it as empty."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        self._fields = dict(fields or {})

    def __getitem__(self, name: str) -> str:
        """The field's text."""
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._fields)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._fields)

    def __repr__(self) -> str:
        """The names alone: a form may hold a password."""
        return f"Form({', '.join(self._fields)})"

    def text(self, name: str) -> str:
        """The field's text without blanks around it; empty when it was not sent."""
        return self._fields.get(name, "").strip()

    def has(self, name: str) -> bool:
        """Whether a box was ticked or a button was the one that was pressed."""
        return name in self._fields

    def number(self, name: str) -> int:
        """The field as a whole number; 0, which is nothing's id, when it is none."""
        told = self.text(name)
        return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0


EMPTY = Form()


class Unreadable(Exception):
    """A form that cannot be read: `status` and, for the page that says so, the key of its words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


def parsed(text: bytes) -> Form:
    """Read `a=b&c=d`. Raises Unreadable for what is not UTF-8, for a field that is there twice, and for too many fields."""
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError as problem:
        raise Unreadable(400, "form-unreadable") from problem
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unreadable(400, "form-twice")
    return Form(fields)


async def posted(scope: Scope, receive: Receive) -> Form:
    """The form in this request's body. Raises Unreadable, and ClientDisconnect for one that never ends."""
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    if len(kinds) != 1 or kinds[0].partition(b";")[0].strip().lower() != URLENCODED:
        raise Unreadable(415, "form-type")
    scope[BODY_UNTIL] = asyncio.get_running_loop().time() + SECONDS
    body, more = bytearray(), True
    while more:
        part = await receive()
        if part["type"] != "http.request":
            raise ClientDisconnect
        body += part.get("body", b"")
        if len(body) > LIMIT:
            raise Unreadable(413, "form-long")
        more = part.get("more_body", False)
    return parsed(bytes(body))
