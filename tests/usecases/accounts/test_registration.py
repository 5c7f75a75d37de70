"""Making an account, and showing that its mail arrives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.usecases.accounts.people import ELSEWHERE, HOME, URL, People, began, code, token_of
from trustpub.settings import Accounts as Rules
from trustpub.storage.accounts import User, find_user
from trustpub.usecases.accounts import Accounts
from trustpub.usecases.manage import Manage
from trustpub.usecases.not_done import NotDone


def test_registering_verifies_by_mail(people: People) -> None:
    """One is signed in at once; the link in the mail makes the address one's own, once."""
    caller = people.caller(began(people.accounts.registration.register(people.form(), HOME, "a browser")))
    assert (False, "full") == (caller.user.email_verified, caller.level)
    (mail,) = people.mails()
    assert mail.recipient == "ada@example.org"
    assert f"{URL}/account/verify-email/?token=" in mail.body
    verified = people.accounts.registration.verify(token_of(mail))
    assert isinstance(verified, User)
    assert verified.email_verified
    assert code(people.accounts.registration.verify(token_of(mail))) == "link-over"
    assert people.events() == ["account:registered", "account:email-verified"]


def test_a_link_lasts_a_day(people: People) -> None:
    """A second later it is worth nothing."""
    began(people.accounts.registration.register(people.form(), HOME, ""))
    people.now += 86_400
    assert code(people.accounts.registration.verify(people.token())) == "link-over"


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"username": "a"}, "invalid-username"),
        ({"username": "-ada"}, "invalid-username"),
        ({"username": "ada@example.org"}, "invalid-username"),
        ({"username": "ada\n"}, ""),
        ({"username": "ada\x00"}, "invalid-username"),
        ({"username": "a" * 51}, "invalid-username"),
        ({"username": "operator"}, "invalid-username"),
        ({"username": "åda"}, "invalid-username"),
        ({"full_name": "https://elsewhere.example"}, "invalid-full-name"),
        ({"full_name": "a" * 101}, "invalid-full-name"),
        ({"full_name": "a\x1b[2J"}, "invalid-full-name"),
        ({"full_name": "a\u202eb"}, "invalid-full-name"),
        ({"full_name": "\ud800"}, "invalid-full-name"),
        ({"email": "ada"}, "invalid-email"),
        ({"email": "ada@localhost"}, "invalid-email"),
        ({"email": "ada@example.org\r\nBcc: all@example.org"}, "invalid-email"),
        ({"email": "ada@192.0.2.1"}, "invalid-email"),
        ({"email": "a@" + "b" * 64 + ".org"}, "invalid-email"),
        ({"email": "<ada@example.org>"}, "invalid-email"),
        ({"password": "short"}, "password-too-short"),
        ({"password": "a" * 4097}, "password-too-long"),
        ({"password": "password1234"}, "password-guessable"),
        ({"password": "ada@example.org!"}, "password-guessable"),
        ({"password_again": "another one"}, "passwords-differ"),
        ({"language": "xx"}, ""),
    ],
)
def test_what_may_be_typed(people: People, wrong: dict[str, str], expected: str) -> None:
    """Each rule of each field, and blanks around a name are no part of it."""
    answer = people.accounts.registration.register(people.form(**wrong), HOME, "")
    assert expected == (answer.code if isinstance(answer, NotDone) else "")
    assert (expected == "") == bool(people.events())


def test_all_problems_are_said_at_once(people: People) -> None:
    """One for every field that is wrong."""
    wrong = people.form(username="?", email="?", full_name="://", password="?")
    answer = people.accounts.registration.register(wrong, HOME, "")
    assert isinstance(answer, NotDone)
    assert ["username", "full_name", "email", "password"] == [problem.field for problem in answer.problems]
    assert people.see(lambda connection: find_user(connection, "?")) is None


def test_a_name_is_taken_in_whatever_case(people: People) -> None:
    """Names are public, so that a name is taken may be said."""
    people.person("Ada")
    assert code(people.accounts.registration.register(people.form("aDA"), HOME, "")) == "username-taken"


def test_a_taken_address_is_answered_like_any_other(people: People) -> None:
    """The stranger gets an account that can never verify the address; its owner is told by mail, and gets no link to verify."""
    owner = people.person("ada")
    began(people.accounts.registration.register(people.form("eve", email="ADA@example.org"), ELSEWHERE, ""))
    (mail,) = people.mails()
    assert ("ada@example.org", False) == (mail.recipient, "token=" in mail.body)
    assert "`eve`" in mail.body
    assert owner == people.see(lambda connection: find_user(connection, "ada"))


