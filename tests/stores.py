"""Where the kits of the tests open their stores: in a folder, or on the servers of the large size where the run has them.

A conftest whose tests use such a kit imports these fixtures and `pytest_generate_tests`. With `--pg` each test of a module that
knows a kit runs once more with its database on a PostgreSQL server. Tests of what only an embedded database has are marked
`folder`. `Stores` with a bucket has its blobs there.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import postgresql, s3
from trustpub.storage.blobs import Blobs, LocalBlobs
from trustpub.storage.database import Database

SMALL, LARGE = "small", "large"
KITS = {
    "tests.usecases.exchanging",
    "tests.usecases.projects.town",
    "tests.usecases.uploading",
    "tests.web.pages.people",
    "tests.web.site",
}
"""Modules whose indexes open their stores here."""


_NAME = "index.sqlite"


@cache
def _new_database() -> bytes:
    """An embedded database with its tables and nothing in them, made once in each process."""
    with tempfile.TemporaryDirectory() as place:
        with Database.open(Path(place)):
            pass
        return (Path(place) / _NAME).read_bytes()


class Stores:
    """The stores of one test; a folder that is opened again is the same index."""

    def __init__(self, server: str | None = None, bucket: s3.Store | None = None) -> None:
        self._server, self._bucket = server, bucket
        self._urls: dict[Path, str] = {}
        self._taken = contextlib.ExitStack()

    def database(self, folder: Path) -> Database:
        """The database of the index in this folder; a new one is a copy of one that was made before, tables and all."""
        url = self.url(folder)
        if url is None and not (folder / _NAME).exists():
            folder.mkdir(0o700, parents=True, exist_ok=True)
            (folder / _NAME).write_bytes(_new_database())
        return Database.open(folder, url)

    def url(self, folder: Path) -> str | None:
        """Its address; None when it is a file in the folder."""
        if self._server is not None and folder not in self._urls:
            self._urls[folder] = self._taken.enter_context(postgresql.database(self._server))
        return self._urls.get(folder)

    def blobs(self, folder: Path) -> Blobs:
        """The blobs of the index in this folder."""
        if self._bucket is None:
            return LocalBlobs(folder)
        from trustpub.storage.s3_blobs import S3Blobs

        return S3Blobs(folder, f"s3://{s3.BUCKET}{folder.as_posix()}", endpoint=self._bucket.endpoint)

    def close(self) -> None:
        """Take the databases away."""
        self._taken.close()


_now = [Stores()]


def database(folder: Path) -> Database:
    """The database of the index in this folder, of the size that the test runs with."""
    return _now[-1].database(folder)


def database_url(folder: Path) -> str | None:
    """Its address; None when it is a file in the folder."""
    return _now[-1].url(folder)


def blobs(folder: Path) -> Blobs:
    """The blobs of the index in this folder, of the size that the test runs with."""
    return _now[-1].blobs(folder)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test once small, and once large where the run has servers for it."""
    wide = metafunc.config.getoption("--pg") and not metafunc.definition.get_closest_marker("folder")
    if wide and any(getattr(each, "__module__", None) in KITS for each in vars(metafunc.module).values()):
        metafunc.parametrize("index_size", [SMALL, pytest.param(LARGE, marks=pytest.mark.pg)], indirect=True)


@pytest.fixture(scope="session")
def moto_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.Store]:
    """A bucket for all tests of a run."""
    with s3.moto(tmp_path_factory.mktemp("moto")) as store:
        os.environ.update(store.environment)
        yield store


@pytest.fixture(autouse=True)
def index_size(request: pytest.FixtureRequest) -> Iterator[str]:
    """The size of the index that the test's kits open."""
    chosen: str = getattr(request, "param", SMALL)
    if chosen == SMALL:
        yield chosen
        return
    stores = Stores(request.getfixturevalue("pg_server"))
    _now.append(stores)
    try:
        yield chosen
    finally:
        _now.pop()
        stores.close()
