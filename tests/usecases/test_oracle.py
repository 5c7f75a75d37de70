"""One line in, one line out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.samples import OIDC_ISSUER, activestate, activestate_claims, github, github_claims, oidc, oidc_claims
from trustpub.domain.matching import Profile
from trustpub.usecases.oracle import answer

PYPI, OURS = Profile.PYPI, Profile.TRUSTPUB


def ask(question: object, profile: Profile = PYPI) -> dict[str, Any]:
    """The answer to a question, after its way through JSON."""
    said = answer(json.dumps(question), profile)
    assert "\n" not in said.line
    assert said.line.isascii()
    return json.loads(said.line)  # type: ignore[no-any-return]


def exchange(**more: object) -> dict[str, object]:
    """A GitHub exchange that is accepted."""
    return {"provider": "github", "publishers": [github().row()], "claims": github_claims(), **more}


def test_an_accepted_exchange() -> None:
    """The decision, the position, no difference."""
    assert {"decision": "accept", "publisher": 0, "differences": []} == ask(exchange())


def test_a_refused_exchange() -> None:
    """Code, reason, description, and the fields that differ."""
    reason = "Publisher with matching claims was not found"

    assert {
        "decision": "reject",
        "code": "invalid-publisher",
        "reason": reason,
        "description": f"valid token, but no corresponding publisher ({reason})",
        "differences": [{"field": "workflow_filename", "expected": "release.yml", "got": "pypi.yml"}],
    } == ask(exchange(publishers=[github(workflow_filename="release.yml").row()]))


def test_a_spent_token() -> None:
    """Its identifier is among those seen: no reason."""
    expected = {
        "decision": "reject",
        "code": "invalid-reuse-token",
        "description": "invalid token: already used",
        "differences": [],
    }

    assert expected == ask(exchange(seen_jti=["other", "one"]))
    assert "accept" == ask(exchange(seen_jti=["other"]))["decision"]
    assert "accept" == ask(exchange(seen_jti=[]))["decision"]


def test_unknown_keys_are_ignored_and_pending_rows_are_matched_alike() -> None:
    """On the line, in a row; absent and null fields are empty."""
    row = {**github().row(), "environment": None, "colour": "red", "project_name": 7}
    del row["environment"]

    assert "accept" == ask(exchange(publishers=[row], pending=True, comment={"any": "thing"}))["decision"]


def test_a_missing_issuer_is_the_providers_own() -> None:
    """And one that is there is compared."""
    claims = github_claims()
    del claims["iss"]

    assert "accept" == ask(exchange(claims=claims))["decision"]
    assert "issuer" == ask(exchange(claims={**claims, "iss": "https://ghe.example"}))["differences"][0]["field"]


def test_a_row_may_name_its_issuer_and_the_events_it_allows() -> None:
    """Beyond PyPI's rows, for our own profile."""
    own = {**github().row(), "issuer": "https://ghe.example", "allowed_events": ["workflow_run"]}
    question = exchange(publishers=[own], claims=github_claims(iss="https://ghe.example", event_name="workflow_run"))

    assert "accept" == ask(question, OURS)["decision"]
    assert "reject" == ask(question, PYPI)["decision"]


def test_every_provider_can_be_asked() -> None:
    """ActiveState by its row, a generic issuer by its claims."""
    active = {"provider": "activestate", "publishers": [activestate().row()], "claims": activestate_claims()}
    generic = {"provider": "oidc", "publishers": [{**oidc().row(), "issuer": OIDC_ISSUER}], "claims": oidc_claims()}

    assert "accept" == ask(active)["decision"]
    assert "accept" == ask(generic)["decision"]


def form(**more: object) -> dict[str, object]:
    """A GitHub form that is accepted."""
    fields = {"owner": "octo", "repository": "orchay", "workflow_filename": "pypi.yml", "environment": "PyPI"}
    return {"mode": "form", "provider": "github", "fields": fields, "github_user": {"login": "Octo", "id": 42}, **more}


def test_an_accepted_form() -> None:
    """What is stored, by the form's names."""
    stored = {"owner": "Octo", "repository": "orchay", "workflow_filename": "pypi.yml", "environment": "pypi", "owner_id": 42}

    assert {"valid": True, "errors": {}, "stored": stored} == ask(form())


