"""Provenance over HTTP: types, conditional requests, and what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.web.forms import CLIENTS, form
from tests.web.site import Site
from tests.web.uploads import DATA, FILENAME, allow, post
from trustpub.storage.database import Connection
from trustpub.storage.tables import files
from trustpub.web.api.integrity import PLAIN, TYPE, media_type

PROVENANCE = '{"version":1,"attestation_bundles":[]}'
PATH = f"/integrity/tiny-demo-pkg/1.0/{FILENAME}/provenance"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An index with one attested file and one that is not."""
    folder: Path = tmp_path_factory.mktemp("site")
    with Site(folder) as made:
        allow(made)
        assert post(made, form(FILENAME, DATA, CLIENTS["twine"])).status == 200

        def attest(connection: Connection) -> None:
            connection.execute(update(files).values(provenance=PROVENANCE))

        made.write(attest)
        yield made


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", TYPE),
        ("*/*", TYPE),
        (TYPE, TYPE),
        (PLAIN, PLAIN),
        (f"{PLAIN}, {TYPE};q=0.5", PLAIN),
        (f"text/html, {PLAIN};q=0.1", PLAIN),
        ("application/*", TYPE),
        (f"{TYPE};q=0, */*;q=0.1", PLAIN),
        ("text/html", None),
        (f"{PLAIN};q=0", None),
        (f"{PLAIN};q=x", None),
        (f"{PLAIN};q=1e9", None),
        (",;q=1,", None),
    ],
)
def test_which_type(accept: str, kind: str | None) -> None:
    """The more telling one of those a client takes."""
    assert media_type(accept) == kind


def test_what_is_kept_is_served(site: Site) -> None:
    """Byte for byte, and again only when it has changed."""
    answer = site.get(PATH)

    assert (answer.status, answer.body) == (200, PROVENANCE.encode())
    assert answer.headers["content-type"] == TYPE
    assert answer.headers["cache-control"] == "no-cache"
    again = site.get(PATH, if_none_match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert site.get(PATH + "/", accept=PLAIN).headers["content-type"] == PLAIN
    assert site.ask("HEAD", PATH).status == 200


def test_what_is_not_there(site: Site) -> None:
    """Words for each, in the one shape of a refusal."""

    def set_provenance(value: str | None) -> None:
        def write(connection: Connection) -> None:
            connection.execute(update(files).values(provenance=value))

        site.write(write)

    assert site.get(PATH, accept="text/html").status == 406
    assert site.get(PATH, accept="text/html").json()["message"] == "Request not acceptable"  # type: ignore[index,call-overload]
    set_provenance(None)
    none = site.get(PATH)
    set_provenance(PROVENANCE)
    assert none.status == 404
    assert none.json()["message"] == f"No provenance available for {FILENAME}"  # type: ignore[index,call-overload]
    for path in (PATH.replace("1.0/", "2.0/", 1), PATH.replace("1.0/", "nonsense/", 1), PATH.replace("tiny-demo-pkg", "other")):
        assert site.get(path).status == 404
    assert site.post(PATH, b"").status == 405


def test_other_spellings(site: Site) -> None:
    """A name that is not normalized is sent to the one address; a version is the same in any spelling."""
    moved = site.get(PATH.replace("tiny-demo-pkg", "Tiny_Demo.pkg"))

    assert moved.status == 301
    assert moved.headers["location"].endswith(PATH)
    assert site.get(PATH.replace("/1.0/", "/v1.0/")).status == 200
