"""Attacks by another spelling of a token. Each differs in one thing from a token that is accepted in the same test."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.parties.issuer.attacks import MALFORMED, Make, expect_refused, parts, with_claims
from tests.parties.issuer.suite import NOW, Suite
from trustpub.parties.issuer.github_claims import ISSUER
from trustpub.parties.issuer.port import Why
from trustpub.parties.issuer.signing import encode_base64url


def with_payload(edit: Callable[[str], str | bytes]) -> Make:
    """A rightly signed token whose payload text was edited."""

    def make(suite: Suite) -> str:
        text = edit(json.dumps(suite.claims(), ensure_ascii=False))
        return suite.raw(payload=text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))

    return make


def with_header_text(edit: Callable[[str], str | bytes]) -> Make:
    """A rightly signed token whose header text was edited."""

    def make(suite: Suite) -> str:
        text = edit(json.dumps(suite.header()))
        return suite.raw(header=text if isinstance(text, bytes) else text.encode())

    return make


def noncanonical(segment: int) -> Make:
    """The same bytes with other unused bits at a segment's end; the signature is over the new text."""

    def make(suite: Suite) -> str:
        for length in range(4):
            head = encode_base64url(json.dumps(suite.header()).encode() + b" " * length)
            body = encode_base64url(json.dumps(suite.claims()).encode() + b" " * length)
            pieces = suite.key.sign_text(f"{head}.{body}").split(".")
            if len(pieces[segment]) % 4:
                break
        pieces[segment] = pieces[segment][:-1] + chr(ord(pieces[segment][-1]) + 1)
        return ".".join(pieces) if segment == 2 else suite.key.sign_text(".".join(pieces[:2]))

    return make


