"""Pending publishers: projects that an exchange creates, each exactly once, and only while the name is free."""

from __future__ import annotations

import pytest

from tests.domain.samples import github
from tests.usecases.exchanging import NOW, Index
from trustpub.storage import accounts, projects
from trustpub.storage.tokens import spend
from trustpub.usecases.exchange import Minted, Refusal

TAKEN = Refusal(422, "invalid-pending-publisher", "valid token, but project already exists")


def test_the_first_exchange_creates_the_project(either: Index) -> None:
    """The project, its owner, the publisher and the link; the pending row is gone, the token reaches the project."""
    either.pending("Or.Chay", github())
    token = either.minted()
    project = either.see(lambda connection: projects.find_project(connection, "or-chay"))
    assert project is not None
    assert ("Or.Chay", frozenset({project.id})) == (project.name, token.projects)
    assert [("bob", "owner")] == [(role.user, role.role) for role in either.see(lambda c: projects.roles_of(c, project.id))]
    assert ([], 1) == (either.waiting(), either.count("publishers"))
    kinds = [
        event.kind for kind in ("project:created", "publisher:added", "upload-token:minted") for event in either.events(kind)
    ]
    assert ["project:created", "publisher:added", "upload-token:minted"] == kinds
    assert either.events("project:created", project)[0].detail["reified_from_pending_publisher"] is True


def test_the_new_name_appears_in_the_index(either: Index) -> None:
    """Readers of the list of names see that theirs is old."""
    either.pending("orchay", github())
    before = either.see(projects.serials)
    either.minted()
    after = either.see(projects.serials)
    assert after[1] > before[1]


def test_all_pending_projects_of_one_identity_are_created_together(either: Index) -> None:
    """A monorepo registers several names for one workflow: the first exchange makes all of them, owned by who registered each."""
    alice = either.do(lambda connection: accounts.add_user(connection, "alice", "alice@example.org", NOW))
    either.pending("orchay", github())
    either.pending("orchay-extra", github(), alice)
    either.pending("elsewhere", github(repository_name="other"))
    assert ["orchay", "orchay-extra"] == either.names(either.minted())
    assert ["elsewhere"] == [row.project for row in either.waiting()]
    extra = either.see(lambda connection: projects.find_project(connection, "orchay-extra"))
    assert extra is not None
    assert ["alice"] == [role.user for role in either.see(lambda connection: projects.roles_of(connection, extra.id))]


def test_a_known_publisher_is_reused_and_keeps_its_projects(either: Index) -> None:
    """The same identity is one row: the token reaches what it had and what it just got."""
    either.project("orchay", github())
    either.pending("orchay-extra", github())
    assert ["orchay", "orchay-extra"] == either.names(either.minted())
    assert 1 == either.count("publishers")


def test_another_owner_id_is_another_identity(either: Index) -> None:
    """A name that changed hands reifies nothing for its new holder, and leaves nothing behind."""
    either.pending("orchay", github(repository_owner_id="41"))
    assert "invalid-publisher" == either.refused().code
    assert ([], ["orchay"]) == (either.all_names(), [row.project for row in either.waiting()])


def test_the_next_exchange_creates_nothing_more(either: Index) -> None:
    """Exactly once."""
    either.pending("orchay", github())
    either.minted()
    either.minted()
    assert (["orchay"], 1) == (either.all_names(), len(either.events("project:created")))


def test_a_taken_name_is_refused_and_the_dead_row_removed(either: Index) -> None:
    """PyPI's code; the row goes, its owner's event says why; the token is not spent."""
    either.pending("Orchay", github())
    either.project("orchay")
    ready = either.ready(either.claims())
    assert TAKEN == either.settle(ready)
    assert ([], ["orchay"], 0) == (either.waiting(), either.all_names(), either.count("replays"))
    (dropped,) = either.events("pending-publisher:dropped")
    assert ("Orchay", "bob") == (dropped.detail["project"], dropped.detail["owner"])
    assert ["invalid-pending-publisher"] == [event.detail["code"] for event in either.events("exchange:refused")]
    again = either.settle(ready)
    assert isinstance(again, Refusal)
    assert "invalid-publisher" == again.code


def test_a_taken_name_drops_out_and_the_others_are_created(either: Index) -> None:
    """One of two names was taken meanwhile: the exchange succeeds for the other."""
    either.pending("orchay", github())
    either.pending("orchay-extra", github())
    either.project("orchay-extra")
    assert ["orchay"] == either.names(either.minted())
    assert [] == either.waiting()
    assert ["orchay-extra"] == [event.detail["project"] for event in either.events("pending-publisher:dropped")]


def test_two_users_wait_for_one_name_and_the_first_exchange_wins(either: Index) -> None:
    """The other's row is dead from then on, and is removed when it is tried."""
    alice = either.do(lambda connection: accounts.add_user(connection, "alice", "alice@example.org", NOW))
    either.pending("orchay", github())
    either.pending("orchay", github(repository_name="other"), alice)
    assert ["orchay"] == either.names(either.minted())
    other = either.refused(repository="octo/other", job_workflow_ref="octo/other/.github/workflows/pypi.yml@refs/tags/v1")
    assert (TAKEN, []) == (other, either.waiting())


