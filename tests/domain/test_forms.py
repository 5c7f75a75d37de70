"""Registration forms: what is accepted, which field is wrong, and what is stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.forms import Account, FormResult, Lookup, LookupFailure, Stored, publisher_of, validate
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import Provider
from trustpub.errors import BadInput

OCTO = Account("Octo", 42)
ORG = Account("Octo Org", "o-1")
HANA = Account("hana", "u-7")
BOTH = tuple(Profile)


def github(profile: Profile = Profile.PYPI, user: Lookup = OCTO, **fields: str) -> FormResult:
    """A GitHub form that is accepted unless a field says otherwise."""
    posted = {"owner": "octo", "repository": "orchay", "workflow_filename": "pypi.yml", "environment": "", **fields}
    return validate(Provider.GITHUB, posted, github_user=user, profile=profile)


def gitlab(profile: Profile = Profile.PYPI, **fields: str) -> FormResult:
    """A GitLab form that is accepted unless a field says otherwise."""
    posted = {"namespace": "group/team", "project": "orchay", "workflow_filepath": ".gitlab-ci.yml", "environment": ""}
    return validate(Provider.GITLAB, {**posted, "issuer_url": "https://gitlab.com", **fields}, profile=profile)


def activestate(their_organization: Lookup = ORG, their_actor: Lookup = HANA, **fields: str) -> FormResult:
    """An ActiveState form that is accepted unless a field or a lookup says otherwise."""
    posted = {"organization": "Octo Org", "project": "orchay", "actor": "hana", **fields}
    return validate(Provider.ACTIVESTATE, posted, activestate_organization=their_organization, activestate_actor=their_actor)


def refused(result: FormResult) -> list[str]:
    """The fields that are wrong; each has something to say, and then nothing is stored."""
    assert result.valid == (not result.errors) == (result.stored is not None)
    assert all(said and all(said) for said in result.errors.values())
    return sorted(result.errors)


@pytest.mark.parametrize("profile", BOTH)
def test_github_stores_the_owner_as_github_spells_it(profile: Profile) -> None:
    """And its id; the repository as typed; the environment in lower case."""
    expected: Stored = {
        "owner": "Octo",
        "repository": "Orchay",
        "workflow_filename": "pypi.yml",
        "environment": "täst env",
        "owner_id": 42,
    }

    assert expected == github(profile, repository="Orchay", workflow_filename=" pypi.yml\n", environment="TÄST env").stored


# a field, its value, whether PyPI refuses it, whether we do
GITHUB: list[tuple[str, str, bool, bool]] = [
    ("owner", "", True, True),
    ("owner", "-octo", True, True),
    ("owner", "octo_", True, True),
    ("owner", "oc to", True, True),
    ("owner", "octo/orchay", True, True),
    ("owner", "\u00f3cto", True, True),
    ("owner", "octo-", False, False),
    ("owner", "octo\n", False, True),
    ("owner", "octo\n\n", True, True),
    ("repository", "", True, True),
    ("repository", "octo/orchay", True, True),
    ("repository", "https://github.com/octo/orchay", True, True),
    ("repository", "r\u00e9po", True, True),
    ("repository", "_.-", False, False),
    ("repository", "orchay\n", False, True),
    ("repository", "orchay.git", False, True),
    ("repository", "..", False, True),
    ("workflow_filename", "", True, True),
    ("workflow_filename", " ", True, True),
    ("workflow_filename", "pypi.YML", True, True),
    ("workflow_filename", "pypi.yml.txt", True, True),
    ("workflow_filename", ".github/workflows/pypi.yml", True, True),
    ("workflow_filename", "re lease.yaml", False, False),
    ("workflow_filename", ".yml", False, True),
    ("environment", "x" * 255, False, False),
    ("environment", "x" * 256, True, True),
    ("environment", " pypi", True, True),
    ("environment", "pypi ", True, True),
    ("environment", "\u00a0pypi", False, False),
    ("environment", "py/pi:1", False, False),
    ("environment", "pypi\x7f", True, True),
    ("environment", "py\tpi", True, True),
    ("environment", "py'pi", True, True),
    ("environment", 'py"pi', True, True),
    ("environment", "py`pi", True, True),
    ("environment", "py,pi", True, True),
    ("environment", "py;pi", True, True),
    ("environment", "py\\pi", True, True),
    ("environment", "   ", False, False),
]


@pytest.mark.parametrize(("field", "value", "by_pypi", "by_us"), GITHUB)
def test_github_fields(field: str, value: str, by_pypi: bool, by_us: bool) -> None:
    """PyPI's rules; ours refuse, beyond them, what no token could ever match."""
    assert ([field] if by_pypi else []) == refused(github(Profile.PYPI, OCTO, **{field: value}))
    assert ([field] if by_us else []) == refused(github(Profile.TRUSTPUB, OCTO, **{field: value}))


