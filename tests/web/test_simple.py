"""What a project's page says beside its files, and pages that come compressed."""

from __future__ import annotations

import gzip
import json

import pytest
from sqlalchemy import update

from tests.web.site import Site
from trustpub.storage.database import Connection
from trustpub.storage.projects import bump_serial
from trustpub.storage.tables import files, projects
from trustpub.web.fast import SMALLEST_ZIPPED
from trustpub.web.simple import wants_gzip

JSON_V1 = "application/vnd.pypi.simple.v1+json"


def attest(connection: Connection) -> None:
    """Give every file some provenance."""
    connection.execute(update(files).values(provenance='{"version": 1, "attestation_bundles": []}'))
    bump_serial(connection, 1)


def archive(connection: Connection) -> None:
    """Close the first project, and say why."""
    connection.execute(update(projects).values(state="archived", state_reason='see "<b>other</b>"'))
    bump_serial(connection, 1)


def test_a_file_with_provenance_links_to_it(site: Site) -> None:
    """PEP 740 in both forms; the page does not hold what it links to."""
    site.publish("demo_pkg-1.0-py3-none-any.whl", b"x", project="demo-pkg")
    site.write(attest)
    address = "../../integrity/demo-pkg/1.0/demo_pkg-1.0-py3-none-any.whl/provenance"
    page = json.loads(site.get("/simple/demo-pkg/", Accept=JSON_V1).body)
    assert [address] == [file["provenance"] for file in page["files"]]
    assert f'data-provenance="{address}"' in site.get("/simple/demo-pkg/").body.decode()


def test_a_closed_project_says_why(site: Site) -> None:
    """PEP 792: the status and its reason, escaped where it stands in markup."""
    site.publish("demo-1.0.tar.gz", b"x")
    site.write(archive)
    page = json.loads(site.get("/simple/demo/", Accept=JSON_V1).body)
    assert {"status": "archived", "reason": 'see "<b>other</b>"'} == page["project-status"]
    html = site.get("/simple/demo/").body.decode()
    reason = '    <meta name="pypi:project-status-reason" content="see &quot;&lt;b&gt;other&lt;/b&gt;&quot;">'
    assert reason in html.splitlines()


def test_a_large_page_is_compressed_for_who_asks(site: Site) -> None:
    """The same page, a tag of its own, and a cache is told that there are two."""
    for number in range(12):
        site.publish(f"demo-1.{number}.tar.gz", str(number).encode())
    plain = site.get("/simple/demo/", Accept=JSON_V1)
    zipped = site.get("/simple/demo/", Accept=JSON_V1, Accept_Encoding="br, gzip, deflate")
    assert plain.body == gzip.decompress(zipped.body)
    assert len(zipped.body) * 2 < len(plain.body)
    assert ("gzip", str(len(zipped.body))) == (zipped.headers["content-encoding"], zipped.headers["content-length"])
    assert plain.headers["etag"] != zipped.headers["etag"]
    assert plain.headers["vary"] == zipped.headers["vary"] == "Accept, Accept-Encoding"
    again = site.get("/simple/demo/", Accept=JSON_V1, Accept_Encoding="gzip", If_None_Match=zipped.headers["etag"])
    assert (304, b"", False) == (again.status, again.body, "content-encoding" in again.headers)


def test_a_compressed_page_is_never_stale(site: Site) -> None:
    """What holds for a page holds for its compressed form."""
    for number in range(12):
        site.publish(f"demo-1.{number}.tar.gz", str(number).encode())
        page = site.get("/simple/demo/", Accept=JSON_V1, Accept_Encoding="gzip")
        body = gzip.decompress(page.body) if "content-encoding" in page.headers else page.body
        assert number + 1 == len(json.loads(body)["files"])


def test_a_small_page_is_sent_as_it_is(site: Site) -> None:
    """One packet is one packet."""
    site.publish("demo-1.0.tar.gz", b"x")
    page = site.get("/simple/demo/", Accept=JSON_V1, Accept_Encoding="gzip")
    assert len(page.body) < SMALLEST_ZIPPED
    assert "content-encoding" not in page.headers


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("br, deflate", False),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("gzip;q=x", False),
        ("x-gzipped", False),
    ],
)
def test_who_asks_for_gzip(said: str, wanted: bool) -> None:
    """Only who says so, and does not like the plain bytes better."""
    assert wanted is wants_gzip(said)
