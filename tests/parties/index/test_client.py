"""What a client makes of an index's answers: read strictly, or said not to be known."""

from __future__ import annotations

from trustpub.domain.index_project import Attested, IndexProject
from trustpub.domain.untold import Untold
from trustpub.parties.index.client import IndexClient
from trustpub.parties.index.fake import FakeIndex, provenance


def client(index: FakeIndex, name: str = "own", token: str | None = None) -> IndexClient:
    """A client of this index."""
    return IndexClient(name, index.send, **index.addresses._asdict(), token=token)


def test_a_project_has_its_files_and_its_owners() -> None:
    """Files from the simple API, owners from the older page."""
    index = FakeIndex()
    index.project("Orchay", ("orchay-1.0.tar.gz", "1.0"), roles=(("hana", "Owner"), ("joon", "Maintainer")))
    found = client(index).project("ORCHAY")
    assert isinstance(found, IndexProject)
    assert ("Orchay", "active", "1.0") == (found.name, found.status, found.latest)
    assert (("hana", "Owner"), ("joon", "Maintainer")) == found.owners
    assert [("orchay-1.0.tar.gz", "1.0", 1_700_000_000.0, "")] == [
        (each.filename, each.version, each.uploaded_at, each.provenance) for each in found.files
    ]


def test_no_project_is_none() -> None:
    """Also for what cannot be a name at all, which is never sent."""
    index = FakeIndex()
    assert (None, None) == (client(index).project("nobody"), client(index).project("../x"))
    assert 1 == len(index.requests)


def test_provenance_names_the_publisher() -> None:
    """A file without any has none; that is not the same as not knowing."""
    index = FakeIndex()
    project = index.project("orchay", ("orchay-1.0.tar.gz", "1.0"), ("orchay-1.1.tar.gz", "1.1"))
    project.files[1].provenance = provenance("octo/orchay", "release.yml", "pypi")
    found = client(index).project("orchay")
    assert isinstance(found, IndexProject)
    told = [client(index).provenance("orchay", file) for file in found.files]
    assert [(), (Attested("GitHub", "octo/orchay", "release.yml", "pypi"),)] == told


def test_an_index_without_trusted_publishing_has_no_audience() -> None:
    """In the index's own words."""
    index = FakeIndex()
    assert "pypi" == client(index).audience()
    index.trusted_publishing = False
    assert Untold("Trusted publishing functionality not enabled") == client(index).audience()
