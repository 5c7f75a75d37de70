"""What readers see: committed rows, in order, each read at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trustpub.storage.database import Connection, Database
from trustpub.storage.files import NewFile, insert_file, release_get_or_create
from trustpub.storage.projects import bump_serial, create_project, find_project
from trustpub.storage.tables import projects
from trustpub.usecases.browse import Browse, version_key

NOW = 1_700_000_000.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty index."""
    with Database.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def browse(database: Database) -> Browse:
    """Reads on it."""
    return Browse(database)


def publish(database: Database, name: str, version: str, *filenames: str) -> None:
    """Put files on the index."""

    def work(connection: Connection) -> None:
        project = find_project(connection, name) or create_project(connection, name, NOW)
        release, _ = release_get_or_create(connection, project.id, version, {"summary": version}, NOW)
        for filename in filenames:
            kind = "bdist_wheel" if filename.endswith(".whl") else "sdist"
            new = NewFile(
                filename, project.id, release.id, kind, "py3", None, filename.encode().hex().ljust(64, "0")[:64],
                filename, None, 1, None, "hana", NOW,
            )  # fmt: skip
            assert insert_file(connection, new, project.normalized) is not None
        bump_serial(connection, project.id)

    database.write(work).result()


def set_state(database: Database, state: str) -> None:
    """Set the state of every project."""
    database.write(lambda connection: connection.execute(projects.update().values(state=state))).result()


def test_a_listing_has_its_files_by_version_and_name(database: Database, browse: Browse) -> None:
    """And the serial of the last change."""
    publish(database, "Demo.Pkg", "1.10", "d-1.10.tar.gz")
    publish(database, "demo-pkg", "1.9", "d-1.9.tar.gz", "d-1.9-py3-none-any.whl")
    listing = browse.project("demo-pkg")
    assert listing is not None
    assert ["d-1.9-py3-none-any.whl", "d-1.9.tar.gz", "d-1.10.tar.gz"] == [file.filename for file in listing.files]
    assert ("demo-pkg", "Demo.Pkg", 3, "active", ("1.9", "1.10")) == (
        listing.normalized, listing.name, listing.serial, listing.state, listing.versions,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["none", "Demo", "demo.", ""])
def test_only_the_normalized_name_finds_a_project(database: Database, browse: Browse, name: str) -> None:
    """Other spellings are the redirect's affair."""
    publish(database, "demo", "1.0", "demo-1.0.tar.gz")
    assert browse.project(name) is None


def test_a_quarantined_project_has_no_files_anywhere(database: Database, browse: Browse) -> None:
    """Not listed, not found, not described, not among the names."""
    publish(database, "demo", "1.0", "demo-1.0.tar.gz")
    set_state(database, "quarantined")
    listing = browse.project("demo")
    assert listing is not None
    assert ("quarantined", ()) == (listing.state, listing.files)
    assert (None, None, []) == (browse.file("demo-1.0.tar.gz"), browse.described("demo"), browse.names().names)


def test_names_are_sorted_and_spelled(database: Database, browse: Browse) -> None:
    """At the serial at which a name last appeared."""
    publish(database, "Zebra", "1.0", "z-1.0.tar.gz")
    publish(database, "apple", "1.0", "a-1.0.tar.gz")
    publish(database, "apple", "2.0", "a-2.0.tar.gz")
    names = browse.names()
    assert (3, [("apple", "apple"), ("zebra", "Zebra")]) == (names.serial, names.names)


def test_a_file_is_found_with_its_projects_serial(database: Database, browse: Browse) -> None:
    """Which says until when this answer holds."""
    publish(database, "demo", "1.0", "demo-1.0.tar.gz")
    found = browse.file("demo-1.0.tar.gz")
    assert found is not None
    assert ("demo", 2, "active", "1.0") == (found.project, found.serial, found.state, found.file.version)
    assert browse.file("demo-1.1.tar.gz") is None


def test_a_project_is_described_by_its_latest_release(database: Database, browse: Browse) -> None:
    """Releases without files are not to be seen."""
    publish(database, "demo", "1.0", "demo-1.0.tar.gz")
    publish(database, "demo", "2.0")
    described = browse.described("demo")
    assert described is not None
    assert ("1.0", ["1.0"]) == (described.latest.version, [release.version for release in described.releases])
    assert browse.described("none") is None


def test_the_serial_counts_every_change(database: Database, browse: Browse) -> None:
    """From nothing."""
    assert 0 == browse.serial()
    publish(database, "demo", "1.0", "demo-1.0.tar.gz")
    assert 2 == browse.serial()


def test_versions_sort_as_they_follow_each_other() -> None:
    """And what is no version comes first."""
    versions = ["1.10", "2.0", "1.9.post1", "1.9", "2.0.dev1", "old style", "1!0.1"]
    assert ["old style", "1.9", "1.9.post1", "1.10", "2.0.dev1", "2.0", "1!0.1"] == sorted(versions, key=version_key)
