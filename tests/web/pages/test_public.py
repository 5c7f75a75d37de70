"""What everybody sees: home, search, projects, feeds; and what strangers' texts cannot do to them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.pages.people import Index, settled
from tests.web.pages.releasing import Releasing
from tests.web.pages.sound import unsound
from tests.web.site import UPLOADED
from tests.web.visitor import Page, Visitor
from trustpub.domain.claims import JSON
from trustpub.storage.database import Connection
from trustpub.storage.projects import find_project
from trustpub.storage.tables import projects, releases
from trustpub.web.pages.described import described
from trustpub.web.pages.links import followable
from trustpub.web.pages.pasted_claims import claims_of
from trustpub.web.pages.rss import feed
from trustpub.web.pages.visible import visible
from trustpub.workflows.writing import PINS

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
HOSTILE: dict[str, JSON] = {
    "name": "demo",
    "summary": f"a \u202egnp.exe {EVIL}",
    "description": f"# Hi\n\n{EVIL}\n\n[x](javascript:1) ![i](https://evil.example/i.png) <a href='data:text/html,x'>d</a>",
    "description_content_type": "text/markdown",
    "license": "L" * 2**20,
    "author": EVIL,
    "author_email": "x" * 2**20,
    "home_page": "javascript:alert(1)",
    "project_urls": {EVIL: "https://ok.example", "Data": "data:text/html,x", "Good": "https://good.example/?a=1&b=2"},
    "keywords": [EVIL] * 1000,
    "classifiers": [f"Topic :: {EVIL} {number}" for number in range(1000)],
    "requires_dist": [f"x{number}" for number in range(1000)],
    "requires_python": ">=3.8\u2066",
    "provides_extra": 7,
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releasing]:
    """An index that all tests read."""
    with Releasing(tmp_path_factory.mktemp("index")) as running:
        running.publish("demo-1.0.tar.gz", b"x", described=HOSTILE)
        running.publish("demo-2.0rc1.tar.gz", b"y")
        running.publish(
            "plain_text-1.0.tar.gz", b"z", described={"description": "a <b>\n  c", "description_content_type": "text/plain"}
        )
        for state in ("quarantined", "archived"):
            running.publish(f"{state}-1.0.tar.gz", state.encode())
            _close(running, state)
        yield running
        assert running.log == []


def _close(index: Index, state: str) -> None:
    index.write(
        lambda connection: (
            connection.execute(
                projects.update().where(projects.c.name == state).values(state=state, state_reason=f"because {EVIL}")
            ).rowcount
        )
    )


def seen(index: Index, path: str) -> Page:
    """A page, as a stranger sees it; it is sound."""
    page = Visitor(index).open(path)
    assert (page.status, unsound(page)) == (200, [])
    return page


def test_a_hostile_release_is_shown_and_does_nothing(index: Releasing) -> None:
    """No script, nothing fetched, no link but to the web; long values have an end."""
    page = seen(index, "/project/demo/")
    assert [] == [each for each in page.all("script") if not each.attributes.get("src", "").startswith("/static/")]
    assert {"/static/"} == {each.attributes["src"][:8] for each in page.all("img")}
    links = [each.attributes["href"] for each in page.all("a") if "href" in each.attributes]
    assert [] == [each for each in links if not each.startswith(("/", "#", "http://", "https://"))]
    outside = [each for each in page.all("a") if each.attributes.get("href", "").startswith("https:")]
    assert outside
    assert all({"nofollow", "noopener"} <= set(each.attributes.get("rel", "").split()) for each in outside)
    assert ("\u202e" in page.text, "U+202E" in page.text) == (False, True)
    assert len(page.answer.body) < 200_000
    assert "more values are not shown here" in page.text


def test_a_readme_is_rendered_and_its_image_a_link(index: Releasing) -> None:
    """By the process that renders."""
    page = seen(index, "/project/demo/1.0/")
    assert "Hi" in [page.text[at : at + 2] for at in range(len(page.text))]
    assert "https://evil.example/i.png" in [each.attributes.get("href") for each in page.all("a")]
    assert any(each.attributes.get("id") == "user-content-hi" for each in page.all("h2"))


def test_a_plain_readme_is_shown_as_it_is_written(index: Releasing) -> None:
    """Markup in it is text."""
    assert b"a &lt;b&gt;\n  c" in seen(index, "/project/plain-text/").answer.body


def test_the_page_says_how_to_install_and_what_is_in_the_file(index: Releasing) -> None:
    """From this index, this version, with the file's hash."""
    page = seen(index, "/project/demo/2.0rc1/")
    assert f"pip install --index-url {index.address}/simple/ demo==2.0rc1" in page.text
    assert "There is another latest release: 1.0" in page.text
    assert "a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa" in page.text  # sha256 of `y`


def test_another_spelling_leads_to_the_one(index: Releasing) -> None:
    """Of the name and of the version."""
    assert Visitor(index).open("/project/Plain_Text/").path == "/project/plain-text/"
    assert Visitor(index).open("/project/Demo/2.0.rc1/").path == "/project/demo/2.0rc1/"


@pytest.mark.parametrize(
    "path", ["/project/none/", "/project/demo/9/", "/project/demo/x%2Fy/", "/project/-/", "/rss/project/none/releases.xml"]
)
def test_what_is_not_there_is_a_404(index: Releasing, path: str) -> None:
    """A page that says so."""
    page = Visitor(index).open(path)
    assert (page.status, unsound(page)) == (404, [])


