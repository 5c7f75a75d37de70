"""Key sets: which keys are usable, and when they are asked for."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

import pytest

from tests.parties.issuer.suite import DISCOVERY, JWKS, Clock, Suite, documents, ec_key, key
from trustpub.domain.claims import JSON
from trustpub.domain.issuers import Issuer
from trustpub.domain.publishers import Provider
from trustpub.errors import Unreachable
from trustpub.parties.issuer.github_claims import ISSUER
from trustpub.parties.issuer.jws import decode_base64url, parse
from trustpub.parties.issuer.keys import COOL_DOWN, FRESH, OLDEST, KeyRing, PublicKey, parse_key_set
from trustpub.parties.issuer.port import KeysWanted, TokenRefused, Why
from trustpub.parties.issuer.signing import SigningKey, encode_base64url, key_set


def parsed(*entries: JSON) -> dict[str, str]:
    """The usable keys of a set: their names and algorithms."""
    whole: list[JSON] = [*entries, {**key("good").jwk(), "kid": "good"}]
    keys = parse_key_set(json.dumps({"keys": whole}).encode())
    return {kid: found.algorithm for kid, found in keys.items()}


def without(*names: str) -> dict[str, JSON]:
    """A good key with members left out."""
    return {name: value for name, value in key().jwk().items() if name not in names}


def number(value: int) -> str:
    """A number as JWK members have it."""
    return encode_base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@pytest.mark.parametrize("entry", [without(), without("use", "alg"), without("x5c", "x5t"), {**without(), "key_ops": ["verify"]}])
def test_a_good_key_is_taken(entry: dict[str, JSON]) -> None:
    """GitHub's shape, and the shapes of those who publish less."""
    assert {"key-1": "RS256", "good": "RS256"} == parsed(entry)


def test_a_p256_key_is_taken() -> None:
    """ES256 keys are P-256."""
    assert {"ec-1": "ES256", "good": "RS256"} == parsed(ec_key().jwk())


BAD: dict[str, JSON] = {
    "no object": "key-1",
    "null": None,
    "no kid": without("kid"),
    "kid is a number": {**without(), "kid": 1},
    "kid is empty": {**without(), "kid": ""},
    "kid is too long": {**without(), "kid": "k" * 257},
    "no kty": without("kty"),
    "kty oct": {"kty": "oct", "kid": "key-1", "k": "c2VjcmV0"},
    "kty OKP": {"kty": "OKP", "crv": "Ed25519", "kid": "key-1", "x": "A" * 43},
    "kty is a list": {**without(), "kty": ["RSA"]},
    "for encryption": {**without(), "use": "enc"},
    "use is null": {**without(), "use": None},
    "operations without verify": {**without(), "key_ops": ["encrypt"]},
    "operations to sign": {**without(), "key_ops": ["sign"]},
    "operations is text": {**without(), "key_ops": "verify"},
    "another algorithm": {**without(), "alg": "RS512"},
    "an algorithm of another family": {**without(), "alg": "HS256"},
    "algorithm is null": {**without(), "alg": None},
    "with its private half": {**without(), "d": "AQAB"},
    "no modulus": without("n"),
    "modulus is a number": {**without(), "n": 12345},
    "modulus is padded": {**without(), "n": f"{without()['n']}="},
    "modulus is not ASCII": {**without(), "n": "\u00e9"},
    "modulus is even": {**without(), "n": number(2**2047 + 2)},
    "modulus is short": {**without(), "n": number(2**2047 - 1)},
    "modulus is huge": {**without(), "n": number(2**8192 + 1)},
    "no exponent": without("e"),
    "exponent 1": {**without(), "e": number(1)},
    "exponent 3": {**without(), "e": number(3)},
    "exponent even": {**without(), "e": number(65538)},
    "exponent huge": {**without(), "e": number(2**32 + 1)},
    "EC without y": {name: value for name, value in ec_key().jwk().items() if name != "y"},
    "EC off the curve": {**ec_key().jwk(), "y": encode_base64url(bytes(31) + b"\1")},
    "EC short": {**ec_key().jwk(), "x": encode_base64url(bytes(31))},
    "EC with a zero in front": {
        **ec_key().jwk(),
        "x": encode_base64url(bytes(1) + decode_base64url(str(ec_key().jwk()["x"]).encode())),
    },
    "EC on P-384": {**ec_key().jwk(), "crv": "P-384"},
    "EC says RS256": {**ec_key().jwk(), "alg": "RS256"},
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_key_is_left_out_and_harms_nobody(name: str) -> None:
    """One unusable key does not break the set."""
    assert {"good": "RS256"} == parsed(BAD[name])


def test_a_name_for_two_keys_names_none() -> None:
    """Of two keys with one name neither counts, and neither does the name when only one of them is usable."""
    twin = key("twin").renamed("key-1").jwk()
    assert {"good": "RS256"} == parsed(key().jwk(), twin)
    assert {"good": "RS256"} == parsed({"kty": "oct", "kid": "key-1", "k": "c2VjcmV0"}, key().jwk())


def test_a_key_of_the_broken_generator_is_left_out() -> None:
    """A modulus with the fingerprint of CVE-2017-15361 (a power of 65537 modulo many small primes) is refused."""
    product = 1
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103):
        product *= prime
    for prime in (107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167):
        product *= prime
    modulus = (2**2047 // product + 1) * product + pow(65537, 1000, product)
    assert 2048 == modulus.bit_length()
    assert {"good": "RS256"} == parsed({**without(), "n": number(modulus)})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b'{"keys": [{}]}',
        b'{"keys": [], "keys": []}',
        b'\xef\xbb\xbf{"keys": []}',
        b"\xff\xfe",
        b"[" * 5000,
    ],
)
def test_what_is_no_key_set_is_refused(data: bytes) -> None:
    """An answer without one usable key is no key set at all."""
    with pytest.raises(Unreachable):
        parse_key_set(data)


