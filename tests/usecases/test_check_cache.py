"""A check's report comes from the cache while nothing that it looked at has changed, and only then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from trustpub.parties import cache
from trustpub.parties.files import CheckoutFiles
from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.usecases import check, check_cache
from trustpub.usecases.report import Excerpt, Hint, Report, Reported
from trustpub.usecases.stored_report import dump, restore
from trustpub.workflows.source import Source

WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    steps:
      - run: scripts/release.sh
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
FILES = {
    ".github/workflows/release.yml": WORKFLOW,
    ".github/workflows/test.yml": "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: tox}]}}\n",
    "scripts/release.sh": "make dist\n",
    "pyproject.toml": '[project]\nname = "tool"\nversion = "1.0"\n',
    "trustpub.toml": '[[publisher]]\nproject = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\n',
    ".git/config": '[remote "origin"]\nurl = https://github.com/octo/tool.git\n',
    ".git/HEAD": "ref: refs/heads/main\n",
}


class Checker:
    """Checks one checkout through a cache, and counts how often it had to look."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder, self.looked = root / "tool", root / "cache", 0
        for path, text in FILES.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        """Write one file of the checkout."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def __call__(self, *options: str) -> Report:
        """Check, by the cache."""
        checkout = Checkout.open(self.root)

        def analyse() -> Report:
            self.looked += 1
            files = CheckoutFiles(str(self.root))
            files.read("scripts/release.sh")
            files.names("scripts")
            return check.run(checkout, Addresses(self.folder / "addresses", lambda: "https://upload.index.example/legacy/"))

        return check_cache.cached(checkout, options, str(self.folder), analyse)

    def entries(self) -> list[Path]:
        """The files of the cache."""
        return sorted(self.folder.glob("*.json"))


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    """One checkout with a check behind it."""
    result = Checker(tmp_path)
    result()
    return result


def test_the_same_report_without_looking(checker: Checker) -> None:
    """An untouched checkout is not looked at again, and the report is the one that looking would give."""
    known = checker()

    assert checker.looked == 1
    assert known == check.run(Checkout.open(checker.root), Addresses(checker.folder))
    assert known.findings


def test_time_alone_changes_nothing(checker: Checker) -> None:
    """A file that was written anew with the same content is the same file."""
    for path, text in FILES.items():
        checker.write(path, text)
        os.utime(checker.root / path, (1, 1))
    checker()

    assert checker.looked == 1


@pytest.mark.parametrize("path", [path for path in FILES if path != ".git/HEAD"])
def test_a_changed_file_is_a_miss(checker: Checker, path: str) -> None:
    """Whatever file the analysis read: another content is looked at, even of the same size and time."""
    file = checker.root / path
    before = file.stat()
    checker.write(path, file.read_text(encoding="utf-8").replace("tool", "toot").replace("push", "pull").replace("make", "fake"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    checker()

    assert checker.looked == 2


@pytest.mark.parametrize(
    "path",
    [".github/workflows/new.yml", ".github/workflows/new.yaml", ".gitlab-ci.yml", "setup.py", ".git/refs/remotes/origin/HEAD"],
)
def test_an_added_file_is_a_miss(checker: Checker, path: str) -> None:
    """A file that was not there is noticed where the analysis looked for it."""
    checker.write(path, "ref: refs/remotes/origin/trunk\n")
    checker()

    assert checker.looked == 2


@pytest.mark.parametrize("path", [".github/workflows/test.yml", "scripts/release.sh", "trustpub.toml"])
def test_a_removed_file_is_a_miss(checker: Checker, path: str) -> None:
    """A file that has gone is noticed."""
    (checker.root / path).unlink()
    checker()

    assert checker.looked == 2


def test_other_options_are_a_miss(checker: Checker) -> None:
    """Each set of options has an entry of its own."""
    checker("--baseline")
    checker("--baseline")
    checker()

    assert checker.looked == 2


def test_another_version_is_a_miss(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new version says what it thinks itself; so does a rule that somebody is writing."""
    monkeypatch.setattr(check_cache, "__version__", "99.0")
    checker()
    monkeypatch.setattr(check_cache, "_sources", lambda: iter(["rule.py 1 2"]))
    checker()

    assert checker.looked == 3


