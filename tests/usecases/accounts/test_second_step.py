"""The second step of signing in: each thing once, for its own session and its own account."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from pyotp import TOTP

from tests.parties.webauthn.soft_key import SoftKey
from tests.usecases.accounts.people import ELSEWHERE, GOOD, HOME, NOW, URL, People, began, code
from trustpub.usecases.accounts import NewSession
from trustpub.usecases.accounts.codes import Step, step_of


def test_a_password_is_half_of_it(people: People) -> None:
    """With a second factor the session is of no use until it was given; then its cookie is another one."""
    people.person()
    app = people.authenticator(people.signed_in())
    half = people.session()
    caller = people.caller(half)
    assert ("password", True) == (half.level, caller.second_factor)
    full = began(people.accounts.sign_in.totp(caller, app.at(int(people.now))))
    assert ("full", False) == (full.level, full.cookie == half.cookie)
    assert people.accounts.sign_in.caller(half.cookie, HOME) is None
    assert people.caller(full).level == "full"
    assert people.events(caller.user)[-1] == "account:signed-in"
    assert people.log(caller.user)[-1].detail["method"] == "totp"


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "\uff11" * 6, "-12345", "\ud800", "0" * 10_000])
def test_what_is_no_code(typed: str) -> None:
    """Six digits of ASCII are one."""
    assert step_of(SECRET, typed, NOW) is None


@pytest.mark.parametrize("offset", range(-12, 13))
def test_clocks_differ(offset: int) -> None:
    """A code is known ten steps to both sides; its step is the one that it was made for."""
    current = int(NOW) // 30
    found = step_of(SECRET, TOTP(SECRET).at((current + offset) * 30), NOW)
    assert found == (Step(current + offset, offset) if abs(offset) <= 10 else None)


def test_clocks_may_differ_by_one_step(people: People) -> None:
    """More is said to be a wrong clock, and far more is a wrong code; neither uses a step up."""
    people.person()
    app = people.authenticator(people.signed_in())
    people.now += 3600
    caller = people.caller(people.session())
    for offset, expected in ((330, "wrong-code"), (60, "code-out-of-step"), (-60, "code-out-of-step")):
        assert expected == code(people.accounts.sign_in.totp(caller, app.at(int(people.now) + offset)))
    assert began(people.accounts.sign_in.totp(caller, app.at(int(people.now) - 30))).level == "full"


def test_a_step_is_accepted_once(people: People) -> None:
    """However its code is written, in whichever session, and none before it: what matters is the step."""
    people.person()
    app = people.authenticator(people.signed_in())
    typed = app.at(int(people.now))
    callers = [people.caller(people.session()) for _ in range(3)]
    began(people.accounts.sign_in.totp(callers[0], f" {typed[:3]} {typed[3:]} "))
    assert code(people.accounts.sign_in.totp(callers[1], typed)) == "code-used"
    assert code(people.accounts.sign_in.totp(callers[2], app.at(int(people.now) - 30))) == "code-used"


def test_a_step_is_accepted_once_by_many_at_once(people: People) -> None:
    """Four sessions, one code: one gets in."""
    people.person()
    app = people.authenticator(people.signed_in())
    typed = app.at(int(people.now))
    callers = [people.caller(people.session()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda caller: people.accounts.sign_in.totp(caller, typed), callers))
    assert 1 == sum(isinstance(each, NewSession) for each in answers)


def test_codes_cannot_be_guessed(people: People) -> None:
    """Five in five minutes, twenty an hour, fifty a day; and an address that the account knows is not locked by another."""
    people.person()
    app = people.authenticator(people.signed_in())
    callers = [people.caller(people.session(address=f"203.0.113.{n}"), f"203.0.113.{n}") for n in range(7)]
    guesses = [code(people.accounts.sign_in.totp(caller, "000000")) for caller in callers]
    assert ["wrong-code"] * 5 + ["too-many-tries"] * 2 == guesses
    home = people.caller(people.session())
    assert began(people.accounts.sign_in.totp(home, app.at(int(people.now)))).level == "full"
    assert "account:sign-in-failed" in people.events(home.user)


def test_half_a_session_ends_soon(people: People) -> None:
    """Ten minutes are enough to find one's phone; and what is dangerous is out of its reach."""
    people.person()
    app = people.authenticator(people.signed_in())
    half = people.session()
    caller = people.caller(half)
    assert code(people.accounts.second_factors.remove_totp(caller)) == "sign-in-first"
    assert code(people.accounts.second_factors.new_recovery_codes(caller)) == "sign-in-first"
    assert code(people.accounts.api_tokens.create(caller, {"description": "x", "scope": "upload"})) == "sign-in-first"
    assert code(people.accounts.passwords.prove(caller, {"password": GOOD})) == "sign-in-first"
    assert code(people.accounts.sessions.end_others(caller)) == "sign-in-first"
    people.now += 600
    assert code(people.accounts.sign_in.totp(caller, app.at(int(people.now)))) == "sign-in-first"
    assert people.accounts.sign_in.caller(half.cookie, HOME) is None