def test_a_closed_project_says_why(index: Releasing) -> None:
    """One in quarantine shows no file, one in the archive all of them."""
    quarantined, archived = seen(index, "/project/quarantined/"), seen(index, "/project/archived/")
    assert ("in quarantine" in quarantined.text, "because" in quarantined.text, "tar.gz" in quarantined.text) == (
        True,
        True,
        False,
    )
    assert ("is archived" in archived.text, "because" in archived.text, "tar.gz" in archived.text) == (True, True, True)


def test_home_names_this_index_and_what_is_new(index: Releasing) -> None:
    """Never what is in quarantine."""
    page = seen(index, "/")
    assert f"index-url = {index.address}/simple/" in page.text
    assert f"repository-url: {index.address}/legacy/" in page.text
    assert ("archived 1.0" in page.text, "quarantined 1.0" in page.text) == (True, False)


def test_the_workflow_on_the_first_page_names_commits(index: Releasing) -> None:
    """The ones that setup writes: `check` finds fault with a tag or a branch there."""
    said = seen(index, "/").text
    actions = ("actions/download-artifact", "pypa/gh-action-pypi-publish")
    assert [True, True] == [f"uses: {name}@{PINS[name][0]} # {PINS[name][1]} with" in said for name in actions]


def test_search_finds_by_words(index: Releasing) -> None:
    """And says when there is nothing; words are text."""
    assert "plain_text 1.0" in seen(index, "/search/?q=plain").text
    assert "No project was found" in seen(index, f"/search/?q={'x' * 500}").text
    assert seen(index, "/search/?q=%22%3E%3Cscript%3E").all("script") == seen(index, "/search/").all("script")


FEEDS = ["/rss/updates.xml", "/rss/packages.xml", "/rss/project/demo/releases.xml"]


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_are_well_formed_and_lead_to_pages(index: Releasing, path: str) -> None:
    """As text/xml that no browser runs."""
    answer = index.get(path)
    assert ("text/xml; charset=utf-8", "default-src 'none'; sandbox") == (
        answer.headers["content-type"],
        answer.headers["content-security-policy"],
    )
    items = ET.fromstring(answer.body).findall("channel/item")
    assert items
    for item in items:
        link = str(item.findtext("link"))
        assert ("quarantined" in link, index.get(link.removeprefix(index.address)).status) == (False, 200)
        assert int(UPLOADED) == int(parsedate_to_datetime(str(item.findtext("pubDate"))).timestamp())


def test_a_private_index_shows_nothing_to_strangers(tmp_path_factory: pytest.TempPathFactory) -> None:
    """They are led to the sign-in; who is signed in sees it."""
    with Releasing(tmp_path_factory.mktemp("private"), private=True) as private:
        private.publish("demo-1.0.tar.gz", b"x")
        hana = settled(private)
        for path in ("/", "/search/?q=demo", "/project/demo/", "/project/demo/1.0/"):
            assert (path, Visitor(private).open(path).path[:15]) == (path, "/account/login/")
            assert (path, hana.open(path).status) == (path, 200)
        assert {401} == {private.get(path).status for path in FEEDS}  # programs read those, with a token


@given(st.text(), st.text(), st.floats(0, 4e9))
def test_any_text_makes_a_well_formed_feed(name: str, said: str, at: float) -> None:
    """Whatever XML cannot hold."""
    root = ET.fromstring(feed(name, "https://pypi.example", "/", [(name, "/p/", said, at)]).encode("utf-8"))
    assert root.findtext("channel/item/link") == "https://pypi.example/p/"


@given(st.text(max_size=600))
def test_a_visible_text_hides_nothing(text: str) -> None:
    """One line, bounded, no character that turns it around; what is plain stays."""
    shown = visible(text)
    assert not {"\n", "\u202e", "\u2066", "\u200b", "\x00"} & set(shown)
    assert len(shown) <= 500 * len("\N{REPLACEMENT CHARACTER}U+10FFFF")
    if text.isascii() and text.isprintable() and len(text) <= 500:
        assert shown == " ".join(text.split())


@given(st.one_of(st.text(), st.from_regex(r"\s*(javascript|data|vbscript|file|https?|mailto):[^\s]*", fullmatch=True)))
def test_only_addresses_of_the_web_can_be_followed(text: str) -> None:
    """By their scheme, without blanks and control characters."""
    address = followable(text)
    assert address == "" or (address.lower().startswith(("http://", "https://", "mailto:")) and address.isprintable())


JSONS: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(HOSTILE, JSONS)))
def test_any_metadata_can_be_described(metadata: dict[str, JSON]) -> None:
    """Of a value that has not its shape nothing is shown."""
    about = described(metadata)
    assert all(link.address == followable(link.address) for link in about.links)


@given(st.text(max_size=80))
def test_anything_can_be_pasted(text: str) -> None:
    """It is claims, or nothing."""
    assert claims_of(text) == "" or claims_of(text).startswith("{")


ONE_LINE = [name for name in HOSTILE if not name.startswith("description")]


@settings(max_examples=15, deadline=None)
@given(
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys([name for name in HOSTILE if not name.startswith("description")], st.text(max_size=40))
    )
)
def test_no_metadata_breaks_out_of_its_page(index: Releasing, told: dict[str, str]) -> None:
    """The page has the same elements, whatever the texts."""

    def change(connection: Connection) -> None:
        project = find_project(connection, "archived")
        assert project is not None
        row = json.dumps({**told, "name": "archived"})
        connection.execute(releases.update().where(releases.c.project_id == project.id).values(metadata=row))

    index.write(change)
    seen(index, "/project/archived/")
