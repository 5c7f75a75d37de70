"""What is taken away at one process is worth nothing at the other, from its next request on."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.journeys.two_processes.pair import Pair, Side
from tests.negative.furnished import PROJECT

pytestmark = pytest.mark.pg

MANAGE = f"/manage/project/{PROJECT}/settings/"


def test_an_api_token_that_was_revoked(pair: Pair) -> None:
    """By its owner, on a page of the other."""
    token = pair.tokens["ann manage"]
    assert [200, 200] == [side.program("GET", "/api/v1/projects", token).status for side in pair.sides]
    gone = pair.other.send("/manage/account/token/revoke/", pair.cookies["ann"], id=str(pair.ids["token ann manage"]))
    assert gone.status == 303
    assert [401, 401] == [side.program("GET", "/api/v1/projects", token).status for side in pair.sides]


def test_the_tokens_of_a_closed_account(pair: Pair) -> None:
    """To manage, and to upload."""
    closed = pair.one.send("/admin/active/", pair.cookies["root"], id=str(pair.ids["mia"]), active="no")
    assert closed.status == 303
    assert pair.other.program("GET", "/api/v1/whoami", pair.tokens["mia manage"]).status == 401
    assert pair.other.upload(pair.tokens["mia upload"]).status == 403


def test_an_upload_token_of_the_other(pair: Pair) -> None:
    """Minted at one it uploads at the other."""
    assert pair.other.upload(pair.mint(pair.one)).status == 200


UNKNOWN = "Invalid or non-existent authentication information"
Taking = Callable[[Pair, Side, str], object]
TAKEN: dict[str, tuple[Taking, str]] = {
    "burnt": (
        lambda _, side, token: side.program("POST", "/_/oidc/burn-token", body={"token": token}),
        UNKNOWN,
    ),
    "publisher removed": (
        lambda pair, side, _: side.send(
            f"{MANAGE}publishing/{pair.ids['publisher']}-{pair.ids[PROJECT]}/remove/", pair.cookies["ann"]
        ),
        UNKNOWN,
    ),
    "publisher removed by a program": (
        lambda pair, side, _: side.program(
            "DELETE", f"/api/v1/publishers/{pair.ids['publisher']}-{pair.ids[PROJECT]}", pair.tokens["ann manage"]
        ),
        UNKNOWN,
    ),
    "archived": (
        lambda pair, side, _: side.send(MANAGE + "archive/", pair.cookies["ann"], reason="over"),
        "isn't allowed to upload",
    ),
    "quarantined": (
        lambda pair, side, _: side.send(f"/admin/projects/{PROJECT}/quarantine/", pair.cookies["root"], reason="malware"),
        "isn't allowed to upload",
    ),
    "deleted": (
        lambda pair, side, _: side.send(MANAGE + "delete/", pair.cookies["ann"], confirm=PROJECT),
        UNKNOWN,
    ),
}


@pytest.mark.parametrize("how", TAKEN)
def test_between_the_exchange_and_the_upload(pair: Pair, how: str) -> None:
    """The token is minted at one, something is taken away at the other, and the first one refuses the upload."""
    taking, why = TAKEN[how]
    token = pair.mint(pair.one)
    done = taking(pair, pair.other, token)
    assert getattr(done, "status", 0) in (200, 204, 303), done
    refused = pair.one.upload(token)
    assert (refused.status in (400, 403), why in refused.reason) == (True, True), refused
    assert pair.rows("SELECT count(*) FROM files") == [(0 if how == "deleted" else 1,)]


def test_a_publisher_that_was_removed_exchanges_nothing(pair: Pair) -> None:
    """At the other, with a token that is good otherwise."""
    gone = pair.one.program(
        "DELETE", f"/api/v1/publishers/{pair.ids['publisher']}-{pair.ids[PROJECT]}", pair.tokens["ann manage"]
    )
    assert gone.status in (200, 204)
    refused = pair.other.program("POST", "/_/oidc/mint-token", body={"token": pair.id_token()})
    assert (422, "invalid-publisher") == (refused.status, json.loads(refused.body)["errors"][0]["code"])


def test_trusted_publishing_only(pair: Pair) -> None:
    """Switched on at one, a person's token is refused at the other, and a publisher's is not."""
    assert pair.one.send(MANAGE + "trusted-only/", pair.cookies["ann"], on="yes").status == 303
    assert pair.other.upload(pair.tokens["ann upload"]).status == 403
    assert pair.other.upload(pair.mint(pair.one)).status == 200
