"""A signing service of our own: certificate authority, certificate log, transparency log, and a trust root that names them.

Everything is what the real one makes, so that a test can make exactly one thing of a true attestation wrong.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import struct
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from pypi_attestations import AttestationType

from trustpub.domain.claims import JSON

FULCIO = "1.3.6.1.4.1.57264.1."
ISSUER = "https://token.actions.githubusercontent.com"
REPOSITORY = "https://github.com/acme/tiny"
REF = "refs/tags/v1.0"
COMMIT = "a" * 40
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
PAYLOAD = "application/vnd.in-toto+json"
PUBLISH = AttestationType.PYPI_PUBLISH_V1.value
SLSA = AttestationType.SLSA_PROVENANCE_V1.value
FILENAME = "tiny_demo-1.0-py3-none-any.whl"
SHA256 = hashlib.sha256(b"tiny").hexdigest()

CLAIMS = {
    "8": ISSUER,
    "12": REPOSITORY,
    "13": COMMIT,
    "14": REF,
    "17": "42",
    "18": f"{REPOSITORY}/.github/workflows/pypi.yml@{REF}",
}
"""What a certificate says of the workflow, by the last number of each name."""


@cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    """The key of this name, the same for a whole run."""
    del name
    return ec.generate_private_key(ec.SECP256R1())


def public(name: str) -> bytes:
    """A key's public half."""
    return key(name).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sign(name: str, data: bytes) -> bytes:
    """An ECDSA signature with SHA-256."""
    return key(name).sign(data, ec.ECDSA(hashes.SHA256()))


def text(data: bytes) -> str:
    """Base64."""
    return b64encode(data).decode()


