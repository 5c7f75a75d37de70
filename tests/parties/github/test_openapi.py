"""The fake GitHub through GitHub's own description: every route, every request, every answer. So the fake cannot drift."""

from __future__ import annotations

import json
import re
from string import Template

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from tests.parties.github import openapi
from tests.parties.github.openapi import Differs, Report, checked, described
from tests.parties.github.worlds import ANN, API, JSON, LAMP, Clock, ask, listed, rich, told
from trustpub.parties.github.fake import FakeGitHub
from trustpub.parties.github.fake_wire import ROUTES
from trustpub.parties.wire import Request, Response

pytestmark = described
PYPI = f"{LAMP}/environments/pypi"
PATTERNS = f"{PYPI}/deployment-branch-policies"
SUBJECT = f"{LAMP}/actions/oidc/customization/sub"
ACTIONS = f"{LAMP}/actions/permissions"


CALLS = """
200 GET /user
200 GET /users/bob
200 GET /users/acme
404 GET /users/nobody
200 GET /user/$bob
200 GET /orgs/acme
200 GET /orgs/acme/teams/release
200 GET /orgs/acme/actions/secrets
200 GET /orgs/acme/actions/permissions/workflow
200 GET /orgs/acme/actions/oidc/customization/sub
200 GET $lamp
200 GET $lamp/collaborators?permission=push&per_page=100
200 GET $lamp/collaborators/bob/permission
200 GET $lamp/teams
200 GET $lamp/environments?per_page=100
200 GET $pypi
200 GET $patterns?per_page=1
200 GET $patterns/$pattern
200 PUT $patterns/$pattern {"name": "release/*"}
204 DELETE $patterns/$pattern
200 POST $patterns {"name": "w*", "type": "tag"}
303 POST $patterns {"name": "w*", "type": "tag"}
200 GET $pypi/deployment_protection_rules
200 GET $pypi/secrets
200 GET $pypi/variables
200 PUT $lamp/environments/fresh
200 PUT $pypi {"wait_timer": 3, "reviewers": [{"type": "User", "id": $bob}], "can_admins_bypass": false}
404 POST $patterns {"name": "w*"}
200 PUT $pypi {"deployment_branch_policy": {"protected_branches": true, "custom_branch_policies": false}}
404 POST $patterns {"name": "w*"}
204 DELETE $pypi
200 GET $lamp/rulesets?includes_parents=true&targets=tag,branch
200 GET $lamp/rulesets/$ruleset
201 POST $lamp/rulesets {"name": "new", "target": "tag", "enforcement": "active", "rules": [{"type": "deletion"}]}
422 POST $lamp/rulesets {"name": "new", "target": "tag", "enforcement": "active", "rules": [{"type": "deletion"}]}
200 PUT $lamp/rulesets/$ruleset {"name": "renamed", "enforcement": "disabled"}
204 DELETE $lamp/rulesets/$ruleset
200 GET $lamp/rules/branches/main
200 GET $lamp/actions/permissions
409 GET $lamp/actions/permissions/selected-actions
409 PUT $lamp/actions/permissions/selected-actions {"verified_allowed": true}
204 PUT $lamp/actions/permissions {"enabled": true, "allowed_actions": "selected", "sha_pinning_required": true}
204 PUT $lamp/actions/permissions/selected-actions {"github_owned_allowed": true, "patterns_allowed": ["pypa/*"]}
200 GET $lamp/actions/permissions/selected-actions
200 GET $lamp/actions/permissions
200 GET $lamp/actions/permissions/workflow
204 PUT $lamp/actions/permissions/workflow {"default_workflow_permissions": "write"}
200 GET $subject
201 PUT $subject {"use_default": false, "include_claim_keys": ["repo", "context"], "use_immutable_subject": true}
200 GET $subject
422 PUT $subject {"use_default": false, "include_claim_keys": ["no-dash"]}
404 GET $lamp/immutable-releases
204 PUT $lamp/immutable-releases
200 GET $lamp/immutable-releases
204 DELETE $lamp/immutable-releases
200 GET $lamp/actions/secrets
200 GET $lamp/actions/organization-secrets
200 GET $lamp/dependabot/secrets
200 GET $lamp/actions/runs?event=push&head_sha=$sha&per_page=5
200 GET $lamp/actions/workflows/release.yml/runs?branch=v1.0
200 GET $lamp/actions/runs/$run
200 GET $lamp/actions/runs/$run/jobs?filter=latest
200 GET $lamp/actions/jobs/$job
302 GET $lamp/actions/jobs/$job/logs
410 GET $lamp/actions/jobs/$silent/logs
200 GET $lamp/check-runs/$job/annotations
200 GET $lamp/commits/$sha/check-runs
204 POST $lamp/actions/workflows/release.yml/dispatches {"ref": "main", "inputs": {"index": "testpypi"}}
200 POST $lamp/actions/workflows/release.yml/dispatches {"ref": "v1.0", "return_run_details": true}
200 GET $lamp/git/ref/tags/v1.1
200 GET $lamp/git/matching-refs/tags/v1
200 GET $lamp/git/tags/$annotated
200 GET $lamp/commits/v1.1
200 GET $lamp/contents/.github/workflows/release.yml?ref=main
404 GET $lamp/contents/no.yml
200 GET $lamp/branches/stable
200 GET $lamp/branches/stable/protection
200 GET $lamp/branches?protected=true
200 GET $lamp/releases/latest
200 GET $lamp/releases/tags/v1.0
"""
"""Every route of the fake, once at least, in the order in which it is asked."""


