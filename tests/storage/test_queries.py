"""The queries over projects, publishers, files, tokens and events, against a real database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from sqlalchemy import text

from tests.domain.samples import github, gitlab
from trustpub.storage import accounts, blob_uses, files, projects, publishers, tokens, uploads
from trustpub.storage.database import Connection, Database
from trustpub.storage.events import Event, events_of, record

T = TypeVar("T")
ISSUER = github().issuer
HASH = "ab" * 32


@pytest.fixture
def do(either: Database) -> Callable[[Callable[[Connection], T]], T]:
    """Run one write and wait for its commit."""
    return lambda work: either.write(work).result(30)


Do = Callable[[Callable[[Connection], object]], Any]


def new_file(project_id: int, release_id: int, filename: str = "orchay-1.0.tar.gz") -> files.NewFile:
    """A file that differs from others in its name only."""
    return files.NewFile(
        filename=filename,
        project_id=project_id,
        release_id=release_id,
        packagetype="sdist",
        python_version="source",
        requires_python=None,
        sha256=HASH,
        blake2_256="cd" * 32,
        md5=None,
        size=10,
        metadata_sha256=None,
        uploaded_by="bob",
        upload_time=1_700_000_000.123456,
    )


def reaches(connection: Connection, right: files.Right, project: projects.Project) -> bool:
    """Whether the token may upload to the project now."""
    return uploads.standing(connection, right, project.name, "1.0", "x", "00").allowed


def stored(connection: Connection, name: str = "orchay", filename: str = "orchay-1.0.tar.gz") -> projects.Project:
    """A project with one file."""
    project = projects.create_project(connection, name, 1.0)
    release, _ = files.release_get_or_create(connection, project.id, "1.0", {"name": name}, 1.0)
    assert files.insert_file(connection, new_file(project.id, release.id, filename), project.normalized) is not None
    return project


def test_serials_only_rise_and_the_list_of_names_keeps_its_own(do: Do) -> None:
    """Every change takes the next number; the index's number moves when a name appears, not when a file does."""

    def work(connection: Connection) -> list[tuple[int, int]]:
        seen = [projects.serials(connection)]
        first = projects.create_project(connection, "one", 1.0)
        seen.append(projects.serials(connection))
        projects.bump_serial(connection, first.id)
        seen.append(projects.serials(connection))
        projects.create_project(connection, "two", 1.0)
        seen.append(projects.serials(connection))
        return seen

    assert [(0, 0), (1, 1), (2, 1), (3, 3)] == do(work)


def test_a_project_is_found_in_every_spelling_and_by_its_looks(do: Do) -> None:
    """Names are one when they normalize to one; similar ones are found to be refused."""

    def work(connection: Connection) -> list[object]:
        projects.create_project(connection, "Demo.Pkg", 1.0)
        found = [projects.find_project(connection, name) for name in ("demo-pkg", "DEMO__pkg", "dem0pkg", "demopkgs")]
        similar = [projects.similar_project(connection, name) for name in ("dem0pkg", "demo-pkg", "demopkgs")]
        return [each and each.name for each in [*found, *similar]]

    assert ["Demo.Pkg", "Demo.Pkg", None, None, "Demo.Pkg", "Demo.Pkg", None] == do(work)


def test_a_file_comes_back_as_it_was_stored(do: Do) -> None:
    """Every field, the microseconds included, with the version of its release."""

    def work(connection: Connection) -> tuple[files.File | None, tuple[files.File, ...], int]:
        project = stored(connection)
        found = files.find_file(connection, "orchay-1.0.tar.gz")
        return found, files.files_of_project(connection, project.id), files.size_of_project(connection, project.id)

    found, listed, size = do(work)
    assert found is not None
    assert ("1.0", HASH, 10, 1_700_000_000.123456, None, False) == (
        found.version,
        found.sha256,
        found.size,
        found.upload_time,
        found.requires_python,
        found.yanked,
    )
    assert ((found,), 10) == (listed, size)


