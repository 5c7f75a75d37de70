"""Many exchanges at once: one token each, one project each, and nothing twice."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from tests.conftest import Scale
from tests.domain.samples import github
from tests.usecases.exchanging import Index
from trustpub.usecases.exchange import Minted, Ready, Refusal


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
    either.pending("orchay", github())
    either.pending("orchay", github(repository_name="other"))
    other = {"repository": "octo/other", "job_workflow_ref": "octo/other/.github/workflows/pypi.yml@refs/tags/v1"}
    ready = [either.ready(either.claims(**(other if number % 2 else {}))) for number in range(100)]
    answers = together(either, ready)
    sides = [{isinstance(answer, Minted) for answer in answers[side::2]} for side in (0, 1)]
    assert [{False}, {True}] == sorted(sides, key=lambda side: True in side)
    assert (["orchay"], 1) == (either.all_names(), either.count("publishers"))
    refusals = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert (1, 49) == (refusals.count("invalid-pending-publisher"), refusals.count("invalid-publisher"))


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