@pytest.mark.parametrize("user", [404, 403, 500, "timed-out", None])
def test_a_refused_form(user: object) -> None:
    """The wrong field, words, and nothing stored."""
    said = ask(form(github_user=user))

    assert (False, ["owner"], None) == (said["valid"], list(said["errors"]), said["stored"])


def test_an_activestate_form() -> None:
    """The lookups come along."""
    fields = {"organization": "Octo Org", "project": "orchay", "actor": "hana"}
    lookups = {"activestate_organization": {"login": "Octo Org", "id": "o"}, "activestate_actor": {"login": "hana", "id": "u-7"}}

    said = ask({"mode": "form", "provider": "activestate", "fields": fields, **lookups})

    assert {"organization": "Octo Org", "project": "orchay", "actor": "hana", "actor_id": "u-7"} == said["stored"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("", "the line is not JSON"),
        ("{", "the line is not JSON"),
        ("[]", "the line: it is not an object"),
        ("7", "the line: it is not an object"),
        ("{}", "provider: it is not one of github, gitlab, google, activestate, oidc"),
        ('{"provider": "circleci", "claims": {}}', "provider: it is not one of"),
        ('{"provider": ["github"], "claims": {}}', "provider: it is not one of"),
        ('{"provider": "github"}', "claims: it is not an object"),
        ('{"provider": "github", "claims": []}', "claims: it is not an object"),
        ('{"provider": "github", "claims": {}, "publishers": {}}', "publishers: it is not a list"),
        ('{"provider": "github", "claims": {}, "publishers": [7]}', "publishers[0]: it is not an object"),
        ('{"provider": "github", "claims": {}, "publishers": [{"environment": 7}]}', "environment: it is not text"),
        ('{"provider": "github", "claims": {"jti": "x"}, "seen_jti": "x"}', "seen_jti: it is not a list"),
        ('{"provider": "oidc", "claims": {}, "publishers": [{"a": "b"}]}', "oidc publisher: it names no issuer"),
        ('{"mode": "form", "provider": "github"}', "fields: it is not an object"),
        ('{"mode": "form", "provider": "github", "fields": {"owner": 7}}', "fields.owner: it is not text"),
        (
            '{"mode": "form", "provider": "github", "fields": {}, "github_user": {"login": "x"}}',
            "an account: it is an object with",
        ),
        ('{"provider": "github", "claims": {"x": NaN}}', "the line is not JSON: NaN is no number that JSON has"),
        ('{"provider": "github", "claims": {"x": -Infinity}}', "the line is not JSON"),
        ('{"provider": "github", "claims": {"x": 1e400}}', "the line is not JSON: 1e400 is no number that JSON has"),
        ('{"provider": "github", "claims": {"x": ' + "1" * 5000 + "}}", "the line is not JSON"),
        ('{"provider": "github", "claims": {"x": ' + "[" * 100_000 + "}}", "the line is nested too deeply"),
        (b"\xff\xfe", "the line is not JSON"),
        (b"\xef\xbb\xbf{}", "the line is not JSON"),
    ],
)
def test_an_unreadable_line(line: str | bytes, error: str) -> None:
    """An `error` that says what, and nothing else; it is not decided."""
    said = answer(line, PYPI)

    assert ["error"] == list(said.values)
    assert str(said.values["error"]).startswith(error)
    assert not said.decided
    assert said.values == json.loads(said.line)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["provider", "publishers", "claims", "seen_jti", "mode", "fields", "github_user", "pending"]


@given(st.dictionaries(st.sampled_from(KEYS), ANY_JSON, max_size=6), st.booleans(), st.sampled_from([PYPI, OURS]))
def test_any_line_has_an_answer(changed: dict[str, object], alone: bool, profile: Profile) -> None:
    """Whatever JSON it holds: a decision, a form's result, or an error; never an exception."""
    said = answer(json.dumps(changed if alone else {**exchange(), **changed}), profile)

    assert said.decided != ("error" in said.values)
    assert {"decision", "valid", "error"} & said.values.keys()
    assert said.values == json.loads(said.line)


@given(st.binary(max_size=40))
def test_any_bytes_have_an_answer(line: bytes) -> None:
    """Noise is an error."""
    assert not answer(line, PYPI).decided
