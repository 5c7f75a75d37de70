"""Publishers: rows, identities, and the keys that find them."""

from __future__ import annotations

import pytest

from tests.domain.samples import OIDC_ISSUER, PAIRS, activestate, github, gitlab, google, oidc
from trustpub.domain.publishers import FIELDS, Provider, Publisher, kin_of, lookup_of, publisher
from trustpub.errors import BadInput


def test_equal_rows_are_equal_publishers() -> None:
    """The order in which fields were given does not matter, absent ones are empty."""
    row = github().row()
    backwards = dict(reversed(row.items()))
    del backwards["environment"]

    assert publisher("github", row) == publisher(Provider.GITHUB, backwards)
    assert hash(publisher("github", row)) == hash(publisher("github", backwards))
    assert FIELDS[Provider.GITHUB] == tuple(row)


def test_a_field_is_read_by_name() -> None:
    """Or the default, when there is none."""
    assert ("octo", "", "none") == (github().get("repository_owner"), github().get("nothing"), github().get("nothing", "none"))


@pytest.mark.parametrize("field", [*FIELDS[Provider.GITHUB], "issuer"])
def test_every_field_and_the_issuer_belong_to_the_identity(field: str) -> None:
    """The owner's id as well: another owner of the same name is another identity."""
    row = github().row()
    other = publisher("github", row, "https://ghe") if field == "issuer" else publisher("github", {**row, field: "other"})

    assert github().identity != other.identity
    assert github().identity == github().identity


def test_the_provider_belongs_to_the_identity() -> None:
    """And what is registered cannot run into its neighbour."""
    one = publisher("oidc", {"a": "b", "c": "d"}, OIDC_ISSUER)
    other = publisher("oidc", {"a": 'b", "c": "d'}, OIDC_ISSUER)

    assert one.identity != other.identity
    assert publisher("google", {"email": "x"}, "i").identity != publisher("oidc", {"email": "x", "sub": ""}, "i").identity


def test_allowed_events_are_a_permission_not_an_identity() -> None:
    """Allowing an event does not make another publisher."""
    allowing = publisher("github", github().row(), allowed_events=["workflow_run"])

    assert (github().identity, ("workflow_run",)) == (allowing.identity, allowing.allowed_events)


@pytest.mark.parametrize(
    ("registered", "lookup", "kin"),
    [
        (github(repository_owner="Octo", repository_name="Orchay"), "octo/orchay", "octo"),
        (gitlab(namespace="Group/Team"), "group/team/orchay", "group"),
        (google(email="Bot@x.example"), "bot@x.example", "bot@x.example"),
        (activestate(organization="Octo"), "octo/orchay", "octo"),
        (oidc(), OIDC_ISSUER, OIDC_ISSUER),
    ],
)
def test_the_keys_of_a_publisher(registered: Publisher, lookup: str, kin: str) -> None:
    """A narrow one to find candidates, a wide one to explain a refusal."""
    assert (lookup, kin) == (registered.lookup, registered.kin)


@pytest.mark.parametrize("provider", list(Provider))
def test_the_claims_have_the_same_keys(provider: Provider) -> None:
    """A token finds its publisher by them."""
    registered, claims = PAIRS[provider]

    assert (registered.lookup, registered.kin) == (lookup_of(provider, claims), kin_of(provider, claims))


@pytest.mark.parametrize("provider", list(Provider))
@pytest.mark.parametrize("value", [None, "", 7, ["octo/orchay"], "no-slash"])
def test_claims_without_the_keys_have_none(provider: Provider, value: str | None) -> None:
    """Absent, empty, or of another type."""
    claims = dict.fromkeys(["repository", "project_path", "email", "organization", "project", "iss"], value)
    slugs = provider in (Provider.GITHUB, Provider.GITLAB)
    without = slugs or value != "no-slash"

    assert without == (lookup_of(provider, claims) is None)
    assert lookup_of(provider, {}) is kin_of(provider, {}) is None


def test_the_repositorys_owner_stands_in_for_a_missing_owner_claim() -> None:
    """So that a token without `repository_owner` still finds its kin."""
    assert "octo" == kin_of(Provider.GITHUB, {"repository": "Octo/orchay"})


def test_the_words_for_a_publisher() -> None:
    """What a person reads in lists and logs."""
    said = [one.specifier for one in (github(environment="pypi"), gitlab(), google(sub="1"), google(), activestate(), oidc())]

    assert [
        "GitHub octo/orchay, workflow pypi.yml, environment pypi",
        "GitLab group/team/orchay, pipeline .gitlab-ci.yml",
        "Google bot@orchay.iam.gserviceaccount.com, subject 1",
        "Google bot@orchay.iam.gserviceaccount.com",
        "ActiveState octo/orchay, actor hana",
        "https://ci.example.com, branch main, project orchay",
    ] == said


@pytest.mark.parametrize(
    ("provider", "fields", "issuer", "what"),
    [
        ("circleci", {}, None, "provider `circleci`: no such provider"),
        ("github", {"repository": "x"}, None, "github publisher field `repository`: no such field"),
        ("github", {"repository_owner_id": 42}, None, "github publisher field `repository_owner_id`: the value must be text"),
        ("oidc", {"project": "x"}, None, "oidc publisher: it names no issuer"),
        ("oidc", {}, OIDC_ISSUER, "oidc publisher: it constrains no claim"),
    ],
)
def test_what_is_no_publisher_is_refused(provider: str, fields: dict[str, str], issuer: str | None, what: str) -> None:
    """In one line that names the field."""
    with pytest.raises(BadInput) as caught:
        publisher(provider, fields, issuer)

    assert str(caught.value).startswith(what)


def test_a_gitlab_row_and_its_issuer_say_the_same() -> None:
    """Whether the issuer comes as a field or as the issuer."""
    own = "https://gitlab.corp.example"
    by_field = publisher("gitlab", {**gitlab().row(), "issuer_url": own})
    by_name = publisher("gitlab", gitlab().row(), own)

    assert by_field == by_name
    assert (own, own) == (by_name.issuer, by_name.get("issuer_url"))
