"""Every method that takes a caller, and every caller who may not: the database is asked, not the value that a page holds."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from tests.usecases.accounts.people import BETTER, ELSEWHERE, GOOD, People, code
from trustpub.storage.accounts import set_active
from trustpub.usecases.accounts import Accounts, Caller

Act = Callable[[Accounts, Caller], object]
NEW = {"password": BETTER, "password_again": BETTER}

DANGEROUS: dict[str, Act] = {
    "second_factors.begin_totp": lambda our, caller: our.second_factors.begin_totp(caller),
    "second_factors.confirm_totp": lambda our, caller: our.second_factors.confirm_totp(caller, "000000"),
    "second_factors.remove_totp": lambda our, caller: our.second_factors.remove_totp(caller),
    "second_factors.begin_key": lambda our, caller: our.second_factors.begin_key(caller),
    "second_factors.add_key": lambda our, caller: our.second_factors.add_key(caller, "blue", "{}"),
    "second_factors.remove_key": lambda our, caller: our.second_factors.remove_key(caller, 1),
    "second_factors.new_recovery_codes": lambda our, caller: our.second_factors.new_recovery_codes(caller),
    "api_tokens.create": lambda our, caller: our.api_tokens.create(caller, {"description": "ci", "scope": "upload"}),
    "registration.invite": lambda our, caller: our.registration.invite(caller, "x@example.org"),
    "administration.users": lambda our, caller: our.administration.users(caller),
    "administration.mails_waiting": lambda our, caller: our.administration.mails_waiting(caller),
    "administration.set_active": lambda our, caller: our.administration.set_active(caller, 1, active=False),
}
"""What asks for a proof of who one is."""

SIGNED_IN: dict[str, Act] = {
    "sessions.end": lambda our, caller: our.sessions.end(caller, caller.session_id),
    "sessions.end_others": lambda our, caller: our.sessions.end_others(caller),
    "api_tokens.revoke": lambda our, caller: our.api_tokens.revoke(caller, 1),
    "passwords.change": lambda our, caller: our.passwords.change(caller, {**NEW, "old_password": GOOD}),
    "passwords.prove": lambda our, caller: our.passwords.prove(caller, {"password": GOOD}),
    "profile.change": lambda our, caller: our.profile.change(caller, {"email": "x@example.org"}),
}
"""What asks for a finished sign-in."""

HALF: dict[str, Act] = {
    "registration.resend": lambda our, caller: our.registration.resend(caller),
    "sign_in.totp": lambda our, caller: our.sign_in.totp(caller, "000000"),
    "sign_in.recovery_code": lambda our, caller: our.sign_in.recovery_code(caller, "x"),
    "sign_in.key_options": lambda our, caller: our.sign_in.key_options(caller),
    "sign_in.key": lambda our, caller: our.sign_in.key(caller, "{}"),
}
"""What asks for a session."""

READS = {"sessions.listed", "api_tokens.listed", "second_factors.listed", "log.of"}
NOBODYS = {"sign_in.sign_out", "sign_in.caller"}


def methods() -> Iterator[str]:
    """Every public method of the accounts that takes a caller."""
    for field in fields(Accounts):
        kind: Any = getattr(inspect.getmodule(Accounts), str(field.type))
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if not name.startswith("_") and "caller" in (*inspect.signature(method).parameters, name):
                yield f"{field.name}.{name}"


def test_every_method_is_here() -> None:
    """One that is added has to say whom it is for."""
    from trustpub.usecases.accounts.second_step import SecondStep

    steps = {f"sign_in.{name}" for name, _ in inspect.getmembers(SecondStep, inspect.isfunction) if not name.startswith("_")}
    assert {*methods(), *steps} == {*DANGEROUS, *SIGNED_IN, *HALF, *READS, *NOBODYS}


GONE: dict[str, Callable[[People, Caller], object]] = {
    "ended": lambda people, caller: people.accounts.sign_in.sign_out(caller),
    "idle": lambda people, _: setattr(people, "now", people.now + 12 * 3600 + 1),
    "closed": lambda people, caller: people.do(lambda connection: set_active(connection, caller.user.id, active=False)),
}


@pytest.mark.parametrize("how", GONE)
def test_a_session_that_is_over_is_good_for_nothing(people: People, how: str) -> None:
    """However it ended, and whatever the page still believes."""
    people.person(admin=True)
    caller = people.signed_in()
    GONE[how](people, caller)
    answers = {name: code(act(people.accounts, caller)) for name, act in {**DANGEROUS, **SIGNED_IN, **HALF}.items()}
    assert dict.fromkeys(answers, "sign-in-first") == answers


def test_half_a_session_is_good_for_the_other_half(people: People) -> None:
    """A password alone reaches nothing, and reads nothing."""
    people.person(admin=True)
    people.authenticator(people.signed_in())
    caller = people.signed_in()
    forged = replace(caller, level="full", second_factor=True, proven=people.now)
    answers = {name: code(act(people.accounts, forged)) for name, act in {**DANGEROUS, **SIGNED_IN}.items()}
    assert dict.fromkeys(answers, "sign-in-first") == answers
    reads = (people.accounts.sessions.listed, people.accounts.api_tokens.listed, people.accounts.log.of)
    assert [()] * 3 == [read(caller) for read in reads]


def test_another_persons_session_is_not_mine(people: People) -> None:
    """A caller whose session is somebody else's: nobody."""
    people.person(admin=True)
    people.person("eve", admin=True)
    caller, eve = people.signed_in(), people.signed_in("eve", ELSEWHERE)
    mixed = replace(caller, user=eve.user)
    answers = {name: code(act(people.accounts, mixed)) for name, act in {**DANGEROUS, **SIGNED_IN, **HALF}.items()}
    assert dict.fromkeys(answers, "sign-in-first") == answers


@pytest.mark.parametrize("name", DANGEROUS)
def test_what_is_dangerous_asks_for_proof(strict: People, name: str) -> None:
    """In the order in which it can be given: the address, the second factor (not from who adds the first), the password."""
    strict.person(admin=True, verified=False)
    unverified = code(DANGEROUS[name](strict.accounts, strict.signed_in()))
    strict.person("eve", admin=True)
    caller = strict.signed_in("eve")
    without = DANGEROUS[name](strict.accounts, caller)
    strict.authenticator(caller)
    strict.now += 1801
    unproven = code(DANGEROUS[name](strict.accounts, caller))
    expected = "" if name.startswith("second_factors.") else "second-factor-first"
    assert ("verify-email-first", "prove-it-is-you") == (unverified, unproven)
    assert not expected or expected == code(without)
