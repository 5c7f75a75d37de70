"""`trustpub admin`: what it prints, in both formats, and how it fails."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from trustpub.cli import run
from trustpub.domain.claims import JSON
from trustpub.domain.tokens import digest
from trustpub.storage.accounts import find_api_token, password_of
from trustpub.storage.blobs import LocalBlobs
from trustpub.storage.database import Connection, Database
from trustpub.storage.events import events_of
from trustpub.storage.files import NewFile, insert_file, release_get_or_create
from trustpub.storage.projects import create_project
from trustpub.storage.retired_names import retire
from trustpub.storage.schema import REVISION
from trustpub.storage.second_factors import set_totp

PUBLISHER = ["--provider", "github", "--owner", "octo", "--owner-id", "42", "--repository", "orchay", "--workflow", "pypi.yml"]

SHA256 = "3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7"
"""Of `data`."""
Result = TypeVar("Result")


class Admin:
    """One data folder and the command on it, in this process."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = folder / "data"
        self.options: list[str] = []
        self._capsys = capsys

    def __call__(self, *args: str, status: int = 0) -> str:
        """Run `trustpub admin`, expect this exit status, and return what it printed on standard output."""
        got = run(["admin", "--data", str(self.data), *self.options, *args], None)
        out, self.err = self._capsys.readouterr()
        assert (status, "") == (got, self.err if status == 0 and "note:" not in self.err else ""), (out, self.err)
        return out

    def json(self, *args: str, status: int = 0) -> dict[str, JSON]:
        """The same as JSON."""
        answer: dict[str, JSON] = json.loads(self(*args, "--format", "json", status=status))
        return answer

    def do(self, work: Callable[[Connection], Result]) -> Result:
        """Look at the data, or change it, behind the command's back."""
        with Database.open(self.data) as database:
            return database.write(work).result()


@pytest.fixture
def admin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Admin:
    """The command on a data folder that does not exist yet."""
    return Admin(tmp_path, capsys)


def test_a_token_is_listed_and_revoked_by_its_number(admin: Admin) -> None:
    """And nobody else's: a number is given with its account."""
    for user in ("bob", "mia"):
        admin("user", "add", user, "--email", f"{user}@example.org")
        admin("token", "create", user, "--scope", "upload")
    (mine,) = json.loads(admin("token", "list", "bob", "--format", "json"))["tokens"]
    assert ("upload", None, None) == (mine["scope"], mine["project"], mine["used"])
    admin("token", "revoke", "mia", str(mine["id"]), status=2)
    assert "`trustpub admin token list mia` names all" in admin.err
    assert "revoked: 1  upload  all projects  since " in admin("token", "revoke", "bob", str(mine["id"]))
    assert {"tokens": []} == admin.json("token", "list", "bob")
    assert 1 == len(json.loads(admin("token", "list", "mia", "--format", "json"))["tokens"])
    kinds = admin.do(lambda connection: [event.kind for event in events_of(connection) if event.actor == "operator"])
    assert "api-token:revoked" in kinds


