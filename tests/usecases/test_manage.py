"""What the operator may do: accounts, tokens, publishers; and what is refused, in one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.samples import github
from tests.usecases.exchanging import NOW, Index, index
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider
from trustpub.domain.tokens import API_PREFIX, digest, parse
from trustpub.errors import BadInput
from trustpub.storage import accounts, projects
from trustpub.usecases.manage import Listed, Manage, NewPublisher, checked
from trustpub.usecases.passwords import hash_password, password_matches

GITLABS = (DEFAULT_ISSUERS[Provider.GITLAB],)
ORCHAY = NewPublisher(Provider.GITHUB, owner="octo", owner_id="42", repository="orchay", workflow="pypi.yml")


class Office:
    """An index and the operator's use cases on it."""

    def __init__(self, where: Index) -> None:
        self.index = where
        self.manage = Manage(where.database, lambda: NOW, lambda size: b"\x07" * size)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An index with one user, `bob`."""
    with index(tmp_path, Profile.TRUSTPUB) as opened:
        yield Office(opened)


def test_an_account_is_added_with_an_event(office: Office) -> None:
    """Without a password nobody can sign in; the log says that it was made, and not its password."""
    user = office.manage.add_user("Alice", "alice@example.org", admin=True)
    assert ("Alice", True, None) == (
        user.name,
        user.admin,
        office.index.see(lambda connection: accounts.password_of(connection, user.id)),
    )
    assert [{"user": "Alice", "admin": True}] == [event.detail for event in office.index.events("user:added")]


def test_a_password_is_stored_as_a_slow_hash(office: Office) -> None:
    """The right one matches, another does not."""
    user = office.manage.add_user("alice", "alice@example.org", password="correct horse battery")
    stored = office.index.see(lambda connection: accounts.password_of(connection, user.id))
    assert stored is not None
    assert "correct" not in stored
    assert [True, False] == [password_matches(tried, stored) for tried in ("correct horse battery", "incorrect horse")]


def test_a_password_has_its_own_salt() -> None:
    """Two accounts with one password have two hashes; a hash of an unknown kind matches nothing."""
    first, second = (hash_password("the same password", bytes([salt]) * 16) for salt in (1, 2))
    assert first != second
    assert [False] * 3 == [password_matches("the same password", stored) for stored in ("", "md5$1$2$3$4$5", first + "$")]


@pytest.mark.parametrize(
    ("name", "email", "password", "said"),
    [
        ("a", "a@example.org", None, "user name `a`"),
        ("-alice", "a@example.org", None, "user name"),
        ("al ice", "a@example.org", None, "user name"),
        ("a" * 51, "a@example.org", None, "user name"),
        ("alice", "nonsense", None, "--email `nonsense`"),
        ("alice", "a@b@example.org", None, "--email"),
        ("alice", "a@example.org", "short", "the password"),
        ("BOB", "a@example.org", None, "one of this name already"),
    ],
)
def test_an_account_that_cannot_be_is_refused(office: Office, name: str, email: str, password: str | None, said: str) -> None:
    """The field is named, a password never repeated."""
    with pytest.raises(BadInput) as refusal:
        office.manage.add_user(name, email, password=password)
    assert said in str(refusal.value)
    assert "short" not in str(refusal.value)
    assert 1 == office.index.count("users")


def test_an_address_belongs_to_one_account(office: Office) -> None:
    """In whatever case: a new password goes to whoever reads its mail."""
    office.manage.add_user("alice", "alice@example.org")
    with pytest.raises(BadInput, match="this is the address of `alice`"):
        office.manage.add_user("carol", "Alice@example.org")
    assert 2 == office.index.count("users")


def test_a_token_is_shown_once_and_stored_as_a_digest(office: Office) -> None:
    """The row is found by the digest; neither the row nor the log holds the token."""
    token = office.manage.create_token("bob", "upload")
    parsed = parse(token)
    assert parsed is not None
    assert API_PREFIX == parsed.prefix
    found = office.index.see(lambda connection: accounts.find_api_token(connection, digest(token)))
    assert found is not None
    assert ("bob", "upload", None) == (found.user, found.scope, found.project_id)
    assert token not in repr(office.index.events("api-token:created"))


def test_a_token_may_be_for_one_project(office: Office) -> None:
    """In whatever spelling it is named, if the user has a role there."""
    project = office.index.project("Or.Chay")
    token = office.manage.create_token("BOB", "manage", "or-chay")
    found = office.index.see(lambda connection: accounts.find_api_token(connection, digest(token)))
    assert found is not None
    assert project.id == found.project_id


def test_a_token_that_could_do_nothing_is_refused(office: Office) -> None:
    """No such user, no such project, no role in it."""
    office.index.do(lambda connection: projects.create_project(connection, "foreign", 1.0))
    for user, project, said in [
        ("alice", None, "user `alice`"),
        ("bob", "none", "project `none`"),
        ("bob", "foreign", "no role"),
    ]:
        with pytest.raises(BadInput, match=said):
            office.manage.create_token(user, "upload", project)
    assert 0 == office.index.count("api_tokens")


def test_a_publisher_is_linked_and_can_exchange(office: Office) -> None:
    """What was typed is what the exchange matches; doing it twice is refused."""
    project = office.index.project("orchay")
    added = office.manage.add_publisher("Orchay", ORCHAY, GITLABS)
    assert Listed(1, "orchay", github(), pending=False) == added
    assert ["orchay"] == office.index.names(office.index.minted())
    assert 1 == len(office.index.events("publisher:added", project))
    with pytest.raises(BadInput, match="has this publisher already"):
        office.manage.add_publisher("orchay", ORCHAY, GITLABS)


def test_a_publisher_for_no_project_points_to_pending(office: Office) -> None:
    """The error says what to do instead."""
    with pytest.raises(BadInput, match=r"project `orchay`: there is none\. .*`--pending --user USER`"):
        office.manage.add_publisher("orchay", ORCHAY, GITLABS)


def test_a_pending_publisher_creates_the_project_for_its_user(office: Office) -> None:
    """Registered, listed, then reified by the first exchange."""
    assert Listed(1, "orchay", github(), pending=True, user="bob") == office.manage.add_pending("orchay", ORCHAY, "BOB", GITLABS)
    assert [True] == [each.pending for each in office.manage.publishers()]
    assert ["orchay"] == office.index.names(office.index.minted())
    assert [False] == [each.pending for each in office.manage.publishers()]


@pytest.mark.parametrize(
    ("project", "user", "said"),
    [
        ("taken", "bob", "it exists"),
        ("t4ken", "alice", "user `alice`"),
        ("TAKEN", "bob", "it exists"),
        ("l0ck", "bob", "too similar to the project `lock`"),
        ("json", "bob", "standard library"),
        ("-x", "bob", "Invalid project name"),
        ("waiting", "bob", "pending for it already"),
    ],
)
def test_a_pending_publisher_that_could_never_be_used_is_refused(office: Office, project: str, user: str, said: str) -> None:
    """The name is checked when it is registered, and again when it is used."""
    office.index.project("taken")
    office.index.project("lock")
    office.index.pending("waiting", github())
    with pytest.raises(BadInput) as refusal:
        office.manage.add_pending(project, ORCHAY, user, GITLABS)
    assert said in str(refusal.value)
    assert 1 == office.index.count("pending_publishers")


def test_removing_a_publisher_ends_its_tokens(office: Office) -> None:
    """From the one project only, while it is linked to others; the row goes with its last project."""
    office.index.project("one", github())
    office.index.project("two", github())
    token = office.index.ask()
    assert github() == office.manage.remove_publisher("one", 1)
    assert ["two"] == office.index.names(office.index.token(token))  # type: ignore[arg-type]
    office.manage.remove_publisher("two", 1)
    assert (0, 0) == (office.index.count("publishers"), office.index.count("upload_tokens"))
    with pytest.raises(BadInput, match="publisher 1"):
        office.manage.remove_publisher("two", 1)


def test_removing_a_pending_publisher_needs_its_project(office: Office) -> None:
    """A wrong number removes nothing."""
    office.index.pending("orchay", github())
    with pytest.raises(BadInput, match="publisher 1"):
        office.manage.remove_pending("other", 1)
    office.manage.remove_pending("Orchay", 1)
    assert () == office.manage.publishers()
    with pytest.raises(BadInput):
        office.manage.remove_pending("orchay", 1)


def test_projects_are_listed_with_their_owners(office: Office) -> None:
    """By name; one without an owner too."""
    office.index.project("two")
    office.index.do(lambda connection: projects.create_project(connection, "One", 1.0))
    assert [("One", ()), ("two", ("bob",))] == [(project.name, owners) for project, owners in office.manage.projects()]


def test_each_provider_takes_its_own_fields() -> None:
    """Options where they have a meaning, `--set` for the rest."""
    gitlab = NewPublisher(Provider.GITLAB, owner="group/team", repository="orchay", workflow=".gitlab-ci.yml", environment="pypi")
    google = NewPublisher(Provider.GOOGLE, more=(("email", "bob@example.org"), ("sub", "7")))
    state = (("organization", "Octo"), ("project", "orchay"), ("actor", "bob"), ("actor_id", "77"))
    active = NewPublisher(Provider.ACTIVESTATE, more=state)
    other = NewPublisher(Provider.OIDC, issuer="https://issuer.example", more=(("sub", "x"), ("project", "y")))
    enterprise = NewPublisher(
        Provider.GITHUB, "octo", "42", "orchay", "pypi.yml", issuer="https://github.example/_services/token"
    )
    rows = [checked(each, GITLABS) for each in (gitlab, google, active, other, enterprise)]
    assert [
        {"namespace": "group/team", "project": "orchay", "workflow_filepath": ".gitlab-ci.yml", "environment": "pypi"}
        | {"issuer_url": GITLABS[0]},
        {"email": "bob@example.org", "sub": "7"},
        {"organization": "Octo", "activestate_project_name": "orchay", "actor": "bob", "actor_id": "77"},
        {"sub": "x", "project": "y"},
        github().row(),
    ] == [row.row() for row in rows]
    assert ["https://issuer.example", "https://github.example/_services/token"] == [row.issuer for row in rows[3:]]


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (NewPublisher(Provider.GITHUB, "octo", "", "orchay", "pypi.yml"), "--owner-id"),
        (NewPublisher(Provider.GITHUB, "octo", "octo", "orchay", "pypi.yml"), "--owner-id"),
        (NewPublisher(Provider.GITHUB, "", "42", "orchay", "pypi.yml"), "`owner`"),
        (NewPublisher(Provider.GITHUB, "octo", "42", "octo/orchay", "pypi.yml"), "`repository`"),
        (NewPublisher(Provider.GITHUB, "octo", "42", "orchay", ".github/workflows/pypi.yml"), "`workflow_filename`"),
        (NewPublisher(Provider.GITHUB, "octo", "42", "orchay", "pypi.yml", more=(("branch", "main"),)), "--set branch"),
        (NewPublisher(Provider.GOOGLE, owner="octo", more=(("email", "bob@example.org"),)), "--owner"),
        (NewPublisher(Provider.GOOGLE), "`email`"),
        (
            NewPublisher(Provider.GITLAB, owner="g/t", repository="x1", workflow="a.yml", issuer="https://other.example"),
            "issuer_url",
        ),
        (NewPublisher(Provider.OIDC, more=(("sub", "x"),)), "`issuer`"),
        (NewPublisher(Provider.OIDC, issuer="https://issuer.example"), "at least one claim"),
        (NewPublisher(Provider.ACTIVESTATE, more=(("organization", "Octo"), ("project", "orchay"), ("actor", "bob"))), "`actor`"),
    ],
)
def test_a_publisher_that_could_match_nobody_is_refused(new: NewPublisher, said: str) -> None:
    """Every wrong field by its name, nothing looked up outside."""
    with pytest.raises(BadInput) as refusal:
        checked(new, GITLABS)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