@pytest.mark.parametrize(("environment", "by_pypi", "by_us"), [("", "", ""), ("  ", "  ", ""), ("\t", "\t", "")])
def test_an_environment_of_blanks_is_none_for_us(environment: str, by_pypi: str, by_us: str) -> None:
    """PyPI stores the blanks, and such a row never matches."""
    theirs, ours = github(Profile.PYPI, environment=environment), github(Profile.TRUSTPUB, environment=environment)

    assert theirs.stored is not None
    assert ours.stored is not None
    assert (by_pypi, by_us) == (theirs.stored["environment"], ours.stored["environment"])


@pytest.mark.parametrize("failure", list(LookupFailure))
def test_an_owner_that_github_did_not_confirm_is_refused(failure: LookupFailure) -> None:
    """Each failure has a sentence of its own; an owner that cannot be one is told so first."""
    said = github(user=failure).errors["owner"]

    assert 1 == len(said)
    assert said != github(user=failure, owner="-").errors["owner"]
    assert len(LookupFailure) == len({github(user=one).errors["owner"][0] for one in LookupFailure})


def test_all_wrong_fields_are_told_at_once() -> None:
    """Not one at a time."""
    result = github(owner="", repository="", workflow_filename="x", environment=" x")

    assert ["environment", "owner", "repository", "workflow_filename"] == refused(result)


# a field, its value, whether PyPI refuses it, whether we do
GITLAB: list[tuple[str, str, bool, bool]] = [
    ("namespace", "", True, True),
    ("namespace", "g", True, True),
    ("namespace", "-g", True, True),
    ("namespace", "g/", True, True),
    ("namespace", "g.atom", True, True),
    ("namespace", "g.GIT", True, True),
    ("namespace", "g--x", True, True),
    ("namespace", "g._x", True, True),
    ("namespace", "gr oup", True, True),
    ("namespace", "gr\u00f6up", True, True),
    ("namespace", "a/b/c+d.e-f", False, False),
    ("namespace", "group\n", False, True),
    ("project", "", True, True),
    ("project", "p", True, True),
    ("project", "p_", True, True),
    ("project", "p+q", True, True),
    ("project", "a/b", True, True),
    ("project", "p.git", True, True),
    ("project", "p__q", True, True),
    ("project", "p-q.r_s", False, False),
    ("workflow_filepath", "", True, True),
    ("workflow_filepath", "x", True, True),
    ("workflow_filepath", "X.YML", True, True),
    ("workflow_filepath", "/x.yml", True, True),
    ("workflow_filepath", "x.yml/", True, True),
    ("workflow_filepath", " ci/x.yaml ", False, False),
    ("environment", "Prod/a-b_c ${d}", False, False),
    ("environment", "a.b", True, True),
    ("environment", "\u00e9", True, True),
    ("environment", "  ", False, False),
    ("environment", "pypi\n", False, True),
    ("issuer_url", "https://gitlab.example", True, True),
    ("issuer_url", "https://gitlab.com/", True, True),
    ("issuer_url", "", True, False),
]


