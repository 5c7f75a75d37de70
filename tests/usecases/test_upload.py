"""Uploads: what is stored, what is refused and in which words, and what happens when things change in the middle."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from tests.distributions import METADATA, SDIST_NAME, sdist, wheel, wheel_of
from tests.usecases.uploading import LIFETIME, NOW, PUBLISHER, Index, Package, basic, reason
from trustpub.domain.tokens import API_PREFIX, digest, mint
from trustpub.settings import Limits
from trustpub.storage.files import find_release
from trustpub.storage.projects import find_project, roles_of, serials
from trustpub.storage.tables import blob_uses, files, projects
from trustpub.storage.tokens import burn_upload_token
from trustpub.usecases.upload import Admission, Stored, UploadRefused, credential

SDIST = Package(filename=SDIST_NAME, data=sdist(), filetype="sdist", pyversion="source")
OTHER_BYTES = Package(data=wheel_of("tiny-demo", "1.0", {"tiny_demo/more.py": b"x"})[1], filename=Package().filename)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index."""
    with Index(tmp_path) as made:
        yield made


def uses(index: Index) -> int:
    """Blobs that are announced and not yet named."""
    with index.database.read() as connection:
        return connection.execute(select(func.count()).select_from(blob_uses)).scalar_one()


def test_a_wheel_is_stored_with_everything_a_reader_needs(index: Index) -> None:
    """The row, the blob, the sidecar, the release and the events of one upload with an upload token."""
    package = Package()
    outcome = index.send(index.upload_token("tiny-demo"), package)
    (file,) = index.files()

    assert outcome == Stored(package.filename, new=True)
    assert file.filename == package.filename
    assert (file.packagetype, file.python_version, file.requires_python, file.version) == ("bdist_wheel", "py3", None, "1.0")
    assert (file.size, file.sha256) == (len(package.data), hashlib.sha256(package.data).hexdigest())
    assert file.md5 == hashlib.md5(package.data, usedforsecurity=False).hexdigest()
    assert file.blake2_256 == hashlib.blake2b(package.data, digest_size=32).hexdigest()
    assert (file.uploaded_by, file.upload_time) == (PUBLISHER.specifier, NOW)
    assert file.metadata_sha256 is not None
    metadata = b"Metadata-Version: 2.4\nName: tiny-demo\nVersion: 1.0\n\n"
    assert file.metadata_sha256 == hashlib.sha256(metadata).hexdigest()
    with index.blobs.open(file.sha256) as blob:
        assert blob.read() == package.data
    assert uses(index) == 0
    assert len(index.stored()) == 1
    assert index.upload.sidecars.read(file) == metadata
    assert len(index.stored()) == 2


def test_the_audit_log_says_what_came_from_where(index: Index) -> None:
    """One event for the release, one for each file, with the publisher and where the release came from."""
    token = index.upload_token("tiny-demo")
    index.send(token)
    index.send(token, SDIST)
    release, first, second = index.events("release:added", "file:added")
    origin = {"uploaded_via_trusted_publisher": True, "publisher_id": 1, "claims": {"ref": "refs/tags/v1", "sha": "abc"}}

    assert (release.kind, release.actor, release.detail) == ("release:added", PUBLISHER.specifier, {"version": "1.0", **origin})
    assert first.detail == {
        "filename": Package().filename,
        "sha256": hashlib.sha256(Package().data).hexdigest(),
        "version": "1.0",
        **origin,
    }
    assert (second.kind, second.detail["filename"]) == ("file:added", SDIST_NAME)


def test_an_sdist_has_no_sidecar(index: Index) -> None:
    """PKG-INFO is read, but only wheels promise that what it says holds."""
    assert index.send(index.user_token(), SDIST) == Stored(SDIST_NAME)
    (file,) = index.files()

    assert file.metadata_sha256 is None
    assert (file.packagetype, file.python_version, file.requires_python) == ("sdist", "source", ">=3.9")
    assert len(index.stored()) == 1


def test_a_release_keeps_the_metadata_of_its_first_file(index: Index) -> None:
    """Later files do not change it."""
    token = index.user_token()
    index.send(token, SDIST)
    index.send(token)
    with index.database.read() as connection:
        release = find_release(connection, 1, "1.0")

    assert release is not None
    assert release.metadata["summary"] == "tiny"
    assert release.metadata["description"] == "Hello.\n"


