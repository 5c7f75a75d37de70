"""Signing in: who gets in, who does not, and what is learned from it."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.usecases.accounts.people import CHEAP, ELSEWHERE, GOOD, HOME, People, began, code
from trustpub.domain.tokens import digest
from trustpub.storage.accounts import password_of, set_active, set_password
from trustpub.usecases.accounts import Caller, NewSession, tries
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.passwords import Hashing


def test_by_name_or_verified_address(people: People) -> None:
    """In whatever case; an address that nobody has verified is nobody's."""
    people.person()
    people.person("eve", verified=False)
    for name in ("ada", "ADA", " ada ", "Ada@Example.org"):
        assert people.session(name).level == "full"
    assert code(people.accounts.sign_in.password("eve@example.org", GOOD, HOME, "")) == "wrong-sign-in"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong"),
        ("ada", ""),
        ("ada", GOOD.upper()),
        ("ada", GOOD + " "),
        ("ada", "a" * 100_000),
        ("ada", "\ud800"),
        ("nobody", GOOD),
        ("", ""),
        ("ada\x00", GOOD),
        ("\ud800", GOOD),
        ("a" * 10_000, GOOD),
        ("%", GOOD),
        ("closed", GOOD),
        ("keyless", GOOD),
        ("keyless", ""),
    ],
)
def test_everybody_else_gets_the_same_answer(people: People, name: str, password: str) -> None:
    """A wrong name, a wrong password, a closed account and one without a password cannot be told apart."""
    people.person()
    closed, keyless = people.person("closed"), people.person("keyless")
    people.do(lambda connection: set_active(connection, closed.id, active=False))
    people.do(lambda connection: set_password(connection, keyless.id, "no hash"))
    answer = people.accounts.sign_in.password(name, password, HOME, "")
    expected = people.accounts.sign_in.password("somebody", "something", HOME, "")
    assert (expected, "wrong-sign-in") == (answer, code(answer))


