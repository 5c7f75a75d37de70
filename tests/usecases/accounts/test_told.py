"""Whoever owns an account is told by mail what changed in it, and of a sign-in from where they have not been."""

from __future__ import annotations

from tests.usecases.accounts.people import BETTER, ELSEWHERE, GOOD, HOME, People, began, token_of
from trustpub.storage.accounts import set_profile
from trustpub.usecases.accounts.api_tokens import NewToken
from trustpub.usecases.manage import Manage
from trustpub.usecases.operate import Operate


def bodies(people: People) -> list[str]:
    """What was mailed to ada, the oldest first."""
    return [mail.body for mail in people.mails() if mail.recipient == "ada@example.org"]


def test_every_change_of_an_account_is_told(people: People) -> None:
    """Its password, its factors, its tokens and its address: one mail each, which names what is meant and holds no secret."""
    user = people.person()
    people.do(lambda connection: set_profile(connection, user.id, "", "ko"))
    caller = people.signed_in()
    accounts = people.accounts
    people.authenticator(caller)
    assert "인증 앱이 추가" in bodies(people)[-1]
    caller = people.caller(began(accounts.passwords.prove(caller, {"password": GOOD})))
    token = accounts.api_tokens.create(caller, {"description": "nightly", "scope": "read"})
    assert isinstance(token, NewToken)
    assert ("새 API 토큰" in bodies(people)[-1], "이름: nightly" in bodies(people)[-1]) == (True, True)
    assert accounts.api_tokens.revoke(caller, token.row.id) is None
    assert ("폐기" in bodies(people)[-1], "이름: nightly" in bodies(people)[-1]) == (True, True)
    form = {"old_password": GOOD, "password": BETTER, "password_again": BETTER}
    assert accounts.passwords.change(caller, form) is None
    assert "새 비밀번호가 정해졌습니다" in bodies(people)[-1]
    assert accounts.profile.change(caller, {"email": "ada@new.example"}) is None
    assert "다른 이메일 주소가 등록" in bodies(people)[-1]
    accounts.registration.verify(token_of(people.mails()[-1]))
    assert "이메일 주소가 다른 주소로" in bodies(people)[-1]
    assert 6 == len(bodies(people))
    assert not [body for body in bodies(people) if token.text in body or GOOD in body or BETTER in body or "?token=" in body]


def test_what_the_operator_does_is_told(people: People) -> None:
    """At the data and on the pages; somebody whose address nobody has shown to read hears nothing."""
    people.person()
    people.person("eve", verified=False)
    people.authenticator(people.signed_in())
    before = len(bodies(people))
    at_data = Operate(people.database, lambda: people.now)
    for name in ("ada", "eve"):
        at_data.close_account(name)
        at_data.open_account(name)
    at_data.reset_second_factor("ada")
    Manage(people.database, lambda: people.now, people.random).create_token("ada", "read")
    told = ["it is closed", "it is open again", "no second factor any more", "a new API token"]
    assert told == [next(each for each in told if each in body) for body in bodies(people)[before:]]
    assert [] == [mail for mail in people.mails() if mail.recipient == "eve@example.org"]


def test_a_sign_in_from_a_new_network_is_told_once(people: People) -> None:
    """With a password alone, and not from where the account was used before; a second factor makes it no news."""
    people.person()
    people.session()
    assert [] == bodies(people)
    people.session(address=ELSEWHERE)
    people.session(address=ELSEWHERE)
    (told,) = bodies(people)
    assert (ELSEWHERE in told, "?token=" in told) == (True, False)
    people.authenticator(people.signed_in())
    before = len(bodies(people))
    assert people.session(address="203.0.113.9").level == "password"
    assert before == len(bodies(people))


def test_new_networks_fill_no_mailbox(people: People) -> None:
    """Ten a day; the sign-ins themselves go on."""
    people.person()
    for number in range(12):
        assert people.session(address=f"203.0.113.{number}").level == "full"
    assert 10 == len(bodies(people))
    people.now += 86_401
    people.session(address="203.0.113.99")
    assert 11 == len(bodies(people))
    people.session(address=HOME)
    assert 11 == len(bodies(people))
