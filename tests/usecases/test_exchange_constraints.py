"""What projects hold one identity to: each its own refs and events, and none loosens or tightens another's."""

from __future__ import annotations

import pytest

from tests.usecases.exchanging import NOW, Index
from trustpub.domain.publishers import Publisher, publisher
from trustpub.storage import projects, publishers
from trustpub.storage.database import Connection
from trustpub.storage.retired_names import retire
from trustpub.usecases.exchange import Exchange, Refusal


def held(index: Index, *refs: str, events: tuple[str, ...] = ()) -> Publisher:
    """The samples' repository, held to refs and events."""
    claims = index.claims()
    fields = {
        "repository_owner": str(claims["repository_owner"]),
        "repository_owner_id": str(claims["repository_owner_id"]),
        "repository_name": str(claims["repository"]).partition("/")[2],
        "workflow_filename": str(claims["job_workflow_ref"]).partition("@")[0].rpartition("/")[2],
    }
    return publisher("github", fields, refs=refs, allowed_events=events)


def linked(index: Index, name: str, row: Publisher) -> None:
    """A project that holds the publisher to what it says."""

    def work(connection: Connection) -> None:
        made = projects.create_project(connection, name, NOW, index.bob.id)
        row_id = publishers.get_or_create_publisher(connection, row, NOW)
        publishers.link(connection, row_id, made.id, NOW, row)

    index.do(work)


def test_a_token_reaches_only_the_projects_that_let_it_in(ours: Index) -> None:
    """One identity, three projects: the run's ref decides which of them the token covers."""
    ref = str(ours.claims()["ref"])
    linked(ours, "any", held(ours))
    linked(ours, "this", held(ours, ref))
    linked(ours, "never", held(ours, "refs/tags/never*"))
    assert 1 == ours.count("publishers")
    assert ["any", "this"] == ours.names(ours.minted())


def test_a_project_cannot_loosen_another(ours: Index) -> None:
    """A risky event that one project allows still gets no token for another that holds the same publisher."""
    linked(ours, "strict", held(ours))
    linked(ours, "loose", held(ours, events=("pull_request_target",)))
    assert ["loose"] == ours.names(ours.minted(event_name="pull_request_target"))
    assert ["loose", "strict"] == ours.names(ours.minted())


def test_where_no_project_lets_it_in_the_ref_is_named(ours: Index) -> None:
    """In our profile; PyPI's knows of no refs."""
    linked(ours, "never", held(ours, "refs/tags/never*"))
    refused = ours.refused()
    assert [("ref", "refs/tags/never*")] == [(each.field, each.expected) for each in refused.differences]


def test_pending_publishers_are_held_too(ours: Index) -> None:
    """Of two that wait for one identity only the one whose ref fits makes its project, held to it afterwards."""
    ref = str(ours.claims()["ref"])
    ours.pending("first", held(ours, ref))
    ours.pending("second", held(ours, "refs/tags/never*"))
    assert ["first"] == ours.names(ours.minted())
    assert ["second"] == [row.project for row in ours.waiting()]
    ((_, row),) = ours.see(publishers.links)
    assert (ref,) == row.publisher.refs


@pytest.mark.parametrize(("days", "made"), [(30, False), (31, True)])
def test_a_pending_publisher_ends_with_its_days(either: Index, days: int, made: bool) -> None:
    """On its last day it makes the project, a moment later it is as if it were not there; nothing is removed by that."""
    later = Exchange(
        either.verifier,
        either.database,
        either.exchange._profile,
        "pypi",
        lambda: NOW + 30 * 86_400,
        lambda size: b"\7" * size,
        days,
    )
    either.pending("late", held(either))
    answer = later.settle(either.ready(either.claims())).result(30)
    assert made is not isinstance(answer, Refusal)
    assert ([] if made else ["late"]) == [row.project for row in either.waiting()]


def test_a_retired_name_is_not_made_again(either: Index) -> None:
    """Nor one that looks like it; the pending publisher stays, for an administrator may free the name."""
    either.do(lambda connection: retire(connection, "or-chay", "ann", NOW))
    either.pending("0rchay", held(either))
    assert "invalid-payload" == either.refused().code
    assert [] == either.all_names()
    assert ["0rchay"] == [row.project for row in either.waiting()]


def test_a_publisher_that_is_unlinked_before_its_upload_reaches_nothing(ours: Index) -> None:
    """The token was minted for two projects; what is left of it is asked when it is used."""
    linked(ours, "one", held(ours))
    linked(ours, "two", held(ours))
    answer = ours.settle(ours.ready(ours.claims()))
    assert not isinstance(answer, Refusal)
    row = ours.see(publishers.links)[0][1]

    def work(connection: Connection) -> None:
        found = projects.find_project(connection, "one")
        assert found is not None
        publishers.unlink(connection, row.id, found.id)

    ours.do(work)
    assert ["two"] == ours.names(ours.token(answer))
