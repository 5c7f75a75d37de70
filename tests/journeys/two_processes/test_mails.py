"""Mails of two processes: each is sent once; one whose sender was killed in the middle comes again, and is the same mail."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Scale
from tests.journeys.two_processes.mail_server import MailServer
from tests.journeys.two_processes.pair import Pair
from trustpub.main.rounds import MAILS_EVERY
from trustpub.storage.database import Connection
from trustpub.storage.mails import add_mail
from trustpub.usecases.accounts.mailing import CLAIMED

pytestmark = pytest.mark.pg


def wait_until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Look again and again."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def write_to(pair: Pair, *recipients: str) -> None:
    """Let a mail to each of these wait."""
    now = time.time()

    def work(connection: Connection) -> None:
        for each in recipients:
            add_mail(connection, each, "Hello", "Hello.", now)

    pair.write(work)


def waiting(pair: Pair) -> int:
    """How many have not gone yet."""
    [[number]] = pair.rows("SELECT count(*) FROM mails")
    return int(str(number))


def test_each_is_sent_once(pair: Pair, mail_server: MailServer, scale: Scale) -> None:
    """Both look for mails at about the same time; nobody gets one twice."""
    people = [f"u{number}@once.example" for number in range(scale(16, 400))]
    write_to(pair, *people)
    wait_until(lambda: waiting(pair) == 0, 30 + len(people))
    assert [1] * len(people) == [len(mail_server.taken_by(each)) for each in people]


@pytest.fixture
def alone(pair: Pair) -> Iterator[Pair]:
    """The second process holds still, until it is told to go on; both run again afterwards."""
    one, other = pair.processes
    os.kill(other.process.pid, signal.SIGSTOP)
    yield pair
    os.kill(other.process.pid, signal.SIGCONT)
    if one.process.poll() is not None:
        one.start()


def test_a_sender_that_is_killed(alone: Pair, mail_server: MailServer) -> None:
    """In the middle of its last word: the other waits until the claim is over, then sends the same mail under the same id."""
    pair, to = alone, "killed@once.example"
    mail_server.open.clear()
    write_to(pair, to)
    wait_until(lambda: len(mail_server.taken_by(to)) == 1)
    pair.processes[0].kill()
    mail_server.open.set()
    os.kill(pair.processes[1].process.pid, signal.SIGCONT)
    time.sleep(MAILS_EVERY + 0.5)
    [[due]] = pair.rows("SELECT due FROM mails")
    assert (1, True) == (len(mail_server.taken_by(to)), CLAIMED - 60 < float(str(due)) - time.time() < CLAIMED)
    pair.write(lambda connection: connection.exec_driver_sql(f"UPDATE mails SET due = due - {CLAIMED}").rowcount)  # much later
    wait_until(lambda: waiting(pair) == 0)
    first, second = mail_server.taken_by(to)
    assert (first["Message-ID"], first.get_payload()) == (second["Message-ID"], second.get_payload())