def test_unknown_names_cost_the_same(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """One password is hashed, once, whoever is asked for."""
    people.person()
    hashed: list[bool] = []
    matches = Hashing.matches

    def counted(self: Hashing, password: str, stored: str | None) -> bool:
        hashed.append(stored is None)
        return matches(self, password, stored)

    monkeypatch.setattr(Hashing, "matches", counted)
    for name in ("ada", "nobody", "nobody@example.org"):
        people.accounts.sign_in.password(name, "wrong", HOME, "")
    assert hashed == [False, True, True]


def test_a_cookie_is_a_session(people: People) -> None:
    """Only its digest is kept; anything else is nobody's."""
    user = people.person()
    session = people.session()
    caller = people.caller(session, ELSEWHERE)
    assert (user, "full", ELSEWHERE, False) == (caller.user, caller.level, caller.address, caller.second_factor)
    assert len(session.cookie) == 43
    for cookie in ("", session.cookie[:-1], session.cookie + "A", digest(session.cookie), "\ud800" * 43, "A" * 43):
        assert people.accounts.sign_in.caller(cookie, HOME) is None
    assert session.cookie not in repr(session)


def test_every_sign_in_has_its_own_session(people: People) -> None:
    """No session is ever taken over from before (fixation)."""
    people.person()
    cookies = {people.session().cookie for _ in range(3)}
    assert len(cookies) == 3


def test_sign_out_ends_the_session(people: People) -> None:
    """This one, and no other."""
    people.person()
    first, second = people.session(), people.session()
    people.accounts.sign_in.sign_out(people.caller(first))
    assert people.accounts.sign_in.caller(first.cookie, HOME) is None
    assert people.accounts.sign_in.caller(second.cookie, HOME) is not None


@pytest.mark.parametrize(("after", "there"), [(12 * 3600, True), (12 * 3600 + 1, False)])
def test_idle_sessions_end(people: People, after: int, there: bool) -> None:
    """After twelve hours without use."""
    people.person()
    session = people.session()
    people.now += after
    assert there == (people.accounts.sign_in.caller(session.cookie, HOME) is not None)


def test_sessions_end_after_thirty_days(people: People) -> None:
    """However much they are used; use is noted every five minutes at most."""
    people.person()
    session = people.session()
    began_at, hours = people.now, 0
    while people.accounts.sign_in.caller(session.cookie, HOME) is not None:
        people.now += 11 * 3600
        hours += 11
    assert hours == 726  # the first multiple of eleven beyond 720
    assert people.now - began_at >= 30 * 86_400


def test_use_is_noted_now_and_then(people: People) -> None:
    """Not by every page: a commit each would be too dear."""
    people.person()
    session = people.session()
    for wait, noted in ((299, 0.0), (1, 300.0), (299, 300.0)):
        people.now += wait
        caller = people.caller(session)
        assert noted == people.accounts.sessions.listed(caller)[0].seen - 1_763_800_000.5


def test_closing_ends_everything(people: People) -> None:
    """A closed account's cookie is nobody's."""
    user = people.person()
    session = people.session()
    people.do(lambda connection: set_active(connection, user.id, active=False))
    assert people.accounts.sign_in.caller(session.cookie, HOME) is None


def test_strangers_cannot_lock_anybody_out(people: People) -> None:
    """They use up what strangers have; from where the owner was before, the owner still gets in."""
    people.person()
    people.session()
    tried = [people.accounts.sign_in.password("ada", f"guess {n}", f"203.0.113.{n}", "") for n in range(12)]
    assert ["wrong-sign-in"] * 10 + ["too-many-tries"] * 2 == [code(each) for each in tried]
    assert code(people.accounts.sign_in.password("ada", GOOD, ELSEWHERE, "")) == "too-many-tries"
    assert people.session().level == "full"
    people.now += 300
    assert people.session(address=ELSEWHERE).level == "full"


def test_a_known_address_is_limited_too(people: People) -> None:
    """Ten wrong passwords from home; the answer says how long to wait."""
    people.person()
    people.session()
    for number in range(10):
        assert code(people.accounts.sign_in.password("ada", f"guess {number}", HOME, "")) == "wrong-sign-in"
    answer = people.accounts.sign_in.password("ada", GOOD, HOME, "")
    assert isinstance(answer, NotDone)
    assert (429, True) == (answer.status, 0 < answer.retry_after <= 300)
    people.now += answer.retry_after
    assert people.session().level == "full"


def test_one_network_tries_few_names(people: People) -> None:
    """Twenty, and then nothing is hashed and nothing is written; right ones do not count."""
    people.person()
    for _ in range(30):
        people.session()
    answers = [people.accounts.sign_in.password(f"user{n}", "guess", HOME, "") for n in range(25)]
    assert 20 == [code(each) for each in answers].count("wrong-sign-in")
    assert code(people.accounts.sign_in.password("ada", GOOD, HOME, "")) == "too-many-tries"


def test_a_reset_lets_its_owner_in(people: People) -> None:
    """Whose account strangers keep busy, and who comes from nowhere known: the mail proves who it is."""
    people.person()
    for number in range(10):
        people.accounts.sign_in.password("ada", f"guess {number}", f"203.0.113.{number}", "")
    assert code(people.accounts.sign_in.password("ada", GOOD, ELSEWHERE, "")) == "too-many-tries"
    people.accounts.passwords.forgot("ada@example.org", ELSEWHERE)
    new = {"password": "a lantern over wet gravel", "password_again": "a lantern over wet gravel"}
    assert people.accounts.passwords.reset(people.token(), new, ELSEWHERE) is None
    assert began(people.accounts.sign_in.password("ada", new["password"], ELSEWHERE, "")).level == "full"


def test_the_log_tells_of_failures(people: People) -> None:
    """From where, and not of every one: what matters more would be pushed out of it."""
    user = people.person()
    for number in range(15):
        people.accounts.sign_in.password("ada", "wrong", f"203.0.113.{number}", "")
        people.now += 60
    kinds = people.events(user)
    assert ["account:sign-in-failed"] * 10 == kinds
    assert people.log(user)[0].detail["address"] == "203.0.113.0"
    assert "wrong" not in str([event.detail for event in people.log()])


def test_old_hashes_give_way(people: People) -> None:
    """A hash of scrypt, or of other parameters, is verified once more and replaced."""
    user = people.person()
    key = hashlib.scrypt(GOOD.encode(), salt=b"s" * 16, n=16, r=8, p=1, dklen=32)
    old = f"scrypt$16$8$1${b64encode(b's' * 16).decode()}${b64encode(key).decode()}"
    people.do(lambda connection: set_password(connection, user.id, old))
    assert code(people.accounts.sign_in.password("ada", "wrong", HOME, "")) == "wrong-sign-in"
    assert old == people.see(lambda connection: password_of(connection, user.id))
    people.session()
    new = people.see(lambda connection: password_of(connection, user.id))
    assert new is not None
    assert new.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    people.session()
    assert new == people.see(lambda connection: password_of(connection, user.id))


def test_hashing_takes_turns() -> None:
    """As many as may hash and wait at once; one more is told so at once."""
    hashing = Hashing(CHEAP, at_once=1, waiting=0)
    with hashing.turn() as first, hashing.turn() as second:
        assert (True, False) == (first, second)
    with hashing.turn() as again:
        assert again


def test_many_at_once_get_in_or_are_told_to_wait(people: People) -> None:
    """However many sign in at the same time."""
    people.person()
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: people.accounts.sign_in.password("ada", GOOD, HOME, ""), range(24)))
    refused = {each.code for each in answers if isinstance(each, NotDone)}
    assert refused <= {"busy", "too-many-tries"}
    assert any(isinstance(each, NewSession) for each in answers)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ],
)
def test_networks(address: str, expected: str) -> None:
    """An IPv6 subscriber has a /64 of addresses, and counts as one."""
    assert expected == tries.network(address)


def test_no_address_is_a_network_too() -> None:
    """Whatever stands there: it is short, and one thing."""
    assert tries.network("") != tries.network("x" * 1000)
    assert len(tries.network("\ud800")) == 16


STATES: list[tuple[str, Callable[[Caller], Caller], dict[str, bool], str]] = [
    ("all is well", lambda caller: caller, {}, ""),
    ("half way", lambda caller: replace(caller, level="password"), {}, "sign-in-first"),
    ("unverified", lambda caller: replace(caller, user=replace(caller.user, email_verified=False)), {}, "verify-email-first"),
    ("no factor", lambda caller: replace(caller, second_factor=False), {}, "second-factor-first"),
    ("not asked", lambda caller: replace(caller, second_factor=False, factor_required=False), {}, ""),
    ("long ago", lambda caller: replace(caller, proven=caller.proven - 1801), {}, "prove-it-is-you"),
    ("just now", lambda caller: replace(caller, proven=caller.proven - 1800), {}, ""),
    ("left out", lambda caller: replace(caller, second_factor=False), {"factor": False}, ""),
]


@pytest.mark.parametrize(("change", "leaving", "expected"), [each[1:] for each in STATES], ids=[each[0] for each in STATES])
def test_what_dangerous_things_need(
    people: People, change: Callable[[Caller], Caller], leaving: dict[str, bool], expected: str
) -> None:
    """Each need, and the ways out of them."""
    from trustpub.usecases.accounts import needs

    people.person()
    caller = replace(people.signed_in(), second_factor=True, factor_required=True)
    answer = needs(change(caller), people.now, **leaving)
    assert expected == ("" if answer is None else answer.code)
