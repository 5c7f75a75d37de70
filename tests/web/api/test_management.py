"""`/api/v1` beyond publishers, over real sockets: every request is described, and every answer is as it is described."""

from __future__ import annotations

import re

from sqlalchemy import select, update
from starlette.routing import Route

from tests.web.api.test_publishers import NEW, PATH, ask, desk, errors, manage, register, value  # noqa: F401 - desk is a fixture
from tests.web.site import Answer, Site
from trustpub.domain.claims import JSON
from trustpub.storage.tables import api_tokens
from trustpub.web.api.openapi import OPERATIONS
from trustpub.web.app import MANAGEMENT

PROJECTS = "/api/v1/projects"
ROW: JSON = NEW["publisher"]


def test_every_route_is_described_and_every_description_has_a_route(desk: Site) -> None:  # noqa: F811
    """Method by method; the description itself is not in it."""
    routes = [route for module in MANAGEMENT for route in module.routes(desk.service) if isinstance(route, Route)]
    there = {(method.lower(), route.path) for route in routes for method in route.methods or () if method != "HEAD"}
    assert {(method, path) for method, path, *_ in OPERATIONS} == there - {("get", "/api/v1/openapi.json")}


def test_whoami(desk: Site) -> None:  # noqa: F811
    """A token of any scope says whose it is; none says nothing."""
    token = manage(desk).create_token("hana", "upload", "orchay")
    expected = {"user": "hana", "admin": False, "scope": "upload", "project": "orchay", "expires": None}
    assert expected == ask(desk, "GET", "/api/v1/whoami", token).json()
    assert (401, [("no-token", "")]) == refusal(ask(desk, "GET", "/api/v1/whoami", None))


def test_a_use_of_a_token_is_noted(desk: Site) -> None:  # noqa: F811
    """Whatever it was for; not that of one which is refused."""
    used, old = manage(desk).create_token("hana", "read"), manage(desk).create_token("hana", "read")
    revoke = update(api_tokens).where(api_tokens.c.id == 2).values(revoked_at=1.0)
    desk.write(lambda connection: connection.execute(revoke).rowcount)
    for token in (used, old):
        ask(desk, "GET", PROJECTS, token)
    noted = desk.write(lambda connection: connection.execute(select(api_tokens.c.id, api_tokens.c.used_at)).all())
    assert [1] == [row_id for row_id, at in noted if at is not None]


def test_projects_are_listed_in_pieces(desk: Site) -> None:  # noqa: F811
    """`next` leads on, until nothing follows."""
    token = manage(desk).create_token("hana", "read")
    first = value(ask(desk, "GET", f"{PROJECTS}?limit=1", token))
    second = value(ask(desk, "GET", f"{PROJECTS}?after={first['next']}", token))
    names = [each["name"] for told in (first, second) for each in told["projects"]]  # type: ignore[union-attr,index,call-overload]
    assert ["orchay", "other"] == names
    assert "next" not in second
    assert (422, [("invalid-field", "after")]) == refusal(ask(desk, "GET", f"{PROJECTS}?after=x", token))


def refusal(answer: Answer) -> tuple[int, list[tuple[JSON, JSON]]]:
    """Status and errors."""
    return answer.status, errors(answer)


STRICT: tuple[tuple[JSON | bytes, str], ...] = (
    (b'{"trusted_only": true, "trusted_only": false}', "trusted_only"),
    ({"trusted": True}, "trusted"),
    ({"trusted_only": 1}, "trusted_only"),
    ({"trusted_only": "true"}, "trusted_only"),
    ({"state": "closed"}, "state"),
    ({}, ""),
    ({"trusted_only": True, "state": "archived"}, ""),
)


def test_json_is_read_strictly(desk: Site) -> None:  # noqa: F811
    """Keys that stand twice, that are unknown, and values of another kind are refused by their names."""
    token = manage(desk).create_token("hana", "manage")
    for body, named in STRICT:
        assert (422, [("invalid-field", named)]) == refusal(ask(desk, "PATCH", f"{PROJECTS}/orchay", token, body)), body


def test_what_is_no_object_is_refused(desk: Site) -> None:  # noqa: F811
    """With 400, whatever it is."""
    token = manage(desk).create_token("hana", "manage")
    for body in (b"", b"[]", b"{", b'{"confirm": NaN}', b"\xff", b'{"a":' * 9000):
        assert (400, [("invalid-payload", "")]) == refusal(ask(desk, "DELETE", f"{PROJECTS}/orchay", token, body)), body[:9]


