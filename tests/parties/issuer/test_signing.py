"""Signing keys: what they show and what they refuse."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.parties.issuer.suite import ec_key, key
from trustpub.domain.claims import JSON
from trustpub.errors import BadInput
from trustpub.parties.issuer.jws import parse
from trustpub.parties.issuer.keys import parse_key_set
from trustpub.parties.issuer.signing import SigningKey, encode_base64url, key_set, unsigned


@pytest.mark.parametrize("make", [key, ec_key])
def test_a_signature_holds_for_its_key_alone(make: object) -> None:
    """Header and payload arrive unchanged, and only the own public half checks the signature."""
    signer, other = (key(), key("foreign")) if make is key else (ec_key(), ec_key("ec-2"))
    header: dict[str, JSON] = {"alg": signer.algorithm, "kid": signer.kid}
    token = parse(signer.sign(header, {"a": "\ubc30\ud3ec"}))
    assert (header, {"a": "\ubc30\ud3ec"}) == (token.header, token.payload)
    digest = hashlib.sha256(token.signed).digest()
    assert parse_key_set(key_set(signer))[signer.kid].verifies(token.signature, digest)
    assert not parse_key_set(key_set(other))[other.kid].verifies(token.signature, digest)


def test_the_certificate_belongs_to_the_key() -> None:
    """`x5c` holds the key's own certificate and `x5t` its thumbprint, the same each time."""
    jwk = key().jwk()
    chain = jwk["x5c"]
    assert isinstance(chain, list)
    der = base64.b64decode(str(chain[0]))
    certificate = x509.load_der_x509_certificate(der)
    assert encode_base64url(hashlib.sha1(der).digest()) == jwk["x5t"] == key().header()["x5t"]
    certificate.verify_directly_issued_by(certificate)


def test_a_key_is_named_after_itself() -> None:
    """Without a name a key has one of its own, the same after a round trip through PEM."""
    unnamed = SigningKey.from_pem(key().pem())
    assert unnamed.kid == SigningKey.from_pem(unnamed.pem()).kid != key().kid
    assert 40 == len(unnamed.kid)
    assert "other" == unnamed.renamed("other").kid


def test_the_private_half_is_not_shown() -> None:
    """Neither in the repr nor in the JWK."""
    assert "SigningKey(kid='key-1', algorithm='RS256')" == repr(key())
    assert set() == {"d", "p", "q", "dp", "dq", "qi"} & set(key().jwk())


def test_unsigned_tokens_end_in_a_dot() -> None:
    """RFC 7515's unsecured form: three segments, the last one empty."""
    assert b"" == parse(unsigned({"alg": "none"}, {})).signature


def test_other_keys_are_refused() -> None:
    """Nonsense, other algorithms and other kinds of key."""
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for pem in (b"", b"nonsense", other):
        with pytest.raises(BadInput):
            SigningKey.from_pem(pem)
    with pytest.raises(BadInput):
        SigningKey.generate(algorithm="HS256")