def drive(fake: FakeGitHub, report: Report) -> None:
    """Make the calls of the table, signed in as an owner."""
    send = checked(fake.send, report=report)
    lamp = fake.repositories["acme/lamp"]
    run = fake.add_run("acme/lamp", branch="v1.0", referenced=["acme/lamp/.github/workflows/build.yml"])
    said = ["Tag is not allowed"]
    fake.add_file("acme/lamp", ".github/workflows/release.yml", b"on: push\n")
    job = fake.add_job("acme/lamp", run, steps=[("Set up job", "success")], log="all is well\n", annotations=said)
    names = {
        "lamp": LAMP,
        "pypi": PYPI,
        "patterns": PATTERNS,
        "subject": SUBJECT,
        "bob": fake.owners["bob"].id,
        "pattern": next(iter(fake.environment("acme/lamp", "pypi").policies)),
        "ruleset": next(iter(lamp.rulesets)),
        "sha": run.sha,
        "run": run.id,
        "job": job.id,
        "silent": fake.add_job("acme/lamp", run, "old", log_gone=True, started=False, conclusion="failure").id,
        "annotated": lamp.tags["v1.1"].object,
    }
    for line in Template(CALLS).substitute(names).strip().splitlines():
        status, method, path, *body = line.split(" ", 3)
        response = ask(send, method, path, json.loads(body[0]) if body else None)
        assert (int(status), line) == (response.status, line)


def drive_the_rest(fake: FakeGitHub, report: Report) -> None:
    """Meet the answers that have nothing to do with the route."""
    send = checked(fake.send, report=report)
    fake.add_repository("acme", "secret", visibility="private", plan="enterprise")
    fake.add_repository("acme", "before")
    fake.add_repository("acme", "forced", visibility="private")
    fake.add_token("eve's", "eve")
    fake.owners["acme"].default_permissions = "read"
    etag = ask(send, "GET", LAMP).headers["etag"]
    assert 304 == ask(send, "GET", LAMP, If_None_Match=etag).status
    assert 200 == ask(send, "GET", f"{LAMP.replace('lamp', 'forced')}/actions/permissions/access").status
    assert 401 == ask(send, "GET", LAMP, token="gone").status
    assert 403 == ask(send, "PUT", f"{LAMP}/environments/x", token="eve's").status
    assert 404 == ask(send, "GET", "/repos/acme/secret", token="eve's").status
    assert 400 == ask(send, "GET", LAMP, X_GitHub_Api_Version="1999-01-01").status
    assert 409 == ask(send, "PUT", f"{ACTIONS}/workflow", {"default_workflow_permissions": "write"}).status
    assert 422 == ask(send, "GET", f"{LAMP}/actions/permissions/access").status
    fake.rename_repository("acme/before", "after")
    assert 301 == ask(send, "GET", "/repos/acme/before/environments").status
    assert 404 == ask(send, "GET", f"{LAMP}/environments/missing").status
    assert 307 == ask(send, "PUT", "/repos/acme/before/environments/x", {}).status
    number = fake.repositories["acme/after"].id
    assert 200 == ask(send, "GET", f"/repositories/{number}/environments").status
    fake.slow_down(status=429)
    assert 429 == ask(send, "GET", LAMP).status