def test_a_user_creates_the_project_by_the_first_upload(index: Index) -> None:
    """The user owns it, the list of names carries it, and its name is what the file says."""
    name, data = wheel_of("Tiny.Demo", "1.0")
    index.send(index.user_token(), Package(project="tiny-demo", filename=name, data=data))
    with index.database.read() as connection:
        project = find_project(connection, "tiny-demo")
        assert project is not None
        (role,) = roles_of(connection, project.id)
        _, names = serials(connection)

    assert (project.name, project.normalized) == ("Tiny.Demo", "tiny-demo")
    assert (role.user, role.role) == ("hana", "owner")
    assert names > 0
    assert [event.kind for event in index.events("project:created")] == ["project:created"]


def test_the_project_takes_the_spelling_of_its_last_file(index: Index) -> None:
    """As on PyPI; clients may normalise the form's name as they like."""
    token = index.user_token()
    for spelling, version in (("Tiny.Demo", "1.0"), ("tiny_demo", "2.0")):
        name, data = wheel_of(spelling, version)
        index.send(token, Package(project="tiny-demo", version=version, filename=name, data=data))
        with index.database.read() as connection:
            project = find_project(connection, "tiny-demo")
        assert project is not None
        assert project.name == spelling


def test_the_same_file_again_is_fine_and_changes_nothing(index: Index) -> None:
    """The 200 is what uv relies on; there is no second event and no new serial."""
    token = index.user_token()
    index.send(token)
    with index.database.read() as connection:
        before = serials(connection)
    again = index.send(token)
    with index.database.read() as connection:
        after = serials(connection)

    assert again == Stored(Package().filename, new=False)
    assert after == before
    assert len(index.events("file:added")) == 1


AUTH = "403 Invalid or non-existent authentication information."

TOKENS: dict[str, tuple[Callable[[Index], str], str]] = {
    "never issued": (lambda _: mint(API_PREFIX, bytes(32)), AUTH),
    "garbled": (lambda index: index.user_token() + "x", AUTH),
    "somebody's password": (lambda _: "correct horse battery staple", AUTH),
    "of another project": (
        lambda index: (index.upload_token("tiny-demo"), index.upload_token("other"))[1],
        "403 Invalid API Token: OIDC scoped token is not valid for project 'tiny-demo'",
    ),
    "of a person, for another project": (
        lambda index: (index.upload_token("tiny-demo", "other"), index.user_token(project="other"))[1],
        "403 Invalid API Token: project-scoped token is not valid for project: 'tiny-demo'",
    ),
    "of a person without a role": (
        lambda index: (index.upload_token("tiny-demo"), index.user_token())[1],
        "403 The user 'hana' isn't allowed to upload to project 'tiny-demo'.",
    ),
    "of a person, for reading": (
        lambda index: index.user_token(scope="read"),
        "403 Invalid API Token: API tokens with the scope 'read' are not valid for uploads",
    ),
    "of a person, expired": (
        lambda index: index.user_token(expires=int(NOW)),
        "403 Invalid API Token: token is expired",
    ),
    "of a publisher, and no project": (
        lambda index: index.upload_token("other"),
        "400 Non-user identities cannot create new projects. This was probably caused by successfully using a pending publisher",
    ),
    "of a person, for another project, and no project": (
        lambda index: (index.upload_token("other"), index.user_token(project="other"))[1],
        "403 Invalid API Token: project-scoped token is not valid for project: 'tiny-demo'",
    ),
}


@pytest.mark.parametrize("name", TOKENS)
def test_tokens_that_do_not_reach_the_project(index: Index, name: str) -> None:
    """Refused in PyPI's words and with PyPI's status."""
    make, start = TOKENS[name]
    token = make(index)
    found = reason(index.send(token))

    assert found.startswith(start)
    assert index.files() == ()
    assert token not in found


def test_expiry_is_exact(index: Index) -> None:
    """A token that expires now has expired; a moment before it has not."""
    token = index.upload_token("tiny-demo")
    index.now = int(NOW) + LIFETIME - 0.001
    assert reason(index.send(token)) == ""
    index.now = int(NOW) + LIFETIME
    assert reason(index.send(token, SDIST)) == "403 Invalid API Token: token is expired"


