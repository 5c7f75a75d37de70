"""Certificates as attestations carry them, as far as anybody here reads them: their claims are right, their signatures empty."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from trustpub.parties.index.certificate import (
    ADDRESSES,
    CLAIMS,
    EXTENSIONS,
    FULCIO,
    INTEGER,
    OCTETS,
    OID,
    SEQUENCE,
    UTF8,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBERS = {name: number for number, name in CLAIMS.items()}


def certificate(claims: Mapping[str, str]) -> str:
    """A certificate (DER in base64) that repeats these claims of an ID token; `run` is the address of the run."""
    extensions = b"".join(_extension(NUMBERS[name], value, name) for name, value in claims.items())
    empty = der(SEQUENCE, b"")
    head = der(0xA0, der(INTEGER, b"\2")) + der(INTEGER, b"\1") + empty * 5
    signed = der(SEQUENCE, head + der(EXTENSIONS, der(SEQUENCE, extensions)))
    return b64encode(der(SEQUENCE, signed + empty + der(0x03, b"\0"))).decode("ascii")


def _extension(number: int, value: str, name: str) -> bytes:
    text = f"https://github.com/{value}" if name in ADDRESSES else value
    content = der(UTF8, text.encode("utf-8"))
    return der(SEQUENCE, der(OID, FULCIO + bytes([number])) + der(OCTETS, content))


def der(tag: int, content: bytes) -> bytes:
    """One value, its length in as few bytes as it takes."""
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content
