"""Which index a name means, and where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.parties.index.worlds import github
from trustpub.domain.declaration import Declaration, DeclaredIndex, parse
from trustpub.domain.index_project import IndexProject
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Denied
from trustpub.parties.index.addresses import Addresses, IndexAddresses, beside_upload
from trustpub.parties.index.client import addresses_of, index_of
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.index.registrar import ApiRegistrar
from trustpub.parties.wire import Request, Response

UPLOAD = "https://upload.pypi.example/legacy/"
DECLARED = parse(b'[indexes.own]\nurl = "https://index.example/legacy/"\n', "trustpub.toml")


@pytest.fixture
def addresses(tmp_path: Path) -> Addresses:
    """PyPI's addresses, at a host that nobody has."""
    return Addresses(tmp_path, lambda: UPLOAD)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://index.example/legacy/", "https://index.example/"),
        ("https://index.example/legacy", "https://index.example/"),
        ("https://index.example/team/legacy/", "https://index.example/team/"),
        ("https://index.example/hana/dev/", "https://index.example/hana/dev/"),
        ("http://127.0.0.1:8080/legacy/", "http://127.0.0.1:8080/"),
        ("https://index.example", "https://index.example/"),
        ("https://index.example/mylegacy/", "https://index.example/mylegacy/"),
    ],
)
def test_an_index_of_ones_own_lies_beside_its_upload_address(url: str, base: str) -> None:
    """As our server has it."""
    found = beside_upload(url)
    assert (base, f"{base}simple/") == (found.web, found.simple)
    assert url.rstrip("/") == found.upload.rstrip("/")


def test_pypis_names_mean_pypi(addresses: Addresses) -> None:
    """Whatever a file declares."""
    declared = Declaration(indexes={"pypi": DeclaredIndex("pypi", "https://elsewhere.example/legacy/", "")})
    assert IndexAddresses(UPLOAD, "https://pypi.example/", "https://pypi.example/simple/") == addresses_of(
        "pypi", declared, addresses
    )
    assert "https://test.pypi.example/simple/" == addresses_of("testpypi", declared, addresses).simple


def test_a_declared_name_means_its_address(addresses: Addresses) -> None:
    """Another is bad input."""
    assert beside_upload("https://index.example/legacy/") == addresses_of("own", DECLARED, addresses)
    with pytest.raises(BadInput, match="other"):
        addresses_of("other", DECLARED, addresses)


@pytest.mark.parametrize(("name", "sent"), [("pypi", False), ("testpypi", False), ("own", True)])
def test_pypi_gets_no_token(addresses: Addresses, name: str, sent: bool) -> None:
    """It would be somebody else's."""
    seen: list[Request] = []

    def send(request: Request) -> Response:
        seen.append(request)
        return Response(404, {})

    assert index_of(name, DECLARED, addresses, send, "pypi-api_canary").project("orchay") is None
    assert [sent] == ["pypi-api_canary" in str(dict(each.headers)) for each in seen]


def test_a_project_is_found_at_pypi(addresses: Addresses) -> None:
    """The audience is asked for at the upload host, everything else at the other one."""
    index = FakeIndex()
    index.project("orchay", ("orchay-1.0.tar.gz", "1.0"))
    seen: list[str] = []

    def send(request: Request) -> Response:
        seen.append(request.url)
        return index.send(Request(request.method, request.url.replace("upload.", "", 1), request.headers))

    client = index_of("pypi", DECLARED, addresses, send)
    assert "pypi" == client.audience()
    assert isinstance(client.project("orchay"), IndexProject)
    assert [
        "https://upload.pypi.example/_/oidc/audience",
        "https://pypi.example/simple/orchay/",
        "https://pypi.example/pypi/orchay/json",
    ] == seen


def test_an_index_without_an_api_says_so() -> None:
    """As PyPI, and as any other that is not ours."""
    index = FakeIndex(managed=False)
    desk = ApiRegistrar("own", index.base, index.send, "pypi-api_x")
    assert Untold("the index has no API for publishers") == desk.registered(["orchay"])
    with pytest.raises(Denied, match="no API for publishers"):
        desk.register("orchay", github(), pending=False)
