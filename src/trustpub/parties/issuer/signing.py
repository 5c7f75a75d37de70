"""Sign ID tokens: what an issuer does, for the emulated one and for the attacks that must be refused."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON

_FIRST_DAY = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_LAST_DAY = dt.datetime(2120, 1, 1, tzinfo=dt.UTC)


def encode_base64url(data: bytes) -> str:
    """Base64url without padding, as every part of a token has it (RFC 7515 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def encode_json(value: Mapping[str, JSON]) -> str:
    """One segment: compact JSON, base64url."""
    return encode_base64url(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8"))


def unsigned(header: Mapping[str, JSON], payload: Mapping[str, JSON]) -> str:
    """A token with an empty signature, for those who claim that `alg` is none."""
    return f"{encode_json(header)}.{encode_json(payload)}."


class SigningKey:
    """A private key with the name under which its public half is published.

    Generating an RSA key takes a tenth of a second or more: share one. Shows nothing of the private half in its repr.
    """

    def __init__(self, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, kid: str | None = None) -> None:
        self._key = key
        public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.kid = hashlib.sha256(public).hexdigest()[:40] if kid is None else kid
        self._certificate: bytes | None = None

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r}, algorithm={self.algorithm!r})"

    @classmethod
    def generate(cls, kid: str | None = None, *, algorithm: str = "RS256", bits: int = 2048) -> SigningKey:
        """A new key: RSA of `bits` for RS256, P-256 for ES256. Raises `BadInput` for another algorithm."""
        if algorithm == "RS256":
            return cls(rsa.generate_private_key(65537, bits), kid)
        if algorithm == "ES256":
            return cls(ec.generate_private_key(ec.SECP256R1()), kid)
        raise BadInput(f"algorithm `{algorithm}`", why="not supported", next_step="Use RS256 or ES256.")

    @classmethod
    def from_pem(cls, pem: bytes, kid: str | None = None) -> SigningKey:
        """The key in an unencrypted PEM file. Raises `BadInput` for anything but RSA and P-256."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            raise BadInput("signing key", why="it is not an unencrypted private key in PEM") from None
        if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            return cls(key, kid)
        raise BadInput("signing key", why="it is neither RSA nor P-256")

    def pem(self) -> bytes:
        """The private key as PEM (PKCS#8, unencrypted): to share one key between processes of one test run."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def renamed(self, kid: str) -> SigningKey:
        """The same key under another `kid`."""
        return SigningKey(self._key, kid)

    @property
    def algorithm(self) -> str:
        """RS256 or ES256: what this key signs with."""
        return "RS256" if isinstance(self._key, rsa.RSAPrivateKey) else "ES256"

    def header(self) -> dict[str, JSON]:
        """GitHub's header for tokens of this key: typ, alg, kid, x5t."""
        return {"typ": "JWT", "alg": self.algorithm, "kid": self.kid, "x5t": self.thumbprint()}

    def sign(self, header: Mapping[str, JSON], payload: Mapping[str, JSON]) -> str:
        """A token over exactly this header and payload. The signature is this key's own kind, whatever the header claims."""
        return self.sign_text(f"{encode_json(header)}.{encode_json(payload)}")

    def sign_text(self, text: str) -> str:
        """A token over two ready segments, however odd they are."""
        return f"{text}.{encode_base64url(self._signature(text.encode('utf-8')))}"

    def _signature(self, data: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), SHA256())
        r, s = decode_dss_signature(self._key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def jwk(self) -> dict[str, JSON]:
        """The public half as GitHub publishes it: with `use`, `alg` and a certificate that nobody checks."""
        named: dict[str, JSON] = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        if isinstance(self._key, rsa.RSAPrivateKey):
            rsa_numbers = self._key.public_key().public_numbers()
            numbers: dict[str, JSON] = {"kty": "RSA", "n": _number(rsa_numbers.n), "e": _number(rsa_numbers.e)}
        else:
            point = self._key.public_key().public_numbers()
            numbers = {"kty": "EC", "crv": "P-256", "x": _number(point.x, 32), "y": _number(point.y, 32)}
        certificate = base64.b64encode(self._der()).decode("ascii")
        return {**numbers, **named, "x5c": [certificate], "x5t": self.thumbprint()}

    def thumbprint(self) -> str:
        """The certificate's SHA-1, as the `x5t` member has it (RFC 7517 4.8)."""
        return encode_base64url(hashlib.sha1(self._der(), usedforsecurity=False).digest())

    def _der(self) -> bytes:
        """A self-signed certificate for the key, made once."""
        if self._certificate is None:
            name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "trustpub emulated issuer")])
            builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
            builder = builder.serial_number(1).not_valid_before(_FIRST_DAY).not_valid_after(_LAST_DAY)
            self._certificate = builder.sign(self._key, SHA256()).public_bytes(Encoding.DER)
        return self._certificate


def key_set(*keys: SigningKey) -> bytes:
    """The public halves as a JWK set (RFC 7517 5)."""
    return json.dumps({"keys": [key.jwk() for key in keys]}).encode("ascii")


def _number(value: int, length: int | None = None) -> str:
    return encode_base64url(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))