def test_a_name_is_never_used_again(do: Do) -> None:
    """Not while the file is there, and not after it was deleted: the second insert stores nothing."""

    def work(connection: Connection) -> list[object]:
        project = stored(connection)
        release, created = files.release_get_or_create(connection, project.id, "1.0", {"name": "other"}, 2.0)
        taken = files.insert_file(connection, new_file(project.id, release.id), project.normalized)
        connection.execute(text("DELETE FROM files"))
        deleted = files.insert_file(connection, new_file(project.id, release.id), project.normalized)
        used = files.filename_used(connection, "orchay-1.0.tar.gz"), files.filename_used(connection, "other.whl")
        return [created, release.metadata, taken, deleted, used, files.files_of_project(connection, project.id)]

    assert [False, {"name": "orchay"}, None, None, (True, False), ()] == do(work)


def test_the_same_bytes_are_found_whatever_the_project(do: Do) -> None:
    """Same content under another name is somebody's file already."""

    def work(connection: Connection) -> list[object]:
        stored(connection)
        same = files.find_same_bytes(connection, "cd" * 32)
        return [same and same.filename, files.find_same_bytes(connection, "00" * 32)]

    assert ["orchay-1.0.tar.gz", None] == do(work)


def test_the_sweeper_is_told_of_every_blob_in_use(do: Do) -> None:
    """Files, their metadata, and what an upload is about to name; an upload that died long ago counts no more."""

    def work(connection: Connection) -> list[object]:
        project = stored(connection)
        release, _ = files.release_get_or_create(connection, project.id, "1.0", {}, 1.0)
        wheel = replace(
            new_file(project.id, release.id, "orchay-1.0-py3-none-any.whl"), sha256="11" * 32, metadata_sha256="22" * 32
        )
        files.insert_file(connection, wheel, project.normalized)
        old = blob_uses.blob_use_add(connection, ["33" * 32], 100.0)
        young = blob_uses.blob_use_add(connection, ["44" * 32, "55" * 32], 200.0)
        blob_uses.forget_blob_uses(connection, 150.0)
        before = blob_uses.blobs_in_use(connection)
        stood = [blob_uses.blob_use_remove(connection, filter(None, uses)) for uses in (old, young)]
        return [before, stood, blob_uses.blobs_in_use(connection)]

    named = {HASH, "11" * 32}
    assert [named | {"44" * 32, "55" * 32}, [False, True], named] == do(work)


def test_an_upload_token_reaches_what_it_was_minted_for_and_is_still_linked(do: Do) -> None:
    """Unlinking takes a project away at once; linking another later gives nothing."""

    def work(connection: Connection) -> list[object]:
        one, two, three = (projects.create_project(connection, name, 1.0) for name in ("one", "two", "three"))
        publisher_id = publishers.get_or_create_publisher(connection, github(), 1.0)
        for project in (one, two):
            publishers.link(connection, publisher_id, project.id, 1.0)
        tokens.add_upload_token(connection, HASH, publisher_id, [one.id, two.id], '{"ref":"r"}', 1.0, 901)
        publishers.link(connection, publisher_id, three.id, 1.0)
        before = files.token_for_upload(connection, HASH)
        publishers.unlink(connection, publisher_id, two.id)
        after = files.token_for_upload(connection, HASH)
        assert isinstance(before, tokens.UploadToken)
        assert isinstance(after, tokens.UploadToken)
        reach = [reaches(connection, after, project) for project in (one, two, three)]
        publishers.unlink(connection, publisher_id, one.id)
        publishers.unlink(connection, publisher_id, three.id)
        return [before.projects, after.projects, reach, before.publisher, files.token_for_upload(connection, HASH)]

    assert [{1, 2}, {1}, [True, False, False], github(), None] == do(work)


def test_burning_is_once(do: Do) -> None:
    """The first burn answers with the publisher, later ones and unknown tokens with nothing."""

    def work(connection: Connection) -> list[object]:
        publisher_id = publishers.get_or_create_publisher(connection, github(), 1.0)
        tokens.add_upload_token(connection, HASH, publisher_id, [], "{}", 1.0, 901)
        burns = [tokens.burn_upload_token(connection, digest, 5.0) for digest in (HASH, HASH, "00" * 32)]
        found = files.token_for_upload(connection, HASH)
        assert isinstance(found, tokens.UploadToken)
        return [burns, found.burnt]

    assert [[1, None, None], True] == do(work)


