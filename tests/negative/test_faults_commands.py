"""Parties that break in the middle of a command: one clear line, status 3, and nothing left half done."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parties.github.openapi import checked
from tests.world import TOKEN, World, checkout, world
from trustpub import cli
from trustpub.errors import Unreachable
from trustpub.parties.wire import Request, Response, Send

PROJECT = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "tool"\nversion = "1"\n'
DECLARED = """
[[publisher]]
project = "tool"
owner = "octo"
repository = "tool"
workflow = "pypi.yml"
environment = "pypi"
stated = 2026-09-01

[accounts.pypi]
stated = 2026-09-01

[environments.pypi]
tags = ["v*"]

[tags]
protect = ["v*"]
"""


def refused(request: Request) -> Response:
    """Nobody listens."""
    raise Unreachable(f"`{request.url.partition('?')[0]}`", why="the connection was refused")


def answering(status: int, body: bytes = b"", **headers: str) -> Callable[[Request], Response]:
    """Always the same answer."""
    return lambda _: Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


FAULTS: dict[str, Callable[[Request], Response]] = {
    "refused": refused,
    "500": answering(500, b'{"message": "boom"}', content_type="application/json"),
    "502": answering(502, b"<html>bad gateway</html>", content_type="text/html"),
    "429 for an hour": answering(429, b"{}", retry_after="3600"),
    "html": answering(200, b"<html>sign in to the hotel</html>", content_type="text/html"),
    "cut json": answering(200, b'{"id": 1, "na', content_type="application/json"),
    "wrong types": answering(200, b'{"id": [], "name": 7, "owner": "x"}', content_type="application/json"),
    "a list": answering(200, b"[1, 2]", content_type="application/json"),
}


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Somebody's public repository without any publishing yet, declared."""
    made = world(tmp_path, monkeypatch)
    made.github.add_user("octo")
    made.github.add_repository("octo", "tool")
    made.github.add_token(TOKEN, "octo")
    made.pypi.project("tool", ("tool-1-py3-none-any.whl", "1"))
    checkout(tmp_path, {"pyproject.toml": PROJECT, "trustpub.toml": DECLARED})
    return made


def run(there: World, *words: str) -> tuple[int, str]:
    """Run one command line, and return its status and everything it said."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.run([words[0], str(there.folder / "checkout"), *words[1:]], there)
    return status, out.getvalue() + err.getvalue() + "\n".join(there.said)


def state(there: World) -> str:
    """Everything that a setup changes, as text: GitHub's environments and rulesets, and the files."""
    quiet = World(there.folder, there.github, there.pypi, there.testpypi)
    _, plan = run(quiet, "setup", "--check", "--format", "json")
    root = there.folder / "checkout"
    files = {str(path.relative_to(root)): path.read_text() for path in sorted(root.rglob("*")) if path.is_file()}
    return json.dumps([json.loads(plan[plan.index("{") :]), files], sort_keys=True)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("party", ["api.github.com", "pypi.example"])
@pytest.mark.parametrize("words", [["check", "--fail-on", "blocker"], ["setup", "--check"], ["setup", "--yes"]], ids=" ".join)
def test_a_party_that_is_broken_from_the_start(there: World, words: list[str], party: str, fault: str, long_run: bool) -> None:
    """The status is 3, a line names the party, and nobody was changed."""
    if not long_run and (list(FAULTS).index(fault) + len(words) + len(party)) % 3:
        pytest.skip("in the long run")
    if "--yes" not in words:
        run(there, "setup", "--yes")
        there.github.requests.clear()
    there.others[party] = FAULTS[fault]
    status, said = run(there, *words)

    assert 3 == status, said
    assert "Traceback" not in said
    assert ("github" if "github" in party else "pypi") in said.lower()
    assert [] == there.github.writes


@pytest.mark.parametrize("fault", ["refused", "500", "html"])
def test_a_github_that_breaks_at_any_call(
    there: World, tmp_path_factory: pytest.TempPathFactory, fault: str, long_run: bool
) -> None:
    """Whichever call of a setup fails: a clear end, and the next run brings the same state as one that was never disturbed.

    A short run takes a sixth of the calls for each fault.
    """
    calls = _calls(there)
    wanted = state(there)

    assert len(calls) > 5
    first, step = (1, 1) if long_run else (1 + 2 * ["refused", "500", "html"].index(fault), 6)
    for number in range(first, len(calls) + 1, step):
        other = _anew(there, tmp_path_factory.mktemp("again"))
        other.others["api.github.com"] = _failing(number, FAULTS[fault], checked(other.github.send))
        status, said = run(other, "setup", "--yes")
        del other.others["api.github.com"]

        assert status in {1, 3}, (number, said)
        assert "Traceback" not in said
        run(other, "setup", "--yes")
        assert wanted == state(other), number


def _calls(there: World) -> list[str]:
    run(there, "setup", "--yes")
    return [f"{each.method} {each.path}" for each in there.github.requests]


def _anew(there: World, folder: Path) -> World:
    """The same scene, untouched."""
    made = World(folder)
    made.github.add_user("octo")
    made.github.add_repository("octo", "tool")
    made.github.add_token(TOKEN, "octo")
    made.pypi.project("tool", ("tool-1-py3-none-any.whl", "1"))
    cache = folder / "xdg" / "trustpub"
    cache.mkdir(parents=True)
    (cache / "addresses.json").write_text((there.folder / "xdg" / "trustpub" / "addresses.json").read_text())
    checkout(folder, {"pyproject.toml": PROJECT, "trustpub.toml": DECLARED})
    return made


def _failing(number: int, fault: Send, github: Send) -> Send:
    """Let every request through but the one of this number."""
    left = [number]

    def answer(request: Request) -> Response:
        left[0] -= 1
        return fault(request) if left[0] == 0 else github(request)

    return answer
