"""Forgotten, new and proven passwords."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.usecases.accounts.people import BETTER, ELSEWHERE, GOOD, HOME, URL, People, began, code
from trustpub.storage.accounts import set_active
from trustpub.storage.tables import links, mails
from trustpub.usecases.accounts.guessable import guessable

NEW = {"password": BETTER, "password_again": BETTER}


def test_a_forgotten_password(people: People) -> None:
    """By a link in a mail, once; all sessions end, and second factors stay."""
    user = people.person()
    session = people.session()
    app = people.authenticator(people.caller(session))
    people.accounts.passwords.forgot(" ADA@example.org ", ELSEWHERE)
    assert people.mails()[-1].recipient == "ada@example.org"
    assert f"{URL}/account/reset-password/?token=" in people.mails()[-1].body
    secret = people.token()
    assert people.accounts.passwords.reset_of(secret) is None
    assert code(people.accounts.passwords.reset(secret, {**NEW, "password_again": "x"})) == "passwords-differ"
    assert people.accounts.passwords.reset(secret, NEW) is None
    assert people.accounts.sign_in.caller(session.cookie, HOME) is None
    assert code(people.accounts.passwords.reset(secret, NEW)) == "link-over"
    assert code(people.accounts.passwords.reset_of(secret)) == "link-over"
    half = people.session(password=BETTER)
    assert half.level == "password"
    began(people.accounts.sign_in.totp(people.caller(half), app.at(int(people.now))))
    assert "account:password-reset" in people.events(user)
    assert code(people.accounts.sign_in.password("ada", GOOD, HOME, "")) == "wrong-sign-in"


def test_links_are_over_after_an_hour(people: People) -> None:
    """And the newest counts alone."""
    people.person()
    people.accounts.passwords.forgot("ada@example.org", HOME)
    first = people.token()
    people.accounts.passwords.forgot("ada@example.org", HOME)
    assert code(people.accounts.passwords.reset(first, NEW)) == "link-over"
    people.now += 3600
    assert code(people.accounts.passwords.reset(people.token(), NEW)) == "link-over"


@pytest.mark.parametrize("email", ["nobody@example.org", "eve@example.org", "closed@example.org", "", "\x00", "a" * 1000])
def test_forgetting_says_nothing(people: People, email: str) -> None:
    """Nobody, an address that is not verified, and a closed account get no mail; the asker sees no difference."""
    people.person()
    people.person("eve", verified=False)
    closed = people.person("closed")
    people.do(lambda connection: set_active(connection, closed.id, active=False))
    people.accounts.passwords.forgot(email, HOME)
    assert people.mails() == ()


def test_forgetting_works_the_same(people: People) -> None:
    """A link is stored for an address that is nobody's too, and nobody has its secret."""
    people.person()
    people.accounts.passwords.forgot("ada@example.org", HOME)
    people.accounts.passwords.forgot("nobody@example.org", HOME)
    rows = people.see(lambda connection: connection.execute(links.select()).all())
    assert 2 == len(rows)
    assert 1 == len(people.see(lambda connection: connection.execute(mails.select()).all()))


def test_nobody_can_fill_a_mailbox(people: People) -> None:
    """Five mails a day from one network, ten in four hours from everywhere; its owner still gets one where they were before."""
    people.person()
    people.session(address=HOME)
    for _ in range(6):
        people.accounts.passwords.forgot("ada@example.org", ELSEWHERE)
    assert 5 == len(people.mails())
    for number in range(8):
        people.accounts.passwords.forgot("ada@example.org", f"203.0.113.{number}")
    assert 9 == len(people.mails())  # one try was counted that caused no mail
    people.accounts.passwords.forgot("ada@example.org", HOME)
    assert 10 == len(people.mails())


def test_one_network_forgets_few_passwords(people: People) -> None:
    """Twenty an hour, whoever's."""
    for number in range(22):
        people.person(f"user{number}")
        people.accounts.passwords.forgot(f"user{number}@example.org", HOME)
    assert 20 == len(people.mails())


