"""An index below a path of another host, behind a proxy that takes the path away: every address that is given out leads back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from tests.web.pages.releasing import Releasing
from tests.web.site import Answer
from trustpub.domain.tokens import digest
from trustpub.storage.accounts import add_user
from trustpub.storage.database import Connection
from trustpub.storage.projects import grant_role
from trustpub.storage.sessions import begin_session
from trustpub.web.auth.cookie import cookie_name

HOST, PREFIX = "pkg.example", "/tools/pypi"
URL = f"https://{HOST}{PREFIX}"
COOKIE = "c" * 43
_ADDRESS = re.compile(r'(?:href|src|action)="([^"]*)"')


class Behind(Releasing):
    """The index as the proxy shows it: nothing is there outside the prefix."""

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        """One request through the proxy."""
        assert path.startswith(f"{PREFIX}/"), f"an address leads out of the index: {path}"
        return super().ask(method, path.removeprefix(PREFIX), {**(headers or {}), "Host": HOST}, body)

    def seen(self, path: str, accept: str = "*/*") -> Answer:
        """What somebody who runs the index gets below the prefix."""
        name = cookie_name(f"https://{HOST}", PREFIX)
        return self.ask("GET", PREFIX + path, {"Cookie": f"{name}={COOKIE}", "Accept": accept})


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Behind]:
    """One with a project of somebody who is signed in."""
    with Behind(tmp_path, url=URL) as running:

        def people(connection: Connection) -> None:
            user = add_user(connection, "hana", "hana@mail.example", 1.0, admin=True, verified=True)
            now = running.clock.now
            begin_session(connection, digest(COOKIE), user.id, "full", now, int(now) + 9999, "127.0.0.1", "")
            grant_role(connection, 1, user.id, "owner")

        running.publish("orchay-1.0-py3-none-any.whl", b"bytes")
        running.write(people)
        yield running
        assert running.log == []


def test_every_address_of_every_page_is_below_the_prefix(index: Behind) -> None:
    """Followed from the home page, by somebody who sees all pages: links, what pages load, where their forms go."""
    waiting, known, broken = ["/"], {"/"}, []
    while waiting:
        path = waiting.pop()
        answer = index.seen(path, "text/html")
        if answer.status in (404, 500):
            broken.append((path, answer.status))
        found = [answer.headers["location"]] if "location" in answer.headers else []
        if answer.headers.get("content-type", "").startswith("text/html"):
            found += _ADDRESS.findall(answer.body.decode())
        for each in found:
            address = urlsplit(urljoin(f"{URL}{path}", each.replace("&amp;", "&")))
            if address.netloc != HOST:
                continue
            assert address.path.startswith(f"{PREFIX}/"), (path, each)
            inside = address.path.removeprefix(PREFIX)
            if inside not in known and not inside.startswith("/account/logout"):
                known.add(inside)
                waiting.append(inside)
    assert broken == []
    assert {"/manage/projects/", "/project/orchay/", "/manage/project/orchay/collaboration/"} <= known


def test_what_programs_are_told_is_below_the_prefix(index: Behind) -> None:
    """Redirects, files, feeds, the JSON API, discovery, and the description of the API."""
    assert f"{URL}/simple/orchay/" == index.seen("/simple/Orchay/").headers["location"]
    page = json.loads(index.seen("/simple/orchay/", "application/vnd.pypi.simple.v1+json").body)
    file = urljoin(f"{URL}/simple/orchay/", page["files"][0]["url"])
    assert b"bytes" == index.ask("GET", urlsplit(file).path).body
    told = index.seen("/pypi/orchay/json").body.decode() + index.seen("/rss/updates.xml").body.decode()
    told += json.dumps(index.seen("/.well-known/pytp").json())
    addresses = re.findall(rf"https?://{re.escape(HOST)}[^\s\"<]*", told)
    assert len(addresses) > 5
    assert [] == [each for each in addresses if not each.startswith(URL)]
    (server,) = json.loads(index.seen("/api/v1/openapi.json").body)["servers"]
    assert URL == server["url"]
