"""Publishers through their pages: registered, filled in by a link, tested, constrained, removed; and what becomes of them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.samples import SHA, github_claims
from tests.web.pages.people import settled
from tests.web.pages.releasing import ACCOUNT, GITHUB, Releasing
from tests.web.pages.sound import unsound
from tests.web.visitor import Page, Visitor
from trustpub.domain.claims import JSON
from trustpub.usecases.exchange import Refusal

WORKFLOW = "octo/orchay/.github/workflows/pypi.yml"
PROJECT = "/manage/project/orchay/settings/publishing/"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Releasing]:
    """A running index of one test's own, to which workflows publish."""
    with Releasing(tmp_path) as running:
        yield running
        assert running.log == []


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releasing]:
    """One that all tests share; none changes what another looks at."""
    with Releasing(tmp_path_factory.mktemp("index")) as running:
        yield running
        assert running.log == []


@pytest.fixture(scope="module")
def hana(index: Releasing) -> Visitor:
    """Somebody who may do everything with what is theirs: the project `orchay`, which a pending publisher made."""
    visitor = settled(index)
    published(index, visitor)
    return visitor


def pend(visitor: Visitor, names: str = "orchay", **fields: str) -> Page:
    """Register a pending publisher through the form."""
    return visitor.submit(visitor.open(ACCOUNT), ACCOUNT, **{**GITHUB, "project_name": names, **fields})


def published(index: Releasing, visitor: Visitor) -> None:
    """A project of theirs with one release, made by its pending publisher."""
    pend(visitor)
    assert index.release("orchay", "1.0").status == 200


def test_a_publisher_from_its_form_to_its_removal(fresh: Releasing) -> None:
    """R3 and R2: the form, the first upload, where the file came from; added, constrained, removed, each at the next exchange."""
    hana = settled(fresh)
    page = pend(hana)
    assert ("The pending publisher waits" in page.text, "pypi.yml" in page.text) == (True, True)
    assert "waits until" in hana.open("/manage/projects/").text
    assert fresh.release("orchay", "1.0").status == 200
    mine = hana.open("/manage/projects/")
    assert ("orchay 1.0 owner" in mine.text, "waits until" in mine.text) == (True, False)
    _look_at_the_project(fresh)
    _add_constrain_remove(fresh, hana)
    fresh.clock.now += 2000
    assert "/account/reauthenticate/" in hana.open(ACCOUNT).path


def _look_at_the_project(index: Releasing) -> None:
    project = Visitor(index).open("/project/orchay/")
    assert (project.status, unsound(project)) == (200, [])
    links = {each.attributes.get("href") for each in project.all("a")}
    assert {"https://github.com/octo/orchay", f"https://github.com/octo/orchay/commit/{SHA}"} <= links
    assert "Trusted publisher GitHub octo/orchay, workflow pypi.yml, environment pypi" in project.text
    assert f"Ref refs/tags/v1 Commit {SHA}" in project.text


def _add_constrain_remove(index: Releasing, hana: Visitor) -> None:
    page = hana.submit(hana.open(PROJECT), PROJECT, **{**GITHUB, "workflow_filename": "other.yml"})
    assert ("The publisher is added." in page.text, "other.yml" in page.text) == (True, True)
    constrain = next(path for path in _links(page) if path.endswith("/constrain/"))
    done = hana.submit(hana.open(constrain), constrain, refs="refs/tags/v2*")
    assert "The publisher is constrained." in done.text
    other: dict[str, JSON] = {"ref": "refs/tags/v2.0", "job_workflow_ref": f"{WORKFLOW}@refs/tags/v2.0"}
    assert isinstance(index.exchanged(), Refusal)
    assert not isinstance(index.exchanged(**other), Refusal)
    for path in [path for path in _links(done) if path.endswith("/remove/")]:
        asked = hana.open(path)
        assert (asked.status, unsound(asked)) == (200, [])
        assert "The publisher is removed." in hana.submit(asked, path).text
    assert isinstance(index.exchanged(**other), Refusal)
    assert "No publisher may upload" in hana.open(PROJECT).text


def test_one_workflow_may_wait_for_several_projects(index: Releasing, hana: Visitor) -> None:
    """Several names at once; what is wrong with one leaves the others registered, and the form holds what is left."""
    page = pend(hana, "barn barn-core, no..", repository="barn")
    assert ("no.. : Invalid project name" in page.text, page.form(ACCOUNT).fields["project_name"]) == (True, "no..")
    assert ("barn-core" in page.text, "Some of the names are registered" in page.text, page.status) == (True, True, 422)
    job = WORKFLOW.replace("orchay", "barn") + "@refs/tags/v1"
    assert index.release("barn", "1.0", repository="octo/barn", job_workflow_ref=job).status == 200
    assert Visitor(index).open("/project/barn-core/").status == 200


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        (
            "provider=GitHub&owner=octo&repository=orchay&workflow_filename=r.yml&environment=e",
            {"owner": "octo", "repository": "orchay", "workflow_filename": "r.yml", "environment": "e"},
        ),
        (
            "provider=gitlab&namespace=a/b&project=c&workflow_filepath=.gitlab-ci.yml&environment=x",
            {"namespace": "a/b", "project": "c", "workflow_filepath": ".gitlab-ci.yml", "environment": "x"},
        ),
        ("provider=google&email=a@b.example&sub=1", {"email": "a@b.example", "sub": "1"}),
        ("provider=activestate&organization=o&project=p&actor=q", {"organization": "o", "project": "p", "actor": "q"}),
        ("provider=oidc&claims=sub+%3D+1", {"claims": "sub = 1"}),
    ],
)
@pytest.mark.parametrize("path", [ACCOUNT, PROJECT])
def test_a_link_fills_the_form_in_and_saves_nothing(
    index: Releasing, hana: Visitor, path: str, query: str, fields: dict[str, str]
) -> None:
    """With PyPI's names on both pages; the page says where the values came from."""
    before = index.rows()
    page = hana.open(f"{path}?{query}&project_name=neu&unknown=1")
    assert before == index.rows()
    found = page.form(path).fields
    assert fields == {name: found[name] for name in fields}
    assert (path == ACCOUNT) == ("neu" == found.get("project_name"))
    assert "These values came from the link" in page.text
    assert (page.status, unsound(page)) == (200, [])


