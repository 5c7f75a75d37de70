"""What a project page and an upload cost in a small index and in one of 50,000 projects and 1,000,000 files, in one run."""

from __future__ import annotations

import contextlib
import http.client
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.rows.uploads import basic, request, wheel
from bench.server import cli, folder, ours
from bench.table import Line, say

SMALL, LARGE = 1_000, 50_000
RELEASES, FILES = 5, 4
"""Releases of a project, and files of a release."""
PAGES, UPLOADS, RUNS = 300, 150, 3
FLAT = 1.20
REBUILT = 150.0
JSON_TYPE = "application/vnd.pypi.simple.v1+json"

FILL = (
    """INSERT INTO projects (id, normalized, name, ultranormalized, summary, serial, created)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :projects)
    SELECT i, 'package-' || i, 'package_' || i, 'package' || i, 'tiny', i, 1700000000 FROM n""",
    "INSERT INTO roles (project_id, user_id, role) SELECT id, 1, 'owner' FROM projects",
    """INSERT INTO releases (id, project_id, version, metadata, created)
    WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < :releases)
    SELECT (id - 1) * :releases + v, id, v || '.0', '{"summary": "tiny"}', 1700000000 FROM projects, n""",
    """INSERT INTO files (id, filename, project_id, release_id, packagetype, python_version, sha256, blake2_256, size,
    uploaded_by, upload_time)
    WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < :files)
    SELECT (id - 1) * :files + k, 'package_' || project_id || '-' || version || '-' || k || '-py3-none-any.whl', project_id, id,
    'bdist_wheel', 'py3', printf('%064x', (id - 1) * :files + k), printf('%064x', (id - 1) * :files + k), 1000, 'hana',
    1700000000 FROM releases, n""",
    "INSERT INTO filenames (filename, project, created) SELECT filename, 'package', 1 FROM files ORDER BY filename",
    "UPDATE counters SET value = :projects",
    "ANALYZE",
)


def fill(data: Path, projects: int) -> None:
    """Write an index of so many projects straight into its database."""
    with contextlib.closing(sqlite3.connect(data / "index.sqlite")) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -262144")
        for statement in FILL:
            connection.execute(statement, {"projects": projects, "releases": RELEASES, "files": FILES})
        connection.commit()


class Index:
    """One running index, asked over one connection."""

    def __init__(self, port: int, token: str, projects: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._token = token
        self._order = random.Random(1).sample(range(1, projects + 1), min(projects, 10_000))
        self._asked = 0

    def get(self, path: str) -> bytes:
        """One page, as JSON."""
        self._connection.request("GET", path, headers={"Accept": JSON_TYPE})
        answer = self._connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"bench: {path} answered {answer.status}")
        return answer.read()

    def page(self) -> None:
        """The page of a project that nobody asked for before: it is written anew."""
        self._asked += 1
        self.get(f"/simple/package-{self._order[self._asked % len(self._order)]}/")

    def upload(self) -> None:
        """One more release of a project."""
        self._asked += 1
        self.send(self._order[self._asked % len(self._order)], 100 + self._asked)

    def send(self, project: int, version: int) -> None:
        """Upload a tiny wheel."""
        content = wheel(f"package_{project}", f"{version}.0")
        head, _, body = request("/legacy/", basic("__token__", self._token), project, version, content).partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        self._connection.request("POST", "/legacy/", body, headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"bench: an upload answered {answer.status} {answer.reason}")


def milliseconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def side_by_side(work: Callable[[Index], object], one: Index, other: Index, times: int) -> tuple[float, float]:
    """The lower quartiles of so many calls each, in turns: what else this machine does meets both alike."""
    took: dict[Index, list[float]] = {one: [], other: []}
    for _ in range(times):
        for each in (one, other):
            took[each].append(milliseconds(partial(work, each)))
    return statistics.quantiles(took[one])[0], statistics.quantiles(took[other])[0]


@contextlib.contextmanager
def index(scratch: Path, projects: int) -> Iterator[Index]:
    """An index of so many projects."""
    data = scratch / str(projects) / "data"
    data.parent.mkdir()
    cli("admin", "--data", str(data), "user", "add", "hana", "--email", "hana@acme.example")
    token = cli("admin", "--data", str(data), "token", "create", "hana", "--scope", "upload").split()[-1]
    fill(data, projects)
    with ours(data, '[accounts]\nsecond_factor = "optional"\n') as (port, _):
        yield Index(port, token, projects)


def run() -> None:
    """Print the row."""
    with folder() as scratch, index(scratch, SMALL) as small, index(scratch, LARGE) as large:
        for figure, work, times in (("project page", Index.page, PAGES), ("upload", Index.upload, UPLOADS)):
            runs = [side_by_side(work, small, large, times) for _ in range(RUNS)]
            ratios = tuple(grown / before for before, grown in runs)
            say(Line("growth", f"{SMALL:,} projects", f"{figure}, ms", tuple(before for before, _ in runs)))
            say(Line("growth", f"{LARGE:,} projects", f"{figure}, ms", tuple(grown for _, grown in runs)))
            met = statistics.median(ratios) <= FLAT
            say(Line("growth", "large beside small", f"{figure}, ratio", ratios, f"<= {FLAT}", met))
        _names(large)


def _names(large: Index) -> None:
    """How long the page of all names takes when a name appeared, and that it is not written anew for less."""
    rebuilt = []
    large.get("/simple/")
    for number in range(RUNS):
        large.send(LARGE + 1 + number, 1)
        rebuilt.append(milliseconds(lambda: large.get("/simple/")))
    say(
        Line(
            "growth", f"{LARGE:,} projects", "/simple/ rebuilt, ms", tuple(rebuilt), f"<= {REBUILT:.0f}", max(rebuilt) <= REBUILT
        )
    )
    before = large.get("/simple/")
    large.upload()
    if before != large.get("/simple/"):
        raise SystemExit("bench: one more file of a known project changed the page of all names")
