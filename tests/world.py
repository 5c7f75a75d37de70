"""A world in memory for whole command lines: a GitHub and two indexes, behind one sender; nothing leaves the process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.parties.github.openapi import checked
from trustpub.errors import Unreachable
from trustpub.parties.github.fake import FakeGitHub
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.wire import Request, Response
from trustpub.usecases.outside import Outside

NOW = 1_790_000_000.0
UPLOAD = "https://upload.pypi.example/legacy/"
TOKEN = "ghp_canary0fGitHub0000000000000000000000"


@dataclass
class World:
    """What `launchers.outside()` hands over. `down` are hosts that do not answer, `said` what was told beside the results."""

    folder: Path
    github: FakeGitHub = field(default_factory=lambda: FakeGitHub(lambda: NOW))
    pypi: FakeIndex = field(default_factory=lambda: FakeIndex("https://pypi.example/", audience="pypi", managed=False))
    testpypi: FakeIndex = field(
        default_factory=lambda: FakeIndex("https://test.pypi.example/", audience="testpypi", managed=False)
    )
    others: dict[str, Callable[[Request], Response]] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=lambda: {"GH_TOKEN": TOKEN})
    down: set[str] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def outside(self) -> Outside:
        """The world outside, as a command gets it."""
        cache = str(self.folder / "xdg" / "trustpub")
        return Outside(self.send, lambda: NOW, lambda _: None, self.environment, lambda _: None, self.said.append, cache)

    def send(self, request: Request) -> Response:
        """Answer in the name of the host that is asked."""
        host = urlsplit(request.url).hostname or ""
        self.asked.append(f"{request.method} {host}{urlsplit(request.url).path}")
        if host in self.down:
            raise Unreachable(f"`https://{host}`", why="the connection was refused")
        if host in self.others:
            return self.others[host](request)
        if host == "api.github.com" or host.endswith(".githubusercontent.com"):
            return checked(self.github.send)(request)
        assert TOKEN not in str(dict(request.headers)), f"the token of GitHub went to {host}"
        for index in (self.pypi, self.testpypi):
            if host in (urlsplit(index.base).hostname, f"upload.{urlsplit(index.base).hostname}"):
                return index.send(Request(request.method, request.url.replace("upload.", "", 1), request.headers, request.body))
        raise AssertionError(f"nobody is called {host}")


def world(folder: Path, patch: pytest.MonkeyPatch) -> World:
    """A world whose PyPI has an address that nobody has, remembered where the command looks for it."""
    cache = folder / "xdg" / "trustpub"
    cache.mkdir(parents=True)
    (cache / "addresses.json").write_text(json.dumps({"upload": UPLOAD}))
    patch.setenv("XDG_CACHE_HOME", str(folder / "xdg"))
    patch.delenv("ANDROID_DATA", raising=False)
    return World(folder)


def checkout(folder: Path, files: dict[str, str], slug: str = "octo/tool") -> Path:
    """A repository with these files, cloned from GitHub."""
    root = folder / "checkout"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "config").write_text(f'[remote "origin"]\n\turl = https://github.com/{slug}\n')
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return root