def test_every_route_keeps_to_the_description_of_github() -> None:
    """No route answers anything that GitHub does not describe; and no route is passed over."""
    fake, report = rich(), Report()
    drive(fake, report)
    drive_the_rest(fake, report)

    asked = {(each.method, each.path) for each in fake.requests if each.status not in {301, 307, 401, 429}}
    unasked = [
        f"{route.method} {route.template}"
        for route in ROUTES
        if not any(method == route.method and route.pattern.fullmatch(path) for method, path in asked)
    ]
    assert [] == unasked
    assert set(openapi.UNDOCUMENTED) == report.undocumented, "a row that nothing needs"
    assert set(openapi.UNDOCUMENTED_STATUS) == report.statuses, "a row that nothing needs"


def test_every_row_of_what_is_undocumented_names_its_source() -> None:
    """A row without a reason is no row."""
    rows = [*openapi.UNDOCUMENTED.values(), *openapi.UNDOCUMENTED_STATUS.values(), openapi.BY_NUMBER]

    assert [] == [row for row in rows if len(row.split()) < 4]


@pytest.mark.skipif(openapi.description("ghes-3.17") is None, reason=openapi.MISSING)
def test_an_enterprise_server_keeps_to_its_own_description() -> None:
    """What an Enterprise Server does not have, its fake does not have either."""
    fake, report = rich(ghes="3.17"), Report()
    send = checked(fake.send, against="ghes-3.17", report=report)
    api = "https://ghe.example/api/v3"

    paths = (LAMP, f"{LAMP}/environments", PYPI, SUBJECT, f"{LAMP}/rulesets", "/user", ACTIONS, f"{LAMP}/rules/branches/main")
    for path in paths:
        assert (200, path) == (ask(send, "GET", path, api=api).status, path)
    assert 200 == ask(send, "PUT", PYPI, {"wait_timer": 1, "prevent_self_review": True}, api=api).status
    assert {"use_default": True} == told(ask(send, "GET", SUBJECT, api=api))
    assert 404 == ask(fake.send, "GET", f"{LAMP}/immutable-releases", api=api).status


LEAVES = st.none() | st.booleans() | st.integers(-1, 50000) | st.sampled_from(["v*", "tag", "active", "all", "read", "main", ""])
INNER = ["type", "id", "actor_type", "actor_id", "ref_name", "include", "protected_branches", "custom_branch_policies"]
OBJECTS = st.sampled_from(INNER)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(OBJECTS, inner, max_size=2), max_leaves=4
)
WRITES = [line.split(" ")[1:3] for line in CALLS.splitlines() if " PUT " in line or " POST " in line]


def test_whatever_is_sent_the_answer_is_a_described_one(scale: Scale) -> None:
    """Bodies that are half right and wholly wrong: each is answered, in a shape that GitHub describes."""
    known, fake = openapi.description(), rich()
    assert known is not None
    lamp = fake.repositories["acme/lamp"]
    ruleset, pattern = next(iter(lamp.rulesets)), next(iter(fake.environment("acme/lamp", "pypi").policies))
    names = {"lamp": LAMP, "pypi": PYPI, "patterns": PATTERNS, "subject": SUBJECT, "ruleset": ruleset, "pattern": pattern}
    calls = {(method, Template(path).substitute(names)) for method, path in WRITES}
    keys = {call: ["colour", "can_admins_bypass", *known.keys_of(*call)] for call in calls}
    send = checked(fake.send, requests=False)

    @settings(max_examples=scale(60, 5_000), deadline=None)
    @given(st.sampled_from(sorted(calls)), st.data())
    def law(call: tuple[str, str], data: st.DataObject) -> None:
        fake.door.refill()
        body: dict[str, JSON] = data.draw(st.dictionaries(st.sampled_from(keys[call]), VALUES, max_size=4))
        assert ask(send, *call, body).status < 500

    law()


