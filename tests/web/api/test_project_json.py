"""`/pypi/NAME/json` over real sockets."""

from __future__ import annotations

from typing import cast

import pytest

from tests.web.site import Site
from trustpub.domain.claims import JSON
from trustpub.storage.database import Connection
from trustpub.storage.files import Release
from trustpub.storage.projects import bump_serial
from trustpub.usecases.browse import latest_of

DESCRIBED: dict[str, JSON] = {
    "name": "Demo.Pkg",
    "summary": "A demo",
    "keywords": ["a", "b"],
    "classifiers": ["Private :: Do Not Upload"],
    "requires_dist": ["packaging"],
    "project_urls": {"Source": "https://src.example"},
    "license_expression": "MIT",
}


def project(site: Site, path: str = "/pypi/demo-pkg/json") -> dict[str, dict[str, JSON]]:
    """The answer as a mapping."""
    return cast("dict[str, dict[str, JSON]]", site.get(path).json())


def test_the_info_is_the_latest_releases(site: Site) -> None:
    """Its metadata, by PyPI's keys."""
    site.publish("Demo.Pkg-1.0.tar.gz", b"x", described=DESCRIBED)
    info = project(site)["info"]
    expected: dict[str, JSON] = {
        "name": "Demo.Pkg",
        "version": "1.0",
        "summary": "A demo",
        "keywords": "a,b",
        "classifiers": ["Private :: Do Not Upload"],
        "requires_dist": ["packaging"],
        "project_urls": {"Source": "https://src.example"},
        "license_expression": "MIT",
        "requires_python": None,
        "description": "",
        "yanked": False,
        "yanked_reason": None,
        "downloads": {"last_day": -1, "last_month": -1, "last_week": -1},
    }
    assert expected == {key: info[key] for key in expected}


def test_the_keys_are_pypis(site: Site) -> None:
    """All that apply to an index without votes, rights and vulnerabilities."""
    site.publish("Demo.Pkg-1.0.tar.gz", b"x", described=DESCRIBED)
    answer = project(site)
    assert ["info", "last_serial", "ownership", "releases", "urls", "vulnerabilities"] == list(answer)
    assert [
        "author", "author_email", "bugtrack_url", "classifiers", "description", "description_content_type", "docs_url",
        "download_url", "downloads", "dynamic", "home_page", "keywords", "license", "license_expression", "license_files",
        "maintainer",
        "maintainer_email", "name", "package_url", "platform", "project_url", "project_urls", "provides_extra", "release_url",
        "requires_dist", "requires_python", "summary", "version", "yanked", "yanked_reason",
    ] == list(answer["info"])  # fmt: skip


def test_a_files_address_is_absolute_and_leads_to_it(site: Site) -> None:
    """Readers keep the answer and follow it later."""
    path = site.publish("Demo.Pkg-1.0.tar.gz", b"bytes")
    [file] = cast("list[dict[str, JSON]]", project(site)["urls"])
    assert (f"{site.server.url}{path}", "Demo.Pkg-1.0.tar.gz", 5) == (file["url"], file["filename"], file["size"])
    assert "2023-11-14T22:13:20" == file["upload_time"]
    assert b"bytes" == site.get(path).body


def test_every_release_has_its_files(site: Site) -> None:
    """In the order of versions."""
    for name in ("demo_pkg-1.10.tar.gz", "demo_pkg-1.9.tar.gz"):
        site.publish(name, name.encode())
    assert ["1.9", "1.10"] == list(project(site)["releases"])


def test_both_shapes_of_project_urls_are_read(site: Site) -> None:
    """The header's own and the mapping."""
    site.publish("demo_pkg-1.0.tar.gz", b"x", described={"project_urls": ["Source, https://src.example"]})
    assert {"Source": "https://src.example"} == project(site)["info"]["project_urls"]


@pytest.mark.parametrize("path", ["/pypi/Demo.Pkg/json", "/pypi/demo_pkg/json/"])
def test_another_spelling_is_sent_to_the_normalized_one(site: Site, path: str) -> None:
    """301, absolute."""
    answer = site.get(path)
    assert (301, f"{site.server.url}/pypi/demo-pkg/json") == (answer.status, answer.headers["location"])