def test_a_burnt_token_is_unknown(index: Index) -> None:
    """Nobody learns that it was once valid."""
    token = index.upload_token("tiny-demo")
    index.database.write(lambda connection: burn_upload_token(connection, digest(token), NOW)).result()

    assert reason(index.send(token)).startswith(AUTH)
    assert isinstance(index.upload.admit(basic(token)), UploadRefused)


@pytest.mark.parametrize("state", ["archived", "quarantined"])
def test_a_closed_project_takes_nothing(index: Index, state: str) -> None:
    """Minting still works then, as on PyPI; the upload does not."""
    token = index.upload_token("tiny-demo")
    index.database.write(lambda connection: connection.execute(update(projects).values(state=state))).result()

    assert reason(index.send(token)).startswith("403 The given token isn't allowed to upload to project 'tiny-demo'.")


HEADERS: dict[str, tuple[str | None, str]] = {
    "none": (None, AUTH),
    "empty": ("", AUTH),
    "Basic without anything": ("Basic", AUTH),
    "Basic that is not base64": ("Basic ???", AUTH),
    "Basic without a colon": ("Basic dG9rZW4=", AUTH),
    "Basic that is not UTF-8": ("Basic /zo=", AUTH),
    "user and password": (basic("secret", "hana"), "403 Username/Password authentication is no longer supported."),
    "another scheme": ("Digest x", AUTH),
    "a header without end": ("Bearer " + "x" * 20_000, AUTH),
    "an ID token": ("Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA", AUTH),
}


@pytest.mark.parametrize("name", HEADERS)
def test_credentials_that_are_none(index: Index, name: str) -> None:
    """Refused before anything is read."""
    header, start = HEADERS[name]
    found = index.upload.admit(header)

    assert isinstance(found, UploadRefused)
    assert reason(found).startswith(start)


@pytest.mark.parametrize("write", ["Basic", "basic", "Bearer {}", "bearer {}", "token {}", "Bearer  {} "])
def test_credentials_as_clients_write_them(index: Index, write: str) -> None:
    """The schemes of PyPI, in any case, with blanks around the token."""
    token = index.user_token()
    padded = basic(f" {token}\n").removeprefix("Basic ")
    header = write.format(token) if "{}" in write else f"{write} {padded}"

    assert index.upload.admit(header) == Admission(digest(token))


def test_a_credential_does_not_show_what_it_holds(index: Index) -> None:
    """Not even the digest stands in a traceback."""
    admission = credential(basic(index.user_token()))

    assert isinstance(admission, Admission)
    assert admission.digest not in repr(admission)


