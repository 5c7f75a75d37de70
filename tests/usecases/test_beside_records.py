"""The verdict on a job is the heart's own, for everything that may be so: never more than the records show."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.usecases.exchanging import index
from trustpub.domain.claims import JSON
from trustpub.domain.matching import Accepted, Profile, decide
from trustpub.domain.providers.github import RISKY_EVENTS
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, Publisher, publisher
from trustpub.usecases import beside_records
from trustpub.usecases.beside_records import Held, Job, as_stored, held
from trustpub.usecases.exchange import Minted, Refusal

GITHUB, GITLAB = DEFAULT_ISSUERS[Provider.GITHUB], DEFAULT_ISSUERS[Provider.GITLAB]
SLUG = f"{GITHUB}/octo"
ROW = {
    "repository_owner": "octo",
    "repository_owner_id": "1",
    "repository_name": "tool",
    "workflow_filename": "a.yml",
    "environment": "pypi",
}
FILES = ("a.yml", "a.yml", "b.yml")
ENVIRONMENTS = ("", "pypi", "PyPI", "other")

github_rows = st.builds(
    publisher,
    st.just(Provider.GITHUB),
    st.fixed_dictionaries(
        {
            "repository_owner": st.sampled_from(("octo", "octo", "octo", "Octo", "hana")),
            "repository_owner_id": st.sampled_from(("1", "1", "1", "2", "")),
            "repository_name": st.sampled_from(("tool", "tool", "tool", "Tool")),
            "workflow_filename": st.sampled_from(FILES),
            "environment": st.sampled_from(("", "pypi", "PyPI", "other")),
        }
    ),
    st.sampled_from((None, None, None, SLUG)),
)
gitlab_rows = st.builds(
    publisher,
    st.just(Provider.GITLAB),
    st.fixed_dictionaries(
        {
            "namespace": st.sampled_from(("octo", "Octo", "octo/sub")),
            "project": st.sampled_from(("tool", "Tool")),
            "workflow_filepath": st.sampled_from((".gitlab-ci.yml", "ci/a.yml")),
            "environment": st.sampled_from(ENVIRONMENTS),
        }
    ),
    st.sampled_from((None, None, "https://gitlab.example")),
)


@st.composite
def github_jobs(draw: st.DrawFn) -> dict[str, JSON]:
    """The claims of a job on GitHub: also of a called file, of no ref, of an enterprise."""
    slug = f"{draw(st.sampled_from(('octo', 'octo', 'Octo')))}/{draw(st.sampled_from(('tool', 'tool', 'Tool')))}"
    ref, sha = draw(st.sampled_from(("refs/tags/v1", "refs/heads/main", ""))), draw(st.sampled_from(("0" * 40, "")))
    called = draw(st.sampled_from((slug, slug, slug, "octo/shared")))
    at = draw(st.sampled_from((ref, ref, ref, sha, "refs/heads/other")))
    claims: dict[str, JSON] = {
        "iss": draw(st.sampled_from((GITHUB, GITHUB, GITHUB, SLUG))),
        "repository": slug,
        "repository_owner": slug.partition("/")[0],
        "repository_owner_id": draw(st.sampled_from(("1", "2"))),
        "job_workflow_ref": f"{called}/.github/workflows/{draw(st.sampled_from(FILES))}@{at}",
        "ref": ref,
        "sha": sha,
        "jti": "one",
        "event_name": draw(st.sampled_from(("push", "push", "workflow_dispatch", *RISKY_EVENTS))),
    }
    environment = draw(st.sampled_from(ENVIRONMENTS))
    return claims | ({"environment": environment} if environment else {})


@st.composite
def gitlab_jobs(draw: st.DrawFn) -> dict[str, JSON]:
    """The claims of a job on GitLab, its own or a self-managed one."""
    path = f"{draw(st.sampled_from(('octo', 'Octo', 'octo/sub')))}/{draw(st.sampled_from(('tool', 'Tool')))}"
    issuer = draw(st.sampled_from((GITLAB, GITLAB, "https://gitlab.example")))
    ref, sha = draw(st.sampled_from(("refs/tags/v1", ""))), draw(st.sampled_from(("0" * 40, "")))
    file = draw(st.sampled_from((".gitlab-ci.yml", "ci/a.yml")))
    claims: dict[str, JSON] = {
        "iss": issuer,
        "sub": f"project_path:{path}:ref_type:tag:ref:v1",
        "project_path": path,
        "ci_config_ref_uri": f"{issuer.removeprefix('https://')}/{path}//{file}@{draw(st.sampled_from((ref, sha)))}",
        "ref_path": ref,
        "sha": sha,
        "jti": "one",
    }
    environment = draw(st.sampled_from(ENVIRONMENTS))
    return claims | ({"environment": environment} if environment else {})


RECORDS = st.lists(st.one_of(github_rows, gitlab_rows), min_size=1, max_size=4)
JOBS = st.one_of(github_jobs(), gitlab_jobs())


def accepts(rows: list[Publisher], claims: dict[str, JSON], profile: Profile, provider: Provider, *, pinned: bool) -> bool:
    """The heart, asked as the index itself asks it."""
    issuer = None if pinned and provider is Provider.GITHUB else str(claims["iss"])
    return isinstance(decide(claims, rows, profile, provider=provider, issuer=issuer), Accepted)


def numbered(row: Publisher, number: str) -> Publisher:
    """A row whose owner's number was not written down, with one."""
    fields = {**row.row(), "repository_owner_id": row.get("repository_owner_id") or number}
    return row if row.provider is not Provider.GITHUB else publisher(row.provider, fields, row.issuer, row.allowed_events)