@pytest.mark.parametrize(("field", "value", "by_pypi", "by_us"), GITLAB)
def test_gitlab_fields(field: str, value: str, by_pypi: bool, by_us: bool) -> None:
    """PyPI's rules; an issuer that is not chosen is the first one for us."""
    assert ([field] if by_pypi else []) == refused(gitlab(Profile.PYPI, **{field: value}))
    assert ([field] if by_us else []) == refused(gitlab(Profile.TRUSTPUB, **{field: value}))


def test_gitlab_stores_the_environment_as_typed() -> None:
    """GitLab's environments have case; blanks alone are none."""
    expected: Stored = {
        "namespace": "group/team",
        "project": "orchay",
        "workflow_filepath": ".gitlab-ci.yml",
        "environment": "Prod",
        "issuer_url": "https://gitlab.com",
    }

    assert expected == gitlab(environment="Prod").stored
    assert {**expected, "environment": ""} == gitlab(environment="  ").stored


def test_gitlab_issuers_are_chosen_from_those_of_the_organization() -> None:
    """Others than gitlab.com only when they are offered."""
    own = "https://gitlab.corp.example"
    posted = {"namespace": "group", "project": "orchay", "workflow_filepath": "x.yml", "issuer_url": own}

    assert ["issuer_url"] == refused(validate(Provider.GITLAB, posted))
    assert [] == refused(validate(Provider.GITLAB, posted, issuers=["https://gitlab.com", own]))


@pytest.mark.parametrize(
    "email",
    [
        "bot@orchay.iam.gserviceaccount.com",
        "hana.lee+x@gmail.com",
        "a@b.co",
        "o'neil@sub.domain.example",
        "x@xn--bcher-kva.example",
        f"{'x' * 64}@gmail.com",
    ],
)
@pytest.mark.parametrize("sub", ["", "111", " any thing "])
def test_google_addresses(email: str, sub: str) -> None:
    """An address, and any subject."""
    assert {"email": email, "sub": sub} == validate(Provider.GOOGLE, {"email": email, "sub": sub}).stored


@pytest.mark.parametrize(
    "email",
    [
        "",
        "bot",
        "bot@",
        "@gmail.com",
        "bot@gmail",
        "b ot@gmail.com",
        "bot@@gmail.com",
        "bot@gmail..com",
        ".bot@gmail.com",
        "bot.@gmail.com",
        "b..ot@gmail.com",
        "bot@-gmail.com",
        "bot@gmail.com\n",
        "bot@gmail.c",
        "bot@gmail.123",
        "bot@machine.localhost",
        "bot@thing.test",
        f"{'x' * 65}@gmail.com",
        f"x@{'a.' * 130}com",
        '"bot"@gmail.com',
        "<bot@gmail.com>",
    ],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    """Only that field."""
    assert ["email"] == refused(validate(Provider.GOOGLE, {"email": email, "sub": ""}))


def test_google_without_a_subject_means_any() -> None:
    """The field may be absent; blanks alone are none for us."""
    assert {"email": "a@b.co", "sub": ""} == validate(Provider.GOOGLE, {"email": "a@b.co"}).stored
    blank = validate(Provider.GOOGLE, {"email": "a@b.co", "sub": "  "}, profile=Profile.TRUSTPUB)
    assert {"email": "a@b.co", "sub": ""} == blank.stored


def test_activestate_stores_the_actors_id() -> None:
    """The organization by its display name, the actor as typed."""
    expected: Stored = {"organization": "Octo Org", "project": "orchay", "actor": "hana", "actor_id": "u-7"}

    assert expected == activestate().stored


@pytest.mark.parametrize(
    ("project", "problems"),
    [
        ("orc", 0),
        ("Or.ch-ay", 0),
        ("x" * 40, 0),
        ("orchay\n", 0),
        ("", 1),
        ("or", 1),
        ("x" * 41, 1),
        ("or chay", 1),
        ("or_chay", 1),
        ("or--chay", 1),
        ("-orchay", 1),
        ("orchay-", 1),
        ("--", 3),
    ],
)
def test_activestate_projects(project: str, problems: int) -> None:
    """3 to 40 letters, digits, dots and hyphens, no hyphen at the ends or beside another; all problems at once."""
    assert problems == len(activestate(project=project).errors.get("project", []))


@pytest.mark.parametrize("failure", list(LookupFailure))
def test_activestate_names_that_were_not_confirmed_are_refused(failure: LookupFailure) -> None:
    """The organization and the actor each; an empty one is told to be given instead."""
    assert ["organization"] == refused(activestate(their_organization=failure))
    assert ["actor"] == refused(activestate(their_actor=failure))
    assert activestate(their_actor=failure, actor="").errors["actor"] != activestate(their_actor=failure).errors["actor"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"issuer": "https://ci.example.com", "project": "orchay"}, []),
        ({"issuer": "https://ci.example.com"}, ["issuer"]),
        ({"project": "orchay"}, ["issuer"]),
        ({"issuer": "ci.example.com", "project": "orchay"}, ["issuer"]),
        ({"issuer": "https://ci.example.com", "project": "orchay", "branch": ""}, ["branch"]),
    ],
)
def test_generic_oidc_names_an_issuer_and_at_least_one_claim(fields: dict[str, str], wrong: list[str]) -> None:
    """The issuer alone would let everybody in."""
    assert wrong == refused(validate(Provider.OIDC, fields))


