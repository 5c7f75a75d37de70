"""The exchange, code by code: what is minted, what is refused, and what each leaves behind."""

from __future__ import annotations

import json

import pytest

from tests.domain.samples import SHA, github, gitlab, gitlab_claims
from tests.usecases.exchanging import EXPIRES, NOW, Index
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.issuers import LEEWAY, REPLAY_MARGIN
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, publisher
from trustpub.domain.tokens import LIFETIME, parse
from trustpub.parties.issuer.port import KeysWanted, TokenRefused, Why
from trustpub.storage import publishers
from trustpub.storage.tokens import spend
from trustpub.usecases.exchange import Minted, Ready, Refusal
from trustpub.usecases.payload import LONGEST_BODY

ISSUER = DEFAULT_ISSUERS[Provider.GITHUB]


def body(token: object) -> bytes:
    """What a client posts."""
    return json.dumps({"token": token}).encode()


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"nonsense",
        b"[]",
        b'"x"',
        b"{}",
        b'{"token": 7}',
        b'{"token": null}',
        b'{"token": ["x"]}',
        b'{"Token": "x"}',
        b"\xff\xfe",
        b'{"token": "x"',
        b"[" * 50_000,
        b'{"token": "' + b"x" * LONGEST_BODY + b'"}',
    ],
    ids=lambda wrong: wrong[:12].decode("latin-1"),
)
def test_a_body_without_a_token_is_an_invalid_payload(either: Index, wrong: bytes) -> None:
    """Whatever it is instead: 422, one code, and nothing of the body is repeated."""
    answer = either.exchange.open(wrong)
    assert isinstance(answer, Refusal)
    assert (422, "invalid-payload") == (answer.status, answer.code)
    assert "xxxx" not in answer.description


@pytest.mark.parametrize("more", [{}, {"audience": "pypi"}, {"token2": 1, "nested": {"a": []}}])
def test_other_keys_of_the_body_are_ignored(either: Index, more: dict[str, object]) -> None:
    """As PyPI does: only the token counts."""
    claims = Claims(ISSUER, {"iss": ISSUER}, "00", EXPIRES)
    either.verifier.answers["jwt"] = claims
    assert Ready(claims, Provider.GITHUB) == either.exchange.open(json.dumps({**more, "token": "jwt"}).encode())


@pytest.mark.parametrize(
    ("code", "description", "why"),
    [
        ("invalid-payload", "malformed JWT", Why.SEGMENTS),
        ("invalid-payload", "unknown trusted publishing issuer", Why.UNKNOWN_ISSUER),
        ("invalid-token", "malformed or invalid token", Why.SIGNATURE),
    ],
)
def test_what_the_verifier_refuses_is_refused_in_its_words(either: Index, code: str, description: str, why: Why) -> None:
    """The cause stays in our log; the client hears PyPI's words."""
    either.verifier.answers["jwt"] = TokenRefused(code, description, why)
    assert Refusal(422, code, description) == either.exchange.open(body("jwt"))


def test_missing_keys_are_asked_for(either: Index) -> None:
    """Opening never waits: it says which issuer's keys are wanted."""
    either.verifier.answers["jwt"] = KeysWanted(ISSUER)
    assert KeysWanted(ISSUER) == either.exchange.open(body("jwt"))


def test_an_issuer_that_is_of_no_kind_is_unknown(either: Index) -> None:
    """A verifier that believes a token of an issuer it has no kind for is not followed."""
    either.verifier.answers["jwt"] = Claims("https://stranger.example", {}, "00", EXPIRES)
    answer = either.exchange.open(body("jwt"))
    assert Refusal(422, "invalid-payload", "unknown trusted publishing issuer") == answer


