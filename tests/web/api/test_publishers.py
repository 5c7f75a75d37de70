"""The management API of publishers over real sockets: who may do what, what is refused in which words, and no 500 for rubbish."""

from __future__ import annotations

import json
import os
import time
from base64 import b64encode
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from sqlalchemy import update

from tests.web.site import Answer, Site
from trustpub.domain.claims import JSON
from trustpub.domain.tokens import API_PREFIX, RANDOM_BYTES, digest, mint
from trustpub.storage import accounts
from trustpub.storage.database import Connection
from trustpub.storage.events import Event, events_of
from trustpub.storage.projects import create_project, find_project, grant_role
from trustpub.storage.tables import publishers
from trustpub.usecases.manage import Manage
from trustpub.web.api.openapi import document

PATH = "/api/v1/publishers"
ROW: dict[str, JSON] = {
    "repository_owner": "octo",
    "repository_owner_id": "42",
    "repository_name": "orchay",
    "workflow_filename": "release.yml",
    "environment": "pypi",
}
NEW: dict[str, JSON] = {"project": "orchay", "provider": "github", "publisher": ROW}
SPECIFICATION = OpenAPI.from_dict(document())


def manage(site: Site) -> Manage:
    """The operator's use cases."""
    return Manage(site.database, time.time, os.urandom)


@pytest.fixture
def desk(site: Site) -> Site:
    """An index with the users hana (owner), joon (maintainer) and root (admin), and hana's projects `orchay` and `other`."""
    for name in ("hana", "joon", "root"):
        manage(site).add_user(name, f"{name}@orchay.example", admin=name == "root")

    def make(connection: Connection) -> None:
        hana, joon = (accounts.find_user(connection, name) for name in ("hana", "joon"))
        assert hana is not None
        assert joon is not None
        for name in ("orchay", "other"):
            made = create_project(connection, name, 1.0, hana.id)
            grant_role(connection, made.id, joon.id, "maintainer")

    site.write(make)
    return site


def ask(site: Site, method: str, path: str, token: str | None, body: JSON | bytes = None) -> Answer:
    """One request, whose answer is as the OpenAPI document says."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    answer = site.ask(method, path, headers, content)
    route, _, query = path.partition("?")
    request = MockRequest("http://index.example", method.lower(), route, args=dict([query.split("=", 1)] if "=" in query else []))
    SPECIFICATION.validate_response(
        request, MockResponse(answer.body, answer.status, content_type=answer.headers["content-type"])
    )
    return answer


def register(site: Site, token: str | None, **changed: JSON) -> Answer:
    """Register the usual publisher, with changes."""
    return ask(site, "POST", PATH, token, {**NEW, **changed})


def value(answer: Answer) -> dict[str, JSON]:
    """The object of an answer."""
    told = answer.json()
    assert isinstance(told, dict)
    return told


def errors(answer: Answer) -> list[tuple[JSON, JSON]]:
    """The code and the field of each error of a refusal."""
    told = value(answer)
    assert isinstance(told["message"], str)
    assert isinstance(told["errors"], list)
    rows = [each for each in told["errors"] if isinstance(each, dict) and isinstance(each["description"], str)]
    return [(each["code"], each.get("field", "")) for each in rows]


def event_kinds(site: Site) -> list[tuple[str, str]]:
    """The kinds of events about publishers, the newest first, with who did it."""
    with site.database.read() as connection:
        return [(each.kind, each.actor) for each in events_of(connection) if "publisher" in each.kind]


def test_a_publisher_is_registered_listed_and_removed(desk: Site) -> None:
    """Each change leaves one event of the token's user."""
    token = manage(desk).create_token("hana", "manage")
    made = register(desk, token)
    assert (201, "application/json", "no-store") == (made.status, made.headers["content-type"], made.headers["cache-control"])
    shown = value(made)
    issuer = "https://token.actions.githubusercontent.com"
    assert {
        "id": shown["id"],
        "project": "orchay",
        "pending": False,
        "provider": "github",
        "issuer": issuer,
        "publisher": ROW,
    } == shown
    again = register(desk, token)
    assert (200, shown) == (again.status, again.json())
    assert {"publishers": [shown]} == ask(desk, "GET", f"{PATH}?project=ORCHAY", token).json()
    gone = ask(desk, "DELETE", f"{PATH}/{shown['id']}", token)
    assert (200, shown) == (gone.status, gone.json())
    assert 404 == ask(desk, "DELETE", f"{PATH}/{shown['id']}", token).status
    assert {"publishers": []} == ask(desk, "GET", f"{PATH}?project=orchay", token).json()
    assert [("publisher:removed", "hana"), ("publisher:added", "hana")] == event_kinds(desk)