@pytest.mark.parametrize("path", ["/pypi/none/json", "/pypi/none/json/", "/pypi/d%C3%A9mo/json", "/pypi/a%22b/json"])
def test_an_unknown_project_is_404(site: Site, path: str) -> None:
    """Also one that cannot be."""
    assert 404 == site.get(path).status


def test_a_project_without_files_is_404(site: Site) -> None:
    """As on PyPI: there is no release to describe."""
    site.publish("demo_pkg-1.0.tar.gz", b"x")

    def hide(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE projects SET state = 'quarantined'")
        bump_serial(connection, 1)

    site.write(hide)
    assert 404 == site.get("/pypi/demo-pkg/json").status


def test_one_version_has_its_own_answer(site: Site) -> None:
    """Its metadata and its files, without the list of releases; however the version is written."""
    site.publish("demo_pkg-1.0.tar.gz", b"x", described={"summary": "the first"})
    site.publish("demo_pkg-2.0.tar.gz", b"y", described={"summary": "the second"})
    for path in ("/pypi/demo-pkg/1.0/json", "/pypi/demo-pkg/1.0/json/", "/pypi/demo-pkg/1.0.0/json"):
        answer = project(site, path)
        assert ["info", "last_serial", "ownership", "urls", "vulnerabilities"] == list(answer)
        assert ("1.0", "the first") == (answer["info"]["version"], answer["info"]["summary"])
        assert ["demo_pkg-1.0.tar.gz"] == [file["filename"] for file in cast("list[dict[str, JSON]]", answer["urls"])]
    assert f"{site.server.url}/project/demo-pkg/1.0/" == project(site, "/pypi/demo-pkg/1.0/json")["info"]["release_url"]


@pytest.mark.parametrize("version", ["3.0", "none", "1.0.dev1", "%2e%2e"])
def test_a_version_that_is_not_there_is_404(site: Site, version: str) -> None:
    """Also what is no version."""
    site.publish("demo_pkg-1.0.tar.gz", b"x")
    assert 404 == site.get(f"/pypi/demo-pkg/{version}/json").status


def test_a_version_of_another_spelling_is_sent_on(site: Site) -> None:
    """To the normalized name, with the version as it was asked for."""
    answer = site.get("/pypi/Demo.Pkg/1.0/json")
    assert (301, f"{site.server.url}/pypi/demo-pkg/1.0/json") == (answer.status, answer.headers["location"])


def test_who_has_the_answer_gets_no_body(site: Site) -> None:
    """304 until the project changes."""
    site.publish("demo_pkg-1.0.tar.gz", b"x")
    headers = site.get("/pypi/demo-pkg/json").headers
    assert ("no-cache", "2", "nosniff") == tuple(
        headers[name] for name in ("cache-control", "x-pypi-last-serial", "x-content-type-options")
    )
    again = site.get("/pypi/demo-pkg/json", If_None_Match=headers["etag"])
    assert (304, b"", headers["etag"]) == (again.status, again.body, again.headers["etag"])
    site.publish("demo_pkg-2.0.tar.gz", b"y")
    assert 200 == site.get("/pypi/demo-pkg/json", If_None_Match=headers["etag"]).status


def release(version: str, *, yanked: bool = False) -> Release:
    """One release, for choosing among."""
    return Release(1, 1, version, {}, yanked, "", 0.0)


@pytest.mark.parametrize(
    ("versions", "yanked", "latest"),
    [
        (["1.0", "2.0", "1.5"], [], "2.0"),
        (["1.0", "2.0rc1"], [], "1.0"),
        (["2.0rc1", "2.0a1"], [], "2.0rc1"),
        (["1.0", "2.0"], ["2.0"], "1.0"),
        (["1.0rc1", "2.0"], ["2.0"], "1.0rc1"),
        (["1.0", "2.0"], ["1.0", "2.0"], "2.0"),
        (["not-a-version", "0.1"], [], "0.1"),
    ],
)
def test_the_latest_release_is_final_and_not_yanked(versions: list[str], yanked: list[str], latest: str) -> None:
    """As far as there is one."""
    found = latest_of(tuple(release(version, yanked=version in yanked) for version in versions))
    assert found is not None
    assert latest == found.version


def test_nothing_is_the_latest_of_nothing() -> None:
    """And no error."""
    assert latest_of(()) is None
