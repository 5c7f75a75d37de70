"""The emulated GitHub, as clients and verifiers see it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.parties.issuer.suite import AUDIENCE, NOW, Clock, key
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.issuers import BUILT_IN, Issuer
from trustpub.domain.publishers import Provider
from trustpub.parties.issuer.emulated_github import EmulatedGitHub, TokenRequest
from trustpub.parties.issuer.github_claims import ISSUER, Job, github_claims
from trustpub.parties.issuer.http import fetch
from trustpub.parties.issuer.jws import parse
from trustpub.parties.issuer.port import TokenRefused, Why, verify_now
from trustpub.parties.issuer.verifier import StrictVerifier

JOB = Job(owner="octo", repository="sample", environment="pypi", ref="refs/tags/v1.0")


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def github(clock: Clock) -> Iterator[EmulatedGitHub]:
    """A running emulation with a job."""
    with EmulatedGitHub(key=key(), clock=clock) as running:
        running.set_job(github_claims(JOB))
        yield running


def get(url: str, authorization: str | None = None, method: str = "GET", path: str | None = None) -> tuple[int, dict[str, JSON]]:
    """A bare request, as curl makes it: status and JSON."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc, timeout=10)
    headers = {"User-Agent": "curl/8"} | ({"Authorization": authorization} if authorization else {})
    connection.request(method, path or f"{place.path}?{place.query}", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, json.loads(body) if body else {}


def asked(github: EmulatedGitHub, audience: str = AUDIENCE) -> str:
    """A token, asked for as the toolkit does: the audience simply appended."""
    status, answer = get(f"{github.token_request_url}&audience={audience}", f"Bearer {github.request_token}")
    assert 200 == status
    value = answer["value"]
    assert isinstance(value, str)
    assert {"count": len(value), "value": value} == answer
    return value


def test_a_token_has_githubs_claims_types_and_times(github: EmulatedGitHub) -> None:
    """All claims of the job, texts but for the three times; five minutes to live, valid since ten minutes ago."""
    token = parse(asked(github))
    assert {"typ", "alg", "kid", "x5t"} == set(token.header)
    claims = dict(token.payload)
    assert (NOW, NOW + 300, NOW - 600) == (claims.pop("iat"), claims.pop("exp"), claims.pop("nbf"))
    assert {**github_claims(JOB), "jti": claims["jti"], "iss": ISSUER, "aud": AUDIENCE} == claims
    assert {str} == {type(value) for value in claims.values()}


def test_each_token_has_its_own_jti(github: EmulatedGitHub) -> None:
    """A job may ask as often as it likes and gets a new token each time."""
    assert 3 == len({parse(asked(github)).payload["jti"] for _ in range(3)})


def test_the_request_url_has_githubs_odd_shape(github: EmulatedGitHub) -> None:
    """It has a query already, and a double slash inside."""
    place = urlsplit(github.token_request_url)
    assert "api-version=2.0" == place.query
    assert "//idtoken/" in place.path


def test_without_an_audience_the_token_is_for_the_owners_page(github: EmulatedGitHub) -> None:
    """GitHub's default, which no index accepts."""
    _, answer = get(github.token_request_url, f"bearer {github.request_token}")
    assert "https://github.com/octo" == parse(str(answer["value"])).payload["aud"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_compared_without_case(github: EmulatedGitHub, scheme: str) -> None:
    """Clients differ in how they write it."""
    assert 200 == get(github.token_request_url, f"{scheme} {github.request_token}")[0]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic {}", "{}", "Bearer {}x", "token {}", "Bearer \u00e9"]
)
def test_who_does_not_know_the_request_token_gets_nothing(github: EmulatedGitHub, header: str | None) -> None:
    """401 without a token, and the request is on record as refused."""
    status, answer = get(github.token_request_url, header.format(github.request_token) if header else None)
    assert (401, ["message"]) == (status, list(answer))
    assert [401] == [record.status for record in github.records]


def test_requests_are_on_record(github: EmulatedGitHub, clock: Clock) -> None:
    """By whom, for which audience, when; never with a token."""
    asked(github, "pypi")
    clock.now += 5
    asked(github, "my%2Findex%20%C3%A9")
    assert [TokenRequest("curl/8", "pypi", NOW), TokenRequest("curl/8", "my/index \u00e9", NOW + 5)] == github.records
    assert github.request_token not in repr(github.records)


def test_a_job_must_be_set_first() -> None:
    """Like the real service, which refuses tokens for jobs that are not in progress."""
    with EmulatedGitHub(key=key()) as github:
        assert 403 == get(github.token_request_url, f"Bearer {github.request_token}")[0]


def test_other_paths_and_methods_are_quietly_refused(github: EmulatedGitHub, capfd: pytest.CaptureFixture[str]) -> None:
    """404 elsewhere, 501 for other methods, HEAD without a body, and not a word on stderr."""
    assert 404 == get(github.url, path="/")[0]
    assert 404 == get(github.url, path="/idtoken/x//idtoken/y")[0]
    assert (200, {}) == get(github.url, method="HEAD", path="/.well-known/jwks")
    assert (404, {}) == get(github.url, method="HEAD", path="/nowhere")
    place = urlsplit(github.url)
    connection = http.client.HTTPConnection(place.netloc, timeout=10)
    connection.request("POST", "/.well-known/jwks", body=b"x")
    assert 501 == connection.getresponse().status
    connection.close()
    assert ("", "") == capfd.readouterr()


def test_the_documents_have_githubs_shape(github: EmulatedGitHub) -> None:
    """Discovery with the members that GitHub has, keys with certificate and thumbprint."""
    document = json.loads(fetch(f"{github.url}/.well-known/openid-configuration"))
    assert {
        "issuer",
        "jwks_uri",
        "subject_types_supported",
        "response_types_supported",
        "claims_supported",
        "id_token_signing_alg_values_supported",
        "scopes_supported",
    } == set(document)
    assert (ISSUER, github.jwks_url, ["RS256"]) == (
        document["issuer"],
        document["jwks_uri"],
        document["id_token_signing_alg_values_supported"],
    )
    keys = json.loads(fetch(github.jwks_url))["keys"]
    assert [{"n", "e", "kty", "kid", "alg", "use", "x5c", "x5t"}] == [set(entry) for entry in keys]


def verifier(github: EmulatedGitHub, clock: Clock, jwks: str | None = None) -> StrictVerifier:
    """A verifier that trusts this emulation, with the real fetch."""
    return StrictVerifier([*BUILT_IN, Issuer(Provider.GITHUB, github.issuer, jwks=jwks)], AUDIENCE, clock, fetch)


def test_a_verifier_believes_it_by_its_key_address(github: EmulatedGitHub, clock: Clock) -> None:
    """GitHub's name with the emulation's keys: real requests over loopback, and the claims come back."""
    answer = verify_now(verifier(github, clock, github.jwks_url), asked(github))
    assert isinstance(answer, Claims)
    assert (ISSUER, "octo/sample", NOW + 300) == (answer.issuer, answer.values["repository"], answer.expires)


def test_a_verifier_believes_it_by_discovery(clock: Clock) -> None:
    """An emulation under its own address is found as every issuer is."""
    with EmulatedGitHub(issuer=None, key=key(), clock=clock) as github:
        github.set_job(github_claims(JOB))
        answer = verify_now(verifier(github, clock), asked(github))
        assert isinstance(answer, Claims)
        assert github.url == answer.issuer


def test_keys_can_be_rotated_and_withdrawn(github: EmulatedGitHub, clock: Clock) -> None:
    """A verifier follows over real HTTP: both keys while both are published, then only the new one."""
    judge = verifier(github, clock, github.jwks_url)
    first = asked(github)
    github.rotate(key("key-2"))
    second = asked(github)
    assert [True, True] == [isinstance(verify_now(judge, token), Claims) for token in (first, second)]
    github.rotate(key("key-3"), keep=False)
    clock.now += 60
    third = asked(github)
    assert isinstance(verify_now(judge, third), Claims)
    assert [False, False] == [isinstance(verify_now(judge, token), Claims) for token in (first, second)]


def test_an_emulation_that_is_gone_is_an_outage(clock: Clock) -> None:
    """Nothing raises when the issuer cannot be reached."""
    with EmulatedGitHub(key=key(), clock=clock) as github:
        github.set_job(github_claims(JOB))
        token, judge = asked(github), verifier(github, clock, github.jwks_url)
    answer = verify_now(judge, token)
    assert isinstance(answer, TokenRefused)
    assert Why.NO_KEYS is answer.why


def test_a_token_can_differ_in_one_thing(github: EmulatedGitHub, clock: Clock) -> None:
    """`sign` makes the twins of a good token: other claims, header, key, lifetime."""
    judge = verifier(github, clock, github.jwks_url)
    good = github_claims(JOB)
    assert isinstance(verify_now(judge, github.sign(good, audience=AUDIENCE)), Claims)
    bad = {
        Why.AUDIENCE: github.sign(good, audience="other"),
        Why.EXPIRED: github.sign({**good, "iat": NOW - 900}, audience=AUDIENCE, lifetime=-600),
        Why.ALGORITHM: github.sign(good, audience=AUDIENCE, header={"alg": "none"}),
        Why.SIGNATURE: github.sign(good, audience=AUDIENCE, key=key("foreign").renamed("key-1")),
        Why.LIFETIME: github.sign(good, audience=AUDIENCE, lifetime=3601),
    }
    answers = {why: verify_now(judge, token) for why, token in bad.items()}
    assert list(bad) == [answer.why for answer in answers.values() if isinstance(answer, TokenRefused)]


def test_many_ask_at_once(github: EmulatedGitHub) -> None:
    """Requests on many connections are all answered, each with its own token."""
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda: tokens.append(asked(github))) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert 24 == len(set(tokens)) == len(github.records)


@pytest.mark.parametrize("audience", ["pypi", "testpypi", "my-index.local"])
def test_the_id_library_reads_it(github: EmulatedGitHub, audience: str, tmp_path: Path) -> None:
    """The library behind twine and the publish action gets a token that it believes itself."""
    run = subprocess.run(
        [sys.executable, "-m", "id", audience],
        env={**github.environment(), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ("", 0) == (run.stderr, run.returncode)
    assert audience == parse(run.stdout.strip()).payload["aud"]
    assert [audience] == [record.audience for record in github.records]
    assert github.records[0].user_agent.startswith("python-urllib3/")


def test_it_must_be_running() -> None:
    """Addresses exist only inside the `with`."""
    with pytest.raises(RuntimeError):
        _ = EmulatedGitHub(key=key()).url
