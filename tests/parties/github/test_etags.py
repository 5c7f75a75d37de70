"""Answers that are kept: used while GitHub says that they hold, and never for anybody else."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parties.github.scripted import API, TOKEN, Scripted, said
from trustpub.domain.github_settings import Account
from trustpub.domain.untold import Untold
from trustpub.errors import Unreachable
from trustpub.parties.github.etags import Etags
from trustpub.parties.wire import Request, Response

Spoil = Callable[[bytes], bytes]
MONA = {"login": "mona", "id": 7, "type": "User"}


def secrets_page(*names: str) -> dict[str, object]:
    """One page of a list of secrets."""
    return {"total_count": 9, "secrets": [{"name": name, "updated_at": "2026-01-01T00:00:00Z"} for name in names]}


def test_a_kept_answer_is_used_while_github_says_that_it_holds(tmp_path: Path) -> None:
    """The second client is another process: what is kept lies on the disk."""
    answers: list[Response] = []

    def user(request: Request) -> Response:
        tagged = request.headers.get("If-None-Match") == 'W/"1"'
        answers.append(said(None, 304) if tagged else said(MONA, etag='W/"1"'))
        return answers[-1]

    github = Scripted({"GET /user": user})

    for _ in range(2):
        assert Account("mona", "7", "User") == github.client(etags=Etags(str(tmp_path))).asker()
    assert [200, 304] == [each.status for each in answers]


def test_a_new_answer_takes_the_place_of_a_kept_one(tmp_path: Path) -> None:
    """The ETag differs."""
    github = Scripted({"GET /user": [said(MONA, etag="1"), said(MONA | {"login": "lisa"}, etag="2"), said(None, 304)]})
    logins = []
    for _ in range(3):
        found = github.client(etags=Etags(str(tmp_path))).asker()
        logins.append("" if isinstance(found, Untold) else found.login)

    assert ["mona", "lisa", "lisa"] == logins
    assert [None, "1", "2"] == [each.headers.get("If-None-Match") for each in github.requests]


def test_nothing_is_kept_for_another_token(tmp_path: Path) -> None:
    """Nor for nobody, nor at another address."""
    github = Scripted({"GET /users/mona": said(MONA, etag="1")})
    etags = Etags(str(tmp_path))
    for token in (TOKEN, "another", None):
        github.client(token=token, etags=etags).account("mona")
    github.client(api="https://other.example/api/v3", etags=etags).account("mona")

    assert [None] * 4 == [each.headers.get("If-None-Match") for each in github.requests]


def test_the_pages_of_a_kept_list_are_found_again(tmp_path: Path) -> None:
    """304 has no Link header; the kept answer has."""
    base = "/repos/octo/lamp/actions/secrets"

    def first(request: Request) -> Response:
        if "If-None-Match" in request.headers:
            return said(None, 304)
        return said(secrets_page("A"), etag="1", link=f'<{API}{base}?page=2>; rel="next"')

    github = Scripted({f"GET {base}?per_page=100": first, f"GET {base}?page=2": said(secrets_page("B"))})
    for _ in range(2):
        found, _untold = github.client(etags=Etags(str(tmp_path))).secrets("octo/lamp", [])
        assert ["A", "B"] == [each.name for each in found]


def test_an_unasked_304_is_no_answer() -> None:
    """There is nothing that it could mean."""
    github = Scripted({"GET /user": said(None, 304)})

    with pytest.raises(Unreachable):
        github.client().asker()


def test_what_is_kept_is_readable_by_nobody_else_and_tells_no_token(tmp_path: Path) -> None:
    """Neither in its name nor in its content; the cache may hold what is private."""
    folder = tmp_path / "github"
    Scripted({"GET /user": said(MONA, etag="1", set_cookie="canary")}).client(etags=Etags(str(folder))).asker()

    (entry,) = folder.iterdir()
    assert (0o700, 0o600) == (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(entry.stat().st_mode))
    assert 64 == len(entry.name)
    assert TOKEN.encode() not in entry.read_bytes()
    assert b"canary" not in entry.read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: b"",
        lambda data: b"[]\n{}",
        lambda data: data.replace(b"etag", b"gone"),
        lambda data: b'{"etag": 1, "length": "2"}\n{}',
        lambda data: b"\xff\n{}",
    ],
)
def test_what_is_kept_and_spoilt_is_asked_for_again(tmp_path: Path, spoil: Spoil) -> None:
    """Cut off, empty, of another shape: it never passes for GitHub's word."""
    github = Scripted({"GET /user": said(MONA, etag="1")})
    github.client(etags=Etags(str(tmp_path))).asker()
    (entry,) = tmp_path.iterdir()
    entry.write_bytes(spoil(entry.read_bytes()))

    assert Account("mona", "7", "User") == github.client(etags=Etags(str(tmp_path))).asker()
    assert "If-None-Match" not in github.requests[1].headers


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    """And stops nobody."""
    (tmp_path / "file").write_text("")
    github = Scripted({"GET /user": said(MONA, etag="1")})

    assert Account("mona", "7", "User") == github.client(etags=Etags(str(tmp_path / "file" / "below"))).asker()