@given(RECORDS, JOBS)
def test_pypi_never_answers_otherwise(rows: list[Publisher], claims: dict[str, JSON]) -> None:
    """Accepted and refused are what PyPI's rules say, whatever the numbers are that nobody wrote down; else it is unknown."""
    provider = Provider.GITLAB if "project_path" in claims else Provider.GITHUB
    verdict = held(Job(provider, claims, "pypi", public=True), rows, "trustpub.toml").verdict
    worlds = [[numbered(row, number) for row in rows] for number in ("1", "2", "3")]
    answers = {accepts(world, claims, Profile.PYPI, provider, pinned=True) for world in worlds}
    complete = rows == [numbered(row, "3") for row in rows]

    assert verdict != "accepted" or answers == {True}
    assert verdict != "refused" or answers == {False}
    assert not complete or verdict == ("accepted" if answers == {True} else "refused")


@given(RECORDS, JOBS)
def test_an_own_index_never_answers_otherwise(rows: list[Publisher], claims: dict[str, JSON]) -> None:
    """Nor by either of the rules that such an index may run with, whatever events its publishers allow."""
    provider = Provider.GITLAB if "project_path" in claims else Provider.GITHUB
    rows = [numbered(row, "1") for row in rows]
    verdict = held(Job(provider, claims, "own", public=False), rows, "trustpub.toml").verdict
    answers = {accepts(rows, claims, profile, provider, pinned=False) for profile in Profile}
    allowing = [row._replace(allowed_events=RISKY_EVENTS) for row in rows]
    answers.add(accepts(allowing, claims, Profile.TRUSTPUB, provider, pinned=False))

    assert verdict == ("unknown" if len(answers) > 1 else "accepted" if True in answers else "refused")


@given(RECORDS, JOBS, st.booleans())
def test_the_table_agrees_with_the_verdict(rows: list[Publisher], claims: dict[str, JSON], public: bool) -> None:
    """Accepted shows no difference and hides none; refused says why and what to do."""
    provider = Provider.GITLAB if "project_path" in claims else Provider.GITHUB
    said = held(Job(provider, claims, "pypi" if public else "own", public=public), rows, "trustpub.toml")

    assert said.verdict != "accepted" or {row.same for row in said.rows} == {True}
    assert (said.verdict == "accepted") == (not said.reason)
    assert (said.verdict == "accepted") == (not said.next_step)
    assert "{" not in said.next_step
    for row in said.rows:  # what is called the same is the same, but for casing
        assert row.same is not True or not row.expected or row.expected.lower() == row.got.lower()


CLAIMS: dict[str, JSON] = {
    "iss": GITHUB,
    "repository": "octo/tool",
    "repository_owner": "octo",
    "repository_owner_id": "1",
    "job_workflow_ref": "octo/tool/.github/workflows/a.yml@refs/tags/v1",
    "ref": "refs/tags/v1",
    "sha": "0" * 40,
    "jti": "one",
    "event_name": "push",
    "environment": "pypi",
}


def asked(changes: dict[str, JSON], *rows: dict[str, str], index: str = "pypi", issuer: str | None = None) -> Held:
    """Hold a changed job against changed rows."""
    records = [publisher(Provider.GITHUB, {**ROW, **row}, issuer) for row in rows or ({},)]
    return held(Job(Provider.GITHUB, {**CLAIMS, **changes}, index, public=index == "pypi"), records, "trustpub.toml")


def test_an_owner_without_a_number_is_not_known() -> None:
    """All else is the same, but PyPI compares the number too: who took the name over would be refused."""
    said = asked({}, {"repository_owner_id": ""})

    assert ("unknown", "") == (said.verdict, said.code)
    assert 'owner_id = "1"' in said.next_step
    assert ("1", None, None) == next((row.got, row.expected, row.same) for row in said.rows if row.field == "repository_owner_id")