def test_nobody_keeps_an_address_from_its_owner(people: People) -> None:
    """Two give the same address: whoever reads its mail gets it, and the other's link is void."""
    began(people.accounts.registration.register(people.form("eve", email="ada@example.org"), ELSEWHERE, ""))
    first = people.token()
    began(people.accounts.registration.register(people.form("ada"), HOME, ""))
    assert isinstance(people.accounts.registration.verify(people.token()), User)
    assert code(people.accounts.registration.verify(first)) == "link-over"


def test_the_mail_comes_again_a_few_times(people: People) -> None:
    """Three more in six hours; the newest link counts alone; none once the address is verified."""
    caller = people.caller(began(people.accounts.registration.register(people.form(), HOME, "")))
    first = people.token()
    assert [None] * 3 == [people.accounts.registration.resend(caller) for _ in range(3)]
    assert code(people.accounts.registration.resend(caller)) == "too-many-tries"
    assert code(people.accounts.registration.verify(first)) == "link-over"
    assert isinstance(people.accounts.registration.verify(people.token()), User)
    assert code(people.accounts.registration.resend(caller)) == "already-verified"


def test_nobody_can_fill_a_mailbox(people: People) -> None:
    """However many accounts give an address, a few mails a day go to it."""
    for number in range(8):
        began(people.accounts.registration.register(people.form(f"eve{number}", email="ada@example.org"), HOME, ""))
    assert len(people.mails()) == 5


def test_one_network_makes_few_accounts(people: People) -> None:
    """Ten an hour; somebody else is not kept from it, and an IPv6 network counts as one."""
    answers = [people.accounts.registration.register(people.form(f"u{n}"), f"2001:db8::{n}", "") for n in range(11)]
    assert code(answers[-1]) == "too-many-tries"
    began(people.accounts.registration.register(people.form("ada"), "2001:db8:0:1::1", ""))


def test_closed_and_invited(strict: People) -> None:
    """Without an invitation nobody; with it, its own address alone, which is verified then."""
    admin = strict.person("root1", admin=True)
    assert code(strict.accounts.registration.register(strict.form(), HOME, "")) == "invitation-needed"
    caller = replace(strict.signed_in("root1"), factor_required=False)
    assert strict.accounts.registration.invite(caller, "ada@example.org") is None
    secret = strict.token()
    assert strict.accounts.registration.invited(secret) == "ada@example.org"
    other = strict.form(email="eve@example.org")
    assert code(strict.accounts.registration.register(other, HOME, "", secret)) == "link-over"
    assert began(strict.accounts.registration.register(strict.form(), HOME, "", secret)).user.email_verified
    assert code(strict.accounts.registration.register(strict.form("eve"), HOME, "", secret)) == "link-over"
    assert code(strict.accounts.registration.invited(secret)) == "link-over"
    closed = replace(strict.settings, accounts=Rules("closed"))
    accounts = Accounts.over(strict.database, closed, lambda: strict.now, strict.random)
    assert code(accounts.registration.register(strict.form("eve"), HOME, "", secret)) == "registration-closed"
    assert strict.events(admin) == ["account:signed-in", "account:invited"]


def test_only_administrators_invite(people: People) -> None:
    """And only to addresses."""
    people.person()
    caller = people.signed_in()
    assert code(people.accounts.registration.invite(caller, "eve@example.org")) == "not-admin"
    assert code(people.accounts.registration.invite(caller, "eve")) == "invalid-email"


def test_one_link_is_used_once_by_many_at_once(people: People) -> None:
    """Eight threads with the same link: one success."""
    began(people.accounts.registration.register(people.form(), HOME, ""))
    secret = people.token()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(people.accounts.registration.verify, [secret] * 8))
    assert 1 == sum(isinstance(answer, User) for answer in answers)


def test_mail_is_in_the_persons_language(people: People) -> None:
    """Korean for whoever chose it."""
    began(people.accounts.registration.register(people.form(language="ko"), HOME, ""))
    assert people.mails()[0].subject == "이메일 주소를 확인해 주세요"


def test_the_operator_vouches_for_addresses(people: People) -> None:
    """An account that was made on the machine itself counts as verified, and signs in like any other."""
    manage = Manage(people.database, lambda: people.now, people.random)
    assert manage.add_user("ada", "ada@example.org", password="vermilion kettle drum", admin=True).email_verified
    user = people.signed_in().user
    assert (True, True) == (user.admin, user.email_verified)
    assert people.events(user)[0] == "user:added"
