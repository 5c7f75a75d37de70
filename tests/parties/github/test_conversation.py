"""Talking to GitHub: headers, pages, renames, rate limits, what is kept, and what is said of a refusal."""

from __future__ import annotations

import json
from contextlib import suppress
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parties.github.scripted import API, NOW, TOKEN, Scripted, said
from trustpub.domain.github_settings import Account, RefRule
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, TrustpubError, Unreachable
from trustpub.parties.github.conversation import PAGES, VERSION
from trustpub.parties.wire import Request, Response

MONA = {"login": "mona", "id": 7, "type": "User"}
REPOSITORY = {
    "id": 12, "name": "lamp", "full_name": "octo/lamp", "owner": {"login": "octo", "id": 5, "type": "User"},
    "visibility": "public", "default_branch": "main",
}  # fmt: skip


def test_every_request_says_who_calls_which_version_and_for_whom() -> None:
    """GitHub answers nobody without a User-Agent."""
    github = Scripted({"GET /user": said(MONA)})

    assert Account("mona", "7", "User") == github.client().asker()
    assert "GET /user" == github.asked[0]
    headers = github.requests[0].headers
    assert VERSION == headers["X-GitHub-Api-Version"]
    assert "application/vnd.github+json" == headers["Accept"]
    assert f"Bearer {TOKEN}" == headers["Authorization"]
    assert headers["User-Agent"].startswith("trustpub/")


def test_nobody_has_no_token_to_send() -> None:
    """And is not asked who they are."""
    github = Scripted({"GET /users/mona": said(MONA)})
    client = github.client(token="")

    assert Account("mona", "7", "User") == client.account("mona")
    assert "Authorization" not in github.requests[0].headers
    assert Untold("nobody is signed in to GitHub") == client.asker()
    assert (False, 1) == (client.signed_in, len(github.requests))


def secrets_page(*names: str) -> dict[str, object]:
    """One page of a list of secrets."""
    return {"total_count": 9, "secrets": [{"name": name, "updated_at": "2026-01-01T00:00:00Z"} for name in names]}


def test_a_list_is_read_through_all_its_pages() -> None:
    """The next page is where the Link header says, among other links."""
    base = f"{API}/repos/octo/lamp/actions/secrets"
    link = f'<{base}?page=1>; rel="prev", <{base}?per_page=100&page=2>; rel="next", <{base}?page=2>; rel="last"'
    github = Scripted(
        {
            "GET /repos/octo/lamp/actions/secrets?per_page=100": said(secrets_page("A"), link=link),
            "GET /repos/octo/lamp/actions/secrets?per_page=100&page=2": said(secrets_page("B"), link=f'<{base}>; rel="prev"'),
        }
    )

    found, untold = github.client().secrets("octo/lamp", [])

    assert ["A", "B"] == [each.name for each in found]
    assert 1 == len(untold)


@pytest.mark.parametrize(
    "target", ["https://evil.example/next", "http://api.github.com/next", "https://api.github.com:444/x", "//evil.example/"]
)
def test_no_page_is_fetched_elsewhere(target: str) -> None:
    """The token would go along."""
    github = Scripted({"GET /repos/octo/lamp/actions/secrets": said(secrets_page("A"), link=f'<{target}>; rel="next"')})

    with pytest.raises(Unreachable, match="leads away from GitHub's API"):
        github.client().secrets("octo/lamp", [])
    assert 1 == len(github.requests)


def test_a_list_without_an_end_is_given_up() -> None:
    """A page that leads to itself."""
    link = f'<{API}/repos/octo/lamp/actions/secrets>; rel="next"'
    github = Scripted({"GET /repos/octo/lamp/actions/secrets": said(secrets_page("A"), link=link)})

    with pytest.raises(Unreachable, match=f"more than {PAGES} pages"):
        github.client().secrets("octo/lamp", [])
    assert PAGES == len(github.requests)


def test_a_renamed_repository_is_followed_and_reported() -> None:
    """GitHub leads to the repository's number."""
    moved = said({"message": "Moved Permanently"}, 301, location=f"{API}/repositories/12")
    github = Scripted({"GET /repos/octo/candle": moved, "GET /repositories/12": said(REPOSITORY)})

    found = github.client(token=None).repository("octo/candle")

    assert not isinstance(found, Untold)
    assert found is not None
    assert ("octo/lamp", "octo/candle") == (found.slug, found.renamed_from)


def test_another_case_is_no_rename() -> None:
    """GitHub compares without case."""
    github = Scripted({"GET /repos/OCTO/Lamp": said(REPOSITORY)})

    found = github.client(token=None).repository("OCTO/Lamp")

    assert found is not None
    assert not isinstance(found, Untold)
    assert "" == found.renamed_from