@pytest.mark.parametrize("query", ["", "?provider=nobody&owner=", "?owner=a&owner=b", "?provider=%ff", "?provider=google"])
def test_a_link_that_says_nothing_fills_nothing_in(hana: Visitor, query: str) -> None:
    """And the page does not say that it did."""
    page = hana.open(ACCOUNT + query)
    assert (200, False) == (page.status, "These values came" in page.text)


def test_a_form_can_become_a_link(hana: Visitor) -> None:
    """The page shows the address of the form filled in, as the button that sends it with GET makes it."""
    page = hana.open(f"{ACCOUNT}?provider=github&owner=a%26b&repository=%3Cb%3E")
    shown = next(each.attributes["value"] for each in page.all("input") if each.attributes.get("id") == "filled")
    assert shown.endswith(f"{ACCOUNT}?provider=github&owner=a%26b&repository=%3Cb%3E")
    assert any(each.attributes.get("formmethod") == "get" for each in page.all("button"))


def test_what_is_wrong_stands_at_its_field(hana: Visitor) -> None:
    """And what was typed is still there."""
    page = pend(hana, owner="-octo", owner_id="", workflow_filename="release.txt")
    assert page.status == 422
    assert {"owner", "owner_id", "workflow_filename"} <= {
        each.attributes["id"] for each in page.all("input") if each.attributes.get("aria-invalid")
    }
    assert ("release.txt", "orchay") == (
        page.form(ACCOUNT).fields["workflow_filename"],
        page.form(ACCOUNT).fields["project_name"],
    )
    assert unsound(page) == []


def _links(page: Page) -> list[str]:
    return [each.attributes["href"] for each in page.all("a") if "href" in each.attributes]


def token(claims: dict[str, object]) -> tuple[str, str]:
    """A whole ID token, and its signature."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "RS256"}, claims)]
    signature = "c2lnbmF0dXJlLW9mLWEtdG9rZW4"
    return ".".join([*parts, signature]), signature


def test_pasted_claims_are_tested_in_words(index: Releasing, hana: Visitor) -> None:
    """What would be accepted, and which field differs; a token's signature goes nowhere."""
    page = hana.open(f"{PROJECT}test/")
    right = hana.submit(page, f"{PROJECT}test/", claims=json.dumps({**github_claims()}))
    assert ("accepted GitHub octo/orchay" in right.text, unsound(right)) == (True, [])
    text, signature = token({**github_claims(), "environment": "test"})
    wrong = hana.submit(page, f"{PROJECT}test/", claims=text)
    assert "refused GitHub octo/orchay" in wrong.text
    assert "Environment differs. Registered: pypi . The claims say: test ." in wrong.text
    assert signature not in wrong.answer.body.decode()
    assert '"environment": "test"' in wrong.form(f"{PROJECT}test/").fields["claims"]


def test_a_renamed_owner_is_told_where_claims_are_tested_and_publishers_listed(fresh: Releasing) -> None:
    """The words of the refusal on the page of the test; after a refused job also in the list."""
    hana = settled(fresh)
    published(fresh, hana)
    claims: dict[str, JSON] = {"repository": "octocorp/orchay", "repository_owner": "octocorp"}
    moved = hana.submit(hana.open(f"{PROJECT}test/"), f"{PROJECT}test/", claims=json.dumps({**github_claims(), **claims}))
    told = "The owner octo was renamed: the same account is called octocorp now"
    assert (True, []) == (told in moved.text, unsound(moved))
    assert told not in hana.open(PROJECT).text
    assert isinstance(fresh.exchanged(**claims), Refusal)
    listed = hana.open(PROJECT)
    assert (True, []) == (told in listed.text, unsound(listed))


@pytest.mark.parametrize("claims", ["", "hello", "[]", "a.b.c", "eyJ.!!.x", "{" * 2000, "null", ".".join(["e30"] * 3)])
def test_what_is_no_claims_is_refused_with_a_word(index: Releasing, hana: Visitor, claims: str) -> None:
    """Or, for an empty set of claims, by every publisher."""
    page = hana.submit(hana.open(f"{PROJECT}test/"), f"{PROJECT}test/", claims=claims)
    assert page.status in (200, 422)
    assert "accepted" not in page.text
    assert unsound(page) == []


def test_nobody_elses_publishers_are_shown_or_changed(index: Releasing, hana: Visitor) -> None:
    """To somebody without a role the pages show nothing, and their forms do nothing."""
    paths = [PROJECT, f"{PROJECT}test/", *(path for path in _links(hana.open(PROJECT)) if path.startswith(f"{PROJECT}1"))]
    mina = settled(index, "mina")
    before = index.rows()
    for path in paths:
        assert (path, mina.open(path).status) == (path, 403)
        assert (path, mina.post(path, {**GITHUB, "refs": "refs/tags/x"}).status >= 403) == (path, True)
    assert before == index.rows()