def test_another_field_is_named_where_the_number_is_missing() -> None:
    """The number that nobody wrote down is not what differs."""
    said = asked({"environment": "other"}, {"repository_owner_id": ""})

    assert ("refused", "`environment` differs") == (said.verdict, said.reason)


@pytest.mark.parametrize("issuer", [SLUG, "https://github.example/_services/token"])
def test_an_enterprise_is_a_stranger_to_pypi(issuer: str) -> None:
    """PyPI knows one issuer of GitHub's tokens, whatever a file declares; an index of one's own may know it."""
    assert "refused" == asked({"iss": issuer}, issuer=issuer).verdict
    assert "accepted" == asked({"iss": issuer}, index="own", issuer=issuer).verdict


def test_the_events_of_an_own_index_are_not_told() -> None:
    """A publisher there may allow `workflow_run`, and no API says whether it does."""
    said = asked({"event_name": "workflow_run"}, index="own")

    assert "unknown" == said.verdict
    assert "`workflow_run`" in said.reason


def test_the_rules_of_an_own_index_are_not_told() -> None:
    """Where only the casing differs, its `profile` decides."""
    said = asked({}, {"repository_name": "Tool"}, index="own")

    assert "unknown" == said.verdict
    assert "`profile`): `repository_name`" in said.reason


def test_the_nearest_record_speaks() -> None:
    """Of several records the reason, the table and the way out are of one: the one with the fewest differences."""
    said = asked({"environment": "other"}, {"workflow_filename": "b.yml", "environment": "release"}, {})

    assert "`environment` differs" == said.reason
    assert "Give the job `environment: pypi`, or change the publisher's environment to `other`." == said.next_step


def test_an_issuer_that_differs_is_not_called_the_same() -> None:
    """The issuer is a field of GitLab's row."""
    row = {"namespace": "octo", "project": "tool", "workflow_filepath": ".gitlab-ci.yml"}
    claims: dict[str, JSON] = {
        "iss": "https://gitlab.example",
        "sub": "project_path:octo/tool:x",
        "project_path": "octo/tool",
        "ci_config_ref_uri": "gitlab.example/octo/tool//.gitlab-ci.yml@refs/tags/v1",
        "ref_path": "refs/tags/v1",
        "sha": "0" * 40,
        "jti": "one",
    }
    said = held(Job(Provider.GITLAB, claims, "pypi", public=True), [publisher(Provider.GITLAB, row)], "trustpub.toml")

    assert ["issuer_url"] == [each.field for each in said.rows if each.same is False]
    assert "https://gitlab.example" in said.next_step


def test_an_owner_is_stored_as_github_spells_it() -> None:
    """Somebody typed `Octo`; PyPI looked it up. The repository it keeps as it was typed."""
    typed = publisher(Provider.GITHUB, {**ROW, "repository_owner": "Octo", "repository_name": "Tool"})

    assert {**ROW, "repository_name": "Tool"} == as_stored(typed, CLAIMS).row()
    assert typed == as_stored(typed, {**CLAIMS, "repository_owner": "hana"})


@pytest.mark.folder  # a new index for each example
@pytest.mark.parametrize(("profile", "public"), [(Profile.PYPI, True), (Profile.PYPI, False), (Profile.TRUSTPUB, False)])
@given(rows=RECORDS, jobs=st.lists(JOBS, min_size=10, max_size=10))
@settings(max_examples=5)
def test_the_exchange_itself_agrees(
    tmp_path_factory: pytest.TempPathFactory, profile: Profile, public: bool, rows: list[Publisher], jobs: list[dict[str, JSON]]
) -> None:
    """An index with these records mints what is accepted and refuses what is refused, whatever rules it runs with."""
    rows = [numbered(row, "1") for row in rows]
    with index(tmp_path_factory.mktemp("index"), profile) as opened:
        opened.project("demo", *rows)
        for number, job in enumerate(jobs):
            claims = {**job, "jti": f"jti-{number}"}
            provider = Provider.GITLAB if "project_path" in claims else Provider.GITHUB
            if public and claims["iss"] == SLUG:
                continue  # PyPI's verifier lets no such token through
            answer = opened.settle(opened.ready(claims, provider))
            verdict = held(Job(provider, claims, "pypi" if public else "own", public=public), rows, "trustpub.toml").verdict

            assert verdict != "accepted" or isinstance(answer, Minted)
            assert verdict != "refused" or isinstance(answer, Refusal)


def test_several_values_that_would_do_are_read_as_words() -> None:
    """A person sees no list of a programming language."""
    assert "a or b" == beside_records._text(["a", "b"])