@pytest.mark.parametrize("status", [301, 307, 308])
def test_a_change_follows_a_renamed_repository_in_the_same_words(status: int) -> None:
    """Method and body stay."""
    moved = said({"message": "Moved"}, status, location=f"{API}/repositories/12/environments/pypi")
    github = Scripted({"PUT /repos/octo/candle/environments/pypi": moved, "PUT /repositories/12/environments/pypi": said({})})

    github.client().put_environment("octo/candle", "pypi", {"wait_timer": 5})

    assert [b'{"wait_timer": 5}'] * 2 == [each.body for each in github.requests]


def test_a_rename_does_not_lead_elsewhere() -> None:
    """The token stays at home."""
    moved = said({}, 301, location="https://evil.example/")
    github = Scripted({"GET /repos/octo/lamp": moved})

    with pytest.raises(Unreachable, match="leads away"):
        github.client().repository("octo/lamp")
    assert [f"{API}/repos/octo/lamp"] == [each.url for each in github.requests]


def test_a_rename_without_an_end_is_given_up() -> None:
    """It leads to itself."""
    github = Scripted({"GET /repos/octo/lamp": said({}, 301, location=f"{API}/repos/octo/lamp")})

    with pytest.raises(Unreachable, match="one redirect leads to the next"):
        github.client().repository("octo/lamp")


def test_a_change_is_asked_for_once() -> None:
    """A gateway that stumbles may have let it through: what became of it is seen by reading."""
    put = "PUT /repos/octo/lamp/environments/pypi"
    github = Scripted({put: said(None, 502)})

    with pytest.raises(Unreachable, match="it answered 502"):
        github.client().put_environment("octo/lamp", "pypi", {})
    assert [put] == github.asked


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_tried_once_more_behind_a_gateway_that_stumbles(status: int) -> None:
    """Once, after a second; the second stumble is told."""
    github = Scripted({"GET /user": [said(None, status), said(MONA)], "GET /users/mona": said(None, status)})

    assert Account("mona", "7", "User") == github.client().asker()
    with pytest.raises(Unreachable, match=f"it answered {status}"):
        github.client().account("mona")
    assert ["GET /user"] * 2 + ["GET /users/mona"] * 2 == github.asked
    assert [1, 1] == github.slept


def test_githubs_own_failure_is_not_tried_again() -> None:
    """500 is an answer."""
    github = Scripted({"GET /user": said({"message": "Server Error"}, 500)})

    with pytest.raises(Unreachable, match="it answered 500"):
        github.client().asker()
    assert 1 == len(github.requests)


def test_a_token_that_is_no_longer_taken_is_named_and_not_shown() -> None:
    """For reading and for writing."""
    expired = said({"message": "Bad credentials"}, 401)
    github = Scripted({"GET /user": expired, "PUT /repos/octo/lamp/environments/pypi": expired})

    for call in (github.client().asker, lambda: github.client().put_environment("octo/lamp", "pypi", {})):
        with pytest.raises(Unreachable) as caught:
            call()
        assert "GitHub no longer takes the token" == caught.value.why
        assert "gh auth login" in caught.value.next_step
        assert "GH_TOKEN" in caught.value.next_step
        assert TOKEN not in f"{caught.value}{caught.value!r}"


PAGE = Response(200, {"content-type": "text/html; charset=utf-8"}, b"<!DOCTYPE html><title>Sign in</title>")


@pytest.mark.parametrize("status", [200, 403, 404, 407, 422])
def test_a_web_page_is_no_answer(status: int) -> None:
    """Whatever its status is: GitHub's API speaks JSON even when it refuses."""
    page = Response(status, PAGE.headers, PAGE.body)
    github = Scripted({"GET /user": page, "PUT /repos/octo/lamp/environments/pypi": page})

    with pytest.raises(Unreachable, match=f"answered {status} with a web page instead of JSON"):
        github.client().asker()
    if status != 200:
        with pytest.raises(Unreachable, match="a web page"):
            github.client().put_environment("octo/lamp", "pypi", {})


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff\xfe", b"nope", b'{"login": 1}', b'"text"', b"[]", b"null", b""])
def test_nonsense_is_no_answer(body: bytes) -> None:
    """Cut, too deep, of no encoding, of another shape."""
    github = Scripted({"GET /user": Response(200, {}, body)})

    with pytest.raises(Unreachable):
        github.client().asker()


def test_a_field_of_a_wrong_type_is_named() -> None:
    """And where it stands."""
    github = Scripted({"GET /repos/octo/lamp": said(REPOSITORY | {"owner": {"login": ["octo"]}})})

    with pytest.raises(Unreachable, match=r"`login` in the repository `octo/lamp`.owner: it is not of the kind"):
        github.client().repository("octo/lamp")