def test_without_a_description_everything_passes_as_it_is() -> None:
    """What cannot be judged is not touched."""
    fake = rich()

    assert checked(fake.send, against="no such thing") == fake.send


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("GET", "/repos/acme/lamp/nonsense", None, "GitHub describes no GET /repos/acme/lamp/nonsense"),
        ("PATCH", PYPI, None, "GitHub describes no PATCH"),
        ("GET", f"{LAMP}/environments?size=100", None, "there is no query `size`"),
        ("GET", f"{LAMP}/environments?per_page=many", None, "query `per_page`"),
        ("GET", LAMP, {"a": 1}, "a body where none is described"),
        ("PUT", PYPI, {"wait_timer": "30"}, r"wait_timer: '30' is not of type 'integer'"),
        ("PUT", PYPI, {"deploy": True}, "`deploy` is not described"),
        ("PUT", PYPI, {"reviewers": [{"type": "Bot", "id": 1}]}, "'Bot' is not one of"),
        ("POST", PATTERNS, {"type": "tag"}, "'name' is a required property"),
        ("POST", PATTERNS, None, "None"),
        ("POST", f"{LAMP}/rulesets", {"name": "x", "enforcement": "on"}, "'on' is not one of"),
    ],
)
def test_a_request_that_github_does_not_describe_does_not_pass(method: str, path: str, body: JSON, said: str) -> None:
    """A wrong path, method, query, key or value is caught before it is sent."""
    fake = rich()

    with pytest.raises(Differs, match=re.escape(said)):
        ask(checked(fake.send), method, path, body)
    assert [] == fake.requests


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"id": "1"}, "is a required property"),
        (200, None, "required property|None"),
        (418, None, "status 418 is not described"),
        (404, {"message": "Not Found", "hint": "look"}, "`hint` is not described"),
        (200, "changed", "'7' is not of type 'integer'"),
        (200, "added", "`colour` is not described"),
        (200, "nested", "`colour` is not described"),
    ],
)
def test_an_answer_that_github_does_not_describe_does_not_pass(status: int, body: JSON, said: str) -> None:
    """A fake that strays is caught: a missing key, a new one at any depth, a value of another kind, a strange status."""
    fake = rich()

    def stray(request: Request) -> Response:
        response = fake.send(request)
        whole = json.loads(response.body)
        changes = {
            "changed": {**whole, "id": "7"},
            "added": {**whole, "colour": "red"},
            "nested": {**whole, "owner": {**whole["owner"], "colour": "red"}},
        }
        content = changes[body] if isinstance(body, str) else body
        return Response(status, response.headers, b"" if content is None else json.dumps(content).encode())

    with pytest.raises(Differs, match=said):
        ask(checked(stray), "GET", LAMP)


def test_credentials_on_the_way_to_another_host_do_not_pass() -> None:
    """Where an answer leads, the token does not follow."""
    fake = rich(Clock())
    run = fake.add_run("acme/lamp")
    job = fake.add_job("acme/lamp", run, log="all is well\n")
    send = checked(fake.send)
    address = ask(send, "GET", f"{LAMP}/actions/jobs/{job.id}/logs").headers["location"]

    assert b"all is well\n" == ask(send, "GET", "", api=address, token=None).body
    with pytest.raises(Differs, match="credentials went to another host"):
        ask(send, "GET", "", api=address)


def test_the_pages_of_a_list_are_led_to_by_number() -> None:
    """`Link` goes by the repository's number, as GitHub's does, and what it leads to is judged as well."""
    fake = rich()
    for number in range(5):
        fake.add_environment("acme/lamp", f"e{number}")
    send = checked(fake.send)

    first = ask(send, "GET", f"{LAMP}/environments?per_page=3")
    number = fake.repositories["acme/lamp"].id
    following = f"{API}/repositories/{number}/environments?per_page=3&page=2"
    assert f'<{following}>; rel="next", <{following[:-1]}3>; rel="last"' == first.headers["link"]
    second = ask(send, "GET", "", api=following)
    assert ["e1", "e2", "e3"] == [each["name"] for each in listed(second, "environments")]
    assert ["prev", "next", "last", "first"] == re.findall('rel="(.*?)"', second.headers["link"])
    assert ANN not in repr(fake.requests)