def test_a_matching_token_is_exchanged(either: Index) -> None:
    """An upload token of fifteen minutes for every project of the publisher, and for no other."""
    either.project("one", github())
    either.project("two", github())
    either.project("other", github(repository_name="other"))
    answer = either.ask()
    assert isinstance(answer, Minted)
    assert parse(answer.token) is not None
    assert int(NOW) + LIFETIME == answer.expires
    row = either.token(answer)
    assert ["one", "two"] == either.names(row)
    assert (answer.expires, False, github(), {"ref": "refs/tags/v1", "sha": SHA}) == (
        row.expires,
        row.burnt,
        row.publisher,
        row.claims,
    )


def test_an_exchange_leaves_an_event_in_each_covered_project(either: Index) -> None:
    """Which publisher, from which commit, until when; never the token or the jti."""
    one, two = either.project("one", github()), either.project("two", github())
    answer = either.ask(jti="very-secret-jti")
    assert isinstance(answer, Minted)
    for project in (one, two):
        (event,) = either.events("upload-token:minted", project)
        assert github().specifier == event.detail["publisher"]
        assert answer.expires == event.detail["expires"]
        assert "very-secret-jti" not in json.dumps(event.detail)
        assert answer.token not in json.dumps(event.detail)


def test_an_id_token_is_exchanged_once(either: Index) -> None:
    """The second time it is refused by PyPI's code, and no second token exists."""
    either.project("one", github())
    ready = either.ready(either.claims())
    assert isinstance(either.settle(ready), Minted)
    assert Refusal(422, "invalid-reuse-token", "invalid token: already used") == either.settle(ready)
    assert 1 == either.count("upload_tokens")
    assert ["invalid-reuse-token"] == [event.detail["code"] for event in either.events("exchange:refused")]


@pytest.mark.parametrize(
    ("claims", "code"), [({"event_name": "pull_request_target"}, "invalid-reuse-token"), ({"sha": None}, "invalid-publisher")]
)
def test_a_spent_token_with_another_fault_is_refused_in_pypis_order(pypi: Index, claims: dict[str, JSON], code: str) -> None:
    """PyPI looks for the replay after some checks and before others, and so do we."""
    pypi.project("one", github())
    pypi.do(lambda connection: spend(connection, ISSUER, "one", 9_999_999_999))
    assert code == pypi.refused(jti="one", **claims).code


def test_a_spent_token_is_remembered_longer_than_it_could_be_accepted(either: Index) -> None:
    """One constant feeds both: expiry, the leeway, and a margin."""
    either.project("one", github())
    either.minted(jti="one")
    kept = either.see(lambda connection: connection.exec_driver_sql("SELECT issuer, key, expires FROM replays").all())
    assert [(ISSUER, "one", EXPIRES + LEEWAY + REPLAY_MARGIN)] == [tuple(row) for row in kept]


def test_two_issuers_may_use_the_same_jti(ours: Index) -> None:
    """A replay is of one issuer's token: another issuer's numbers mean nothing."""
    enterprise = "https://github.enterprise.example/_services/token"
    ours.project("one", github(), github()._replace(issuer=enterprise))
    assert isinstance(ours.ask(jti="7"), Minted)
    assert isinstance(ours.ask(jti="7", iss=enterprise), Minted)
    assert isinstance(ours.ask(jti="7", iss=enterprise), Refusal)


def test_a_token_without_a_jti_is_spent_too(ours: Index) -> None:
    """By the digest of what was signed."""
    ours.project("one", publisher("google", {"email": "bob@example.org", "sub": ""}))
    claims: dict[str, JSON] = {
        "iss": DEFAULT_ISSUERS[Provider.GOOGLE],
        "email": "bob@example.org",
        "email_verified": True,
        "sub": "1",
    }
    ready = ours.ready({**claims}, Provider.GOOGLE)
    assert isinstance(ours.settle(ready), Minted)
    again = ours.settle(ready)
    assert isinstance(again, Refusal)
    assert "invalid-reuse-token" == again.code
    assert isinstance(ours.settle(ours.ready({**claims, "sub": "2"}, Provider.GOOGLE)), Minted)


