"""What the library is asked to accept, and that bytes which are nothing are refused and never raise."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parties.webauthn.soft_key import SoftKey, text
from trustpub.parties.webauthn.duo import DuoSecurityKeys
from trustpub.parties.webauthn.port import NewKey, Owner, Site

SITE = Site("https://index.example", "index.example", "ours")
OWNER = Owner(b"h" * 32, "ada", "")
CHALLENGE, OTHER = text(b"c" * 32), text(b"d" * 32)
KEYS = DuoSecurityKeys()


def registered(key: SoftKey) -> NewKey:
    """A key that was made for the site."""
    made = KEYS.created(SITE, CHALLENGE, key.create(KEYS.creation(SITE, OWNER, CHALLENGE, ())))
    assert made is not None
    return made


def test_what_a_browser_is_asked() -> None:
    """Nothing about the person but their name; their other keys are left out."""
    asked = json.loads(KEYS.creation(SITE, OWNER, CHALLENGE, (OTHER,)))
    assert (CHALLENGE, "index.example", text(b"h" * 32)) == (asked["challenge"], asked["rp"]["id"], asked["user"]["id"])
    assert [OTHER] == [each["id"] for each in asked["excludeCredentials"]]
    asked = json.loads(KEYS.request(SITE, CHALLENGE, (OTHER,)))
    assert (CHALLENGE, "index.example") == (asked["challenge"], asked["rpId"])
    assert [OTHER] == [each["id"] for each in asked["allowCredentials"]]


def test_a_key_signs() -> None:
    """Its count rises; its answer names it."""
    key = SoftKey(SITE.origin)
    made = registered(key)
    answer = key.sign(KEYS.request(SITE, CHALLENGE, (made.credential,)))
    assert made.credential == KEYS.credential(answer)
    assert KEYS.signed(SITE, CHALLENGE, answer, made.public_key, 0) == 1
    assert made.public_key not in repr(made)


def test_what_is_refused() -> None:
    """Another challenge, another site, another key, a count that does not rise, nobody at the key."""
    key, other = SoftKey(SITE.origin), SoftKey(SITE.origin, b"two")
    made, others = registered(key), registered(other)
    answer = key.sign(KEYS.request(SITE, CHALLENGE, (made.credential,)))
    elsewhere = Site("https://elsewhere.example", "index.example", "")
    another = Site(SITE.origin, "elsewhere.example", "")
    absent = SoftKey(SITE.origin)
    absent.flags = 0
    refused = [
        KEYS.signed(SITE, OTHER, answer, made.public_key, 0),
        KEYS.signed(elsewhere, CHALLENGE, answer, made.public_key, 0),
        KEYS.signed(another, CHALLENGE, answer, made.public_key, 0),
        KEYS.signed(SITE, CHALLENGE, answer, others.public_key, 0),
        KEYS.signed(SITE, CHALLENGE, answer, made.public_key, 1),
        KEYS.signed(SITE, CHALLENGE, absent.sign(KEYS.request(SITE, CHALLENGE, ())), made.public_key, 0),
        KEYS.created(SITE, OTHER, key.create(KEYS.creation(SITE, OWNER, CHALLENGE, ()))),
        KEYS.created(elsewhere, CHALLENGE, key.create(KEYS.creation(SITE, OWNER, CHALLENGE, ()))),
        KEYS.created(another, CHALLENGE, key.create(KEYS.creation(SITE, OWNER, CHALLENGE, ()))),
        KEYS.created(SITE, CHALLENGE, absent.create(KEYS.creation(SITE, OWNER, CHALLENGE, ()))),
    ]
    assert [None] * len(refused) == refused


NOTHING = [
    "",
    "{}",
    "[]",
    "null",
    "1",
    '"',
    "{" * 100_000,
    "[" * 100_000,
    "x" * 20_000,
    '{"id": 1}',
    '{"id": "\\u0000"}',
    "\ud800",
]


@pytest.mark.parametrize("answer", NOTHING)
def test_what_is_no_answer(answer: str) -> None:
    """Is nothing, and no error."""
    assert (None, None) == (KEYS.created(SITE, CHALLENGE, answer), KEYS.signed(SITE, CHALLENGE, answer, "", 0))
    assert KEYS.credential(answer) == ""


VALID = SoftKey(SITE.origin)
CREATED = json.loads(VALID.create(KEYS.creation(SITE, OWNER, CHALLENGE, ())))
JUNK: st.SearchStrategy[object] = st.none() | st.integers() | st.text(max_size=20) | st.lists(st.none(), max_size=2) | st.just({})


@given(st.sampled_from(sorted(CREATED["response"])), st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_spoilt_answers_are_refused(name: str, position: int, junk: bytes) -> None:
    """Bytes of the attestation or of the client's data that were changed: refused, or another key; never an error."""
    raw = urlsafe_b64decode(CREATED["response"][name] + "==")
    spoilt = raw[: position % len(raw)] + junk + raw[position % len(raw) + len(junk) :]
    answer = {**CREATED, "response": {**CREATED["response"], name: urlsafe_b64encode(spoilt).decode().rstrip("=")}}
    KEYS.created(SITE, CHALLENGE, json.dumps(answer))


@given(st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "attestationObject"]), JUNK)
def test_other_types_are_refused(name: str, junk: object) -> None:
    """A field that is something else: never an error."""
    answer = {**CREATED, name: junk} if name in CREATED else {**CREATED, "response": {**CREATED["response"], name: junk}}
    KEYS.created(SITE, CHALLENGE, json.dumps(answer))
    KEYS.signed(SITE, CHALLENGE, json.dumps(answer), text(b"k"), 0)
    KEYS.credential(json.dumps(answer))