@cache
def authority(name: str = "ca") -> x509.Certificate:
    """A self-signed authority."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(name).public_key())
        .serial_number(7)
        .not_valid_before(NOW - dt.timedelta(days=365))
        .not_valid_after(NOW + dt.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key(name).public_key()), critical=False)
    )
    return builder.sign(key(name), hashes.SHA256())


def _usage(*, certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass
class Signing:
    """One attestation to be made; change what a test is about."""

    filename: str = FILENAME
    sha256: str = SHA256
    kind: str = PUBLISH
    claims: dict[str, str] = field(default_factory=lambda: dict(CLAIMS))
    san: x509.GeneralName = field(default_factory=lambda: x509.UniformResourceIdentifier(CLAIMS["18"]))
    ca: str = "ca"
    certificate_log: str = "ct"
    log: str = "rekor"
    leaf: str = "leaf"
    signer: str = "leaf"
    usage: ObjectIdentifier = ExtendedKeyUsageOID.CODE_SIGNING
    minutes: int = 10
    logged: dt.datetime = NOW + dt.timedelta(minutes=1)
    statement: dict[str, JSON] = field(default_factory=dict)
    """Overrides for the statement."""
    body: dict[str, JSON] = field(default_factory=dict)
    """Overrides for what the log says of the entry."""
    sct: bool = True

    def certificate(self) -> x509.Certificate:
        """The signer's certificate, with the certificate log's promise in it."""
        before = self._builder().sign(key(self.ca), hashes.SHA256())
        if not self.sct:
            return before
        tbs = before.tbs_certificate_bytes
        stamp = int(NOW.timestamp() * 1000)
        entry = hashlib.sha256(public(self.ca)).digest() + len(tbs).to_bytes(3, "big") + tbs
        signature = sign(self.certificate_log, struct.pack("!BBQH", 0, 0, stamp, 1) + entry + b"\0\0")
        log_id = hashlib.sha256(public(self.certificate_log)).digest()
        one = struct.pack("!B32sQH", 0, log_id, stamp, 0) + b"\x04\x03" + len(signature).to_bytes(2, "big") + signature
        many = len(one).to_bytes(2, "big") + one
        told = _octets(len(many).to_bytes(2, "big") + many)
        extension = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), told)
        return self._builder().add_extension(extension, critical=False).sign(key(self.ca), hashes.SHA256())

    def _builder(self) -> x509.CertificateBuilder:
        issuer = authority(self.ca)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(issuer.subject)
            .public_key(key(self.leaf).public_key())
            .serial_number(1234)
            .not_valid_before(NOW)
            .not_valid_after(NOW + dt.timedelta(minutes=self.minutes))
            .add_extension(_usage(certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([self.usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key(self.ca).public_key()), critical=False)
            .add_extension(x509.SubjectAlternativeName([self.san]), critical=True)
        )
        for name, value in self.claims.items():
            raw = value.encode() if name == "1" else _utf8(value)
            builder = builder.add_extension(x509.UnrecognizedExtension(ObjectIdentifier(FULCIO + name), raw), critical=False)
        return builder

    def payload(self) -> bytes:
        """The statement."""
        told: dict[str, JSON] = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": self.filename, "digest": {"sha256": self.sha256}}],
            "predicateType": self.kind,
            "predicate": None,
            **self.statement,
        }
        return json.dumps(told).encode()

    def attestation(self) -> dict[str, JSON]:
        """The whole attestation."""
        certificate, payload = self.certificate(), self.payload()
        signature = sign(self.signer, b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload))
        return {
            "version": 1,
            "verification_material": {
                "certificate": text(certificate.public_bytes(Encoding.DER)),
                "transparency_entries": [self.entry(certificate, payload, signature)],
            },
            "envelope": {"statement": text(payload), "signature": text(signature)},
        }

    def entry(self, certificate: x509.Certificate, payload: bytes, signature: bytes) -> JSON:
        """The transparency log's entry: a log of one entry, whose checkpoint is signed."""
        spec: JSON = {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(b"envelope").hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": text(signature), "verifier": text(certificate.public_bytes(Encoding.PEM))}],
        }
        told = {"apiVersion": "0.0.1", "kind": "dsse", "spec": {**spec, **self.body}}  # type: ignore[dict-item]
        body = json.dumps(told, separators=(",", ":"), sort_keys=True).encode()
        log_id = hashlib.sha256(public(self.log)).digest()
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"log.example\n1\n{text(root)}\n"
        mark = text(log_id[:4] + sign(self.log, note.encode()))
        logged = int(self.logged.timestamp())
        promise = json.dumps(
            {"body": text(body), "integratedTime": logged, "logID": log_id.hex(), "logIndex": 0},
            separators=(",", ":"),
        )
        return {
            "logIndex": "0",
            "logId": {"keyId": text(log_id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(logged),
            "inclusionPromise": {"signedEntryTimestamp": text(sign(self.log, promise.encode()))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": text(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.example {mark}\n"},
            },
            "canonicalizedBody": text(body),
        }


def _octets(raw: bytes) -> bytes:
    """A DER octet string."""
    return b"\x04" + _length(len(raw)) + raw


def _utf8(value: str) -> bytes:
    raw = value.encode()
    return b"\x0c" + _length(len(raw)) + raw


def _length(count: int) -> bytes:
    return bytes([count]) if count < 128 else b"\x81" + bytes([count]) if count < 256 else b"\x82" + count.to_bytes(2, "big")


def trust_root() -> str:
    """The trust root that names the authority and both logs."""

    def log(name: str) -> JSON:
        valid: JSON = {"start": "2025-01-01T00:00:00Z"}
        told: JSON = {"rawBytes": text(public(name)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid}
        return {
            "baseUrl": f"https://{name}.example",
            "hashAlgorithm": "SHA2_256",
            "publicKey": told,
            "logId": {"keyId": text(hashlib.sha256(public(name)).digest())},
        }

    certificate = text(authority().public_bytes(Encoding.DER))
    ca: JSON = {
        "subject": {"organization": "example", "commonName": "ca"},
        "uri": "https://ca.example",
        "certChain": {"certificates": [{"rawBytes": certificate}]},
        "validFor": {"start": "2025-01-01T00:00:00Z"},
    }
    return json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log("rekor")],
            "ctlogs": [log("ct")],
            "certificateAuthorities": [ca],
            "timestampAuthorities": [],
        }
    )