@pytest.mark.parametrize(
    ("name", "wrong"), [("orchay", []), ("", ["project_name"]), ("-", ["project_name"]), ("json", ["project_name"])]
)
def test_a_pending_publisher_names_its_project(name: str, wrong: list[str]) -> None:
    """The name is checked as a name; whether it is taken only the index knows."""
    result = github(project_name=name)

    assert wrong == refused(result)
    assert wrong or (result.stored or {})["project_name"] == name


@pytest.mark.parametrize(
    ("provider", "result", "specifier"),
    [
        (Provider.GITHUB, github(project_name="orchay"), "GitHub Octo/orchay, workflow pypi.yml"),
        (Provider.GITLAB, gitlab(), "GitLab group/team/orchay, pipeline .gitlab-ci.yml"),
        (Provider.GOOGLE, validate(Provider.GOOGLE, {"email": "a@b.co"}), "Google a@b.co"),
        (Provider.ACTIVESTATE, activestate(), "ActiveState Octo Org/orchay, actor hana"),
        (Provider.OIDC, validate(Provider.OIDC, {"issuer": "https://i", "a": "b"}), "https://i, a b"),
    ],
)
def test_an_accepted_form_is_a_publisher(provider: Provider, result: FormResult, specifier: str) -> None:
    """By the row's names, ids as text."""
    assert result.stored is not None
    made = publisher_of(provider, result.stored)

    assert specifier == made.specifier
    assert "42" == (made.get("repository_owner_id") or "42")


def test_a_form_that_was_never_accepted_is_no_publisher() -> None:
    """It has fields that no row has."""
    with pytest.raises(BadInput):
        publisher_of(Provider.GITHUB, {"owner": "octo", "colour": "red"})


NAMES = ["owner", "repository", "workflow_filename", "environment", "namespace", "project", "workflow_filepath", "issuer_url"]
NAMES += ["email", "sub", "organization", "actor", "issuer", "project_name"]


@given(
    st.sampled_from(list(Provider)),
    st.sampled_from(BOTH),
    st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), st.text(max_size=20), max_size=8),
    st.sampled_from([OCTO, *LookupFailure]),
)
def test_no_text_in_any_field_raises(provider: Provider, profile: Profile, fields: dict[str, str], lookup: Lookup) -> None:
    """Whatever is posted: accepted and stored, or every problem has a field and words; and what is accepted is a publisher."""
    result = validate(
        provider, fields, github_user=lookup, activestate_organization=lookup, activestate_actor=lookup, profile=profile
    )

    refused(result)
    if result.stored is not None:
        assert provider == publisher_of(provider, result.stored).provider
