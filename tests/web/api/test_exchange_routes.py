"""Audience, mint-token and burn-token over real sockets: the shapes that clients rely on."""

from __future__ import annotations

import errno
import json
import socket
import sqlite3

import pytest

from tests.web.site import READY, Site
from trustpub.domain.outcome import Difference
from trustpub.errors import Broken
from trustpub.parties.issuer.port import KeysWanted
from trustpub.usecases.exchange import Minted, Refusal

BODY = b'{"token": "a.b.c"}'
REFUSED = Refusal(422, "invalid-publisher", "valid token, but no corresponding publisher (why)")


def test_the_audience_is_the_setting(site: Site) -> None:
    """Exactly `application/json`: uv reads nothing under another type."""
    answer = site.get("/_/oidc/audience")
    assert (200, {"audience": "trustpub"}, "application/json") == (answer.status, answer.json(), answer.headers["content-type"])


@pytest.mark.parametrize("path", ["/_/oidc/mint-token", "/_/oidc/github/mint-token"])
def test_an_exchange_answers_the_token_and_its_end(site: Site, path: str) -> None:
    """At PyPI's address, and at the older one that maturin asks."""
    site.exchange.opened = [READY]
    answer = site.post(path, BODY)
    assert (200, "application/json", "no-store") == (
        answer.status,
        answer.headers["content-type"],
        answer.headers["cache-control"],
    )
    assert {"success": True, "token": "pypi-tp_x", "expires": 1_700_000_900} == answer.json()
    assert [BODY] == site.exchange.bodies


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data",
    ],
)
def test_the_body_is_read_whatever_its_type_says(site: Site, content_type: str) -> None:
    """PyPI's own documentation posts JSON as urlencoded."""
    site.exchange.opened = [READY]
    headers = {"Content_Type": content_type} if content_type else {}
    assert 200 == site.post("/_/oidc/mint-token", BODY, **headers).status
    assert [BODY] == site.exchange.bodies


@pytest.mark.parametrize("at", ["open", "settle"])
def test_a_refusal_has_a_message_and_one_error(site: Site, at: str) -> None:
    """The publish action reads `errors`, uv shows the body, both need 422."""
    site.exchange.opened = [REFUSED if at == "open" else READY]
    site.exchange.settled = REFUSED
    answer = site.post("/_/oidc/mint-token", BODY)
    assert (422, "application/json") == (answer.status, answer.headers["content-type"])
    error = {"code": "invalid-publisher", "description": "valid token, but no corresponding publisher (why)"}
    assert {"message": "Token request failed", "errors": [error]} == answer.json()


def test_a_refusal_names_the_fields_that_differ(site: Site) -> None:
    """What is registered only when the caller may know it."""
    differences = (Difference("environment", "pypi", None), Difference("workflow_filename", None, "ci.yml"))
    site.exchange.opened = [Refusal(422, "invalid-publisher", "why", differences)]
    page = site.post("/_/oidc/mint-token", BODY).json()
    assert isinstance(page, dict)
    assert [
        {"field": "environment", "expected": "pypi", "got": None},
        {"field": "workflow_filename", "got": "ci.yml"},
    ] == page["errors"][0]["differences"]  # type: ignore[index,call-overload]


def test_keys_are_fetched_once_and_the_token_is_read_again(site: Site) -> None:
    """Fetching is a thread's work; the loop only asks again."""
    site.exchange.opened = [KeysWanted("https://issuer.example"), READY]
    assert 200 == site.post("/_/oidc/mint-token", BODY).status
    assert ["https://issuer.example"] == site.verifier.refreshed
    assert [BODY, BODY] == site.exchange.bodies


def test_keys_that_stay_away_are_an_invalid_token(site: Site) -> None:
    """Once, then the refusal that PyPI gives."""
    site.exchange.opened = [KeysWanted("https://issuer.example")] * 2
    answer = site.post("/_/oidc/mint-token", BODY)
    error = {"code": "invalid-token", "description": "malformed or invalid token"}
    assert (422, {"message": "Token request failed", "errors": [error]}) == (answer.status, answer.json())
    assert 1 == len(site.verifier.refreshed)


@pytest.mark.parametrize("path", ["/_/oidc/mint-token", "/_/oidc/burn-token"])
def test_a_body_that_can_hold_no_token_is_refused_unread(site: Site, path: str) -> None:
    """The connection closes: the rest of the body is still in it."""
    answer = site.post(path, b"x" * 70_000)
    assert (413, "close") == (answer.status, answer.headers["connection"])
    assert [] == site.exchange.bodies


def test_a_body_that_comes_in_pieces_is_whole(site: Site) -> None:
    """Chunked, too."""
    site.exchange.opened = [READY]
    head = b"POST /_/oidc/mint-token HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as connection:
        for piece in (head, b"5\r\n" + BODY[:5] + b"\r\n", b"%x\r\n" % len(BODY[5:]) + BODY[5:] + b"\r\n0\r\n\r\n"):
            connection.sendall(piece)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
    assert [BODY] == site.exchange.bodies


