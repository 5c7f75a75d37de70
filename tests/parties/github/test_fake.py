"""The fake GitHub's door: who is let in, under which name, how often; and how a test makes it fail."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from tests.parties.github.worlds import ANN, API, JSON, LAMP, Clock, ask, listed, rich, told
from trustpub.parties.github.fake import FakeGitHub, Killed, Made
from trustpub.parties.wire import Request, Response

HIDDEN = "/repos/acme/hidden"


def with_hidden(permissions: Mapping[str, str] | None = None) -> FakeGitHub:
    """A world with a private repository of Enterprise, and a fine-grained token of Bob's."""
    fake = rich()
    fake.add_repository("acme", "hidden", visibility="private", plan="enterprise", teams={"release": "write"})
    fake.add_environment("acme/hidden", "pypi")
    fake.add_token("github_pat_bob", "bob", permissions=permissions or {})
    return fake


@pytest.mark.parametrize(
    ("token", "path", "status", "message"),
    [
        (ANN, LAMP, 200, None),
        (None, LAMP, 200, None),
        ("unknown", LAMP, 401, "Bad credentials"),
        ("expired", LAMP, 401, "Bad credentials"),
        (None, "/user", 401, "Requires authentication"),
        ("ghs_job", "/user", 403, "Resource not accessible by integration"),
        ("ghs_job", f"{LAMP}/actions/secrets", 403, "Resource not accessible by integration"),
        ("ghs_job", f"{LAMP}/actions/runs", 200, None),
        (None, f"{LAMP}/actions/secrets", 401, "Requires authentication"),
        ("ghp_eve", f"{LAMP}/actions/secrets", 403, "Must have push access to repository."),
        ("ghp_eve", f"{LAMP}/actions/permissions", 403, "Must have admin rights to Repository."),
        ("ghp_eve", HIDDEN, 404, "Not Found"),
        (None, HIDDEN, 404, "Not Found"),
        ("ghp_public", HIDDEN, 404, "Not Found"),
        ("ghp_public", f"{LAMP}/actions/permissions", 200, None),
        ("ghp_no_scope", f"{LAMP}/actions/permissions", 404, "Not Found"),
        ("github_pat_bob", f"{HIDDEN}/environments", 403, "Resource not accessible by personal access token"),
        ("github_pat_bob", f"{LAMP}/environments", 200, None),
        ("github_pat_far", HIDDEN, 404, "Not Found"),
        (ANN, "/repos/acme/nothing", 404, "Not Found"),
    ],
)
def test_who_is_let_in(token: str | None, path: str, status: int, message: str | None) -> None:
    """Bad credentials, too little scope, too small a role, and what may not be known to be there."""
    fake = with_hidden()
    fake.add_token("expired", "ann", expired=True)
    fake.add_token("ghs_job", permissions={"actions": "read"}, installation=True, repositories=["acme/lamp"])
    fake.add_token("ghp_eve", "eve")
    fake.add_token("ghp_public", "ann", scopes=["public_repo"])
    fake.add_token("ghp_no_scope", "ann", scopes=["gist"])
    fake.add_token("github_pat_far", "ann", permissions={"actions": "read"}, repositories=["acme/lamp"])

    response = ask(fake.send, "GET", path, token=token)

    assert (status, message) == (response.status, told(response).get("message"))


def test_the_permission_that_was_wanted_is_named() -> None:
    """A refusal names it, to tokens that have permissions; classic ones read of scopes instead."""
    fake = with_hidden({"actions": "read"})

    refused = ask(fake.send, "GET", f"{HIDDEN}/actions/secrets", token="github_pat_bob")
    unseen = ask(fake.send, "GET", f"{HIDDEN}/environments/none", token="github_pat_bob")
    classic = ask(fake.send, "GET", "/orgs/acme/actions/secrets")

    assert (403, "secrets=read") == (refused.status, refused.headers["x-accepted-github-permissions"])
    assert (404, "actions=read") == (unseen.status, unseen.headers["x-accepted-github-permissions"])
    assert ("repo, admin:org", "admin:org") == (classic.headers["x-oauth-scopes"], classic.headers["x-accepted-oauth-scopes"])


def test_whoever_does_not_say_what_they_are_is_refused() -> None:
    """A request without `User-Agent` is forbidden."""
    response = rich().send(Request("GET", API + LAMP))

    assert 403 == response.status


def test_an_unknown_version_of_the_api_is_a_bad_request() -> None:
    """Both dated versions are known to github.com, the newer one not to an Enterprise Server."""
    known = [
        ask(rich().send, "GET", LAMP, X_GitHub_Api_Version=each).status for each in ("2022-11-28", "2026-03-10", "2000-01-01")
    ]

    assert [200, 200, 400] == known
    assert 400 == ask(rich(ghes="3.17").send, "GET", LAMP, X_GitHub_Api_Version="2026-03-10").status