def test_a_token_that_was_found_is_revoked_by_itself(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read from standard input, and never printed again, whatever goes wrong."""
    admin("user", "add", "bob", "--email", "bob@example.org")
    token = admin("token", "create", "bob", "--scope", "manage").removesuffix("\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(f" {token}\n"))
    assert token not in admin("token", "revoke", "--stdin")
    assert None is admin.do(lambda connection: find_api_token(connection, digest(token)))
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{token}\n"))
    admin("token", "revoke", "--stdin", status=2)
    assert token not in admin.err
    assert "revoked already" in admin.err
    for wrong in (["revoke"], ["revoke", "bob"], ["revoke", "bob", "1", "--stdin"]):
        admin("token", *wrong, status=2)
        assert "which token: it is not said, or said twice" in admin.err


def test_from_nothing_to_a_pending_publisher(admin: Admin) -> None:
    """The three commands with which an index begins, as text."""
    assert "user `bob` was added\n" == admin("user", "add", "bob", "--email", "bob@example.org")
    assert "orchay  1  GitHub octo/orchay, workflow pypi.yml, environment pypi  (pending, for bob)\n" == admin(
        "publisher", "add", "orchay", *PUBLISHER, "--environment", "pypi", "--pending", "--user", "bob"
    )
    assert "" == admin("project", "list")


def test_a_token_is_all_that_is_printed(admin: Admin) -> None:
    """So that a script can take it; it is the one whose digest is stored."""
    admin("user", "add", "bob", "--email", "bob@example.org")
    token = admin("token", "create", "bob", "--scope", "upload").removesuffix("\n")
    assert admin.do(lambda connection: find_api_token(connection, digest(token))) is not None
    answer = admin.json("token", "create", "bob", "--scope", "read")
    assert {"user": "bob", "scope": "read", "project": None} == {key: answer[key] for key in ("user", "scope", "project")}
    assert str(answer["token"]).startswith("pypi-api_")


def test_publishers_as_json_have_pypis_row_names(admin: Admin) -> None:
    """Listed with their projects and numbers, and removed by both."""
    admin("user", "add", "bob", "--email", "bob@example.org")
    admin.do(lambda connection: create_project(connection, "orchay", 1.0))
    row = {
        "repository_owner": "octo",
        "repository_owner_id": "42",
        "repository_name": "orchay",
        "workflow_filename": "pypi.yml",
        "environment": "",
    }
    linked = {
        "id": 1,
        "project": "orchay",
        "pending": False,
        "provider": "github",
        "issuer": "https://token.actions.githubusercontent.com",
        "publisher": row,
    }
    pending = {**linked, "project": "next", "pending": True, "user": "bob"}
    assert linked == admin.json("publisher", "add", "orchay", *PUBLISHER)
    assert pending == admin.json("publisher", "add", "next", *PUBLISHER, "--pending", "--user", "bob")
    assert {"publishers": [linked, pending]} == admin.json("publisher", "list")
    removed = {"removed": 1, "project": "orchay", "pending": False, "publisher": row}
    assert removed == admin.json("publisher", "remove", "orchay", "1")
    assert "removed from `next`: GitHub octo/orchay, workflow pypi.yml\n" == admin(
        "publisher", "remove", "next", "1", "--pending"
    )
    assert {"publishers": []} == admin.json("publisher", "list")


def test_projects_are_listed(admin: Admin) -> None:
    """Name, state, serial, owners."""
    admin("user", "add", "bob", "--email", "bob@example.org")
    admin.do(lambda connection: create_project(connection, "Or.Chay", 1.0, 1))
    assert {"projects": [{"name": "Or.Chay", "state": "active", "serial": 1, "owners": ["bob"]}]} == admin.json("project", "list")
    assert "Or.Chay  active  bob\n" == admin("project", "list")


def test_another_issuer_is_noted_when_the_index_does_not_trust_it(admin: Admin) -> None:
    """The publisher is stored, and the missing setting said: without it no token would ever match."""
    admin("user", "add", "bob", "--email", "bob@example.org")
    options = ["--provider", "oidc", "--issuer", "https://issuer.example", "--set", "sub=x=y"]
    answer = admin.json("publisher", "add", "orchay", *options, "--pending", "--user", "bob")
    assert {"sub": "x=y"} == answer["publisher"]
    assert "note: `https://issuer.example` is no issuer of this index yet" in admin.err


def test_migrate_says_where_it_came_from(admin: Admin) -> None:
    """New, then current."""
    assert {"before": None, "after": REVISION} == admin.json("migrate")
    assert {"before": REVISION, "after": REVISION} == admin.json("migrate")
    assert f"the tables are at {REVISION}: they were already\n" == admin("migrate")


def test_verify_data_exits_1_when_a_file_is_damaged(admin: Admin) -> None:
    """Sound, then with the bytes of one file changed on the disk."""
    admin("migrate")
    blobs = LocalBlobs(admin.data)
    temp = blobs.temp()
    temp.write(b"data")
    sha256 = SHA256
    blobs.adopt(temp, sha256)

    def work(connection: Connection) -> None:
        project = create_project(connection, "orchay", 1.0)
        release, _ = release_get_or_create(connection, project.id, "1", {}, 1.0)
        file = NewFile(
            "orchay-1.tar.gz", project.id, release.id, "sdist", "source", None, sha256, "00", None, 4, None, "bob", 1.0
        )
        insert_file(connection, file, "orchay")

    admin.do(work)
    assert "1 files, every file has its bytes\n" == admin("verify-data")
    path = blobs.path(sha256)
    assert path is not None
    path.chmod(0o644)
    path.write_bytes(b"DATA")
    answer = admin.json("verify-data", status=1)
    assert (False, 1, []) == (answer["ok"], answer["files"], answer["orphans"])
    assert "orchay-1.tar.gz: its bytes have the SHA-256" in admin("verify-data", status=1)


def test_an_account_is_closed_opened_and_loses_its_second_factor(admin: Admin) -> None:
    """Closing revokes what it holds; each is said, and what cannot be done as well."""
    admin("user", "add", "bob", "--email", "bob@example.org", "--admin")
    token = admin("token", "create", "bob", "--scope", "manage").removesuffix("\n")
    assert "user `bob` is closed; its sessions and tokens have ended\n" == admin("user", "close", "BOB")
    assert admin.do(lambda connection: find_api_token(connection, digest(token))) is None
    assert "bob  bob@example.org  admin  closed\n" == admin("user", "list")
    assert {"user": "bob", "active": True} == admin.json("user", "open", "bob")
    assert admin.do(lambda connection: find_api_token(connection, digest(token))) is None
    admin.do(lambda connection: set_totp(connection, 1, "SECRET", 1, 1.0))
    assert {"user": "bob", "second_factor": False} == admin.json("user", "reset-second-factor", "bob")
    admin("user", "reset-second-factor", "bob", status=2)
    assert "the account has no second factor" in admin.err
    kinds = [event.kind for event in admin.do(lambda connection: events_of(connection, user_id=1))]
    assert ["second-factors:reset", "account:opened", "account:closed"] == kinds[:3]


def test_a_project_is_hidden_shown_and_its_name_given_back(admin: Admin) -> None:
    """Each with its event, and only from the state that it is for."""
    admin("migrate")
    project = admin.do(lambda connection: create_project(connection, "orchay", 1.0))
    admin("project", "quarantine", "orchay", "--reason", "two\nlines", status=2)
    assert "`reason`: at most 1000 characters on one line" in admin.err
    assert "project `orchay` is quarantined\n" == admin("project", "quarantine", "Orchay", "--reason", "malware?")
    admin("project", "quarantine", "orchay", status=2)
    assert "the project `orchay` is quarantined, not active or archived" in admin.err
    assert {"project": "orchay", "state": "active"} == admin.json("project", "release", "orchay")
    assert ["active", "quarantined"] == [
        event.detail["after"] for event in admin.do(lambda connection: events_of(connection, project.id))
    ]
    admin("project", "free-name", "gone", status=2)
    assert "no deleted project had this name: `gone`" in admin.err
    admin.do(lambda connection: retire(connection, "Gone", "bob", 1.0))
    assert "the name `gone` may be registered\n" == admin("project", "free-name", "gone")


def test_each_index_of_the_settings_has_its_own_data(admin: Admin) -> None:
    """`--index` names it by its path."""
    config = admin.data.parent / "index.toml"
    config.write_text('[[indexes]]\npath = "team"\n')
    admin.options = ["--config", str(config), "--index", "team"]
    admin("user", "add", "bob", "--email", "bob@example.org")
    assert (admin.data / "indexes" / "team" / "index.sqlite").exists()
    admin.options[-1] = "tean"
    admin("user", "list", status=2)
    assert "--index `tean`: the settings have no index at this path (did you mean `team`?)" in admin.err


def test_a_backup_is_made_and_put_back(admin: Admin, tmp_path: Path) -> None:
    """In both formats; not twice into the same folder, and not into an index that is used."""
    admin("user", "add", "bob", "--email", "bob@example.org")
    folder = str(tmp_path / "backup")
    made = admin.json("backup", folder)
    assert (0, 0, folder) == (made["files"], made["bytes"], made["backup"])
    admin("backup", folder, status=2)
    assert "it is there already" in admin.err
    admin("restore", folder, status=2)
    assert "the index: it is not empty" in admin.err
    admin.data = tmp_path / "other"
    assert f"restored: {made['rows']} rows, 0 files, 0 bytes\n" == admin("restore", folder)
    assert "bob  bob@example.org\n" == admin("user", "list")


def test_garbage_is_named_and_taken_away(admin: Admin) -> None:
    """Named at once, taken a day after it was last touched."""
    admin("migrate")
    blobs = LocalBlobs(admin.data)
    temp = blobs.temp()
    temp.write(b"data")
    blobs.adopt(temp, SHA256)
    assert {"orphans": [SHA256]} == admin.json("gc", "--dry-run")
    assert "removed 0 blobs and 0 temporary files\n" == admin("gc")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (
            ["publisher", "add", "orchay", *PUBLISHER],
            "project `orchay`: there is none. Register a pending publisher with `--pending",
        ),
        (["publisher", "add", "orchay", *PUBLISHER, "--pending"], "--pending: somebody must own the project"),
        (["publisher", "add", "orchay", *PUBLISHER, "--user", "bob"], "--user: only a pending publisher has one"),
        (["publisher", "add", "orchay", *PUBLISHER, "--set", "x"], "--set `x`: it must be FIELD=VALUE"),
        (["publisher", "add", "orchay", *PUBLISHER, "--pending", "--user", "nobody"], "user `nobody`: there is none"),
        (["publisher", "list"], "there is no index in it"),
        (["project", "list"], "there is no index in it"),
        (["verify-data"], "there is no index in it"),
        (["token", "create", "nobody", "--scope", "upload"], "user `nobody`: there is none"),
        (["user", "add", "bob", "--email", "x"], "--email `x`: this is no e-mail address"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_one_clear_line(admin: Admin, args: list[str], said: str) -> None:
    """Exit status 2, nothing on standard output, one line that names the field."""
    assert "" == admin(*args, status=2)
    assert said in admin.err
    assert 1 == admin.err.count("\n")


def test_a_data_folder_below_a_regular_file_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is opened."""
    (tmp_path / "file").write_text("")
    status = run(["admin", "--data", str(tmp_path / "file" / "data"), "user", "add", "bob", "--email", "b@example.org"], None)
    out, err = capsys.readouterr()
    assert (2, "", 1) == (status, out, err.count("\n"))
    assert "is a regular file" in err


def test_a_password_comes_from_standard_input(tmp_path: Path) -> None:
    """Never from an argument, which every process on the machine can read."""
    program = Path(sys.executable).with_name("trustpub")
    args = [
        str(program),
        "admin",
        "--data",
        str(tmp_path),
        "user",
        "add",
        "bob",
        "--email",
        "bob@example.org",
        "--password-stdin",
    ]
    ran = subprocess.run(args, input="correct horse battery\n", text=True, capture_output=True, check=False, timeout=60)
    assert (0, "") == (ran.returncode, ran.stderr)
    with Database.open(tmp_path) as database, database.read() as connection:
        assert str(password_of(connection, 1)).startswith("$argon2id$")


def test_help_of_every_command_imports_no_database(tmp_path: Path) -> None:
    """Reading help is quick, also on a machine without the server's libraries."""
    program = (
        "import sys\n"
        "from trustpub.cli import run\n"
        "for args in (['admin', '--help'], ['admin', '--data', 'x', 'publisher', 'add', '--help']):\n"
        "    assert run(args, None) == 0\n"
        "sys.exit(bool({'sqlalchemy', 'alembic', 'httpx2', 'starlette'} & sys.modules.keys()))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60, cwd=tmp_path)
    assert (0, b"") == (ran.returncode, ran.stderr)