def test_a_client_that_leaves_in_the_middle_is_no_crash(site: Site) -> None:
    """Nobody is there to answer, and nothing is logged."""
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as connection:
        connection.sendall(b"POST /_/oidc/mint-token HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{")
    assert 200 == site.get("/_/oidc/audience").status
    assert [] == site.log


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/_/oidc/mint-token", "POST"),
        ("PUT", "/_/oidc/github/mint-token", "POST"),
        ("GET", "/_/oidc/burn-token", "POST"),
        ("POST", "/_/oidc/audience", "GET, HEAD"),
        ("DELETE", "/pypi/demo/json", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
def test_other_methods_are_refused_with_those_that_are_known(site: Site, method: str, path: str, allow: str) -> None:
    """405 with `Allow`, in JSON."""
    answer = site.ask(method, path)
    assert (405, allow, "application/json") == (answer.status, answer.headers["allow"], answer.headers["content-type"])


def test_burning_is_200(site: Site) -> None:
    """Uv takes 200 and 204."""
    answer = site.post("/_/oidc/burn-token", BODY)
    assert (200, {"success": True}, "no-store") == (answer.status, answer.json(), answer.headers["cache-control"])


def test_burning_what_is_no_token_is_refused(site: Site) -> None:
    """In the shape of every refusal."""
    site.exchange.burnt = Refusal(422, "invalid-payload", "the body is not JSON")
    answer = site.post("/_/oidc/burn-token", b"nonsense")
    error = {"code": "invalid-payload", "description": "the body is not JSON"}
    assert (422, {"message": "Token request failed", "errors": [error]}) == (answer.status, answer.json())


def full_database() -> Broken:
    """What the writer raises when SQLite has no room for a commit."""
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorname = "SQLITE_FULL"
    problem = Broken("the database could not be written", why="database or disk is full")
    problem.__cause__ = full
    return problem


@pytest.mark.parametrize("problem", [OSError(errno.ENOSPC, "no space"), OSError(errno.EROFS, "read-only"), full_database()])
def test_a_full_disk_is_no_fault_of_the_request(site: Site, problem: Exception) -> None:
    """It may come again: 503, not 500; the log says what happened."""
    site.exchange.opened = [READY]
    site.exchange.settled = problem
    answer = site.post("/_/oidc/mint-token", BODY)
    assert (503, "5") == (answer.status, answer.headers["retry-after"])
    assert 1 == len(site.log)


def test_a_crash_shows_nothing_and_logs_one_line_without_the_message(site: Site) -> None:
    """The exception's text may quote a token, so neither the answer nor the log has it."""
    site.exchange.opened = [READY]
    site.exchange.settled = KeyError("pypi-tp_canary")
    answer = site.post("/_/oidc/mint-token", BODY)
    error = {"code": "internal-error", "description": "an unexpected error; it has been logged"}
    assert (500, {"message": "Internal server error", "errors": [error]}) == (answer.status, answer.json())
    [line] = site.log
    assert "canary" not in line
    event = json.loads(line)
    assert ("error", "request-crashed", "POST /_/oidc/mint-token", "builtins.KeyError") == (
        event["level"], event["event"], event["request"], event["error"],
    )  # fmt: skip
    assert event["where"][-1].startswith("trustpub/web/api/mint_token.py:")
    assert 200 == site.get("/_/oidc/audience").status


def test_every_answer_leaves_a_record_with_the_refusals_code(site: Site) -> None:
    """Before the client has its answer: a rehearsal reads them as soon as its client has ended."""
    site.exchange.opened = [REFUSED, READY]
    site.exchange.settled = Minted("pypi-tp_secret", 5)
    for _ in range(2):
        site.post("/_/oidc/mint-token", BODY, User_Agent="uv/0.13.9")
    site.get("/simple/none/", User_Agent="pip/25")
    assert [
        ("POST", "/_/oidc/mint-token", 422, "uv/0.13.9", "invalid-publisher"),
        ("POST", "/_/oidc/mint-token", 200, "uv/0.13.9", ""),
        ("GET", "/simple/none/", 404, "pip/25", ""),
    ] == [(each.method, each.path, each.status, each.user_agent, each.code) for each in site.records]
    assert "secret" not in repr(site.records)


@pytest.mark.parametrize("path", ["/nothing", "/_/oidc/", "/_/oidc/audience/", "/simple", "/files", "/%2e%2e/"])
def test_nothing_here_is_404_in_json(site: Site, path: str) -> None:
    """In the shape of every refusal."""
    answer = site.get(path)
    error = {"code": "not-found", "description": "there is nothing at this address"}
    assert (404, {"message": "Not found", "errors": [error]}) == (answer.status, answer.json())


def test_health_is_ok_while_the_database_can_be_read(site: Site) -> None:
    """One word, never kept."""
    answer = site.get("/healthz")
    assert (200, {"status": "ok"}, "no-store") == (answer.status, answer.json(), answer.headers["cache-control"])