def test_a_pending_publisher_is_registered_listed_and_removed(desk: Site) -> None:
    """It will make the project for the token's user."""
    token = manage(desk).create_token("hana", "manage")
    made = register(desk, token, project="brand-new", pending=True)
    shown = value(made)
    assert (201, True, "hana") == (made.status, shown["pending"], shown["user"])
    assert (200, shown) == ((again := register(desk, token, project="Brand.New", pending=True)).status, again.json())
    assert {"publishers": [shown]} == ask(desk, "GET", PATH, token).json()
    assert 200 == ask(desk, "DELETE", f"{PATH}/{shown['id']}", token).status
    assert [("pending-publisher:removed", "hana"), ("pending-publisher:added", "hana")] == event_kinds(desk)


def test_names_that_moved_and_names_that_were_taken_are_listed(desk: Site) -> None:
    """As the pages show them, and as the description says."""
    token = manage(desk).create_token("hana", "manage")
    register(desk, token)
    seen = json.dumps({"id": "7", "name": "acme/orchay", "moved": {"owner": ["acme", "acme-corp"]}})
    desk.database.write(lambda connection: connection.execute(update(publishers).values(seen=seen)).rowcount).result()
    (listed,) = json.loads(ask(desk, "GET", f"{PATH}?project=orchay", token).body)["publishers"]
    assert [{"what": "owner", "before": "acme", "now": "acme-corp"}] == listed["moved"]
    register(desk, token, project="brand-new", pending=True)
    desk.database.write(lambda connection: create_project(connection, "brand-new", 1.0, None)).result()
    (waiting,) = json.loads(ask(desk, "GET", PATH, token).body)["publishers"][1:]
    assert (True, True) == (waiting["pending"], waiting["taken"])


def test_the_registered_publisher_is_the_one_that_an_operator_sees(desk: Site) -> None:
    """One table, two doors."""
    register(desk, manage(desk).create_token("hana", "manage"), publisher={**ROW, "environment": "PyPI"})
    assert [("orchay", {**ROW, "environment": "pypi"})] == [
        (each.project, each.publisher.row()) for each in manage(desk).publishers()
    ]


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (lambda _: None, 401, "no-token"),
        (lambda _: "pypi-api_nonsense", 401, "invalid-token"),
        (lambda _: "x" * 20_000, 401, "invalid-token"),
        (lambda site: manage(site).create_token("hana", "read"), 403, "wrong-scope"),
        (lambda site: manage(site).create_token("hana", "upload"), 403, "wrong-scope"),
        (lambda site: manage(site).create_token("joon", "manage"), 403, "not-owner"),
        (lambda site: manage(site).create_token("hana", "manage", "other"), 403, "wrong-project"),
    ],
)
def test_who_may_not_change_is_told_why(desk: Site, make: Callable[[Site], str | None], status: int, code: str) -> None:
    """Before anything is said about the publisher; nothing is changed."""
    token = make(desk)
    row = value(register(desk, manage(desk).create_token("hana", "manage")))
    for answer in (register(desk, token), ask(desk, "DELETE", f"{PATH}/{row['id']}", token)):
        assert (status, [code]) == (answer.status, [each for each, _ in errors(answer)])
        assert ("www-authenticate" in answer.headers) == (status == 401)
    assert 1 == len(manage(desk).publishers())


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (lambda _: None, 401, "no-token"),
        (lambda site: manage(site).create_token("hana", "upload"), 403, "wrong-scope"),
        (lambda site: manage(site).create_token("joon", "read"), 403, "not-owner"),
        (lambda site: manage(site).create_token("hana", "read", "other"), 403, "wrong-project"),
    ],
)
def test_who_may_not_list_is_told_why(desk: Site, make: Callable[[Site], str | None], status: int, code: str) -> None:
    """Maintainers do not see publishers, as on PyPI."""
    answer = ask(desk, "GET", f"{PATH}?project=orchay", make(desk))
    assert (status, [code]) == (answer.status, [each for each, _ in errors(answer)])


