"""Rows of publishers as programs send them: what is stored of a row is a row that is stored as it is."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.claims import JSON
from trustpub.domain.issuers import Issuer
from trustpub.domain.publishers import DEFAULT_ISSUERS, FIELDS, Provider, Publisher
from trustpub.usecases.publisher_rows import MOST_SHOWN, Wrong, publisher_of_row, wrong_field

OIDC = "https://ci.example"
ISSUERS = (*(Issuer(kind, url) for kind, url in DEFAULT_ISSUERS.items()), Issuer(Provider.OIDC, OIDC))
ROWS: dict[str, dict[str, str]] = {
    "github": {
        "repository_owner": "Octo",
        "repository_owner_id": "42",
        "repository_name": "orchay",
        "workflow_filename": "release.yml",
        "environment": "pypi",
    },
    "gitlab": {"namespace": "octo/sub", "project": "orchay", "workflow_filepath": "ci/release.yml", "environment": "PyPI"},
    "google": {"email": "bot@octo.example.com", "sub": "17"},
    "activestate": {"organization": "octo", "activestate_project_name": "orchay", "actor": "mona", "actor_id": "9"},
    "oidc": {"sub": "project:orchay", "ref": "main"},
}


def read(provider: JSON, row: JSON, issuer: JSON = None) -> Publisher | Wrong:
    """What an index makes of a row that knows every provider."""
    return publisher_of_row(provider, row, issuer, ISSUERS)


@pytest.mark.parametrize("provider", ROWS)
def test_every_provider_has_rows(provider: str) -> None:
    """With its own issuer, unless it has none."""
    issuer = OIDC if provider == "oidc" else None
    found = read(provider, {**ROWS[provider]}, issuer)
    assert isinstance(found, Publisher)
    assert ROWS[provider].items() <= found.row().items()
    assert found.issuer == (OIDC if provider == "oidc" else DEFAULT_ISSUERS[Provider(provider)])


@pytest.mark.parametrize("provider", ROWS)
@given(data=st.data())
def test_what_is_stored_is_stored_as_it_is(provider: str, data: st.DataObject) -> None:
    """Else registering again what the index lists would make a second publisher."""
    names = FIELDS.get(Provider(provider), tuple(ROWS[provider]))
    words = st.text(max_size=6) | st.sampled_from(["PyPI", " pypi", "a b", "release.yml ", "", "42", "x.yaml", "Octo", "ö"])
    changed = data.draw(st.dictionaries(st.sampled_from(names), words, max_size=2))
    first = read(provider, {**ROWS[provider], **changed}, OIDC if provider == "oidc" else None)
    if isinstance(first, Wrong):
        assert first.problems
        return
    again = read(provider, cast("dict[str, JSON]", first.row()), first.issuer)
    assert first == again
    assert isinstance(again, Publisher)
    assert first.identity == again.identity


@given(st.sampled_from([*ROWS, "x", None]), st.recursive(st.none() | st.text() | st.integers(), st.lists), st.text() | st.none())
def test_rubbish_is_wrong(provider: JSON, row: JSON, issuer: JSON) -> None:
    """Whatever it is."""
    assert isinstance(read(provider, row, issuer), Wrong)


@given(st.text())
def test_a_field_is_named_so_that_it_can_be_shown(name: str) -> None:
    """Whatever was sent as a name."""
    problem = wrong_field(name, "why")
    assert problem.field.isprintable()
    assert len(problem.field) <= MOST_SHOWN