STRUCTURE: dict[str, tuple[Make, Why]] = {
    "empty": (lambda s: "", Why.SEGMENTS),
    "dots only": (lambda s: "..", Why.JSON),
    "one segment": (lambda s: parts(s)[0], Why.SEGMENTS),
    "two segments": (lambda s: ".".join(parts(s)[:2]), Why.SEGMENTS),
    "four segments": (lambda s: s.token() + ".AAAA", Why.SEGMENTS),
    "five segments (JWE)": (lambda s: s.token() + ".AAAA.AAAA", Why.SEGMENTS),
    "100,000 dots": (lambda s: "." * 100_000, Why.TOO_LONG),
    "many dots within the limit": (lambda s: "." * 16_000, Why.SEGMENTS),
    "general JSON serialisation": (lambda s: json.dumps({"payload": parts(s)[1], "signatures": []}), Why.SEGMENTS),
    "flattened JSON serialisation": (
        lambda s: json.dumps(dict(zip(("protected", "payload", "signature"), parts(s), strict=True))),
        Why.SEGMENTS,
    ),
    "padded header": (lambda s: "{}=.{}.{}".format(*parts(s)), Why.BASE64),
    "padded payload": (lambda s: "{}.{}=.{}".format(*parts(s)), Why.BASE64),
    "padded signature": (lambda s: s.token() + "==", Why.BASE64),
    "standard alphabet": (lambda s: s.token()[:-4] + "+/+A", Why.BASE64),
    "junk in the signature": (lambda s: s.token()[:-4] + "!AAA", Why.BASE64),
    "non-canonical header": (noncanonical(0), Why.BASE64),
    "non-canonical payload": (noncanonical(1), Why.BASE64),
    "non-canonical signature": (noncanonical(2), Why.BASE64),
    "impossible length": (lambda s: s.token() + "AAA", Why.BASE64),
    "leading space": (lambda s: " " + s.token(), Why.BASE64),
    "trailing space": (lambda s: s.token() + " ", Why.BASE64),
    "trailing newline": (lambda s: s.token() + "\n", Why.BASE64),
    "newline inside": (lambda s: s.token().replace(".", "\n.", 1), Why.BASE64),
    "trailing NUL": (lambda s: s.token() + "\0", Why.BASE64),
    "Bearer in front": (lambda s: "Bearer " + s.token(), Why.BASE64),
    "zero-width space": (lambda s: s.token() + "\u200b", Why.NOT_ASCII),
    "next line (U+0085)": (lambda s: s.token() + "\x85", Why.NOT_ASCII),
    "full-width letter": (lambda s: "\uff45" + s.token()[1:], Why.NOT_ASCII),
    "half a surrogate pair": (lambda s: s.token() + "\ud800", Why.NOT_ASCII),
    "one character too long": (lambda s: s.token() + "A" * (16 * 1024 + 1 - len(s.token())), Why.TOO_LONG),
    "1 MiB claim": (with_claims(extra="x" * 2**20), Why.TOO_LONG),
    "header is a list": (with_header_text(lambda t: f"[{t}]"), Why.JSON),
    "header is null": (with_header_text(lambda t: "null"), Why.JSON),
    "header is empty": (with_header_text(lambda t: ""), Why.JSON),
    "payload is a list": (with_payload(lambda t: f"[{t}]"), Why.JSON),
    "payload is null": (with_payload(lambda t: "null"), Why.JSON),
    "payload is a string": (with_payload(json.dumps), Why.JSON),
    "payload is empty": (with_payload(lambda t: ""), Why.JSON),
    "payload with a tail": (with_payload(lambda t: t + "{}"), Why.JSON),
    "header with a BOM": (with_header_text(lambda t: b"\xef\xbb\xbf" + t.encode()), Why.JSON),
    "payload with a BOM": (with_payload(lambda t: "\ufeff" + t), Why.JSON),
    "header in UTF-16": (with_header_text(lambda t: t.encode("utf-16")), Why.JSON),
    "payload in UTF-16": (with_payload(lambda t: t.encode("utf-16-le")), Why.JSON),
    "payload in UTF-32": (with_payload(lambda t: t.encode("utf-32-be")), Why.JSON),
    "bad UTF-8": (with_payload(lambda t: t.encode().replace(b"octo", b"oct\xff", 1)), Why.JSON),
    "overlong UTF-8": (with_payload(lambda t: t.encode().replace(b"octo", b"oct\xc1\xaf", 1)), Why.JSON),
    "surrogate in UTF-8": (with_payload(lambda t: t.replace("octo", "oct\ud800", 1)), Why.JSON),
    "escaped lone surrogate": (with_payload(lambda t: t.replace("octo", "oct\\ud800", 1)), Why.JSON),
    "escaped lone surrogate in a name": (with_payload(lambda t: t.replace('"actor"', '"acto\\udfff"', 1)), Why.JSON),
    "escaped NUL": (with_payload(lambda t: t.replace("octo", "octo\\u0000", 1)), Why.JSON),
    "raw control character": (with_payload(lambda t: t.replace("octo", "octo\n", 1)), Why.JSON),
    "NaN": (with_payload(lambda t: t.replace(str(NOW + 300), "NaN")), Why.JSON),
    "Infinity": (with_payload(lambda t: t.replace(str(NOW + 300), "Infinity")), Why.JSON),
    "-Infinity": (with_payload(lambda t: t.replace(str(NOW - 600), "-Infinity")), Why.JSON),
    "1e400": (with_payload(lambda t: t.replace(str(NOW + 300), "1e400")), Why.JSON),
    "5,000 digits": (with_payload(lambda t: t.replace(str(NOW + 300), "1" * 5000)), Why.JSON),
    "2^63": (with_payload(lambda t: t.replace(str(NOW + 300), str(2**63))), Why.JSON),
    "10^30": (with_payload(lambda t: t.replace(str(NOW + 300), str(10**30))), Why.JSON),
    "leading zero": (with_payload(lambda t: t.replace(str(NOW + 300), f"0{NOW + 300}")), Why.JSON),
    "single quotes": (with_payload(lambda t: t.replace('"', "'")), Why.JSON),
    "trailing comma": (with_payload(lambda t: t[:-1] + ",}"), Why.JSON),
    "comment": (with_payload(lambda t: t[:-1] + "/**/}"), Why.JSON),
    "deep array": (with_payload(lambda t: t[:-1] + ', "x": ' + "[" * 8 + "]" * 8 + "}"), Why.JSON),
    "deep object": (with_payload(lambda t: t[:-1] + ', "x": ' + '{"a":' * 8 + "1" + "}" * 8 + "}"), Why.JSON),
    "5,000 arrays deep": (with_payload(lambda t: t[:-1] + ', "x": ' + "[" * 5000 + "]" * 5000 + "}"), Why.JSON),
    "5,000 arrays deep, never closed": (with_payload(lambda t: t[:-1] + ', "x": ' + "[" * 5000), Why.JSON),
    "duplicate claim": (with_payload(lambda t: t[:-1] + ', "repository": "evil/sample"}'), Why.JSON),
    "duplicate claim, same value": (with_payload(lambda t: t[:-1] + ', "repository": "octo/sample"}'), Why.JSON),
    "escaped duplicate claim": (with_payload(lambda t: t[:-1] + ', "\\u0072epository": "evil/sample"}'), Why.JSON),
    "duplicate iss": (with_payload(lambda t: t[:-1] + f', "iss": "{ISSUER}"}}'), Why.JSON),
    "duplicate inside": (with_payload(lambda t: t[:-1] + ', "x": {"a": 1, "a": 1}}'), Why.JSON),
    "duplicate alg": (with_header_text(lambda t: t[:-1] + ', "alg": "none"}'), Why.JSON),
    "duplicate kid": (with_header_text(lambda t: t[:-1] + ', "kid": "key-1"}'), Why.JSON),
}


@pytest.mark.parametrize("name", STRUCTURE)
def test_a_second_spelling_is_malformed(name: str) -> None:
    """There is one way to write a token; all others are refused before anything in them is read."""
    make, why = STRUCTURE[name]
    suite = Suite()
    expect_refused(suite, make(suite), MALFORMED, why)