def test_an_api_token_reaches_its_users_projects(do: Do) -> None:
    """Within its scope: the one project, or every project in which the user has a role; gone with the user's account."""

    def work(connection: Connection) -> list[object]:
        user = accounts.add_user(connection, "Bob", "bob@example.org", 1.0)
        own, other = projects.create_project(connection, "own", 1.0, user.id), projects.create_project(connection, "other", 1.0)
        accounts.add_api_token(connection, "aa" * 32, user.id, "upload", 1.0)
        accounts.add_api_token(connection, "bb" * 32, user.id, "upload", 1.0, project_id=other.id)
        wide, narrow = (files.token_for_upload(connection, digest * 32) for digest in ("aa", "bb"))
        assert wide is not None
        assert narrow is not None
        reach = [reaches(connection, right, project) for right in (wide, narrow) for project in (own, other)]
        connection.execute(text("UPDATE users SET active = false"))
        return [reach, wide.actor, files.token_for_upload(connection, "aa" * 32)]

    assert [[True, False, False, False], "Bob", None] == do(work)


def test_candidates_hold_every_row_of_the_key_and_no_other(do: Do) -> None:
    """Publishers with their projects and pending ones, by lookup and issuer: another issuer's rows stay away."""

    def work(connection: Connection) -> list[object]:
        user = accounts.add_user(connection, "bob", "bob@example.org", 1.0)
        both = [projects.create_project(connection, name, 1.0).id for name in ("one", "two")]
        linked = publishers.get_or_create_publisher(connection, github(), 1.0)
        for project in both:
            publishers.link(connection, linked, project, 1.0)
        bare = publishers.get_or_create_publisher(connection, github(environment="x"), 1.0)
        publishers.get_or_create_publisher(connection, github()._replace(issuer="https://enterprise.example"), 1.0)
        publishers.get_or_create_publisher(connection, github(repository_name="other"), 1.0)
        publishers.get_or_create_publisher(connection, gitlab(), 1.0)
        pending = publishers.add_pending(connection, github(), "next", user.id, 1.0)
        again = publishers.add_pending(connection, github(), "NEXT", user.id, 1.0)
        found = publishers.candidates(connection, "octo/orchay", ISSUER)
        near = publishers.kin(connection, "octo")
        return [
            [(row.id, row.projects) for row in found.registered] == [(linked, tuple(both)), (bare, ())],
            [(row.id, row.project, row.publisher) for row in found.pending] == [(pending, "next", github())],
            again,
            [(row.id, row.projects) for row in near] == [(linked, tuple(both))],
        ]

    assert [True, True, None, True] == do(work)


@pytest.mark.parametrize("key", ["octo/\ud800", "octo/\0", "\udfff"])
def test_a_key_that_no_database_can_hold_finds_nobody(do: Do, key: str) -> None:
    """Claims may carry half characters and NUL; they are an answer, not an error."""
    assert publishers.Candidates((), ()) == do(lambda connection: publishers.candidates(connection, key, ISSUER))
    assert () == do(lambda connection: publishers.kin(connection, key))


def test_a_publisher_without_projects_is_removed_with_its_tokens(do: Do) -> None:
    """The last link gone, the row is gone: nothing is left that could be linked again by accident."""

    def work(connection: Connection) -> list[object]:
        project = projects.create_project(connection, "one", 1.0)
        row_id = publishers.get_or_create_publisher(connection, github(), 1.0)
        assert publishers.link(connection, row_id, project.id, 1.0)
        assert not publishers.link(connection, row_id, project.id, 1.0)
        tokens.add_upload_token(connection, HASH, row_id, [project.id], "{}", 1.0, 901)
        answers = [publishers.unlink(connection, row_id, project.id), publishers.unlink(connection, row_id, project.id)]
        return [*answers, publishers.publisher_by_id(connection, row_id), tokens.find_upload_token(connection, HASH)]

    assert [True, False, None, None] == do(work)