def test_a_stale_row_beside_a_registered_publisher(pypi: Index) -> None:
    """PyPI refuses once although a publisher matches; the next try works."""
    pypi.project("orchay", github())
    pypi.pending("orchay", github())
    assert TAKEN == pypi.refused()
    assert ["orchay"] == pypi.names(pypi.minted())


def test_a_stale_row_beside_a_registered_publisher_is_dropped_by_our_rules(ours: Index) -> None:
    """Somebody else's leftover fails nobody's release: the row is dropped, the exchange succeeds."""
    ours.project("orchay", github())
    ours.pending("orchay", github())
    assert ["orchay"] == ours.names(ours.minted())
    assert [] == ours.waiting()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("orchay", "too similar to an existing project"),
        ("json", "standard library"),
        ("-orchay", "Invalid project name"),
    ],
)
def test_a_name_that_may_not_be_is_refused_and_the_row_kept(either: Index, name: str, words: str) -> None:
    """PyPI's code and words; somebody may still change what is in the way."""
    either.project("0rchay")
    either.pending(name, github())
    refusal = either.refused()
    assert "invalid-payload" == refusal.code
    assert words in refusal.description
    assert ([name], ["0rchay"]) == ([row.project for row in either.waiting()], either.all_names())
    assert 0 == either.count("replays")


def test_two_pending_names_that_look_alike_are_not_both_created(either: Index) -> None:
    """The first one registered is created; the other waits, as if the first had been there before."""
    either.pending("orchay", github())
    either.pending("0rchay", github())
    assert ["orchay"] == either.names(either.minted())
    assert ["0rchay"] == [row.project for row in either.waiting()]


def test_a_spent_token_creates_nothing(either: Index) -> None:
    """A pending publisher that was registered after the token was spent waits for a fresh one. PyPI answers 500 here."""
    either.project("orchay", github())
    ready = either.ready(either.claims())
    assert isinstance(either.settle(ready), Minted)
    either.pending("orchay-extra", github())
    refusal = either.settle(ready)
    assert isinstance(refusal, Refusal)
    assert "invalid-reuse-token" == refusal.code
    assert ["orchay-extra"] == [row.project for row in either.waiting()]


def test_a_spent_token_with_nothing_but_pending_publishers_is_refused(either: Index) -> None:
    """The one case in which nothing is registered: `invalid-publisher`, in place of PyPI's 500."""
    ready = either.ready(either.claims())
    either.do(lambda connection: spend(connection, ready.claims.issuer, ready.claims.replay_key, 9_999_999_999))
    either.pending("orchay", github())
    refusal = either.settle(ready)
    assert isinstance(refusal, Refusal)
    assert ("invalid-publisher", []) == (refusal.code, either.all_names())


def test_pypi_mints_for_the_constrained_publisher_even_then(pypi: Index) -> None:
    """PyPI makes the project, looks again, and finds the constrained row: the token does not reach the new project."""
    pypi.project("held", github(environment="pypi"))
    pypi.pending("orchay", github())
    assert ["held"] == pypi.names(pypi.minted())
    assert ["held", "orchay"] == pypi.all_names()


def test_our_token_reaches_the_project_it_created(ours: Index) -> None:
    """The exchange that creates a project is the one whose upload is meant for it."""
    ours.project("held", github(environment="pypi"))
    ours.pending("orchay", github())
    assert ["orchay"] == ours.names(ours.minted())


def test_the_environment_decides_among_pending_identities(either: Index) -> None:
    """As among publishers: the constrained one is reified, the unconstrained one waits."""
    either.pending("free", github())
    either.pending("held", github(environment="pypi"))
    assert ["held"] == either.names(either.minted())
    assert ["free"] == [row.project for row in either.waiting()]


def test_a_pending_publisher_that_does_not_match_stays(either: Index) -> None:
    """A refusal changes nothing but the log."""
    either.pending("orchay", github(workflow_filename="other.yml"))
    assert "invalid-publisher" == either.refused().code
    assert ["orchay"] == [row.project for row in either.waiting()]


def test_the_other_workflows_of_the_new_owner_are_let_in_by_our_rules(ours: Index) -> None:
    """Two publishers waited for one name for the same user: the first exchange makes the project, both may publish to it."""
    ours.pending("orchay", github())
    ours.pending("orchay", github(repository_name="other"))
    ours.minted()
    assert [] == ours.waiting()
    called = "octo/other/.github/workflows/pypi.yml@refs/tags/v1"
    assert ["orchay"] == ours.names(ours.minted(repository="octo/other", job_workflow_ref=called))


def test_the_other_workflows_of_the_new_owner_have_lost_the_name_on_pypi(pypi: Index) -> None:
    """PyPI leaves their row until it is tried."""
    pypi.pending("orchay", github())
    pypi.pending("orchay", github(repository_name="other"))
    pypi.minted()
    called = "octo/other/.github/workflows/pypi.yml@refs/tags/v1"
    assert TAKEN == pypi.refused(repository="octo/other", job_workflow_ref=called)
