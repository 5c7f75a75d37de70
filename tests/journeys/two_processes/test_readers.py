"""A private index in two processes: who may read at one may at the other, and who may no more is refused at both at once."""

from __future__ import annotations

import json

import pytest

from tests.journeys.two_processes.pair import ORIGIN, Pair
from trustpub.parties.issuer.github_claims import Job, github_claims

pytestmark = pytest.mark.pg

INSIDE, PAGE = "/inside", "/inside/simple/orchay/"
READS = Job(owner="octo", repository="reads", owner_id="42")


def read(pair: Pair, token: str) -> list[int]:
    """What both say to whoever shows this token."""
    return [side.program("GET", PAGE, token).status for side in pair.sides]


def test_a_read_token(pair: Pair) -> None:
    """Made at one it reads at both; the reader is removed at the other, and it reads at neither."""
    id_token = pair.github.sign(github_claims(READS), audience="inside")
    answers = [side.program("POST", INSIDE + "/_/oidc/read-token", body={"token": id_token}) for side in pair.sides]
    assert [200, 422] == [answer.status for answer in answers], answers
    token = str(json.loads(answers[0].body)["token"])
    assert [200, 200] == read(pair, token)
    path = f"{INSIDE}/api/v1/readers/{pair.inside.ids['reader']}"
    assert pair.other.program("DELETE", path, pair.inside.tokens["root manage"]).status in (200, 204)
    assert ([401, 401], [401, 401]) == (read(pair, token), read(pair, pair.inside.tokens["reader"]))


def test_a_persons_token_and_session(pair: Pair) -> None:
    """Revoked at one, signed out at one: refused at the other."""
    token = pair.inside.tokens["ann read"]
    assert [200, 200] == read(pair, token)
    cookie = {"Cookie": f"trustpub-inside={pair.inside.cookies['ann']}", "Sec-Fetch-Site": "same-origin"}
    assert [200, 200] == [side.ask("GET", INSIDE + "/rss/updates.xml", cookie).status for side in pair.sides]
    told = {**cookie, "Content-Type": "application/x-www-form-urlencoded", "Origin": ORIGIN, "Accept": "text/html"}
    number = pair.inside.ids["token ann read"]
    gone = pair.one.ask("POST", INSIDE + "/manage/account/token/revoke/", told, f"id={number}".encode())
    assert (303, [401, 401]) == (gone.status, read(pair, token))
    assert 303 == pair.one.ask("POST", INSIDE + "/account/logout/", told, b"").status
    assert [401, 401] == [side.ask("GET", INSIDE + "/rss/updates.xml", cookie).status for side in pair.sides]
