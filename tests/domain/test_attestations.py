"""Who must have signed, and the field read before anybody looks at a signature."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.attestations import MAX_NODES, Signer, attestations_problem, signer_of
from trustpub.domain.publishers import Publisher, publisher

GITHUB_FIELDS = {
    "repository_owner": "acme",
    "repository_owner_id": "42",
    "repository_name": "tiny",
    "workflow_filename": "pypi.yml",
    "environment": "pypi",
}
GITLAB_FIELDS = {"namespace": "acme/group", "project": "tiny", "workflow_filepath": "ci/release.yml", "environment": "prod"}
GITHUB = publisher("github", GITHUB_FIELDS)
GHES = publisher("github", GITHUB_FIELDS, "https://ghe.acme.example/_services/token")
GITLAB = publisher("gitlab", GITLAB_FIELDS)
OWN_GITLAB = publisher("gitlab", GITLAB_FIELDS, "https://gitlab.acme.example")
GOOGLE = publisher("google", {"email": "robot@acme.example", "sub": "1"})
ACTIVESTATE = publisher(
    "activestate", {"organization": "acme", "activestate_project_name": "tiny", "actor": "hana", "actor_id": "1"}
)
OIDC = publisher("oidc", {"sub": "x"}, "https://ci.acme.example")
START = "Invalid attestations supplied during upload: "


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (
            GITHUB,
            Signer("GitHub", "https://token.actions.githubusercontent.com", "acme/tiny", "pypi.yml", "pypi", "42"),
        ),
        (GITLAB, Signer("GitLab", "https://gitlab.com", "acme/group/tiny", "ci/release.yml", "prod")),
        (GOOGLE, Signer("Google", "https://accounts.google.com", email="robot@acme.example")),
        (GHES, None),
        (OWN_GITLAB, None),
        (ACTIVESTATE, None),
        (OIDC, None),
    ],
)
def test_who_must_have_signed(who: Publisher, expected: Signer | None) -> None:
    """Only a provider's own issuer is known to the signing service."""
    assert signer_of(who) == expected


@pytest.mark.parametrize(
    ("text", "who", "required", "expected"),
    [
        ("", GITHUB, False, None),
        ("", None, True, None),
        (
            "",
            GITHUB,
            True,
            "This index requires attestations of uploads by Trusted Publishing, and there are none. Upload them with the file.",
        ),
        ("[{}]", GITHUB, True, None),
        ("[{}, {}]", GITHUB, False, None),
        ("[{}]", None, False, "Attestations are only supported when using Trusted Publishing"),
        ("[{}]", ACTIVESTATE, False, "Attestations are not currently supported with ActiveState publishers"),
        (
            "[{}]",
            GHES,
            False,
            (
                "Attestations are not currently supported with GitHub publishers of the issuer "
                "`https://ghe.acme.example/_services/token`: the signing service gives them no certificates"
            ),
        ),
        (
            "[{}]",
            OIDC,
            False,
            (
                "Attestations are not currently supported with OpenID Connect publishers of the issuer "
                "`https://ci.acme.example`: the signing service gives them no certificates"
            ),
        ),
        ("[]", GITHUB, False, "Malformed attestations: an empty attestation set is not permitted"),
        ("[{}, {}, {}]", GITHUB, False, "A maximum of 2 attestations per file are supported"),
        ("{}", GITHUB, False, "Malformed attestations: the field is not a list"),
        ("null", GITHUB, False, "Malformed attestations: the field is not a list"),
        ("[{}", GITHUB, False, "Malformed attestations: the field is not JSON"),
        ("[" * 200_000, GITHUB, False, "Malformed attestations: the field is not JSON"),
        (f"[{'9' * 5000}]", GITHUB, False, "Malformed attestations: the field is not JSON"),
        (
            "[" * 30 + "]" * 30,
            GITHUB,
            False,
            "Malformed attestations: they are nested too deeply, or hold too many values",
        ),
        (
            json.dumps([{"a": [1] * MAX_NODES}]),
            GITHUB,
            False,
            "Malformed attestations: they are nested too deeply, or hold too many values",
        ),
    ],
)
def test_what_is_wrong_with_the_field(text: str, who: Publisher | None, required: bool, expected: str | None) -> None:
    """PyPI's words where PyPI has some."""
    problem = attestations_problem(text, who, required=required)

    assert (problem.message if problem else None) == (START + expected if expected else None)
    assert problem is None or problem.field == "attestations"


JSONS = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=3))


@given(st.one_of(st.text(), JSONS.map(json.dumps)))
def test_no_text_is_an_accident(text: str) -> None:
    """Whatever comes is read or refused."""
    attestations_problem(text, GITHUB, required=False)