def test_true_is_no_number() -> None:
    """To Python it is one."""
    with pytest.raises(Unreachable, match="`id` in the account `mona`"):
        Scripted({"GET /users/mona": said(MONA | {"id": True})}).client().account("mona")


def test_a_list_that_is_missing_is_not_an_empty_one() -> None:
    """No environments and no word about environments are two things."""
    github = Scripted({"GET /repos/octo/lamp/environments": said({"total_count": 0})})

    with pytest.raises(Unreachable, match="`environments` in the environments of `octo/lamp`"):
        github.client().environments("octo/lamp")


@pytest.mark.parametrize(("apart", "words"), [(720, "12 minutes ahead of"), (-7200, "120 minutes behind")])
def test_a_wrong_clock_is_told_once(apart: float, words: str) -> None:
    """With what will come of it."""
    github = Scripted({"GET /users/mona": said(MONA, date=formatdate(NOW, usegmt=True))}, now=NOW + apart)
    client = github.client()

    client.account("mona")
    client.account("mona")

    assert [
        f"The clock of this machine is {words} GitHub's. ID tokens will be refused where the clock is wrong: set it."
    ] == github.lines


@pytest.mark.parametrize(
    "headers",
    [{"date": formatdate(NOW - 240, usegmt=True)}, {"date": "yesterday"}, {}, {"date": formatdate(0, usegmt=True), "age": "9"}],
)
def test_a_clock_that_may_be_right_is_not_told(headers: dict[str, str]) -> None:
    """A few minutes, no date, or the date of a cache in between."""
    github = Scripted({"GET /users/mona": Response(200, headers, said(MONA).body)})

    github.client().account("mona")

    assert [] == github.lines


@pytest.mark.parametrize(
    "slug", ["octo", "octo/lamp/x", "../lamp", "octo/..", "octo/", "octo/la mp", "octo/lamp?x=1", "octo/%2e%2e", ""]
)
def test_what_is_no_repository_is_not_asked_for(slug: str) -> None:
    """A path that leads elsewhere would be answered, about something else."""
    github = Scripted({})

    with pytest.raises(BadInput, match="is not of the form `owner/name`"):
        github.client().repository(slug)
    assert [] == github.requests


@pytest.mark.parametrize("name", ["..", ".", ""])
def test_no_name_leads_up_the_path(name: str) -> None:
    """A PUT of the environment `..` would be a PUT of the repository."""
    github = Scripted({})

    with pytest.raises(BadInput):
        github.client().put_environment("octo/lamp", name, {})
    assert [] == github.requests


@settings(deadline=None)
@given(name=st.text(min_size=1, max_size=40).filter(lambda name: name not in {".", ".."} and name.isprintable()))
def test_any_name_of_an_environment_is_one_part_of_the_path(name: str) -> None:
    """Slashes, question marks, percent signs and other alphabets."""
    github = Scripted({})
    github.client().environment("octo/lamp", name)

    path = github.requests[0].url.removeprefix(f"{API}/repos/octo/lamp/environments/")
    assert path.isascii()
    assert not set(path) & set("/?#")


KEYS = ["id", "name", "login", "type", "environments", "secrets", "rules"]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(KEYS), each, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(body=JUNK)
def test_nonsense_never_gets_past_the_client(body: object) -> None:
    """Every reader ends in a value or in an error of ours."""

    def everything(request: Request) -> Response:
        return Response(200, {}, json.dumps(body).encode())

    github = Scripted({})
    github.send = everything  # type: ignore[method-assign]
    client, slug = github.client(), "octo/lamp"
    for call in (
        client.asker, lambda: client.account("x"), lambda: client.team("x", "y"), lambda: client.repository(slug),
        lambda: client.environments(slug), lambda: client.environment(slug, "pypi"), lambda: client.rulesets(slug),
        lambda: client.actions(slug), lambda: client.subject(slug), lambda: client.immutable_releases(slug),
        lambda: client.secrets(slug, ["pypi"]), lambda: client.people(slug), lambda: client.branch(slug, "main"),
        lambda: client.runs(slug), lambda: client.run(slug, "1"), lambda: client.jobs(slug, "1"),
        lambda: client.annotations(slug, "1"),
        lambda: client.content(slug, "a.yml", "main"),
        lambda: client.tag_commit(slug, "v1"), lambda: client.latest_release(slug), lambda: client.put_ruleset(slug, {}),
        lambda: client.remove_ref_rule(slug, "pypi", RefRule("tag", "v*", "3")),
        lambda: client.dispatch(slug, "pypi.yml", "main", {}),
    ):  # fmt: skip
        with suppress(TrustpubError):
            call()
