"""What is read from the certificate of an attestation, and that nothing unreadable does harm."""

from __future__ import annotations

import datetime as dt
from base64 import b64decode, b64encode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from trustpub.parties.index.certificate import CLAIMS, EXTENSIONS, FULCIO, OCTETS, OID, SEQUENCE, UTF8, claims_of
from trustpub.parties.index.fake_certificate import certificate, der

CLAIMED = {
    "iss": "https://token.actions.githubusercontent.com",
    "repository": "octo/orchay",
    "job_workflow_ref": "octo/orchay/.github/workflows/release.yml@refs/tags/v1.0",
    "ref": "refs/tags/v1.0",
    "sha": "5" * 40,
    "repository_id": "7",
    "repository_owner_id": "42",
    "event_name": "release",
    "run": "https://github.com/octo/orchay/actions/runs/9/attempts/1",
}
NUMBERS = {name: number for number, name in CLAIMS.items()}


def real(claims: dict[str, str]) -> x509.Certificate:
    """A certificate as a certificate authority makes one, with what Fulcio's have besides."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "intermediate")]))
        .public_key(key.public_key())
        .serial_number(1 << 150)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(minutes=10))
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier("https://github.com/x")]), critical=True)
        .add_extension(_unread(1, b"https://token.actions.githubusercontent.com"), critical=False)
    )
    for name, value in claims.items():
        address = f"https://github.com/{value}" if name in ("repository", "job_workflow_ref") else value
        builder = builder.add_extension(_unread(NUMBERS[name], der(UTF8, address.encode())), critical=False)
    return builder.sign(key, SHA384())


def _unread(number: int, content: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}"), content)


def test_a_certificate_of_an_authority_is_read() -> None:
    """Its other extensions say nothing here, the oldest of Fulcio's included: they are no DER."""
    text = b64encode(real(CLAIMED).public_bytes(Encoding.DER)).decode()
    assert CLAIMED == dict(claims_of(text))


def test_the_fakes_certificates_say_the_same() -> None:
    """Tests elsewhere rely on them."""
    assert CLAIMED == dict(claims_of(certificate(CLAIMED)))


def test_every_claim_is_under_its_own_number() -> None:
    """The names are no permutation of each other's."""
    assert {name: f"value{number}" for number, name in CLAIMS.items()} == dict(
        claims_of(certificate({name: f"value{number}" for number, name in CLAIMS.items()}))
    )


def one_extension(extension: bytes, *more: bytes) -> str:
    """A certificate with these extensions as they stand."""
    tagged = der(EXTENSIONS, der(SEQUENCE, b"".join((extension, *more))))
    return b64encode(der(SEQUENCE, der(SEQUENCE, tagged))).decode()


REF = der(SEQUENCE, der(OID, FULCIO + b"\x0e") + der(OCTETS, der(UTF8, b"refs/heads/main")))


LONG = der(SEQUENCE, der(OID, FULCIO + b"\x0e") + der(OCTETS, der(UTF8, b"r" * 150)))


def test_a_longer_certificate_is_read() -> None:
    """Whose outer length takes two bytes."""
    assert (("ref", "r" * 150),) == claims_of(one_extension(LONG))
    assert 0x81 == b64decode(one_extension(LONG))[1]


def test_the_smallest_certificate_is_read() -> None:
    """The cases below differ from it in one thing each."""
    assert (("ref", "refs/heads/main"),) == claims_of(one_extension(REF))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64!",
        "AAAA",
        "A" * 100_000,
        b64encode(b"\x30\x80\x00\x00").decode(),
        b64encode(b"\x30\x81\x05hello").decode(),
        b64encode(b"\x30\x84\xff\xff\xff\xff").decode(),
        b64encode(b64decode(one_extension(REF)) + b"\0").decode(),
        b64encode(b"\x30\x81" + b64decode(one_extension(REF))[1:]).decode(),
        b64encode(b"\x30\x82\0" + b64decode(one_extension(LONG))[2:]).decode(),
        one_extension(REF, REF),
        one_extension(der(SEQUENCE, der(OID, FULCIO + b"\x0e") + der(OCTETS, der(UTF8, b"\xff")))),
        one_extension(der(SEQUENCE, der(OID, FULCIO + b"\x0e") + der(OCTETS, der(UTF8, b"line\nline")))),
        one_extension(der(SEQUENCE, der(OID, FULCIO + b"\x0e") + der(OCTETS, der(UTF8, b"a") + der(UTF8, b"b")))),
        one_extension(der(SEQUENCE, der(OID, FULCIO + b"\x0e") + der(OCTETS, b"refs/heads/main"))),
        one_extension(der(SEQUENCE, der(OCTETS, b"") + der(OCTETS, b""))),
        one_extension(der(SEQUENCE, b"")),
        one_extension(der(SEQUENCE, der(OID, b"") + der(UTF8, b"x"))),
    ],
)
def test_what_is_no_certificate_says_nothing(text: str) -> None:
    """Nor does one that is written otherwise than DER demands."""
    assert () == claims_of(text)


def test_an_empty_number_is_passed_over() -> None:
    """It is not Fulcio's."""
    assert (("ref", "refs/heads/main"),) == claims_of(one_extension(der(SEQUENCE, der(OID, b"x") + der(OCTETS, b"")), REF))


@given(st.data())
def test_a_damaged_certificate_says_nothing_else(data: st.DataObject) -> None:
    """Cut short it says nothing; with a byte changed it may say less, or another value of a claim, and never fails."""
    whole = b64decode(certificate(CLAIMED))
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert () == claims_of(b64encode(whole[:cut]).decode())
    place, value = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 255))
    changed = claims_of(b64encode(whole[:place] + bytes([value]) + whole[place + 1 :]).decode())
    assert {name for name, _ in changed} <= set(CLAIMS.values())


@given(st.binary(max_size=400))
def test_noise_says_nothing(noise: bytes) -> None:
    """And never fails."""
    assert () == claims_of(b64encode(noise).decode())