def test_a_full_session_has_nothing_to_raise(people: People) -> None:
    """And a code of it is not used up."""
    people.person()
    caller = people.signed_in()
    app = people.authenticator(caller)
    typed = app.at(int(people.now))
    assert code(people.accounts.sign_in.totp(caller, typed)) == "signed-in-already"
    began(people.accounts.sign_in.totp(people.caller(people.session()), typed))


def test_recovery_codes_are_good_once(people: People) -> None:
    """However they are typed; a burnt one is said to be burnt, and the owner is told by mail."""
    people.person()
    caller = people.signed_in()
    people.authenticator(caller)
    codes = people.accounts.second_factors.new_recovery_codes(caller)
    assert isinstance(codes, tuple)
    assert (8, 8) == (len(codes), len(set(codes)))
    began(people.accounts.sign_in.recovery_code(people.caller(people.session()), f" {codes[0].upper().replace('-', ' ')}"))
    again = people.caller(people.session())
    assert code(people.accounts.sign_in.recovery_code(again, codes[0])) == "recovery-code-used"
    assert code(people.accounts.sign_in.recovery_code(again, "aaaa-aaaa-aaaa-aaaa")) == "wrong-code"
    assert 7 == people.accounts.second_factors.listed(caller).recovery_left
    assert "recovery code" in people.mails()[-1].body


def test_a_recovery_code_is_good_once_by_many_at_once(people: People) -> None:
    """Four sessions, one code: one gets in. And new codes void the old ones."""
    people.person()
    caller = people.signed_in()
    people.authenticator(caller)
    codes = people.accounts.second_factors.new_recovery_codes(caller)
    assert isinstance(codes, tuple)
    callers = [people.caller(people.session()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda each: people.accounts.sign_in.recovery_code(each, codes[0]), callers))
    assert 1 == sum(isinstance(each, NewSession) for each in answers)
    people.accounts.second_factors.new_recovery_codes(caller)
    people.now += 300
    assert code(people.accounts.sign_in.recovery_code(people.caller(people.session()), codes[1])) == "wrong-code"


def keyed(people: People, key: SoftKey, name: str = "ada") -> None:
    """Give somebody a security key."""
    people.person(name)
    caller = people.signed_in(name)
    options = people.accounts.second_factors.begin_key(caller)
    assert isinstance(options, str), options
    assert people.accounts.second_factors.add_key(caller, "blue", key.create(options)) is None


def test_by_security_key(people: People) -> None:
    """It signs the challenge of this session, and its count is kept."""
    key = SoftKey(URL)
    keyed(people, key)
    for _ in range(2):
        caller = people.caller(people.session())
        options = people.accounts.sign_in.key_options(caller)
        assert isinstance(options, str)
        assert began(people.accounts.sign_in.key(caller, key.sign(options))).level == "full"
    (listed,) = people.accounts.second_factors.listed(caller).keys
    assert ("blue", people.now) == (listed.label, listed.used_at)


def test_a_challenge_is_good_once_and_for_its_session(people: People) -> None:
    """Not again, not elsewhere, not later, not after a wrong answer."""
    key = SoftKey(URL)
    keyed(people, key)
    first, second = (people.caller(people.session()) for _ in range(2))
    options = people.accounts.sign_in.key_options(first)
    assert isinstance(options, str)
    answer = key.sign(options)
    assert code(people.accounts.sign_in.key(second, answer)) == "key-refused"
    assert isinstance(people.accounts.sign_in.key_options(second), str)
    assert code(people.accounts.sign_in.key(second, answer)) == "key-refused"
    assert code(people.accounts.sign_in.key(first, "{}")) == "key-refused"
    assert code(people.accounts.sign_in.key(first, answer)) == "key-refused"
    options = people.accounts.sign_in.key_options(first)
    assert isinstance(options, str)
    answer = key.sign(options)
    people.now += 300
    assert code(people.accounts.sign_in.key(first, answer)) == "key-refused"


def test_somebody_elses_key_is_no_key(people: People) -> None:
    """A good signature of another account's key opens nothing."""
    mine, other = SoftKey(URL), SoftKey(URL, b"two")
    keyed(people, mine)
    keyed(people, other, "eve")
    caller = people.caller(people.session("eve", address=ELSEWHERE), ELSEWHERE)
    options = people.accounts.sign_in.key_options(caller)
    assert isinstance(options, str)
    assert code(people.accounts.sign_in.key(caller, mine.sign(options))) == "key-refused"


def test_a_copied_key_is_refused(people: People) -> None:
    """Its count does not rise."""
    key = SoftKey(URL)
    key.count = 7
    keyed(people, key)
    key.count = 6
    caller = people.caller(people.session())
    options = people.accounts.sign_in.key_options(caller)
    assert isinstance(options, str)
    assert code(people.accounts.sign_in.key(caller, key.sign(options))) == "key-refused"