def test_a_refused_token_is_not_spent(either: Index) -> None:
    """It can be presented again once the publisher is registered right."""
    ready = either.ready(either.claims())
    refusal = either.settle(ready)
    assert isinstance(refusal, Refusal)
    assert "invalid-publisher" == refusal.code
    assert (0, 0) == (either.count("replays"), either.count("upload_tokens"))
    either.project("one", github())
    assert isinstance(either.settle(ready), Minted)


@pytest.mark.parametrize(
    "claims",
    [
        {"repository": "octo/other"},
        {"repository_owner_id": "43"},
        {"job_workflow_ref": "octo/orchay/.github/workflows/ci.yml@refs/tags/v1"},
        {"event_name": "pull_request_target"},
        {"repository": "no-slash"},
        {"repository": 7},
        {"repository_owner_id": 42},
        {"repository": None},
        {"repository": "octo/\ud800\0"},
        {"ref": ["x"]},
    ],
    ids=str,
)
def test_a_token_that_matches_nobody_is_refused(either: Index, claims: dict[str, object]) -> None:
    """Always 422 `invalid-publisher`, also where PyPI answers 500; an event tells why, nothing is created."""
    either.project("one", github())
    refusal = either.refused(**claims)  # type: ignore[arg-type]
    assert (422, "invalid-publisher") == (refusal.status, refusal.code)
    assert refusal.description.startswith("valid token, but no corresponding publisher (")
    assert (0, 0) == (either.count("replays"), either.count("upload_tokens"))
    assert 1 == len(either.events("exchange:refused"))


def test_a_constrained_publisher_wins_over_an_unconstrained_one(either: Index) -> None:
    """The environment decides, and the token reaches the winner's projects only."""
    either.project("free", github())
    either.project("held", github(environment="pypi"))
    assert ["held"] == either.names(either.minted())
    assert ["free"] == either.names(either.minted(environment="other"))


def test_a_publisher_without_projects_mints_nothing(either: Index) -> None:
    """Its last project was deleted: the row is as if it were not there."""
    either.project("gone", github())
    either.do(lambda connection: connection.exec_driver_sql("DELETE FROM projects"))
    assert 1 == either.count("publishers")
    assert "invalid-publisher" == either.refused().code


def test_an_archived_project_is_still_covered(either: Index) -> None:
    """As on PyPI: the exchange succeeds, the upload is refused."""
    project = either.project("one", github())
    either.do(lambda connection: connection.exec_driver_sql("UPDATE projects SET state = 'archived'"))
    assert frozenset({project.id}) == either.minted().projects


def test_gitlab_keeps_its_own_claims(either: Index) -> None:
    """The ref path instead of the ref; other providers keep nothing."""
    either.project("one", gitlab())
    answer = either.settle(either.ready(gitlab_claims(), Provider.GITLAB))
    assert isinstance(answer, Minted)
    assert {"ref_path": "refs/tags/v1", "sha": SHA} == either.token(answer).claims


def test_expired_rows_are_swept_while_exchanges_go_on(ours: Index) -> None:
    """Nobody waits for a cleaning job: now and then an exchange takes some old rows along."""
    ours.project("one", github())
    ours.do(
        lambda connection: connection.exec_driver_sql(
            "INSERT INTO replays (issuer, key, expires) VALUES ('i', 'old', 1), ('i', 'young', 9999999999)"
        )
    )
    for _ in range(130):
        ours.minted()
    left = ours.see(lambda connection: connection.exec_driver_sql("SELECT key FROM replays WHERE issuer = 'i'").scalars().all())
    assert ["young"] == list(left)


def test_unlinking_ends_a_token_for_that_project(either: Index) -> None:
    """What was minted before reaches only what is still linked."""
    one, two = either.project("one", github()), either.project("two", github())
    token = either.ask()
    assert isinstance(token, Minted)
    either.do(lambda connection: publishers.unlink(connection, either.token(token).publisher_id, one.id))
    assert frozenset({two.id}) == either.token(token).projects
