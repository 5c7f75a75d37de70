"""Housekeeping of two processes whose clocks differ: each job is done by one of them, and by the other when that one died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.domain.samples import github
from trustpub.main.housekeeping import Leased
from trustpub.settings import ServerSettings
from trustpub.storage.accounts import add_user
from trustpub.storage.database import Connection, Database
from trustpub.storage.publishers import DAY, add_pending
from trustpub.storage.tables import events, mails
from trustpub.usecases.publishing import Publishing
from trustpub.usecases.publishing.waiting import REMINDED_DAYS

pytestmark = pytest.mark.pg

NOW = 1_790_000_000.0
APART = 5.0
"""Seconds by which the second one's clock is ahead."""
HOUR = 3600.0


@dataclass
class Hosts:
    """Two of them, each with its own way into the one database; `now` is what the first one's clock says."""

    databases: tuple[Database, Database]
    now: float = NOW

    @property
    def clocks(self) -> tuple[Callable[[], float], Callable[[], float]]:
        """The first one's, and one that is ahead."""
        return lambda: self.now, lambda: self.now + APART

    def held(self, query: str) -> Counter[str]:
        """The values of one column."""
        with self.databases[0].read() as connection:
            return Counter(str(value) for (value,) in connection.exec_driver_sql(query))


@pytest.fixture
def hosts(pg_url: str) -> Iterator[Hosts]:
    """Both, on a new database."""
    with Database.open(None, pg_url) as one, Database.open(None, pg_url) as other:
        yield Hosts((one, other))


def test_reminders_are_sent_once(hosts: Hosts) -> None:
    """However many processes sweep at the same moment: one reminder of each pending publisher, and one word of its end."""
    days, number = 30, 8

    def fill(connection: Connection) -> None:
        hana = add_user(connection, "hana", "hana@mail.example", NOW, verified=True)
        for each in range(number):
            add_pending(connection, github(repository_name=f"r{each}"), f"waits-{each}", hana.id, NOW)

    hosts.databases[0].write(fill).result(30)
    settings = ServerSettings(Path(), pending_days=days)
    sweeps = [
        Publishing.over(database, settings, clock, bytes).sweep
        for database, clock in zip(hosts.databases * 3, hosts.clocks * 3, strict=True)
    ]
    for passed, mailed, over in ((days - REMINDED_DAYS + 1, number, 0), (days + 1, 2 * number, number)):
        hosts.now = NOW + passed * DAY
        with ThreadPoolExecutor(len(sweeps)) as pool:
            assert over == sum(each.result(30) for each in [pool.submit(sweep) for sweep in sweeps])
        told = hosts.held(f"SELECT subject FROM {mails.name}")
        assert mailed == told.total()
    ends = hosts.held(f"SELECT detail FROM {events.name} WHERE kind = 'pending-publisher:expired'")
    assert (number, {1}) == (len(ends), set(ends.values()))


def test_one_does_a_job_of_each_turn(hosts: Hosts) -> None:
    """Both come at the same moment, turn after turn; whoever began goes on, and the other's clock takes nothing from it."""
    done: list[str] = []
    both = [Leased(database, clock) for database, clock in zip(hosts.databases, hosts.clocks, strict=True)]
    jobs = [each.job("sweep", partial(done.append, name), HOUR) for name, each in zip("ab", both, strict=True)]
    for turn in range(6):
        hosts.now = NOW + turn * HOUR
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda job: job.work(), jobs))
        assert turn + 1 == len(done)


@pytest.mark.parametrize("dead", [0, 1], ids=["the one that is behind dies", "the one that is ahead dies"])
def test_a_job_of_one_that_died(hosts: Hosts, dead: int) -> None:
    """It died with its lease and in the middle of its work: the other has the next turn, and nobody has to help."""
    done: list[str] = []
    both = [Leased(database, clock) for database, clock in zip(hosts.databases, hosts.clocks, strict=True)]

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        both[dead].job("sweep", die, HOUR).work()
    living = both[1 - dead].job("sweep", partial(done.append, "done"), HOUR)
    for passed, expected in ((HOUR / 2, []), (HOUR, ["done"])):
        hosts.now = NOW + passed
        living.work()
        assert expected == done