def test_a_project_is_changed_and_deleted(desk: Site) -> None:  # noqa: F811
    """State, switch, people, and the end; each read back."""
    token, path = manage(desk).create_token("hana", "manage"), f"{PROJECTS}/orchay"
    assert value(ask(desk, "PATCH", path, token, {"trusted_only": True}))["trusted_only"] is True
    archived = value(ask(desk, "PATCH", path, token, {"state": "archived", "reason": "use other"}))
    assert ("archived", "use other") == (archived["state"], archived["reason"])
    assert "active" == value(ask(desk, "PATCH", path, token, {"state": "active"}))["state"]
    assert (403, [("not-admin", "")]) == refusal(ask(desk, "PATCH", path, token, {"state": "quarantined"}))
    assert "owner" == value(ask(desk, "PATCH", f"{path}/people/joon", token, {"role": "owner"}))["role"]
    offered = value(ask(desk, "POST", f"{path}/invitations", token, {"who": "new@orchay.example", "role": "maintainer"}))
    people = value(ask(desk, "GET", f"{path}/people", token))
    assert [offered] == people["invitations"]
    assert 200 == ask(desk, "DELETE", f"{path}/invitations/{offered['id']}", token).status
    assert (404, [("not-found", "")]) == refusal(ask(desk, "DELETE", f"{path}/invitations/x", token))
    assert "joon" == value(ask(desk, "DELETE", f"{path}/people/joon", token))["user"]
    assert (422, [("not-confirmed", "confirm")]) == refusal(ask(desk, "DELETE", path, token, {"confirm": "x"}))
    kinds = [each["kind"] for each in value(ask(desk, "GET", f"{path}/events", token))["events"]]  # type: ignore[union-attr,index,call-overload]
    assert "role:removed" == kinds[0]
    assert 200 == ask(desk, "DELETE", path, token, {"confirm": "orchay"}).status
    assert (404, [("not-found", "project")]) == refusal(ask(desk, "GET", path, token))


def test_a_release_is_yanked_and_deleted(desk: Site) -> None:  # noqa: F811
    """With a reason, back again, then file by file."""
    desk.publish("other-1.0-py3-none-any.whl", b"bytes")
    token, path = manage(desk).create_token("hana", "manage"), f"{PROJECTS}/other"
    yanked = value(ask(desk, "POST", f"{path}/releases/1.0/yank", token, {"reason": "broken"}))
    assert (True, "broken") == (yanked["yanked"], yanked["reason"])
    assert value(ask(desk, "DELETE", f"{path}/releases/1.0/yank", token))["yanked"] is False
    listed = value(ask(desk, "GET", f"{path}/releases", token))["releases"]
    assert isinstance(listed, list)
    assert 1 == len(listed)
    gone = ask(desk, "DELETE", f"{path}/files/other-1.0-py3-none-any.whl", token, {"confirm": "other"})
    assert "other-1.0-py3-none-any.whl" == value(gone)["filename"]
    assert 200 == ask(desk, "DELETE", f"{path}/releases/1.0", token, {"confirm": "1.0"}).status
    assert (404, [("not-found", "version")]) == refusal(ask(desk, "DELETE", f"{path}/releases/1.0", token, {"confirm": "1.0"}))


def test_publishers_are_constrained_and_tried(desk: Site) -> None:  # noqa: F811
    """Refs are refused by name, kept, and decide."""
    token = manage(desk).create_token("hana", "manage")
    made = value(register(desk, token, refs=["refs/tags/v*"]))
    assert ["refs/tags/v*"] == made["refs"]
    path = f"{PATH}/{made['id']}"
    assert (422, [("invalid-field", "refs")]) == refusal(ask(desk, "PATCH", path, token, {"refs": ["v*"]}))
    assert (422, [("invalid-field", "refs")]) == refusal(ask(desk, "PATCH", path, token, {"refs": [1]}))
    assert "refs" not in value(ask(desk, "PATCH", path, token, {"refs": []}))
    tried = value(ask(desk, "POST", f"{path}/test", token, {"claims": {"repository": "octo/orchay"}}))
    assert "refused" == tried["verdict"]
    assert (409, [("already-there", "refs")]) == refusal(register(desk, token, refs=["refs/tags/v*"]))


def test_readers_are_for_administrators(desk: Site) -> None:  # noqa: F811
    """Who lists, adds and removes them."""
    owner, admin = manage(desk).create_token("hana", "manage"), manage(desk).create_token("root", "manage")
    new: JSON = {"provider": "github", "publisher": ROW}
    assert (403, [("not-admin", "")]) == refusal(ask(desk, "POST", "/api/v1/readers", owner, new))
    made = value(ask(desk, "POST", "/api/v1/readers", admin, new))
    assert (409, [("already-there", "")]) == refusal(ask(desk, "POST", "/api/v1/readers", admin, new))
    assert (403, [("not-admin", "")]) == refusal(ask(desk, "GET", "/api/v1/readers", owner))
    assert {"readers": [made]} == ask(desk, "GET", "/api/v1/readers", admin).json()
    assert made == ask(desk, "DELETE", f"/api/v1/readers/{made['id']}", admin).json()
    assert (404, [("not-found", "")]) == refusal(ask(desk, "DELETE", "/api/v1/readers/x", admin))


def test_without_a_token_nothing_is_told(desk: Site) -> None:  # noqa: F811
    """401 on every request that was understood."""
    sent: dict[str, JSON] = {
        "Confirmation": {"confirm": "x"},
        "Role": {"role": "owner"},
        "NewInvitation": {"who": "x", "role": "owner"},
        "Claims": {"claims": {}},
        "NewReader": {"provider": "github", "publisher": {}},
    }
    for method, path, _, _, takes, _ in OPERATIONS:
        body = sent.get(takes, {}) if takes else None
        assert 401 == ask(desk, method.upper(), re.sub(r"{\w+}", "orchay", path), None, body).status, (method, path)
