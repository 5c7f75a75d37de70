"""What the certificate of an attestation says of the run that made it: the claims of its ID token, under Fulcio's own numbers.

Only those extensions are read, by a small strict walk over DER: a certificate that is not written exactly as DER demands says
nothing here. Nothing is verified; whoever wants that needs a verifier and Sigstore's roots.
Mirrors: Fulcio's docs/oid-info.md, RFC 5280 4.1, X.690 8.1.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 64 * 1024
"""Characters of a certificate in base64: Fulcio's take two thousand."""

FULCIO = bytes.fromhex("2b0601040183bf3001")
"""The start of an extension's number: 1.3.6.1.4.1.57264.1, as DER writes it."""

CLAIMS = {
    8: "iss",
    9: "job_workflow_ref",
    11: "runner_environment",
    12: "repository",
    13: "sha",
    14: "ref",
    15: "repository_id",
    17: "repository_owner_id",
    18: "workflow_ref",
    20: "event_name",
    21: "run",
    22: "repository_visibility",
}
"""Which claim an extension repeats, by GitHub's names. `run` is the address of the run."""
ADDRESSES = ("job_workflow_ref", "repository", "workflow_ref")
"""Claims that the certificate gives as addresses, and the ID token without scheme and host."""

SEQUENCE, BOOLEAN, INTEGER, OCTETS, OID, UTF8, EXTENSIONS = 0x30, 0x01, 0x02, 0x04, 0x06, 0x0C, 0xA3


class _Unreadable(Exception):
    """The bytes are not DER, or not a certificate."""


class _Value(NamedTuple):
    """One value: its tag, and its content."""

    tag: int
    content: bytes


def claims_of(certificate: str) -> tuple[tuple[str, str], ...]:
    """The claims that a certificate (DER in base64) repeats, by name; empty when it cannot be read."""
    if len(certificate) > LONGEST:
        return ()
    try:
        return tuple(sorted(_claims(b64decode(certificate, validate=True))))
    except (_Unreadable, ValueError):
        return ()


def _claims(der: bytes) -> Iterator[tuple[str, str]]:
    seen: set[bytes] = set()
    for number, content in _extensions(der):
        if number in seen:
            raise _Unreadable
        seen.add(number)
        name = CLAIMS.get(number[-1]) if number[:-1] == FULCIO else None
        if name is None:
            continue
        text = _only(content, UTF8).decode("utf-8")
        if not text.isprintable():
            raise _Unreadable
        yield name, _path(text) if name in ADDRESSES else text


def _path(address: str) -> str:
    """`https://github.com/octo/orchay` as `octo/orchay`."""
    parts = urlsplit(address)
    return parts.path.removeprefix("/") if parts.scheme == "https" else address


def _extensions(der: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Number and content of each extension: certificate, its signed part, the part that is tagged 3."""
    signed = next(_values(_only(der, SEQUENCE)), None)
    if signed is None or signed.tag != SEQUENCE:
        raise _Unreadable
    tagged = [value.content for value in _values(signed.content) if value.tag == EXTENSIONS]
    if len(tagged) != 1:
        raise _Unreadable
    for extension in _values(_only(tagged[0], SEQUENCE)):
        parts = list(_values(extension.content))
        tags = [part.tag for part in parts]
        if extension.tag != SEQUENCE or tags not in ([OID, OCTETS], [OID, BOOLEAN, OCTETS]):
            raise _Unreadable
        yield parts[0].content, parts[-1].content


def _only(der: bytes, tag: int) -> bytes:
    """The content of the one value that the bytes hold."""
    values = list(_values(der))
    if len(values) != 1 or values[0].tag != tag:
        raise _Unreadable
    return values[0].content


def _values(der: bytes) -> Iterator[_Value]:
    """The values that stand one after the other, up to the last byte."""
    at = 0
    while at < len(der):
        tag = der[at]
        start, length = _length(der, at + 1)
        if tag & 0x1F == 0x1F or start + length > len(der):  # longer tags do not occur in certificates
            raise _Unreadable
        yield _Value(tag, der[start : start + length])
        at = start + length


def _length(der: bytes, at: int) -> tuple[int, int]:
    """Where a value's content starts, and its length, which DER writes in as few bytes as it takes."""
    if at >= len(der):
        raise _Unreadable
    first = der[at]
    if first < 0x80:
        return at + 1, first
    count = first & 0x7F
    digits = der[at + 1 : at + 1 + count]
    length = int.from_bytes(digits, "big")
    if not 1 <= count <= 3 or len(digits) != count or digits[0] == 0 or length < 0x80:
        raise _Unreadable
    return at + 1 + count, length