def test_an_es256_token_is_believed_where_the_issuer_says_so() -> None:
    """ES256 works for an issuer that is configured for it, and a key never changes its algorithm."""
    issuer = Issuer(Provider.OIDC, ISSUER, algorithms=("RS256", "ES256"))
    suite = Suite(ec_key(), key(), issuers=(issuer,))
    assert suite.believes(suite.token())
    assert suite.believes(suite.token(signer=key(), header={"alg": "RS256", "kid": "key-1"}))
    for token in (
        suite.token(header={"kid": "key-1"}),
        suite.token(signer=key(), header={"alg": "RS256"}),
        suite.token(signer=key(), header={"kid": "key-1"}),
    ):
        answer = suite.ask(token)
        assert isinstance(answer, TokenRefused)
        assert Why.ALGORITHM is answer.why


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, bytes(63), bytes(65), bytes(32) + b"\1" * 32])
def test_an_odd_ecdsa_signature_is_refused(signature: bytes) -> None:
    """Zeros, infinities and wrong lengths are no signatures (CVE-2022-21449)."""
    suite = Suite(ec_key(), issuers=(Issuer(Provider.OIDC, ISSUER, algorithms=("ES256",)),))
    assert suite.believes(suite.token())
    answer = suite.ask(f"{suite.token().rpartition('.')[0]}.{encode_base64url(signature)}")
    assert isinstance(answer, TokenRefused)
    assert Why.SIGNATURE is answer.why


def test_an_ecdsa_signature_has_one_spelling() -> None:
    """A good signature with a zero put before its second half is the same two numbers, and another text."""
    suite = Suite(ec_key(), issuers=(Issuer(Provider.OIDC, ISSUER, algorithms=("ES256",)),))
    token = suite.token()
    assert suite.believes(token)
    signature = parse(token).signature
    assert not suite.believes(f"{token.rpartition('.')[0]}.{encode_base64url(signature[:32] + bytes(1) + signature[32:])}")


def test_keys_survive_a_round_trip() -> None:
    """What `SigningKey` publishes is what `parse_key_set` reads, for both kinds of key."""
    from_pem = SigningKey.from_pem(key().pem(), "key-1")
    assert key().jwk()["n"] == from_pem.jwk()["n"]
    assert {"key-1": "RS256", "ec-1": "ES256"} == {
        kid: found.algorithm for kid, found in parse_key_set(key_set(from_pem, ec_key())).items()
    }


class Source:
    """Key sets to load, and how often that happened."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys = keys
        self.loads = 0
        self.problem: Exception | None = None

    def __call__(self) -> Mapping[str, PublicKey]:
        self.loads += 1
        if self.problem:
            raise self.problem
        return parse_key_set(key_set(*self.keys))


def ring(source: Source) -> tuple[KeyRing, Clock]:
    """A ring that has fetched once."""
    clock = Clock()
    made = KeyRing(ISSUER, source, clock)
    made.refresh()
    return made, clock


def found(answer: object) -> bool:
    """Whether a ring answered with a key."""
    return not isinstance(answer, KeysWanted | Why)


def test_an_unknown_key_waits_for_the_cool_down() -> None:
    """Within a minute of a fetch an unknown name is refused; after it, one refresh is allowed."""
    source = Source(key())
    keys, clock = ring(source)
    assert Why.UNKNOWN_KEY == keys.find("key-2", clock.now + COOL_DOWN - 1)
    assert KeysWanted(ISSUER) == keys.find("key-2", clock.now + COOL_DOWN)
    keys.refresh()
    assert 1 == source.loads


def test_a_new_key_is_found_after_one_refresh_and_a_removed_one_is_gone() -> None:
    """The whole set is replaced."""
    source = Source(key())
    keys, clock = ring(source)
    source.keys = (key("key-2"),)
    clock.now += COOL_DOWN
    assert KeysWanted(ISSUER) == keys.find("key-2", clock.now)
    keys.refresh()
    assert found(keys.find("key-2", clock.now))
    assert Why.UNKNOWN_KEY == keys.find("key-1", clock.now)


def test_a_removed_key_stops_working_within_an_hour() -> None:
    """A known key is asked for again when its set is an hour old, without any unknown one."""
    source = Source(key())
    keys, clock = ring(source)
    source.keys = (key("key-2"),)
    clock.now += FRESH - 1
    assert found(keys.find("key-1", clock.now))
    clock.now += 1
    assert KeysWanted(ISSUER) == keys.find("key-1", clock.now)
    keys.refresh()
    assert Why.UNKNOWN_KEY == keys.find("key-1", clock.now)


@pytest.mark.parametrize("problem", [Unreachable("down"), OSError("gone"), TimeoutError()])
def test_a_failed_refresh_keeps_the_keys_for_a_day(problem: Exception) -> None:
    """An issuer's outage does not stop its known keys, but after a day they are no longer believed."""
    source = Source(key())
    keys, clock = ring(source)
    source.problem = problem
    clock.now += FRESH
    keys.refresh()
    assert 2 == source.loads
    assert found(keys.find("key-1", clock.now))
    clock.now += OLDEST - FRESH
    assert KeysWanted(ISSUER) == keys.find("key-1", clock.now)
    keys.refresh()
    assert Why.OLD_KEYS == keys.find("key-1", clock.now)


