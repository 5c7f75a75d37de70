"""What owners decide and uploads feel, also in the middle of one: switches, windows, names that are gone, other owners."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.distributions import wheel_of
from tests.usecases.test_upload_meanwhile import meanwhile
from tests.usecases.uploading import NOW, PUBLISHER, Index, Package, reason
from trustpub.domain.publishers import Publisher, publisher
from trustpub.storage import projects, retired_names
from trustpub.storage.accounts import add_user, find_user
from trustpub.storage.database import Connection
from trustpub.storage.files import find_release
from trustpub.storage.people import revoke_role
from trustpub.storage.publishers import add_pending, all_pending, links, remove_unlinked
from trustpub.storage.withdrawals import set_yanked
from trustpub.usecases.projects.principal import Principal
from trustpub.usecases.projects.transfer import Transferred, transfer
from trustpub.usecases.upload import Stored


def change(index: Index, work: Callable[[Connection, projects.Project], object]) -> None:
    """Change the project in one write."""

    def whole(connection: Connection) -> None:
        found = projects.find_project(connection, "tiny-demo")
        assert found is not None
        work(connection, found)

    index.database.write(whole).result(30)


def trusted_only(index: Index) -> None:
    """Switch tokens of people off."""
    change(index, lambda connection, project: projects.set_trusted_only(connection, project.id, on=True))


def archived(index: Index) -> None:
    """Take no more files."""
    change(index, lambda connection, project: projects.set_state(connection, project.id, "archived", ""))


def deleted(index: Index) -> None:
    """Delete the project, and retire its name."""

    def work(connection: Connection, project: projects.Project) -> None:
        projects.delete_project(connection, project.id)
        remove_unlinked(connection)
        retired_names.retire(connection, project.name, "ann", NOW)

    change(index, work)


def transferred(index: Index) -> None:
    """Give the project to somebody else, by an administrator."""

    def work(connection: Connection, project: projects.Project) -> None:
        heir = add_user(connection, "heir", "heir@example.org", NOW)
        connection.exec_driver_sql("UPDATE users SET email_verified_at = 1.0 WHERE name = 'heir'")
        root = Principal(0, "root", admin=True, email="")
        assert isinstance(transfer(connection, root, project, heir.name, False, NOW), Transferred)

    change(index, work)


def removed(index: Index) -> None:
    """Take the uploader's role away."""
    change(index, lambda connection, project: revoke_role(connection, project.id, 1))


IN_FLIGHT: dict[str, tuple[Callable[[Index], None], str, str]] = {
    "trusted-only": (trusted_only, "user", "403 The project 'tiny-demo' takes no uploads by API tokens."),
    "archived": (archived, "upload", "403 The given token isn't allowed to upload"),
    "archived for a person": (archived, "user", "403 The user 'ann' isn't allowed to upload"),
    "removed": (removed, "user", "403 The user 'ann' isn't allowed to upload"),
    "transferred": (transferred, "upload", "403 Invalid or non-existent authentication"),
    "transferred from a person": (transferred, "user", "403 The user 'ann' isn't allowed to upload"),
    "deleted": (deleted, "upload", "403 Invalid or non-existent authentication"),
}


@pytest.mark.parametrize("name", IN_FLIGHT)
def test_what_an_owner_does_meanwhile_counts(tmp_path: Path, name: str) -> None:
    """Between the first look and the transaction; nothing is listed then."""
    act, kind, expected = IN_FLIGHT[name]
    with meanwhile(tmp_path, act) as index:
        person = index.user_token("ann")
        index.database.write(lambda connection: projects.create_project(connection, "tiny-demo", NOW, 1)).result(30)
        workflow = index.upload_token("tiny-demo")
        assert reason(index.send(person if kind == "user" else workflow)).startswith(expected)
        assert () == index.files()


def test_a_release_closes_with_its_window(tmp_path: Path) -> None:
    """Files are taken until the last moment of the window, the very same file for ever, another one never again."""
    with Index(tmp_path, old_release_days=14) as index:
        token = index.user_token("ann")
        assert isinstance(index.send(token), Stored)
        index.now += 14 * 86_400
        name, data = wheel_of("tiny-demo", "1.0", {"tiny_demo/second.py": b"2"})
        second = Package(data=data, filename=name.replace("-1.0-", "-1.0-2-"))
        assert isinstance(index.send(token, second), Stored)
        index.now += 1
        name, data = wheel_of("tiny-demo", "1.0", {"tiny_demo/third.py": b"3"})
        third = Package(data=data, filename=name.replace("-1.0-", "-1.0-3-"))
        assert "400 Uploading new files to releases older than 14 days is not allowed." == reason(index.send(token, third))
        assert index.send(token) == Stored(Package().filename, new=False)


def test_a_retired_name_is_created_by_nobody(tmp_path: Path) -> None:
    """Nor one that looks like it."""
    with Index(tmp_path) as index:
        token = index.user_token("ann")
        index.database.write(lambda c: retired_names.retire(c, "t1ny-dem0", "ann", NOW)).result(30)
        assert reason(index.send(token)).startswith("400 The name 'tiny-demo' cannot be registered. This project name is")


def test_a_file_added_to_a_yanked_release_is_yanked(tmp_path: Path) -> None:
    """Whatever is uploaded to it later."""
    with Index(tmp_path) as index:
        index.send(index.user_token("ann"))

        def work(connection: Connection, project: projects.Project) -> None:
            release = find_release(connection, project.id, "1.0")
            assert release is not None
            set_yanked(connection, release.id, True, "broken")

        change(index, work)
        name, data = wheel_of("tiny-demo", "1.0", {"tiny_demo/second.py": b"2"})
        assert isinstance(
            index.send(index.user_token("ann"), Package(data=data, filename=name.replace("-1.0-", "-1.0-2-"))), Stored
        )
        assert [(True, "broken")] * 2 == [(each.yanked, each.yanked_reason) for each in index.files()]


def pend(index: Index, user: str, waiting: Publisher, created: float) -> None:
    """A pending publisher of theirs for `tiny-demo`."""

    def work(connection: Connection) -> None:
        owner = find_user(connection, user) or add_user(connection, user, f"{user}@acme.example", index.now)
        add_pending(connection, waiting, "Tiny.Demo", owner.id, created)

    index.database.write(work).result()


def test_what_the_owner_had_waiting_for_the_name_publishes_from_then_on(tmp_path: Path) -> None:
    """A project made by a token: the same user's pending publishers become its own, others' stay for their exchange to tell."""
    with Index(tmp_path) as index:
        held = PUBLISHER._replace(refs=("refs/tags/v*",))
        token = index.user_token("hana")
        pend(index, "hana", held, index.now)
        pend(index, "hana", other(PUBLISHER, "late.yml"), index.now - 40 * 86_400)
        pend(index, "eve", other(PUBLISHER, "eve.yml"), index.now)
        assert "" == reason(index.send(token))
        with index.database.read() as connection:
            linked = [(name, row.publisher) for name, row in links(connection)]
            left = [row.publisher.get("workflow_filename") for row in all_pending(connection)]
        assert ([("tiny-demo", held)], ["eve.yml", "late.yml"]) == (linked, sorted(left))
        assert [PUBLISHER.specifier] == [event.detail["publisher"] for event in index.events("publisher:added")]


def other(like: Publisher, workflow: str) -> Publisher:
    """The same publisher with another workflow."""
    return publisher("github", {**like.row(), "workflow_filename": workflow})
