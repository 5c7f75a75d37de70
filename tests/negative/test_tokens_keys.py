"""Attacks on the choice of algorithm and key. Each token differs in one thing from one that is accepted in the same test."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.parties.issuer.attacks import INVALID, Make, expect_refused, parts, with_header
from tests.parties.issuer.suite import ABSENT, Suite, ec_key, key
from trustpub.domain.claims import JSON
from trustpub.parties.issuer.github_claims import ISSUER
from trustpub.parties.issuer.port import Why
from trustpub.parties.issuer.signing import SigningKey, encode_base64url, unsigned


def modulus(suite: Suite) -> bytes:
    """The public key's modulus."""
    numbers = public(suite).public_numbers()
    return numbers.n.to_bytes(256, "big")


def public(suite: Suite) -> rsa.RSAPublicKey:
    """The suite's public key object."""
    private = form.load_pem_private_key(suite.key.pem(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    return private.public_key()


def rendered(suite: Suite, encoding: form.Encoding, shape: form.PublicFormat) -> bytes:
    """The public key as text or DER: what attackers use as an HMAC secret."""
    return public(suite).public_bytes(encoding, shape)


PEM, DER, SSH = form.Encoding.PEM, form.Encoding.DER, form.Encoding.OpenSSH
SPKI, PKCS1 = form.PublicFormat.SubjectPublicKeyInfo, form.PublicFormat.PKCS1

SECRETS: dict[str, Callable[[Suite], bytes]] = {
    "PEM": lambda s: rendered(s, PEM, SPKI),
    "PEM without its last newline": lambda s: rendered(s, PEM, SPKI).rstrip(),
    "PEM with CRLF": lambda s: rendered(s, PEM, SPKI).replace(b"\n", b"\r\n"),
    "PEM after a space": lambda s: b" " + rendered(s, PEM, SPKI),
    "PKCS#1 PEM": lambda s: rendered(s, PEM, PKCS1),
    "DER": lambda s: rendered(s, DER, SPKI),
    "PKCS#1 DER": lambda s: rendered(s, DER, PKCS1),
    "OpenSSH": lambda s: rendered(s, SSH, form.PublicFormat.OpenSSH),
    "JWK": lambda s: json.dumps(s.key.jwk()).encode(),
    "compact JWK": lambda s: json.dumps(s.key.jwk(), separators=(",", ":")).encode(),
    "JWK set": lambda s: json.dumps({"keys": [s.key.jwk()]}).encode(),
    "modulus": modulus,
    "modulus as text": lambda s: str(s.key.jwk()["n"]).encode(),
    "empty": lambda s: b"",
    "kid": lambda s: s.key.kid.encode(),
    "issuer": lambda s: ISSUER.encode(),
}


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("name", SECRETS)
def test_a_public_key_is_no_shared_secret(name: str, algorithm: str) -> None:
    """An HMAC keyed with anything public is refused, because no key here knows HMAC."""
    suite = Suite()
    text = unsigned(suite.header(alg=algorithm), suite.claims()).removesuffix(".")
    mac = hmac.digest(SECRETS[name](suite), text.encode(), f"sha{algorithm[2:]}")
    expect_refused(suite, f"{text}.{encode_base64url(mac)}", INVALID, Why.ALGORITHM)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", " none", "none ", "none\n", "", "null"])
def test_none_is_no_algorithm(alg: str, signed: bool) -> None:
    """No spelling of none gets through, with a signature or without."""
    suite = Suite()
    token = suite.token(header={"alg": alg}) if signed else unsigned(suite.header(alg=alg), suite.claims())
    expect_refused(suite, token, INVALID, Why.ALGORITHM)


def other_digest(algorithm: str) -> Make:
    """The right key, and a right signature of another algorithm."""

    def make(suite: Suite) -> str:
        private = form.load_pem_private_key(suite.key.pem(), None)
        assert isinstance(private, rsa.RSAPrivateKey)
        digests = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
        digest: hashes.HashAlgorithm = digests[algorithm[2:]]
        filling = padding.PSS(padding.MGF1(digest), digest.digest_size) if algorithm[0] == "P" else padding.PKCS1v15()
        text = unsigned(suite.header(alg=algorithm), suite.claims()).removesuffix(".")
        return f"{text}.{encode_base64url(private.sign(text.encode(), filling, digest))}"

    return make


ALGORITHMS: dict[str, Make] = {
    **{name: other_digest(name) for name in ("RS384", "RS512", "PS256", "PS384", "PS512")},
    "missing": with_header(alg=ABSENT),
    "null": with_header(alg=None),
    "list": with_header(alg=["RS256"]),
    "number": with_header(alg=256),
    "object": with_header(alg={"RS256": 1}),
    "lower case": with_header(alg="rs256"),
    "newline": with_header(alg="RS256\n"),
    "full-width": with_header(alg="\uff32S256"),
    "ES256 where the issuer says RS256 only": lambda s: s.token(header={"alg": "ES256"}, signer=ec_key()),
    "zero ECDSA signature": lambda s: unsigned(s.header(alg="ES256"), s.claims()) + encode_base64url(bytes(64)),
}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_only_the_issuers_algorithms_exist(name: str) -> None:
    """A token that names any other algorithm is refused, rightly signed or not."""
    suite = Suite()
    expect_refused(suite, ALGORITHMS[name](suite), INVALID, Why.ALGORITHM)


SIGNATURES: dict[str, Make] = {
    "empty": lambda s: unsigned(s.header(), s.claims()),
    "zeros": lambda s: unsigned(s.header(), s.claims()) + encode_base64url(bytes(256)),
    "ones": lambda s: unsigned(s.header(), s.claims()) + encode_base64url(b"\xff" * 256),
    "one byte short": lambda s: unsigned(s.header(), s.claims()) + parts(s)[2][:-2],
    "of another token": lambda s: ".".join([*s.token(jti="other").split(".")[:2], parts(s)[2]]),
    "foreign key under our kid": lambda s: s.token(signer=key("foreign").renamed("key-1")),
    "zero ECDSA": lambda s: unsigned(s.header(), s.claims()) + encode_base64url(bytes(64)),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_signature_is_the_issuers_or_nothing(name: str) -> None:
    """Only the published key's signature over these very bytes counts."""
    suite = Suite()
    expect_refused(suite, SIGNATURES[name](suite), INVALID, Why.SIGNATURE)


KIDS: dict[str, tuple[object, Why]] = {
    "missing": (ABSENT, Why.KID),
    "null": (None, Why.KID),
    "empty": ("", Why.KID),
    "number": (1, Why.KID),
    "bool": (True, Why.KID),
    "list": (["key-1"], Why.KID),
    "object": ({"key-1": 1}, Why.KID),
    "too long": ("k" * 257, Why.KID),
    "unknown": ("key-2", Why.UNKNOWN_KEY),
    "other case": ("KEY-1", Why.UNKNOWN_KEY),
    "space": ("key-1 ", Why.UNKNOWN_KEY),
    "newline": ("key-1\n", Why.UNKNOWN_KEY),
    "Kelvin sign": ("\u212aey-1", Why.UNKNOWN_KEY),
    "full-width": ("\uff4bey-1", Why.UNKNOWN_KEY),
    "traversal": ("../../../../dev/null", Why.UNKNOWN_KEY),
    "URL": ("https://example.com/key-1", Why.UNKNOWN_KEY),
    "SQL": ("key-1' OR '1'='1", Why.UNKNOWN_KEY),
    "shell": ("key-1; id", Why.UNKNOWN_KEY),
    "attribute": ("__class__", Why.UNKNOWN_KEY),
    "longest": ("k" * 256, Why.UNKNOWN_KEY),
}


@pytest.mark.parametrize("name", KIDS)
def test_a_key_is_named_exactly(name: str) -> None:
    """No name but the exact one finds a key, and no other key is tried instead."""
    kid, why = KIDS[name]
    suite = Suite()
    expect_refused(suite, suite.token(header={"kid": kid}), INVALID, why)


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "x5t#S256"])
def test_a_token_brings_no_key_along(member: str) -> None:
    """Embedded keys and addresses of keys are neither used nor called; beside the right key they do no harm."""
    suite = Suite()
    foreign = key("foreign").renamed("key-1")
    value: dict[str, JSON] = {
        "jwk": foreign.jwk(),
        "jku": "https://example.com/keys",
        "x5u": "https://example.com/certificate",
        "x5c": foreign.jwk()["x5c"],
        "x5t#S256": "AAAA",
    }
    expect_refused(suite, suite.token(header={member: value[member]}, signer=foreign), INVALID, Why.SIGNATURE)
    assert suite.believes(suite.token(header={member: value[member]}))


HEADERS: dict[str, Make] = {
    "unknown crit": with_header(crit=["http://example.com/x"], **{"http://example.com/x": 1}),
    "empty crit": with_header(crit=[]),
    "crit is no list": with_header(crit="exp"),
    "crit is null": with_header(crit=None),
    "crit names nothing": with_header(crit=["absent"]),
    "crit names a registered member": with_header(crit=["alg"]),
    "crit names b64": with_header(crit=["b64"], b64=True),
    "b64 false": with_header(b64=False),
    "b64 true": with_header(b64=True),
    "zip": with_header(zip="DEF"),
    "enc": with_header(enc="A256GCM"),
    "typ is another one": with_header(typ="at+jwt"),
    "typ is a number": with_header(typ=1),
    "typ is null": with_header(typ=None),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_changes_no_rules(name: str) -> None:
    """Extensions that would change the meaning of the token are refused although the signature is right."""
    suite = Suite()
    expect_refused(suite, HEADERS[name](suite), INVALID, Why.HEADER)


@pytest.mark.parametrize("bits", [512 + 512, 2040])
def test_a_weak_key_is_no_key(bits: int) -> None:
    """A modulus below 2048 bits is left out of the set, so its tokens name an unknown key."""
    weak = SigningKey.generate("weak", bits=bits)
    suite = Suite(key(), weak)
    expect_refused(suite, suite.token(header={"kid": "weak"}, signer=weak), INVALID, Why.UNKNOWN_KEY)
