"""Mails go out sooner or later, once, and are given up in the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.usecases.accounts.people import NOW, People
from trustpub.errors import Denied, Unreachable
from trustpub.parties.mail.fake import FakePost
from trustpub.parties.mail.port import Letter
from trustpub.storage.mails import add_mail, due_mails, waiting_mails
from trustpub.usecases.accounts.mailing import CLAIMED, GIVEN_UP_AFTER, Mailer, signature_of

LATER = Unreachable("the mail server", why="it is not there")


def waiting(people: People, *recipients: str) -> None:
    """Mails to these."""
    for recipient in recipients:
        people.do(lambda connection, to=recipient: add_mail(connection, to, "subject", "body", people.now))  # type: ignore[misc]


def attempts(people: People) -> int:
    """How often the one mail was tried."""
    (mail,) = people.see(lambda connection: due_mails(connection, people.now + 86_400))
    return mail.attempts


def left(people: People) -> int:
    """How many wait."""
    return people.see(waiting_mails)


def test_what_waits_goes(people: People) -> None:
    """In order, and no more than once."""
    post = FakePost()
    waiting(people, "a@example.org", "b@example.org")
    mailer = Mailer(people.database, post, lambda: people.now)
    assert (2, 0) == (mailer.send_waiting(), mailer.send_waiting())
    assert ["a@example.org", "b@example.org"] == [letter.recipient for letter in post.sent]
    assert {NOW} == {letter.at for letter in post.sent}
    assert 2 == len({letter.id for letter in post.sent})
    assert left(people) == 0


def test_what_fails_goes_later(people: People) -> None:
    """After longer and longer waits, under the same id; and one that fails keeps no other."""
    post = FakePost()
    mailer = Mailer(people.database, post, lambda: people.now)
    waiting(people, "a@example.org")
    post.failing = LATER
    mailer.send_waiting()
    for minutes in (1, 2, 4, 8, 16, 32, 64):
        for wait, tries in ((minutes * 60 - 1, 0), (1, 1)):
            people.now += wait
            before = attempts(people)
            mailer.send_waiting()
            assert tries == attempts(people) - before
    waiting(people, "b@example.org")
    post.failing = None
    assert 1 == mailer.send_waiting()
    people.now += 6 * 3600
    assert 1 == mailer.send_waiting()
    assert ["b@example.org", "a@example.org"] == [letter.recipient for letter in post.sent]


def test_a_server_that_is_away_ends_the_round(people: People) -> None:
    """After three failures in a row; the others have their turn in the next rounds."""
    post = FakePost()
    waiting(people, *(f"u{number}@example.org" for number in range(5)))
    post.failing = LATER
    assert 0 == Mailer(people.database, post, lambda: people.now).send_waiting()
    tries = [mail.attempts for mail in people.see(lambda connection: due_mails(connection, people.now + 60))]
    assert [1, 1, 1, 0, 0] == sorted(tries, reverse=True)


def test_what_never_goes_is_given_up(people: People) -> None:
    """After three days, or at once when the server will never take it: with an event for those who run the index."""
    post = FakePost()
    mailer = Mailer(people.database, post, lambda: people.now)
    waiting(people, "a@example.org")
    post.failing = LATER
    people.now += GIVEN_UP_AFTER - 1
    mailer.send_waiting()
    assert left(people) == 1
    people.now += 6 * 3600
    mailer.send_waiting()
    assert (0, ["mail:given-up"]) == (left(people), people.events())
    waiting(people, "b@example.org\r\nBcc: c@example.org")
    post.failing = None
    assert 0 == mailer.send_waiting()
    waiting(people, "d@example.org")
    post.failing = Denied("the mail", why="the server refused it: 550")
    assert 0 == mailer.send_waiting()
    assert (0, ["mail:given-up"] * 3) == (left(people), people.events())
    assert "550" in str(people.log()[-1].detail)
    assert "body" not in str([event.detail for event in people.log()])


def test_several_processes_send_each_mail_once(people: People) -> None:
    """They claim it first."""
    post = FakePost()
    waiting(people, *(f"u{number}@example.org" for number in range(10)))
    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(lambda _: Mailer(people.database, post, lambda: people.now).send_waiting(), range(4)))
    assert (10, 10) == (sum(sent), len(post.sent))


def test_a_mail_outlives_its_process(people: People) -> None:
    """One that dies between claiming and sending: the mail waits, and another one sends it."""
    waiting(people, "a@example.org")

    class Dying(FakePost):
        def send(self, letter: Letter) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Mailer(people.database, Dying(), lambda: people.now).send_waiting()
    post = FakePost()
    assert 0 == Mailer(people.database, post, lambda: people.now).send_waiting()
    people.now += CLAIMED
    assert 1 == Mailer(people.database, post, lambda: people.now).send_waiting()


def test_a_slow_server_makes_no_mail_come_twice(people: People) -> None:
    """A round that takes longer than a claim lasts: each mail is claimed when its turn comes, and no other process takes it."""
    waiting(people, *(f"u{number}@example.org" for number in range(8)))
    other = FakePost()

    class Slow(FakePost):
        def send(self, letter: Letter) -> None:
            people.now += CLAIMED / 4
            Mailer(people.database, other, lambda: people.now).send_waiting()
            super().send(letter)

    slow = Slow()
    Mailer(people.database, slow, lambda: people.now).send_waiting()
    everybody = [f"u{number}@example.org" for number in range(8)]
    assert everybody == sorted(letter.recipient for letter in (*slow.sent, *other.sent))


def test_every_mail_says_which_index_writes(people: People) -> None:
    """Below the line with which mail readers know a signature; what waits does not hold it."""
    post = FakePost()
    waiting(people, "a@example.org")
    Mailer(people.database, post, lambda: people.now, signature_of("ours", "https://index.example")).send_waiting()
    assert ["body\n-- \nours\nhttps://index.example/\n"] == [letter.body for letter in post.sent]