def test_an_id_token_is_spent_once_and_forgotten_when_it_is_safe(do: Do) -> None:
    """The same key of another issuer is another token; the sweep takes only what is past its time."""

    def work(connection: Connection) -> list[object]:
        spent = [tokens.spend(connection, issuer, "jti", 1000) for issuer in ("a", "a", "b")]
        tokens.spend(connection, "a", "late", 2000)
        tokens.sweep(connection, 1000.5)
        tokens.sweep(connection, 1001.0)
        left = [tokens.is_spent(connection, issuer, key) for issuer, key in (("a", "jti"), ("b", "jti"), ("a", "late"))]
        return [spent, left]

    assert [[True, False, True], [False, False, True]] == do(work)


def test_a_sweep_is_bounded_and_keeps_tokens_for_a_day(do: Do) -> None:
    """However much has expired, one sweep is short; an expired upload token can be explained for a day."""

    def work(connection: Connection) -> list[int]:
        publisher_id = publishers.get_or_create_publisher(connection, github(), 1.0)
        for number in range(tokens.SWEEP + 5):
            tokens.add_upload_token(connection, str(number), publisher_id, [], "{}", 1.0, number)
        for number in range(tokens.LOOKED_AT):
            tokens.spend(connection, "ab"[number % 2], str(number), 10)
        for number in range(7):
            tokens.spend(connection, "b", f"late {number}", 10 if number < 5 else 200_000)
        counts, place = [], tokens.START
        for now in (20.0, 86_400.0 + 100, 86_400.0 + 1000, 86_400.0 + 1000):
            place = tokens.sweep(connection, now, place)
            counts += [
                connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in ("replays", "upload_tokens")
            ]
        return counts

    everything = tokens.SWEEP + 5
    assert [7, everything, 2, everything - 100, 2, 0, 2, 0] == do(work)


def test_events_come_newest_first_and_by_project(do: Do) -> None:
    """Whatever a claim held can be written and read back."""

    def work(connection: Connection) -> list[object]:
        project = projects.create_project(connection, "one", 1.0)
        first = Event("a", "bob", 1.0, {"text": "\ud800 ü \0"}, project.id)
        second = Event("b", "bob", 2.0)
        record(connection, first)
        record(connection, second)
        return [events_of(connection) == (second, first), events_of(connection, project.id) == (first,)]

    assert [True, True] == do(work)


def test_where_an_upload_stands(do: Do) -> None:
    """One question: the project in any spelling, the version's release, and whether the name or the bytes are taken, or were."""

    def work(connection: Connection) -> list[object]:
        user = accounts.add_user(connection, "Bob", "bob@example.org", 1.0)
        accounts.add_api_token(connection, "aa" * 32, user.id, "upload", 1.0)
        right = files.token_for_upload(connection, "aa" * 32, api_first=True)
        assert right is not None
        project = stored(connection, "Or.Chay", "orchay-1.0.tar.gz")

        def ask(name: str, version: str, filename: str, blake2: str) -> tuple[bool, bool, int | None]:
            found = uploads.standing(connection, right, name, version, filename, blake2)
            return found.project == project, found.taken, found.release

        clean = ask("or-chay", "2.0", "x", "00")
        release = ask("OR_CHAY", "1.0", "x", "00")
        name, same_bytes = ask("or-chay", "2.0", "orchay-1.0.tar.gz", "00"), ask("or-chay", "2.0", "x", "cd" * 32)
        connection.execute(text("DELETE FROM files"))
        return [clean, release, name, same_bytes, ask("or-chay", "2.0", "orchay-1.0.tar.gz", "00"), ask("other", "1", "x", "00")]

    expected = [(True, False, None), (True, False, 1), (True, True, None), (True, True, None), (True, True, None)]
    assert [*expected, (False, True, None)] == do(work)


def test_uses_of_the_dead_are_forgotten(do: Do) -> None:
    """Those from before, and no others."""

    def work(connection: Connection) -> object:
        blob_uses.blob_use_add(connection, ["11" * 32], 100.0)
        blob_uses.blob_use_add(connection, ["22" * 32], 200.0)
        blob_uses.forget_blob_uses(connection, 200.0)
        return blob_uses.blobs_in_use(connection)

    assert {"22" * 32} == do(work)
