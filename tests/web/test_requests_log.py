"""The log: a line a request where that is wanted, one for each crash; no secret in either, and nothing that a terminal obeys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.web.site import Site
from trustpub.web.requests_log import crash_line, shown_path

CANARY = "canary-4f1d8e0c9b7a6523-canary"
LINES = ("at", "level", "event", "id", "client", "method", "path", "status", "code", "bytes", "ms", "agent")


def test_nothing_is_logged_unless_it_is_wanted(site: Site) -> None:
    """A line costs as much as a small read."""
    site.get("/simple/")
    assert [] == site.log


def test_one_line_says_what_happened(tmp_path: Path) -> None:
    """Once it has happened, under the number that the answer names."""
    with Site(tmp_path, log_requests=True) as site:
        answer = site.get("/simple/nothing/", User_Agent="pip/25")
        [line] = site.log
        told = json.loads(line)
        assert LINES == tuple(told)
        expected = ("request", answer.headers["x-request-id"], "127.0.0.1", "GET", "/simple/nothing/", 404, 13, "pip/25")
        assert expected == tuple(told[name] for name in ("event", "id", "client", "method", "path", "status", "bytes", "agent"))
        assert answer.headers["x-request-id"] != site.get("/simple/nothing/").headers["x-request-id"]


def test_what_people_report_has_a_number(site: Site) -> None:
    """Errors, writes and pages; a page of the index or a file that came has none, for nobody would ask about it."""
    path = site.publish("demo-1.0.tar.gz", b"x")
    answers = [
        site.get("/simple/nothing/"),
        site.get("/files/nothing"),
        site.ask("HEAD", "/simple/nothing/"),
        site.post("/simple/demo/", b""),
        site.post("/legacy/", b""),
        site.get("/nobody/knows/this"),
        site.get("/healthz"),
    ]
    numbers = [answer.headers["x-request-id"] for answer in answers]
    assert len(answers) == len(set(numbers))
    assert not any("x-request-id" in site.get(each).headers for each in ("/simple/", "/simple/demo/", path))


def test_no_secret_is_in_any_line(tmp_path: Path) -> None:
    """Wherever it is put: the query, a header, a body, a cookie, the path of a page, an address that it was pasted into."""
    with Site(tmp_path, log_requests=True) as site:
        site.get(f"/simple/?token={CANARY}", Authorization=f"Bearer {CANARY}", Cookie=f"session={CANARY}", Referer=CANARY)
        site.get(f"/account/reset/{CANARY}/")
        site.get(f"/simple/pypi-api_{CANARY}/")
        site.post("/_/oidc/mint-token", json.dumps({"token": CANARY}).encode())
        site.post(f"/legacy/?x={CANARY}", CANARY.encode(), Authorization=f"Basic {CANARY}")
        assert 5 <= len(site.log)
        assert [] == [line for line in site.log if "canary" in line]
        assert "canary" not in repr(site.service.tally.codes)


@pytest.mark.parametrize("path", ["/a%0d%0aSet-Cookie:x", "/a%1b%5b2J", "/%7f%c2%9b31m", "/%e2%80%a8x", "/" + "x" * 5000])
def test_a_line_is_one_line_of_plain_characters(tmp_path: Path, path: str) -> None:
    """Line ends, escape sequences and separators are spelled out, and nothing is long."""
    with Site(tmp_path, log_requests=True) as site:
        site.get(path, User_Agent="a\xe9\x9b31m")
        [line] = site.log
        assert line.isascii()
        assert line.isprintable()
        assert len(line) < 1000
        json.loads(line)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/files/ab/cd/" + "ab" * 32 + "/demo-1.tar.gz", "/files/ab/cd/" + "ab" * 32 + "/demo-1.tar.gz"),
        ("/simple/a-rather-long-name-of-a-project/", "/simple/a-rather-long-name-of-a-project/"),
        ("/account/verify/Zm9vYmFyZm9vYmFyZm9vYmFy", "/account/verify/..."),
        ("/simple/pypi-tp_abc/", "/simple/pypi-.../"),
        ("", ""),
    ],
)
def test_paths_of_machines_are_whole_and_those_of_people_are_not(path: str, shown: str) -> None:
    """What is long in a page's address may be somebody's key."""
    assert shown == shown_path(path)


def test_a_crash_names_its_request() -> None:
    """And keeps the exception's own text to itself."""
    scope = {"method": "GET", "path": f"/account/reset/{CANARY}", "trustpub.id": b"7-1"}
    line = json.loads(crash_line(ValueError(CANARY), scope, 5.0))
    assert ("7-1", "GET /account/reset/...", "builtins.ValueError") == (line["id"], line["request"], line["error"])
    assert "canary" not in json.dumps(line)
