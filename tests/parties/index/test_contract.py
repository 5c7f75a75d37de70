"""What every index does, the fake and our own server alike, as the client and the registrar see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parties.index.worlds import Faked, Served, World, client, github, registrar
from trustpub.domain.index_project import IndexProject
from trustpub.domain.untold import Untold
from trustpub.errors import Denied


@pytest.fixture(params=["fake", "our server"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """An index, empty but for the accounts `hana` and `joon`."""
    if request.param == "fake":
        yield Faked()
        return
    served = Served(tmp_path)
    with served.site:
        yield served


def test_the_audience_is_told(world: World) -> None:
    """At the root of the upload address's host, where upload clients ask."""
    assert "trustpub" == client(world).audience()


def test_no_project_is_none(world: World) -> None:
    """None is the answer that the index itself gave."""
    assert client(world).project("orchay") is None


def test_a_project_has_its_files(world: World) -> None:
    """Found by any spelling of its name."""
    world.project("orchay", "orchay-1.0.tar.gz", "orchay-1.0-py3-none-any.whl")
    found = client(world).project("ORCHAY")
    assert isinstance(found, IndexProject)
    assert ("orchay", "active", "1.0") == (found.name, found.status, found.latest)
    assert ((("hana", "Owner"),), "") == (found.owners, found.organization)
    assert {("orchay-1.0.tar.gz", "1.0", False), ("orchay-1.0-py3-none-any.whl", "1.0", False)} == {
        (each.filename, each.version, each.yanked) for each in found.files
    }
    assert all(each.sha256 and each.uploaded_at is not None and each.provenance == "" for each in found.files)


def test_a_file_without_provenance_has_none(world: World) -> None:
    """Which is not the same as not knowing."""
    world.project("orchay", "orchay-1.0.tar.gz")
    found = client(world).project("orchay")
    assert isinstance(found, IndexProject)
    assert () == client(world).provenance("orchay", found.files[0])


def test_a_project_without_files_exists(world: World) -> None:
    """It is what an exchange leaves behind that nobody used."""
    world.project("orchay")
    found = client(world).project("orchay")
    assert isinstance(found, IndexProject)
    assert ("orchay", (), "") == (found.name, found.files, found.latest)


@pytest.mark.parametrize("status", ["archived", "quarantined"])
def test_a_status_is_told(world: World, status: str) -> None:
    """A quarantined project shows no file."""
    world.project("orchay", "orchay-1.0.tar.gz")
    world.set_status("orchay", status)
    found = client(world).project("orchay")
    assert isinstance(found, IndexProject)
    assert (status, 0 if status == "quarantined" else 1) == (found.status, len(found.files))


def test_a_yanked_file_is_marked(world: World) -> None:
    """And is still a file."""
    world.project("orchay", "orchay-1.0.tar.gz")
    world.yank("orchay-1.0.tar.gz")
    found = client(world).project("orchay")
    assert isinstance(found, IndexProject)
    assert [True] == [each.yanked for each in found.files]


def test_similar_names_are_found(world: World) -> None:
    """The name itself is not similar to itself."""
    world.project("orchay", "orchay-1.0.tar.gz")
    world.project("other", "other-1.0.tar.gz")
    assert (("orchay",), (), ()) == tuple(client(world).names_like(each) for each in ("0r-chay", "Orchay", "nobody"))


def test_a_publisher_is_registered_once(world: World) -> None:
    """Registering it again returns the one that is there."""
    world.project("orchay", "orchay-1.0.tar.gz")
    desk = registrar(world, world.token())
    assert () == desk.registered(["orchay"])
    made = desk.register("Orchay", github(), pending=False)
    assert (github(), False) == (made.publisher, made.pending)
    assert made == desk.register("orchay", github(), pending=False)
    assert (made,) == desk.registered(["orchay", "ORCHAY"])


def test_publishers_that_differ_in_one_field_are_two(world: World) -> None:
    """An environment, an owner's id: each is part of who it is."""
    world.project("orchay", "orchay-1.0.tar.gz")
    desk = registrar(world, world.token())
    made = {
        desk.register("orchay", each, pending=False).id
        for each in (github(), github(environment=""), github(repository_owner_id="43"))
    }
    listed = desk.registered(["orchay"])
    assert not isinstance(listed, Untold)
    assert made == {each.id for each in listed}
    assert 3 == len(made)


def test_a_pending_publisher_waits_for_its_project(world: World) -> None:
    """It is listed under the name that it waits for, and the project is not made."""
    desk = registrar(world, world.token())
    made = desk.register("Orchay", github(), pending=True)
    assert ("Orchay", True) == (made.project, made.pending)
    assert made == desk.register("orchay", github(), pending=True)
    assert (made,) == desk.registered(["orchay", "other"])
    assert client(world).project("orchay") is None