def edited(change: Callable[[dict[str, object]], object]) -> Callable[[bytes], bytes]:
    """Change an entry that stays well-formed JSON."""

    def edit(data: bytes) -> bytes:
        entry = json.loads(data)
        change(entry)
        return json.dumps(entry).encode()

    return edit


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda data: data[: len(data) // 2],
        lambda _: b"[]",
        lambda _: b"[" * 100_000,
        lambda _: b"\xff\x00",
        edited(lambda entry: entry.pop("states")),
        edited(lambda entry: entry.update(states=[])),
        edited(lambda entry: entry.update(report=None)),
        edited(lambda entry: entry.update(report=[1])),
        edited(lambda entry: entry.update(report=entry["report"][:-1])),  # type: ignore[index]
        edited(lambda entry: entry.update(report=[7, *entry["report"][1:]])),  # type: ignore[index]
    ],
    ids=range(11),
)
def test_a_broken_entry_is_made_again(checker: Checker, spoil: Callable[[bytes], bytes]) -> None:
    """Whatever stands in the cache: the report is right, and the entry is written anew."""
    (entry,) = checker.entries()
    good = entry.read_bytes()
    entry.write_bytes(spoil(good))

    assert checker() == check.run(Checkout.open(checker.root), Addresses(checker.folder))
    assert (checker.looked, entry.read_bytes()) == (2, good)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Without a cache everything works, and is looked at each time."""
    checker = Checker(tmp_path)
    checker.folder = checker.root / "pyproject.toml" / "cache"
    checker()
    checker()

    assert checker.looked == 2


def test_a_link_out_of_the_checkout_is_not_trusted(checker: Checker, tmp_path: Path) -> None:
    """What leads out of the checkout is not watched, so nothing is kept."""
    (tmp_path / "elsewhere.cfg").write_text("[metadata]\nname = tool\n")
    (checker.root / "pyproject.toml").unlink()
    (checker.root / "setup.cfg").symlink_to(tmp_path / "elsewhere.cfg")
    checker()
    checker()

    assert checker.looked == 3


def test_lines_and_tokens_are_not_stored(checker: Checker) -> None:
    """A password that stands in a workflow does not get into the cache; a report that shows a token is not kept at all."""
    secret = "hunter2-" + "x" * 20
    checker.write(".github/workflows/release.yml", f"{WORKFLOW}        with:\n          password: {secret}\n")
    checker()
    assert checker.looked == 2
    assert all(secret.encode() not in entry.read_bytes() for entry in checker.entries())

    report = checker()
    telling = report._replace(powers=("somebody wrote pypi-AgEIcHlwaS5vcmcCJDAw here",))
    assert dump(telling) is None
    assert dump(report) is not None


def test_only_the_owner_may_read(checker: Checker) -> None:
    """Others on the machine see nothing."""
    (entry,) = checker.entries()

    assert entry.stat().st_mode & 0o077 == 0
    assert checker.folder.stat().st_mode & 0o077 == 0


def test_the_cache_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for longest ago goes first, by number and by size."""
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    monkeypatch.setattr(cache, "MOST_BYTES", 10)
    for number in range(5):
        cache.store(str(tmp_path), str(number), b"x")
        os.utime(tmp_path / str(number), (number, number))
    cache.load(str(tmp_path), "2")
    cache.store(str(tmp_path), "5", b"x")
    assert {path.name for path in tmp_path.iterdir()} == {"2", "4", "5"}

    cache.store(str(tmp_path), "large", b"x" * 9)
    assert {path.name for path in tmp_path.iterdir()} <= {"large", "2", "5"}
    assert cache.load(str(tmp_path), "large") == b"x" * 9


def test_quotes_come_back() -> None:
    """Places quote the same lines as before, with related places and options inside."""
    source = Source("a.yml", "one\ntwo\tx\nthree\n")
    place = Excerpt("a.yml", 2, 1, 3, 2, ("two x", "three"), 4, 12)
    empty = Report("o/r", (), (), (), (), (), (), 0, 0)
    shape = Reported("M02", "n", "high", "m", place, "h", "f", (Hint(place, "see"),))
    report = empty._replace(findings=(shape,))

    assert restore(json.loads(dump(report) or ""), lambda _: source) == report


RUN = """
import json, sys
from trustpub.main.console import command_line
status = command_line(["check", "--offline", *sys.argv[1:]])
sys.stderr.write(json.dumps([status, sorted(name for name in sys.modules)]))
"""


def test_a_known_check_loads_no_parser(tmp_path: Path) -> None:
    """The second check of a process of its own imports neither YAML nor a rule; `--no-cache` does."""
    checker = Checker(tmp_path)
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}

    def run(*words: str) -> tuple[str, set[str]]:
        command = [sys.executable, "-c", RUN, str(checker.root), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        return done.stdout, set(json.loads(done.stderr)[1])

    first, second, anew = run(), run(), run("--no-cache")

    assert first[0] == second[0] == anew[0]
    assert {"yaml", "trustpub.rules", "trustpub.usecases.check"} <= first[1] & anew[1]
    assert set() == {"yaml", "trustpub.rules", "trustpub.usecases.check", "tomllib"} & second[1]
