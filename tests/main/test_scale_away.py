"""A database or a store that goes away under a running server: 503 meanwhile, nothing half done, and no hand is needed after."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import s3
from tests.distributions import wheel_of
from tests.main.test_scale import JSON_PAGE, serving
from tests.postgresql import Postgres
from trustpub.storage.database import Database
from trustpub.usecases.manage import Manage

pytestmark = [pytest.mark.pg, pytest.mark.s3]


@pytest.fixture
def mortal() -> Iterator[Postgres]:
    """A server of the test's own, to be killed."""
    postgres = Postgres(durable=True)
    yield postgres
    postgres.stop()


def user_token(url: str) -> str:
    """An API token of a user who may create projects."""
    with Database.open(None, url) as database:
        manage = Manage(database, time.time, os.urandom)
        manage.add_user("hana", "hana@acme.example")
        return manage.create_token("hana", "upload")


def config(url: str, store: s3.Store) -> str:
    """The settings of a process."""
    return f'[index]\ndatabase = "{url}"\nblobs = "s3://{s3.BUCKET}"\n[s3]\nendpoint = "{store.endpoint}"\n'


def test_a_server_whose_database_or_store_goes_away(mortal: Postgres, tmp_path: Path) -> None:
    """Pages and uploads answer 503 while one is away; after it came back the same request succeeds."""
    token = user_token(mortal.url)
    port = s3.free_port()
    with s3.rclone_store(tmp_path, port) as store, serving(tmp_path / "one", config(mortal.url, store), store.environment) as one:
        assert 200 == one.upload(token, "1.0", *wheel_of("tiny", "1.0"))
        for _ in range(2):
            mortal.kill()
            for path in ("/simple/tiny/", "/simple/", "/pypi/tiny/json"):
                status, headers, body = one.ask("GET", path, Accept=JSON_PAGE)
                assert (503, True) == (status, "retry-after" in headers), path
                assert b"127.0.0.1" not in body
            assert 503 == one.upload(token, "1.1", *wheel_of("tiny", "1.1"))
            mortal.start()
            assert 200 == one.ask("GET", "/simple/tiny/", Accept=JSON_PAGE)[0]
        assert 200 == one.upload(token, "1.1", *wheel_of("tiny", "1.1"))
        os.kill(store.pid, 9)
        assert 503 == one.upload(token, "1.2", *wheel_of("tiny", "1.2"))
        page = json.loads(one.ask("GET", "/simple/tiny/", Accept=JSON_PAGE)[2])
        assert ["1.0", "1.1"] == page["versions"]
        with s3.rclone_store(tmp_path, port):
            filename, content = wheel_of("tiny", "1.2")
            assert 200 == one.upload(token, "1.2", filename, content)
            page = json.loads(one.ask("GET", "/simple/tiny/", Accept=JSON_PAGE)[2])
            (file,) = [each for each in page["files"] if each["filename"] == filename]
            assert content == one.ask("GET", file["url"].removeprefix("../.."))[2]


def test_a_server_stops_well_while_its_database_is_away(mortal: Postgres, tmp_path: Path) -> None:
    """It is not ready meanwhile; the stop is a stop, with one line about what it could not give back."""
    (tmp_path / "serve.toml").write_text(f'[index]\ndatabase = "{mortal.url}"\n')
    command = [str(Path(sys.executable).parent / "trustpub"), "serve", "--data", str(tmp_path / "data"), "--port", "0"]
    command += ["--config", str(tmp_path / "serve.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"].rstrip("/")
            assert 200 == status_of(f"{url}/readyz")
            mortal.kill()
            time.sleep(1.1)  # an answer about readiness is good for a second
            assert 503 == status_of(f"{url}/readyz")
            assert 200 == status_of(f"{url}/healthz")
        finally:
            process.terminate()
        _, said = process.communicate(timeout=30)
    assert (0, 1) == (process.returncode, len(said.splitlines())), said
    assert "ends by itself" in said


def status_of(url: str) -> int:
    """The status of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code