def test_a_list_holds_what_the_token_reaches(desk: Site) -> None:
    """An owner's projects and pending publishers, one project, everything for an admin, nothing for a maintainer."""
    owner = manage(desk).create_token("hana", "manage")
    for project, pending in (("orchay", False), ("other", False), ("waiting", True)):
        register(desk, owner, project=project, pending=pending)
    register(desk, manage(desk).create_token("joon", "manage"), project="joons", pending=True)

    def names(token: str) -> list[JSON]:
        rows = value(ask(desk, "GET", PATH, token))["publishers"]
        assert isinstance(rows, list)
        return [each["project"] for each in rows if isinstance(each, dict)]

    assert ["orchay", "other", "waiting"] == names(owner)
    assert ["other"] == names(manage(desk).create_token("hana", "read", "other"))
    assert ["orchay", "other", "joons", "waiting"] == names(manage(desk).create_token("root", "read"))
    assert ["joons"] == names(manage(desk).create_token("joon", "manage"))


def test_an_admin_manages_every_project(desk: Site) -> None:
    """As at the data folder."""
    row = register(desk, manage(desk).create_token("root", "manage"))
    assert (201, [("publisher:added", "root")]) == (row.status, event_kinds(desk))


@pytest.mark.parametrize(("lives", "status"), [(-1, 401), (60, 201)])
def test_a_token_that_expired_is_worth_nothing(desk: Site, lives: int, status: int) -> None:
    """It is looked at when it is used."""
    token = mint(API_PREFIX, os.urandom(RANDOM_BYTES))

    def make(connection: Connection) -> None:
        hana = accounts.find_user(connection, "hana")
        assert hana is not None
        accounts.add_api_token(connection, digest(token), hana.id, "manage", 1.0, expires=int(time.time()) + lives)

    desk.write(make)
    assert status == register(desk, token).status


def test_basic_authentication_does_too(desk: Site) -> None:
    """As for uploads: the user `__token__`."""
    token = manage(desk).create_token("hana", "read")
    credential = b64encode(f"__token__:{token}".encode()).decode()
    assert 200 == desk.get(PATH, Authorization=f"Basic {credential}").status
    assert 401 == desk.get(PATH, Authorization=f"Basic {b64encode(b'hana:secret').decode()}").status


