"""Registration through the real clients on an index in memory: every request, and a cut after each of them."""

from __future__ import annotations

import pytest

from tests.usecases.setup.registering import OWN, Cut, Somebody, declared, facts, hosted, row, steps
from trustpub.domain.declaration import Declaration
from trustpub.parties.index.client import IndexClient
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.index.registrar import ApiRegistrar
from trustpub.parties.wire import Request, Response
from trustpub.usecases.setup.run import Outcome, Plan, carried_out

BASE = "https://own.example/"
WANTED = declared(row("old", "own"), row("new", "own"), row("another", "own", "live"))


class Line:
    """The line to an index, which goes dead after so many requests: the index has done what the last one asked for."""

    def __init__(self, index: FakeIndex, cut_after: int | None = None) -> None:
        self.index = index
        self.cut_after = cut_after
        self.count = 0

    def send(self, request: Request) -> Response:
        """Pass it on."""
        answer = self.index.send(request)
        self.count += 1
        if self.cut_after is not None and self.count > self.cut_after:
            raise Cut
        return answer


def index() -> tuple[FakeIndex, str]:
    """An index with one project and a publisher of it that is wrong; and a token to manage it."""
    made = FakeIndex(BASE, audience="own")
    made.project("old", ("old-1.0.tar.gz", "1.0"))
    made.publishers.add("old", row("old", "own", "wrong").registered())
    return made, made.publishers.token()


def setup(line: Line, token: str, wanted: Declaration = WANTED, *, prune: bool = True) -> Outcome:
    """Plan and carry out, with clients that remember nothing."""
    places = {"upload": f"{BASE}legacy/", "web": BASE, "simple": f"{BASE}simple/"}
    client = IndexClient("own", line.send, **places, token=token)
    found = steps(
        facts(wanted, github=hosted()),
        Somebody(),
        indexes={"own": client},
        registrars={"own": ApiRegistrar("own", BASE, line.send, token)},
        prune=prune,
    )
    return carried_out(Plan("octo/tool", tuple(found)))


def held(made: FakeIndex) -> set[tuple[str, str, bool]]:
    """Project, environment and kind of everything that the index holds."""
    return {(each.project, each.publisher.get("environment"), each.pending) for each in made.publishers.rows.values()}


RIGHT = {("old", "pypi", False), ("new", "pypi", True), ("another", "live", True)}


def test_everything_is_registered_and_proven() -> None:
    """A project that exists gets a publisher, new ones a pending one, and what was wrong goes when it is asked for."""
    made, token = index()
    outcome = setup(Line(made), token)
    assert ["proven"] * 4 == [each.state for each in outcome.done]
    assert RIGHT == held(made)
    assert all(token not in request.url for request in made.requests)


def test_a_second_run_changes_nothing() -> None:
    """What was done is not done twice."""
    made, token = index()
    setup(Line(made), token)
    before, count = held(made), len(made.requests)
    outcome = setup(Line(made), token)
    assert [()] * 3 == [each.step.changes for each in outcome.done]
    assert before == held(made)
    assert {"GET"} == {request.method for request in made.requests[count:]}


def test_killed_at_every_request_it_ends_in_the_same_state() -> None:
    """Cut off after any request, the next run ends where an undisturbed one does, and the one after has nothing to do."""
    made, token = index()
    whole = Line(made)
    setup(whole, token)
    assert whole.count > 10
    for cut in range(whole.count):
        made, token = index()
        with pytest.raises(Cut):
            setup(Line(made, cut), token)
        assert "old" in {project for project, _, _ in held(made)}, "a project was left without a publisher"
        setup(Line(made), token)
        assert RIGHT == held(made), cut
        assert 0 == setup(Line(made), token).exit_status


def test_a_stranger_s_token_stops_at_the_first_refusal() -> None:
    """The index says no in its own words, and nothing after it is begun."""
    made, _ = index()
    outcome = setup(Line(made), made.publishers.token("mallory"))
    assert {("old", "wrong", False)} == held(made)
    assert 1 == outcome.exit_status
    assert "no owner of the project" in " ".join(each.note for each in outcome.done)


def test_without_a_token_the_place_for_one_is_named() -> None:
    """It is not known what is registered, and said how it can be."""
    made, _ = index()
    outcome = setup(Line(made), "")
    assert {"skipped"} == {each.state for each in outcome.done}
    assert all("`TRUSTPUB_TOKEN_OWN_EXAMPLE`" in each.note for each in outcome.done)
    assert OWN["own"].url.startswith(BASE)


def test_a_name_that_looks_like_another_is_not_registered() -> None:
    """The index's own list is asked before anything is registered for it."""
    made, token = index()
    outcome = setup(Line(made), token, declared(row("0ld", "own")))
    (each,) = outcome.done
    assert ("skipped", True) == (each.state, "looks too much like `old`" in each.note)
    assert {("old", "wrong", False)} == held(made)