def test_a_renamed_repository_is_led_to() -> None:
    """Reading is 301 and writing 307, both by number; the new name answers, and so does the number."""
    fake = rich()
    number = fake.rename_repository("acme/lamp", "lantern").id

    read = ask(fake.send, "GET", f"{LAMP}/environments/pypi")
    written = ask(fake.send, "PUT", f"{LAMP}/environments/pypi", {})

    address = f"{API}/repositories/{number}/environments/pypi"
    assert [(301, address), (307, address)] == [(each.status, each.headers["location"]) for each in (read, written)]
    assert "pypi" == told(ask(fake.send, "GET", "", api=address))["name"]
    assert "acme/lantern" == told(ask(fake.send, "GET", "/repos/acme/lantern"))["full_name"]
    assert 404 == ask(fake.send, "GET", "/repositories/1").status


def test_a_moved_private_repository_leads_no_stranger() -> None:
    """Whoever may not see it is not told that it has moved."""
    fake = with_hidden()
    fake.add_organization("other")
    fake.rename_repository("acme/hidden", "other/hidden")

    assert 404 == ask(fake.send, "GET", HIDDEN, token=None).status


def test_a_new_repository_takes_an_old_name() -> None:
    """What is there now goes before what was there once."""
    fake = rich()
    old = fake.rename_repository("acme/lamp", "lantern").id
    new = fake.add_repository("acme", "lamp").id

    assert new == told(ask(fake.send, "GET", LAMP))["id"] != old


def test_what_has_not_changed_is_304_and_free() -> None:
    """An ETag stands for the whole body, and only whoever is signed in is spared the count."""
    fake = rich()
    first = ask(fake.send, "GET", LAMP)

    again = ask(fake.send, "GET", LAMP, If_None_Match=first.headers["etag"])
    assert (304, b"", "4999") == (again.status, again.body, again.headers["x-ratelimit-remaining"])
    fake.repositories["acme/lamp"].archived = True
    assert 200 == ask(fake.send, "GET", LAMP, If_None_Match=first.headers["etag"]).status


def test_the_primary_limit_counts_each_caller_for_an_hour() -> None:
    """Sixty for strangers, five thousand for people, a thousand for a job; then 403 until the hour is over."""
    clock = Clock()
    fake = rich(clock)
    fake.add_token("ghs_job", permissions={}, installation=True)
    limits = [ask(fake.send, "GET", LAMP, token=token).headers["x-ratelimit-limit"] for token in (None, ANN, "ghs_job")]
    answers = [ask(fake.send, "GET", LAMP, token=None) for _ in range(60)]

    assert ["60", "5000", "1000"] == limits
    assert [200] * 59 + [403] == [each.status for each in answers]
    assert "0" == answers[-1].headers["x-ratelimit-remaining"]
    assert "retry-after" not in answers[-1].headers
    assert 200 == ask(fake.send, "GET", LAMP).status
    clock.time = float(answers[-1].headers["x-ratelimit-reset"])
    assert 200 == ask(fake.send, "GET", LAMP, token=None).status


def test_the_limits_can_be_met_on_demand() -> None:
    """The primary one until it is reset, the secondary one for so many calls, with `Retry-After`."""
    clock = Clock()
    fake = rich(clock)
    fake.exhaust(reset_in=90)
    used_up = ask(fake.send, "GET", LAMP)
    clock.time += 90
    fake.slow_down(2, retry_after=7, status=429)
    after = [ask(fake.send, "GET", LAMP) for _ in range(3)]

    assert (403, str(int(clock.time))) == (used_up.status, used_up.headers["x-ratelimit-reset"])
    assert [(429, "7"), (429, "7"), (200, None)] == [(each.status, each.headers.get("retry-after")) for each in after]


@pytest.mark.parametrize(("mode", "made"), [("before", 404), ("after", 200)])
def test_a_call_can_be_the_last_one(mode: str, made: int) -> None:
    """`Killed` is no `Exception`; it comes once, before the call is carried out or right after."""
    fake = rich()
    fake.die_at(2, "before" if mode == "before" else "after")

    ask(fake.send, "GET", LAMP)
    with pytest.raises(Killed):
        ask(fake.send, "PUT", f"{LAMP}/environments/fresh", {})
    assert made == ask(fake.send, "GET", f"{LAMP}/environments/fresh").status
    assert not issubclass(Killed, Exception)


