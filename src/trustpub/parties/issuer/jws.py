"""Read a compact JWS and the JSON inside it as strictly as they can be read.

Every lenience of a parser is a second spelling of a token: one that another reader understands differently, or that is not
found among the spent ones. So there is exactly one spelling here: three unpadded canonical base64url segments (RFC 7515),
strict UTF-8, no duplicate members, no number that is not finite and small.
"""

from __future__ import annotations

import binascii
import json
import math
from typing import TYPE_CHECKING, cast

from trustpub.parties.issuer.port import Why
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.domain.claims import JSON

LONGEST_TOKEN = 16 * 1024
"""Characters of a whole token. Real ones have 1,200 to 2,500; whoever sends more wants us to work."""

DEEPEST = 8
"""Nested arrays and objects, the outermost included. Real claims nest twice."""

LARGEST_INTEGER = 2**63 - 1

_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")
"""base64url to base64; what is allowed only in base64 becomes something that is allowed nowhere."""

_NONE: Mapping[bytes, dict[str, JSON]] = {}
_PADDING = (b"", None, b"==", b"=")
_LAST_OF_TWO = frozenset(b"AQgw")
_LAST_OF_THREE = frozenset(b"AEIMQUYcgkosw048")
"""The last characters whose unused bits are zero: any other would be a second spelling of the same bytes."""


class Unreadable(ValueError):
    """The text is not a token, or not JSON as we read it. Carries a fixed word and nothing of the text."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Jws(NamedTuple):
    """A token taken apart; nothing in it is verified. `head` is the header's segment, `signed` the bytes under the signature."""

    head: bytes
    header: dict[str, JSON]
    payload: dict[str, JSON]
    signed: bytes
    signature: bytes


def parse(token: str, headers: Mapping[bytes, dict[str, JSON]] = _NONE) -> Jws:
    """Take a token apart. Raises `Unreadable` for everything that has not the one spelling.

    `headers` are segments that were read before: all tokens of one key have the same header.
    """
    if len(token) > LONGEST_TOKEN:
        raise Unreadable(Why.TOO_LONG)
    if not token.isascii():
        raise Unreadable(Why.NOT_ASCII)
    signed, _, signature = token.encode("ascii").rpartition(b".")
    head, dot, payload = signed.partition(b".")
    if not dot or b"." in payload:
        raise Unreadable(Why.SEGMENTS)
    header = headers.get(head)
    if header is None:
        header = parse_object(decode_base64url(head))
    return Jws(head, header, parse_object(decode_base64url(payload)), signed, decode_base64url(signature))


def decode_base64url(segment: bytes) -> bytes:
    """The bytes of a canonical, unpadded base64url text. Raises `Unreadable` for any other text."""
    rest = len(segment) % 4
    padding = _PADDING[rest]
    if padding is None:
        raise Unreadable(Why.BASE64)
    if rest and segment[-1] not in (_LAST_OF_TWO if rest == 2 else _LAST_OF_THREE):
        raise Unreadable(Why.BASE64)
    try:
        return binascii.a2b_base64(segment.translate(_TO_STANDARD) + padding, strict_mode=True)
    except binascii.Error:
        raise Unreadable(Why.BASE64) from None


def parse_object(data: bytes) -> dict[str, JSON]:
    """The JSON object in `data`. Raises `Unreadable` for anything else, and for JSON that two readers could read differently."""
    try:
        value = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unreadable(Why.JSON) from None
    if type(value) is not dict:
        raise Unreadable(Why.JSON)
    found = cast("dict[str, JSON]", value)
    # A text with few brackets cannot be deep, and only an escape can hide what UTF-8 itself forbids.
    if data.count(b"{") + data.count(b"[") > DEEPEST and _depth(found) > DEEPEST:
        raise Unreadable(Why.JSON)
    if b"\\" in data and not all(_is_text(part) for part in _texts(found)):
        raise Unreadable(Why.JSON)
    return found


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose names differ; Python's own reader keeps the last of two, others the first."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _bounded(text: str) -> int:
    # The length first: turning thousands of digits into a number is slow, and Python refuses it with its own error.
    if len(text) > 20 or not -LARGEST_INTEGER <= (number := int(text)) <= LARGEST_INTEGER:
        raise ValueError
    return number


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _children(value: JSON) -> list[JSON]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _depth(value: JSON) -> int:
    """How deeply arrays and objects nest, counted level by level (a recursive count would fall over what it measures)."""
    levels = 0
    level: list[JSON] = [value]
    while level:
        level = [item for item in level if isinstance(item, dict | list)]
        levels += bool(level)
        level = [child for item in level for child in _children(item)]
    return levels


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
    for child in _children(value):
        yield from _texts(child)


def _is_text(part: str) -> bool:
    """Whether a string can be stored and sent: no NUL (PostgreSQL has none) and no half of a surrogate pair."""
    return "\0" not in part and not any("\ud800" <= char <= "\udfff" for char in part)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_int=_bounded, parse_constant=_no_constant)