def test_one_link_resets_once(people: People) -> None:
    """Four at once: one success."""
    people.person()
    people.accounts.passwords.forgot("ada@example.org", HOME)
    secret = people.token()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: people.accounts.passwords.reset(secret, NEW), range(4)))
    assert 1 == answers.count(None)


def test_a_link_is_for_the_address_it_was_mailed_to(people: People) -> None:
    """When the account has another one meanwhile, whoever reads the old mail gets nothing."""
    people.person()
    caller = people.signed_in()
    people.accounts.passwords.forgot("ada@example.org", HOME)
    secret = people.token()
    assert people.accounts.profile.change(caller, {"email": "ada@new.example"}) is None
    people.accounts.registration.verify(people.token())
    assert code(people.accounts.passwords.reset(secret, NEW)) == "link-over"


def test_changing(people: People) -> None:
    """With the old one; all other sessions end, and links for a new one with them."""
    people.person()
    caller, other = people.signed_in(), people.session()
    people.accounts.passwords.forgot("ada@example.org", HOME)
    secret = people.token()
    change = people.accounts.passwords.change
    assert code(change(caller, {**NEW, "old_password": "wrong"})) == "wrong-password"
    assert code(change(caller, {"old_password": GOOD, "password": "short"})) == "password-too-short"
    assert code(change(caller, {"old_password": GOOD, "password": "ada ada ada ada"})) == "password-guessable"
    assert change(caller, {**NEW, "old_password": GOOD}) is None
    assert people.accounts.sign_in.caller(other.cookie, HOME) is None
    assert [True] == [row.current for row in people.accounts.sessions.listed(caller)]
    assert code(people.accounts.passwords.reset(secret, NEW)) == "link-over"
    assert people.session(password=BETTER).level == "full"
    assert "new password" in people.mails()[-1].body


def test_proving(people: People) -> None:
    """The session has a new cookie, and counts as proven now; it does not last any longer for it."""
    people.person()
    session = people.session()
    caller = people.caller(session)
    people.now += 7200
    assert code(people.accounts.passwords.prove(caller, {"password": "wrong"})) == "wrong-password"
    assert code(people.accounts.passwords.prove(caller, {})) == "wrong-password"
    proven = began(people.accounts.passwords.prove(caller, {"password": GOOD}))
    assert people.accounts.sign_in.caller(session.cookie, HOME) is None
    fresh = people.caller(proven)
    assert (caller.session_id, people.now) == (fresh.session_id, fresh.proven)
    people.accounts.sign_in.sign_out(fresh)
    assert code(people.accounts.passwords.prove(fresh, {"password": GOOD})) == "sign-in-first"


def test_a_stolen_session_cannot_guess_the_password(people: People) -> None:
    """Ten tries in five minutes, counted for this session: its owner's other ones are not kept from anything."""
    people.person()
    stolen, mine = people.signed_in(), people.signed_in()
    answers = [people.accounts.passwords.prove(stolen, {"password": f"guess {n}"}) for n in range(11)]
    assert ["wrong-password"] * 10 + ["too-many-tries"] == [code(answer) for answer in answers]
    began(people.accounts.passwords.prove(mine, {"password": GOOD}))


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd2024!!",
        "correct horse battery staple",
        "aaaaaaaaaaaaaaaa",
        "123456789012",
        "abcdefghijklmnop",
        "1qaz2wsx3edc",
        "qwertyuiop[]",
        "iloveyou1987",
        "adaadaadaada2020",
        "ada@example.org",
        "Ada.Lovelace.1815",
        "ab" * 2000,
    ],
)
def test_what_is_tried_first(password: str) -> None:
    """Common words, rows of keys, years, repetitions, and what is about the person; quickly, however long it is."""
    assert guessable(password, ("ada", "Ada Lovelace", "ada@example.org", "ada"))


@pytest.mark.parametrize(
    "password", [GOOD, BETTER, "kTz8-pq2m-wLx9", "xjwkqpvmzrtb", "비밀번호는길어야합니다열둘", "\ud800" + GOOD]
)
def test_what_nobody_tries_first(password: str) -> None:
    """Words that are not common, chance, and other scripts: without digits, capitals or signs being asked for."""
    assert not guessable(password, ("ada", "Ada Lovelace", "ada@example.org", "ada"))