def test_the_evidence_is_method_path_and_status() -> None:
    """Never a header, a body or a query; what somebody else answered in its stead stands there, too."""
    fake = rich()
    fake.before = lambda request: Response(502, {}, b"<html>") if request.method == "PUT" else None

    ask(fake.send, "GET", f"{LAMP}/environments?per_page=1", api="https://ghe.example/api/v3")
    ask(fake.send, "PUT", f"{LAMP}/environments/x", {})

    assert [Made("GET", f"{LAMP}/environments", 200), Made("PUT", f"{LAMP}/environments/x", 502)] == fake.requests
    assert [("PUT", f"{LAMP}/environments/x", 502)] == fake.writes


@pytest.mark.parametrize(("size", "pages"), [(1, 5), (2, 3), (5, 1), (100, 1)])
def test_following_the_links_brings_every_entry_once(size: int, pages: int) -> None:
    """Whatever the size of a page."""
    fake = rich()
    for number in range(3):
        fake.add_environment("acme/lamp", f"e{number}")
    found, address, asked = list[JSON](), f"{API}{LAMP}/environments?per_page={size}", 0
    while address:
        response = ask(fake.send, "GET", "", api=address)
        found += [each["name"] for each in listed(response, "environments")]
        following = re.search('<([^>]*)>; rel="next"', response.headers.get("link", ""))
        address, asked = following[1] if following else "", asked + 1

    assert (pages, ["pypi", "docs", "e0", "e1", "e2"]) == (asked, found)


def test_accounts_tell_what_the_token_is_for() -> None:
    """A plan is told by `/user` to a token with `user`, by `/orgs` to owners with `admin:org`, and to nobody else."""
    fake = rich()
    fake.add_token("plain", "ann")
    fake.add_token("private", "ann", scopes=["user"])
    fake.add_token("bob's", "bob", scopes=["admin:org"])

    def has_plan(path: str, token: str) -> bool:
        return "plan" in told(ask(fake.send, "GET", path, token=token))

    assert [False, True] == [has_plan("/user", token) for token in ("plain", "private")]
    assert [True, False, False] == [has_plan("/orgs/acme", token) for token in (ANN, "plain", "bob's")]


def test_an_archived_repository_takes_no_changes() -> None:
    """It is read-only for its owners, too."""
    fake = rich()
    fake.repositories["acme/lamp"].archived = True

    assert [200, 403] == [ask(fake.send, method, f"{LAMP}/environments/pypi").status for method in ("GET", "PUT")]


def test_people_and_teams_have_the_most_that_anything_gives_them() -> None:
    """Owners, members of teams, outside collaborators; strangers of a public repository are nobody."""
    fake = rich()
    people = listed(ask(fake.send, "GET", f"{LAMP}/collaborators"))
    pushing = listed(ask(fake.send, "GET", f"{LAMP}/collaborators?permission=push"))
    teams = listed(ask(fake.send, "GET", f"{LAMP}/teams"))

    assert {("ann", "admin"), ("bob", "write"), ("carl", "triage")} == {(each["login"], each["role_name"]) for each in people}
    assert {"ann", "bob"} == {each["login"] for each in pushing}
    assert [("release", "push")] == [(each["slug"], each["permission"]) for each in teams]


def test_malformed_json_is_a_bad_request(scale: Scale) -> None:
    """What is no JSON is 400, what is no object is 400, and a strange key is 422."""
    fake = rich()

    def status(raw: bytes) -> int:
        return ask(fake.send, "PUT", f"{LAMP}/environments/pypi", raw=raw).status

    assert [400, 400, 400, 422] == [status(raw) for raw in (b"{", b"\xff", b"[1]", b'{"a": 1}')]

    @settings(max_examples=scale(50, 2000), deadline=None)
    @given(st.binary(min_size=1, max_size=40))
    def law(raw: bytes) -> None:
        assert status(raw) in {200, 400, 422}

    law()


def test_a_path_that_is_none_is_not_found(scale: Scale) -> None:
    """Whatever is asked for, there is an answer, and it is 404 when the path is none of GitHub's."""
    fake = rich()
    known = ["repos", "acme", "lamp", "environments", "pypi", "user", "rulesets", "actions", "7"]
    words = st.sampled_from([*known, "%2F", "..", "", "é"])

    @settings(max_examples=scale(100, 5000), deadline=None)
    @given(st.lists(words, max_size=7), st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH"]))
    def law(parts: list[str], method: str) -> None:
        fake.door.refill()
        response = ask(fake.send, method, "/" + "/".join(["nonsense", *parts]))
        assert 404 == response.status
        assert ask(fake.send, method, "/" + "/".join(parts)).status in range(200, 500)

    law()