def test_a_bug_in_loading_is_not_hidden_and_blocks_nobody() -> None:
    """Only a broken world is swallowed; after any other exception the next caller may fetch."""
    source = Source(key())
    keys, clock = ring(source)
    source.problem = ZeroDivisionError()
    clock.now += COOL_DOWN
    with pytest.raises(ZeroDivisionError):
        keys.refresh()
    source.problem = None
    clock.now += COOL_DOWN
    keys.refresh()
    assert found(keys.find("key-1", clock.now))


@pytest.mark.parametrize("step", [-600, -365 * 86400])
def test_a_clock_that_is_set_back_locks_nobody_out(step: int) -> None:
    """Neither the cool-down nor the age of the keys counts on a clock that only goes forward."""
    source = Source(key())
    keys, clock = ring(source)
    clock.now += step
    assert KeysWanted(ISSUER) == keys.find("key-1", clock.now)
    keys.refresh()
    assert 2 == source.loads
    assert found(keys.find("key-1", clock.now))


def test_a_flood_of_unknown_keys_causes_one_fetch_a_minute(long_run: bool) -> None:
    """Ten minutes of strangers' tokens, the issuer up and the issuer down: ten refreshes each."""
    for down in (False, True):
        suite = Suite()
        if down:
            suite.network.documents[JWKS] = Unreachable("down")
        for second in range(600):
            suite.clock.now += 1
            for number_of in range(20 if long_run else 2):
                token = suite.token(header={"kid": f"x-{second}-{number_of}"}, iat=suite.clock.now, exp=suite.clock.now + 300)
                assert isinstance(suite.ask(token), TokenRefused)
        assert 10 == suite.network.asked.count(DISCOVERY)
        assert 10 == suite.network.asked.count(JWKS)


def test_many_callers_share_one_fetch() -> None:
    """While one caller fetches, the others wait for the same keys, and all of them find theirs."""
    started, release, asked, loads = threading.Event(), threading.Event(), threading.Semaphore(0), []

    def load() -> Mapping[str, PublicKey]:
        loads.append(1)
        started.set()
        assert release.wait(10)
        return parse_key_set(key_set(key()))

    clock = Clock()
    keys = KeyRing(ISSUER, load, clock)
    wanted: list[object] = []
    answers: list[object] = []

    def caller() -> None:
        wanted.append(keys.find("key-1", clock.now))
        asked.release()
        keys.refresh()
        answers.append(keys.find("key-1", clock.now))

    threads = [threading.Thread(target=caller) for _ in range(8)]
    threads[0].start()
    assert started.wait(10)
    for thread in threads[1:]:
        thread.start()
    assert all(asked.acquire(timeout=10) for _ in threads)
    release.set()
    for thread in threads:
        thread.join(10)
    assert 1 == len(loads)
    assert [KeysWanted(ISSUER)] * 8 == wanted
    assert [True] * 8 == [found(answer) for answer in answers]


def test_a_known_key_works_while_the_set_is_fetched_again() -> None:
    """Nobody waits for news about a key that is known."""
    clock, first = Clock(), True
    ring_of: list[KeyRing] = []
    seen: list[bool] = []

    def load() -> Mapping[str, PublicKey]:
        if not first:
            seen.append(found(ring_of[0].find("key-1", clock.now)))
        return parse_key_set(key_set(key()))

    keys = KeyRing(ISSUER, load, clock)
    ring_of.append(keys)
    keys.refresh()
    first = False
    clock.now += FRESH
    keys.refresh()
    assert [True] == seen


def test_rotation_is_seen_through_the_verifier() -> None:
    """A token of a new key is believed after one refresh once the cool-down is over, one of a removed key no longer."""
    suite = Suite()
    assert suite.believes(suite.token())
    suite.network.documents |= documents(key("key-2"))
    new = suite.token(signer=key("key-2"), header={"kid": "key-2"})
    assert not suite.believes(new)
    suite.clock.now += COOL_DOWN
    assert suite.believes(new)
    assert not suite.believes(suite.token())
    assert [DISCOVERY, JWKS] * 2 == suite.network.asked