CONTENT: dict[str, tuple[Package, str]] = {
    "bad form": (Package(more={"metadata_version": "9"}), "400 '9' is an invalid value for Metadata-Version."),
    "protocol": (Package(more={"protocol_version": "3"}), "400 Unknown protocol version."),
    "no file": (replace(Package(), filename=""), "400 Upload payload does not have a file."),
    "image": (Package(content_type="image/png"), "400 Invalid distribution file."),
    "name with a slash": (replace(Package(), filename="../x.whl"), "400 Cannot upload a file with '/' or '\\' in its name."),
    "other name": (
        replace(Package(), filename="other-1.0-py3-none-any.whl"),
        "400 Start filename for 'tiny-demo' with 'tiny_demo'.",
    ),
    "other version": (Package(more={"version": "2.0"}), "400 Version in filename should be '2.0' not '1.0'."),
    "digest": (
        Package(more={"sha256_digest": "0" * 64}),
        "400 The digest supplied does not match a digest calculated from the uploaded file.",
    ),
    "md5": (Package(more={"md5_digest": "0" * 32}), "400 The digest supplied does not match a digest calculated"),
    "no archive": (Package(filename=Package().filename, data=b"hello"), "400 ZIP archive not accepted: "),
    "wheel of another project": (
        Package(filename=Package().filename, data=wheel(METADATA.replace(b"tiny-demo", b"other"))),
        "400 Invalid distribution file. Its metadata has Name 'other', but the upload is for 'tiny-demo'.",
    ),
    "wheel of another version": (
        Package(filename=Package().filename, data=wheel(METADATA.replace(b"Version: 1.0", b"Version: 1.1"))),
        "400 Invalid distribution file. Its metadata has Version '1.1', but the upload is for '1.0'.",
    ),
    "standard library": (Package(project="json"), "400 The name 'json' cannot be registered. This project name isn't allowed"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTENT)
def test_content_that_is_refused(index: Index, name: str) -> None:
    """Each in PyPI's words, and nothing is left behind."""
    package, start = CONTENT[name]
    found = reason(index.send(index.user_token(), package))

    assert found.startswith(start)
    assert index.files() == ()
    assert index.stored() == []
    assert uses(index) == 0


def test_a_name_that_looks_like_another_is_not_registered(index: Index) -> None:
    """dem0pkg and demo-pkg."""
    token = index.user_token()
    index.send(token, Package(project="dem0pkg"))

    found = reason(index.send(token, Package(project="demo-pkg")))

    assert found.startswith("400 The name 'demo-pkg' is too similar to an existing project.")


def test_other_bytes_under_a_name_are_refused(index: Index) -> None:
    """In the words that --skip-existing looks for, with the stored file's hash."""
    token = index.user_token()
    index.send(token)
    blake2 = hashlib.blake2b(Package().data, digest_size=32).hexdigest()
    start = f"400 File already exists ('{Package().filename}', with blake2_256 hash '{blake2}')."

    assert reason(index.send(token, OTHER_BYTES)).startswith(start)
    assert len(index.files()) == 1


def test_the_same_bytes_under_another_name_are_refused(index: Index) -> None:
    """As on PyPI, in any project."""
    token = index.user_token()
    index.send(token)
    renamed = replace(Package(), filename="tiny_demo-1.0-1-py3-none-any.whl")

    assert reason(index.send(token, renamed)).startswith(f"400 File already exists ('{Package().filename}', with")


def test_a_deleted_name_is_never_used_again(index: Index) -> None:
    """Not even by the same bytes."""
    token = index.user_token()
    index.send(token)
    index.database.write(lambda connection: connection.execute(delete(files))).result()
    start = "400 This filename was previously used by a file that has since been deleted. Use a different version."

    assert reason(index.send(token)).startswith(start)
    assert reason(index.send(token, OTHER_BYTES)).startswith(start)


def test_a_second_sdist_is_refused(index: Index) -> None:
    """Before its name is found to be wrong, as on PyPI."""
    token = index.user_token()
    index.send(token, SDIST)
    second = replace(SDIST, filename="tiny-demo-1.0.tar.gz", data=sdist(METADATA + b"more"))

    assert reason(index.send(token, second)) == "400 Only one sdist may be uploaded per release."


def test_texts_name_no_host(index: Index) -> None:
    """Where PyPI links to its own pages, ours speak of this index."""
    token = index.user_token()
    index.send(token)
    for outcome in (index.send(token, OTHER_BYTES), index.send("x"), index.send(index.upload_token("other"), Package("third"))):
        assert "://" not in reason(outcome)


def test_files_that_come_together_share_what_is_left(tmp_path: Path) -> None:
    """Each of them had room when it was checked; the one that is listed last has none any more."""
    size = len(Package().data)
    with Index(tmp_path, limits=Limits(project_size=3 * size + 90, file_size=size + 30)) as index:
        admission = credential(basic(index.user_token()))
        assert isinstance(admission, Admission)
        for names in (["1.0"], ["2.0", "3.0", "4.0"]):
            outcomes = index.upload.accept_all([(admission, index.received(Package(version=each))) for each in names])
        refused = [each.reason for each in outcomes if isinstance(each, UploadRefused)]
        assert ["Project size too large. Limit for project 'tiny-demo' total size is 0 MB."] == refused
        assert 3 == len(index.files())


def test_the_size_of_a_project_is_limited(tmp_path: Path) -> None:
    """The file that would make it too large is refused; the sum is right also when it is not asked of the database."""
    size = len(Package().data)
    with Index(tmp_path, limits=Limits(project_size=2 * size + 60)) as index:
        token = index.user_token()
        assert reason(index.send(token)) == ""
        assert reason(index.send(token, Package(version="2.0"))) == ""
        found = reason(index.send(token, Package(version="3.0")))
        assert found.startswith("400 Project size too large. Limit for project 'tiny-demo'")
        index.database.write(lambda c: c.execute(delete(files).where(files.c.filename.like("%-1.0-%")))).result()
        index.database.write(lambda c: c.execute(update(projects).values(serial=projects.c.serial + 1))).result()
        assert reason(index.send(token, Package(version="3.0"))) == ""