def test_one_identity_may_wait_for_several_projects(world: World) -> None:
    """Unlike PyPI: a monorepo registers all of its packages at once."""
    desk = registrar(world, world.token())
    made = [desk.register(name, github(), pending=True).project for name in ("one", "two")]
    assert ["one", "two"] == made


def test_a_pending_publisher_of_a_project_that_it_made_is_there_already(world: World) -> None:
    """A setup that was interrupted may run again after the first release."""
    world.project("orchay", "orchay-1.0.tar.gz")
    desk = registrar(world, world.token())
    made = desk.register("orchay", github(), pending=False)
    assert made == desk.register("orchay", github(), pending=True)


@pytest.mark.parametrize("pending", [True, False])
def test_a_publisher_is_removed_once(world: World, pending: bool) -> None:
    """Removing it again is no error."""
    if not pending:
        world.project("orchay", "orchay-1.0.tar.gz")
    desk = registrar(world, world.token())
    made = desk.register("orchay", github(), pending=pending)
    desk.remove(made)
    desk.remove(made)
    assert () == desk.registered(["orchay"])


def test_a_publisher_is_removed_from_one_project_only(world: World) -> None:
    """The same publisher of another project stays."""
    for name in ("one", "two"):
        world.project(name, f"{name}-1.0.tar.gz")
    desk = registrar(world, world.token())
    first, second = (desk.register(name, github(), pending=False) for name in ("one", "two"))
    desk.remove(first)
    assert (second,) == desk.registered(["one", "two"])


@pytest.mark.parametrize(
    ("project", "publisher", "pending", "word"),
    [
        ("nobody", github(), False, "there is no such project"),
        ("orchay", github(), True, "exists"),
        ("0rchay", github(), True, "too similar"),
        ("json", github(), True, "standard library"),
        ("orchay", github(repository_owner_id=""), False, "repository_owner_id"),
    ],
)
def test_what_cannot_be_is_denied_in_the_indexs_words(
    world: World, project: str, publisher: object, pending: bool, word: str
) -> None:
    """Nothing is registered then."""
    world.project("orchay", "orchay-1.0.tar.gz")
    desk = registrar(world, world.token())
    with pytest.raises(Denied) as denied:
        desk.register(project, publisher, pending=pending)  # type: ignore[arg-type]
    assert word in str(denied.value)
    assert () == desk.registered([project])


@pytest.mark.parametrize(
    ("user", "scope", "word"),
    [("joon", "manage", "no owner"), ("hana", "read", "scope `read`"), ("hana", "upload", "scope `upload`")],
)
def test_only_an_owner_with_the_scope_registers(world: World, user: str, scope: str, word: str) -> None:
    """The permission that would do is named."""
    world.project("orchay", "orchay-1.0.tar.gz")
    desk = registrar(world, world.token(user, scope))
    with pytest.raises(Denied) as denied:
        desk.register("orchay", github(), pending=False)
    assert word in str(denied.value)
    assert "manage" in denied.value.permission
    assert () == registrar(world, world.token()).registered(["orchay"])


def test_a_token_of_one_project_reaches_no_other(world: World) -> None:
    """Neither a project that exists nor one that does not."""
    for name in ("one", "two"):
        world.project(name, f"{name}-1.0.tar.gz")
    desk = registrar(world, world.token("hana", "manage", "one"))
    desk.register("one", github(), pending=False)
    for name, pending in (("two", False), ("three", True)):
        with pytest.raises(Denied):
            desk.register(name, github(), pending=pending)


def test_a_token_to_read_lists(world: World) -> None:
    """Listing needs less than changing."""
    world.project("orchay", "orchay-1.0.tar.gz")
    made = registrar(world, world.token()).register("orchay", github(), pending=False)
    assert (made,) == registrar(world, world.token("hana", "read")).registered(["orchay"])


@pytest.mark.parametrize("token", [None, "pypi-api_nonsense", "joon's"])
def test_what_may_not_be_listed_is_untold(world: World, token: str | None) -> None:
    """With what would tell it."""
    world.project("orchay", "orchay-1.0.tar.gz")
    told = registrar(world, world.token("joon") if token == "joon's" else token).registered(["orchay"])
    assert isinstance(told, Untold)
    assert told.why
    assert "manage" in told.permission


def test_somebody_elses_pending_publisher_is_not_shown(world: World) -> None:
    """And the same cannot be registered for another user: one of them would get the project."""
    hana, joon = registrar(world, world.token()), registrar(world, world.token("joon"))
    made = hana.register("orchay", github(), pending=True)
    assert () == joon.registered(["orchay"])
    with pytest.raises(Denied):
        joon.register("orchay", github(), pending=True)
    joon.remove(made)
    assert (made,) == hana.registered(["orchay"])