@pytest.mark.parametrize(
    ("changed", "status", "fields"),
    [
        ({"project": None}, 422, ["project"]),
        ({"project": "../x"}, 422, ["project"]),
        ({"project": "nobody"}, 404, ["project"]),
        ({"project": "json", "pending": True}, 422, ["project"]),
        ({"project": "0rchay", "pending": True}, 409, ["project"]),
        ({"pending": True}, 409, ["pending"]),
        ({"pending": "yes"}, 422, ["pending"]),
        ({"provider": "sourceforge"}, 422, ["provider"]),
        ({"provider": ["github"]}, 422, ["provider"]),
        ({"publisher": None}, 422, ["publisher"]),
        ({"publisher": []}, 422, ["publisher"]),
        ({"publisher": {}}, 422, ["repository_owner_id", "repository_owner", "repository_name", "workflow_filename"]),
        ({"publisher": {**ROW, "repository_owner_id": ""}}, 422, ["repository_owner_id"]),
        ({"publisher": {**ROW, "repository_owner_id": 42}}, 422, ["repository_owner_id"]),
        ({"publisher": {**ROW, "repository_name": "octo/orchay"}}, 422, ["repository_name"]),
        ({"publisher": {**ROW, "workflow_filename": "release.txt"}}, 422, ["workflow_filename"]),
        ({"publisher": {**ROW, "workflow_filename": "\ud800.yml"}}, 422, ["workflow_filename"]),
        ({"publisher": {**ROW, "workflow_filename": "a\0.yml"}}, 422, ["workflow_filename"]),
        ({"publisher": {**ROW, "environment": "x" * 5000}}, 422, ["environment"]),
        ({"publisher": {**ROW, "environment": "a;b"}}, 422, ["environment"]),
        ({"publisher": {**ROW, "colour": "red"}}, 422, ["colour"]),
        ({"publisher": {**ROW, "\ud800": "red"}}, 422, ["\\ud800"]),
        ({"issuer": 3}, 422, ["issuer"]),
        ({"issuer": "https://elsewhere.example"}, 422, ["issuer"]),
        ({"issuer": "\ud800"}, 422, ["issuer"]),
        ({"provider": "google", "publisher": {"email": "a@b.example"}}, 422, ["issuer"]),
        ({"provider": "oidc", "publisher": {"sub": "x"}}, 422, ["issuer"]),
        ({"provider": "oidc", "publisher": {"sub": "x"}, "issuer": "https://elsewhere.example"}, 422, ["issuer"]),
        ({"provider": "oidc", "publisher": {str(each): "x" for each in range(51)}}, 422, ["publisher"]),
        ({"allowed": ["pull_request"]}, 422, ["allowed"]),
    ],
)
def test_a_field_that_is_wrong_is_named(desk: Site, changed: dict[str, JSON], status: int, fields: list[str]) -> None:
    """All of them at once; nothing is registered."""
    answer = register(desk, manage(desk).create_token("hana", "manage"), **changed)
    assert (status, fields) == (answer.status, [field for _, field in errors(answer)])
    assert () == manage(desk).publishers()


def test_a_gitlab_publisher_needs_no_lookup(desk: Site) -> None:
    """Its issuer is one that the index knows; it is GitLab's own unless it is given."""
    row: JSON = {"namespace": "octo", "project": "orchay", "workflow_filepath": ".gitlab-ci.yml", "environment": ""}
    made = value(register(desk, manage(desk).create_token("hana", "manage"), provider="gitlab", publisher=row))
    assert ("https://gitlab.com", {**row, "issuer_url": "https://gitlab.com"}) == (made["issuer"], made["publisher"])  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"3", b"null", b"\xff", b'{"project": ', b"[" * 60_000, b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_a_body_that_is_no_object_is_refused(desk: Site, body: bytes) -> None:
    """Before the token is looked at, which costs a transaction."""
    answer = ask(desk, "POST", PATH, manage(desk).create_token("hana", "manage"), body)
    assert (400, [("invalid-payload", "")]) == (answer.status, errors(answer))


def test_a_long_body_is_refused(desk: Site) -> None:
    """As everywhere where a body is read into memory."""
    answer = ask(desk, "POST", PATH, None, b" " * 70_000)
    assert (413, [("invalid-payload", "")]) == (answer.status, errors(answer))


