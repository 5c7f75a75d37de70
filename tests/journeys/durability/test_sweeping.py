"""The sweeper in a loop against uploads of the very bytes that it is about to remove: none that was acknowledged is ever lost."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests import s3, stores
from tests.conftest import Scale
from tests.journeys.durability.sweeper import clock
from tests.usecases.uploading import Index, Package, basic
from trustpub.parties.archives.fake import FakeValidators
from trustpub.settings import Limits
from trustpub.storage.blobs import Blobs
from trustpub.usecases.upload import DOOMED, Admission, Stored, Upload, credential

ROOT = Path(__file__).resolve().parents[3]
UPLOADERS = 8
LARGE = pytest.param("large", marks=[pytest.mark.pg, pytest.mark.s3])


class Rounds:
    """Uploads of orphans, and what came of them."""

    def __init__(self, index: Index, seed: int, longest: float) -> None:
        self.index, self.blobs, self.longest = index, index.blobs, longest
        self.upload = Upload(index.database, index.blobs, FakeValidators(), Limits(), clock)
        index.upload.close()
        index.upload = self.upload
        admission = credential(basic(index.user_token()))
        assert isinstance(admission, Admission)
        self.admission, self.seed = admission, seed
        self.again = self.swept = 0

    def one(self, number: int) -> str:
        """An upload is killed before its row; after a moment the same bytes come again, and are read back: their SHA-256."""
        chance = random.Random(self.seed + number)
        package = Package(version=f"{number}.0")
        sha256 = hashlib.sha256(package.data).hexdigest()
        temp = self.blobs.temp()
        temp.write(package.data)
        self.blobs.adopt(temp, sha256)
        time.sleep(chance.choice([0.0, chance.uniform(0.0, 0.05), chance.uniform(0.0, self.longest)]))
        while (outcome := self.upload.accept(self.admission, self.index.received(package))) == DOOMED:
            self.again += 1
            time.sleep(0.002)
        assert Stored(package.filename, new=True) == outcome
        assert sha256 == read(self.blobs, sha256)
        return sha256


def read(blobs: Blobs, sha256: str) -> str:
    """The SHA-256 of what is there."""
    with blobs.open(sha256) as blob:
        return hashlib.sha256(blob.read()).hexdigest()


@contextlib.contextmanager
def sweeping(data: Path, *large: str) -> Iterator[dict[str, int]]:
    """Another process sweeps all the time; at the end, what it did."""
    counts: dict[str, int] = {}
    command = [sys.executable, "-m", "tests.journeys.durability.sweeper", str(data), *large]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as it:
        assert it.stdout is not None
        try:
            assert "ready\n" == it.stdout.readline()
            yield counts
        finally:
            out, err = it.communicate(timeout=60)
        assert it.returncode == 0, err
        counts.update(json.loads(out))


@contextlib.contextmanager
def opened(
    size: str, folder: Path, request: pytest.FixtureRequest, patch: pytest.MonkeyPatch
) -> Iterator[tuple[Index, list[str]]]:
    """An index of this size, and where its parts are."""
    if size == "small":
        with Index(folder) as index:
            yield index, []
        return
    with s3.rclone_store(folder) as server:
        for name, value in server.environment.items():
            patch.setenv(name, value)
        kept = stores.Stores(request.getfixturevalue("pg_server"), server)
        patch.setattr(stores, "_now", [kept])
        try:
            with Index(folder) as index:
                data = folder / "data"
                yield index, [str(stores.database_url(data)), f"s3://{s3.BUCKET}{data.as_posix()}", server.endpoint]
        finally:
            kept.close()


@pytest.mark.parametrize("size", ["small", LARGE])
def test_what_is_uploaded_while_it_is_swept_stays(
    size: str, tmp_path: Path, scale: Scale, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some orphans go before their upload, some uploads come before the sweep, some meet: every acknowledged file is there."""
    rounds = scale(12, 500)
    given = request.config.getoption("randomly_seed", None)
    with opened(size, tmp_path, request, monkeypatch) as (index, where):
        index.now = clock()
        story = Rounds(index, given if isinstance(given, int) else 1, 0.2 if rounds == 12 else 1.5)
        with sweeping(tmp_path / "data", *where) as counts, ThreadPoolExecutor(UPLOADERS) as uploaders:
            stored = list(uploaders.map(story.one, range(1, rounds + 1)))
        print(f"\n{size}: {rounds} rounds, {story.again} asked to come again, {counts}")  # noqa: T201
        assert sorted(file.sha256 for file in index.files()) == sorted(stored)
        assert stored == [read(index.blobs, sha256) for sha256 in stored]
        assert rounds == len(set(stored))
        assert counts["sweeps"] > 1
        if rounds > 12:
            assert counts["removed"] > rounds / 20
