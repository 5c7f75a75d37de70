"""Many exchanges at once: one token each, one project each, and nothing twice."""

from __future__ import annotations

import json
import multiprocessing
import os
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

import pytest

from tests import postgresql
from tests.conftest import Scale
from tests.domain.samples import github
from tests.usecases.exchanging import EXPIRES, NOW, FakeVerifier, Index
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import Provider
from trustpub.domain.tokens import digest
from trustpub.storage import accounts, projects
from trustpub.storage.database import Database
from trustpub.usecases.exchange import Exchange, Minted, Ready, Refusal


def together(index: Index, ready: list[Ready]) -> list[Minted | Refusal]:
    """Settle all of them at once from many threads."""

    def settle(one: Ready) -> Minted | Refusal:
        future: Future[Minted | Refusal] = index.exchange.settle(one)
        return future.result(60)

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(settle, ready))


def test_a_hundred_exchanges_of_one_token_give_one_upload_token(either: Index, scale: Scale) -> None:
    """However many try at the same moment: one is minted, all others hear that the token was used."""
    either.project("orchay", github())
    tries = scale(100, 1000)
    answers = together(either, [either.ready(either.claims(jti="one"))] * tries)
    assert 1 == sum(isinstance(answer, Minted) for answer in answers)
    assert {"invalid-reuse-token"} == {answer.code for answer in answers if isinstance(answer, Refusal)}
    assert (1, 1) == (either.count("upload_tokens"), either.count("replays"))
    assert tries - 1 == len(either.events("exchange:refused"))


def test_fifty_first_uses_create_the_project_once(either: Index) -> None:
    """Every job gets its token; one of them made the project."""
    either.pending("orchay", github())
    answers = together(either, [either.ready(either.claims()) for _ in range(50)])
    assert all(isinstance(answer, Minted) for answer in answers)
    assert (["orchay"], 1, 1) == (either.all_names(), either.count("roles"), either.count("project_publishers"))
    assert 1 == len(either.events("project:created"))
    assert [] == either.waiting()


def test_two_pending_publishers_for_one_name_have_one_winner(either: Index) -> None:
    """Fifty jobs of each repository at once: all of one side are served, all of the other refused."""
    alice = either.do(lambda connection: accounts.add_user(connection, "alice", "alice@example.org", NOW))
    either.pending("orchay", github())
    either.pending("orchay", github(repository_name="other"), alice)
    ready = [either.ready(either.claims(**(OTHER if number % 2 else {}))) for number in range(100)]
    answers = together(either, ready)
    sides = [{isinstance(answer, Minted) for answer in answers[side::2]} for side in (0, 1)]
    assert [{False}, {True}] == sorted(sides, key=lambda side: True in side)
    assert (["orchay"], 1) == (either.all_names(), either.count("publishers"))
    refusals = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert (1, 49) == (refusals.count("invalid-pending-publisher"), refusals.count("invalid-publisher"))
    _one_winner(either)


def _one_winner(index: Index) -> None:
    """One project with one owner; the loser's row is gone, and an event of theirs says why."""
    (project,) = index.see(projects.all_projects)
    (role,) = index.see(lambda connection: projects.roles_of(connection, project.id))
    (dropped,) = index.events("pending-publisher:dropped")
    assert ["alice", "bob"] == sorted([role.user, str(dropped.detail["owner"])])
    assert ("owner", [], 1) == (role.role, index.waiting(), len(index.events("project:created")))


OTHER = {"repository": "octo/other", "job_workflow_ref": "octo/other/.github/workflows/pypi.yml@refs/tags/v1"}


@pytest.mark.pg
def test_two_processes_that_turn_one_name_into_a_project_have_one_winner(pg_server: str, scale: Scale) -> None:
    """Each exchanges for another user's pending publisher, at one moment, on one database server."""
    for _ in range(scale(1, 20)):
        with postgresql.database(pg_server) as url, Database.open(None, url) as database:
            index = Index(database, Profile.PYPI)
            alice = index.do(lambda connection: accounts.add_user(connection, "alice", "alice@example.org", NOW))
            index.pending("orchay", github())
            index.pending("orchay", github(repository_name="other"), alice)
            answers = _in_two_processes(url, [index.claims(), index.claims(**OTHER)])
            assert ["Minted", "invalid-pending-publisher"] == sorted(answers)
            _one_winner(index)


def _in_two_processes(url: str, claims: list[dict[str, JSON]]) -> list[str]:
    """What each of them was answered. They are ready before either begins."""
    fresh = multiprocessing.get_context("spawn")
    barrier, told = fresh.Barrier(2), fresh.SimpleQueue()
    running = [fresh.Process(target=_exchange_once, args=(url, each, barrier, told)) for each in claims]
    for process in running:
        process.start()
    for process in running:
        process.join(60)
    return [str(told.get()) for _ in running if not told.empty()]


def _exchange_once(url: str, claims: dict[str, JSON], barrier: Barrier, told: SimpleQueue[str]) -> None:
    with Database.open(None, url) as database:
        exchange = Exchange(FakeVerifier(), database, Profile.PYPI, "pypi", lambda: NOW, os.urandom)
        ready = Ready(Claims(str(claims["iss"]), claims, digest(json.dumps(claims)), EXPIRES), Provider.GITHUB)
        barrier.wait(30)
        answer = exchange.settle(ready).result(30)
        told.put("Minted" if isinstance(answer, Minted) else answer.code)


def test_every_answer_was_committed_before_it_was_given(either: Index) -> None:
    """Whoever holds an upload token finds its row, at once and from another connection."""
    either.project("orchay", github())

    def settle(one: Ready) -> bool:
        answer = either.settle(one)
        assert isinstance(answer, Minted)
        return either.token(answer).expires == answer.expires

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(settle, [either.ready(either.claims()) for _ in range(100)]))
    assert 100 == either.count("upload_tokens")
