"""Faults under load, on both sizes: a checker that knows only the public API and the clients' log finds every promise kept."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.rows.exchanges import sign
from bench.rows.uploads import basic, request, wheel
from tests.conftest import Scale
from tests.journeys.crash.server import token_key
from tests.journeys.durability.clients import Clients, crowd, project_of
from tests.journeys.durability.faults import LARGE, SMALL, a_moment
from tests.journeys.durability.log import Log
from tests.journeys.durability.world import PROJECTS, World

ROOT = Path(__file__).resolve().parents[3]
DISK = "96m"
CROWD = 50


class Story:
    """All rounds on one index: one log, one memory of what was seen, one checker."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.path, self.seen = world.folder / "clients.jsonl", world.folder / "seen.json"
        self.path.touch()
        self.log = Log(self.path)
        self.versions = itertools.count(1)
        self.counts: dict[str, int] = {}

    def under_load(self, fault: object, tokens: int = 60) -> None:
        """One round: load, fault, recovery, check."""
        assert callable(fault)
        before = self.log.last
        signed = sign(self.world.keys, tokens, projects=PROJECTS)
        clients = Clients(self.world.front.url, self.log, self.world.token, signed, self.versions)
        clients.start()
        try:
            a_moment(self.chance)
            fault(self.world, self.chance)
            self.world.wait_until_well()
        finally:
            clients.stop()
        self.check(before)

    def crowds(self) -> None:
        """Fifty with the same file, fifty with other bytes of one name, fifty with the same ID token: each at the same moment."""
        before = self.log.last
        same, several = next(self.versions), next(self.versions)
        statuses = crowd(self.world.front.url, self.log, [self._file(same, wheel(f"package_{same % 5}", f"{same}.0"))] * CROWD)
        assert set(statuses) == {200}
        other = [self._file(several, wheel(f"package_{several % 5}", f"{several}.0", padding=64)) for _ in range(CROWD)]
        statuses = crowd(self.world.front.url, self.log, other)
        assert (1, CROWD - 1) == (statuses.count(200), statuses.count(400))
        (raw,) = sign(self.world.keys, 1, projects=PROJECTS)
        about: dict[str, object] = {"key": token_key(raw), "request": b64encode(raw).decode(), "project": project_of(raw)}
        statuses = crowd(self.world.front.url, self.log, [(raw, "exchange", about)] * CROWD)
        assert (1, CROWD - 1) == (statuses.count(200), statuses.count(422))
        self.check(before)

    def _file(self, version: int, content: bytes) -> tuple[bytes, str, dict[str, object]]:
        project = version % 5
        raw = request("/legacy/", basic("__token__", self.world.token), project, version, content=content)
        name = f"package_{project}-{version}.0-py3-none-any.whl"
        digest = hashlib.sha256(content).hexdigest()
        return raw, "upload", {"project": f"package-{project}", "name": name, "sha256": digest, "allowed": True}

    def check(self, after: int = 0) -> None:
        """Let the other program look: at everything, or again at what came after this intent."""
        command: list[str | Path] = [sys.executable, "-m", "tests.journeys.durability.checker"]
        command += ["--log", self.path, "--seen", self.seen, "--after", str(after)]
        done = subprocess.run([*command, *self.world.urls], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        found = json.loads(done.stdout)
        assert found.pop("broken") == []
        self.counts = found


def seed_of(request: pytest.FixtureRequest) -> int:
    """The seed that the run printed."""
    given = request.config.getoption("randomly_seed", None)
    return given if isinstance(given, int) else 1


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own with little room; mounting one takes root."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a disk that can be filled is mounted by root alone")
    place = folder / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def run(folder: Path, name: str, rounds: int, seed: int, *, many: bool) -> None:
    """Rounds of one fault on one index of this size."""
    fault = (LARGE if many else SMALL)[name]
    with small_disk(folder) if name == "disk" else _no_disk() as disk, World(folder, many=many, disk=disk) as world:
        story = Story(world, seed)
        for _ in range(rounds):
            story.under_load(fault)
        story.check()
        print(f"\n{rounds} x {name}: {story.counts}")  # noqa: T201
        assert story.counts["acknowledged"] > rounds
        assert story.counts["spent"] > 0


@contextmanager
def _no_disk() -> Iterator[None]:
    yield None


@pytest.mark.parametrize("name", SMALL)
def test_nothing_is_lost_on_one_machine(
    tmp_path: Path, name: str, scale: Scale, long_run: bool, request: pytest.FixtureRequest
) -> None:
    """One process, SQLite and files, at least fifty faults of each kind in a long run."""
    if not long_run:
        pytest.skip("in the long run")
    run(tmp_path, name, scale(1, 50), seed_of(request), many=False)


@pytest.mark.parametrize("name", LARGE)
def test_nothing_is_lost_on_many(tmp_path: Path, name: str, scale: Scale, long_run: bool, request: pytest.FixtureRequest) -> None:
    """Three processes behind one proxy, PostgreSQL and S3, at least fifty faults of each kind in a long run."""
    if not long_run:
        pytest.skip("in the long run")
    run(tmp_path, name, scale(1, 50), seed_of(request), many=True)


@pytest.mark.parametrize("many", [False, True], ids=["one machine", "many"])
def test_crowds_agree(tmp_path: Path, many: bool, scale: Scale, long_run: bool, request: pytest.FixtureRequest) -> None:
    """Of fifty that want the same thing at once, one gets it, and everybody hears the truth."""
    if not long_run:
        pytest.skip("in the long run")
    with World(tmp_path, many=many) as world:
        story = Story(world, seed_of(request))
        for _ in range(scale(1, 50)):
            story.crowds()
        story.check()