@pytest.mark.parametrize(
    "number", ["1", "0-1", "1-0", "p0", "p", "1-1-1", "x", "9" * 30 + "-1", "1-" + "9" * 18, "p" + "9" * 18, "%00", "%ff"]
)
def test_an_id_that_is_none_names_nothing(desk: Site, number: str) -> None:
    """404 for whatever it is."""
    answer = ask(desk, "DELETE", f"{PATH}/{number}", manage(desk).create_token("hana", "manage"))
    assert (404, [("not-found", "")]) == (answer.status, errors(answer))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("project=", "project"),
        ("project=%00", "project"),
        ("project=%ff", "project"),
        ("project=a&project=b", "project"),
        ("project=../x", "project"),
        ("x=1", "x"),
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("after=x", "after"),
        ("&".join(["x=1"] * 30), ""),
    ],
)
def test_a_query_that_names_no_project_is_refused(desk: Site, query: str, field: str) -> None:
    """Not taken for "all of them"."""
    answer = desk.get(f"{PATH}?{query}", Authorization=f"Bearer {manage(desk).create_token('hana', 'manage')}")
    assert (422, [("invalid-field", field)]) == (answer.status, errors(answer))


@pytest.mark.parametrize(("method", "path", "allow"), [("PUT", PATH, "GET, HEAD, POST"), ("GET", f"{PATH}/1-1", "DELETE, PATCH")])
def test_other_methods_are_refused(desk: Site, method: str, path: str, allow: str) -> None:
    """With those that are known."""
    answer = desk.ask(method, path)
    assert (405, allow) == (answer.status, answer.headers["allow"])


def test_no_answer_and_no_event_holds_a_token(desk: Site) -> None:
    """Nor does the log."""
    token = manage(desk).create_token("hana", "manage")
    told = [register(desk, token), register(desk, token + "x"), register(desk, token, project=token, provider=token)]
    with desk.database.read() as connection:
        kept: tuple[Event, ...] = events_of(connection)
    assert token not in repr([each.body for each in told]) + repr(kept) + repr(desk.log)


def test_one_registration_among_many_at_once_is_new(desk: Site) -> None:
    """The others find it there."""
    from concurrent.futures import ThreadPoolExecutor

    token = manage(desk).create_token("hana", "manage")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.post(PATH, json.dumps(NEW).encode(), Authorization=f"Bearer {token}"), range(16)))
    assert [200] * 15 + [201] == sorted(each.status for each in answers)
    assert 1 == len({each.body for each in answers})


def test_a_publisher_of_two_projects_loses_one(desk: Site) -> None:
    """The link is removed, not the publisher."""
    token = manage(desk).create_token("hana", "manage")
    first, second = (value(register(desk, token, project=name)) for name in ("orchay", "other"))
    assert 200 == ask(desk, "DELETE", f"{PATH}/{first['id']}", token).status
    assert {"publishers": [second]} == ask(desk, "GET", PATH, token).json()


def test_a_project_without_an_owner_is_only_an_admins(desk: Site) -> None:
    """An index may hold such projects: an operator made them."""
    desk.write(lambda connection: create_project(connection, "orphan", 1.0))
    with desk.database.read() as connection:
        assert find_project(connection, "orphan") is not None
    assert 403 == register(desk, manage(desk).create_token("hana", "manage"), project="orphan").status
    assert 201 == register(desk, manage(desk).create_token("root", "manage"), project="orphan").status


def test_the_description_of_the_api_is_served(desk: Site) -> None:
    """To everybody, with the address of the index, and it is valid OpenAPI."""
    answer = desk.get("/api/v1/openapi.json")
    assert (200, {**document(), "servers": [{"url": desk.server.url}]}) == (answer.status, answer.json())
    SPECIFICATION.check_spec()


RUBBISH: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["orchay", "github", "oidc", "gitlab"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*NEW, "pending", "issuer", *ROW]) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=RUBBISH, changed=st.dictionaries(st.sampled_from([*NEW, "pending", "issuer"]), RUBBISH, max_size=3))
def test_rubbish_is_refused_in_words(desk: Site, body: JSON, changed: dict[str, JSON]) -> None:
    """Never with a 500, and always as the OpenAPI document says."""
    token = manage(desk).create_token("hana", "manage")
    for sent in (body, {**NEW, **changed}):
        answer = ask(desk, "POST", PATH, token, sent if sent is not None else b"null")
        assert answer.status in (200, 201, 400, 404, 409, 422)
    assert [] == desk.log
