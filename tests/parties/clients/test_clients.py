"""The contract of upload clients, kept by the real programs and by the fake alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.parties.clients.stub_index import REQUEST_TOKEN, UPLOAD_TOKEN, StubIndex, id_token, open_seat
from trustpub.errors import Broken
from trustpub.parties.clients import programs
from trustpub.parties.clients.distribution import read_distribution
from trustpub.parties.clients.environment import job_environment
from trustpub.parties.clients.fake import FakeClient, FakeFetcher
from trustpub.parties.clients.pip import Pip, choice
from trustpub.parties.clients.port import Client, Fetcher, Seat
from trustpub.parties.clients.twine import Twine
from trustpub.parties.clients.uv import Uv
from trustpub.parties.index.addresses import Addresses
from trustpub.usecases.attacks_on_upload import small_wheel


@pytest.fixture(params=[Uv(), Twine(), FakeClient()], ids=["uv", "twine", "fake"])
def client(request: pytest.FixtureRequest) -> Client:
    """Every upload client there is."""
    found: Client = request.param
    return found


@pytest.fixture(params=[Pip(), FakeFetcher()], ids=["pip", "fake"])
def fetcher(request: pytest.FixtureRequest) -> Fetcher:
    """Every installer there is."""
    found: Fetcher = request.param
    return found


@pytest.fixture(params=["pypi", "testpypi"])
def index(request: pytest.FixtureRequest) -> str:
    """The public indexes: to a client these are the real ones."""
    return str(request.param)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A complete wheel."""
    name, content, _ = small_wheel("demo")
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def upload_address(tmp_path: Path, index: str) -> str:
    """The real index's address, found the way the product finds it."""
    return Addresses(tmp_path / "cache").upload(index)


@contextmanager
def seat_for(tmp_path: Path, stub: StubIndex, index: str) -> Iterator[Seat]:
    """A seat before the stub."""
    with open_seat(tmp_path, stub, index, upload_address(tmp_path, index)) as (seat, _proxy):
        yield seat


def test_uploads_with_the_flow_of_trusted_publishing(client: Client, index: str, wheel: Path, tmp_path: Path) -> None:
    """Audience, ID token, exchange, upload, in this order, under the client's own User-Agent, and the bytes arrive unchanged."""
    stub = StubIndex()
    with seat_for(tmp_path, stub, index) as seat:
        run = client.upload([wheel], seat)
    assert run.ok, run.output
    assert run.exit_code == 0
    assert stub.files == {wheel.name: wheel.read_bytes()}
    assert stub.credentials == [f"__token__:{UPLOAD_TOKEN}"]
    index_asked = [path for agent, _, path in stub.requests if agent.startswith(client.name) and path != "/idtoken"]
    assert index_asked[:3] == ["/_/oidc/audience", "/_/oidc/mint-token", "/legacy/"]
    assert [path for _, _, path in stub.requests].count("/idtoken") == 1


def test_no_token_is_in_the_output(client: Client, wheel: Path, tmp_path: Path) -> None:
    """The upload token, which uv prints for GitHub to mask, and the claims that it prints when it fails are not shown."""
    for number, stub in enumerate((StubIndex(), StubIndex(refuse="invalid-publisher"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        with seat_for(folder, stub, "testpypi") as seat:
            run = client.upload([wheel], seat)
        shown = f"{run}"
        assert not [secret for secret in (UPLOAD_TOKEN, REQUEST_TOKEN, id_token("stub")) if secret in shown]


def test_a_refusal_is_told(client: Client, wheel: Path, tmp_path: Path) -> None:
    """A refused exchange is an outcome with the index's own code, and nothing is uploaded."""
    stub = StubIndex(refuse="invalid-publisher")
    with seat_for(tmp_path, stub, "pypi") as seat:
        run = client.upload([wheel], seat)
    assert not run.ok
    assert run.exit_code != 0
    assert "invalid-publisher" in run.output
    assert stub.files == {}


@pytest.mark.usefixtures("only_long")
def test_a_job_without_the_right_gets_no_token(client: Client, wheel: Path, tmp_path: Path) -> None:
    """Without `id-token: write` GitHub gives no address to ask: no client can upload."""
    stub = StubIndex()
    with seat_for(tmp_path, stub, "pypi") as seat:
        powerless = Seat(seat.folder, seat.index, seat.upload_url, seat.simple_url, seat.proxy_url, seat.ca_file)
        run = client.upload([wheel], powerless)
    assert not run.ok
    assert stub.files == {}
    assert "/idtoken" not in [path for _, _, path in stub.requests]


def test_a_client_reaches_only_what_the_proxy_allows(client: Client, wheel: Path, tmp_path: Path) -> None:
    """Sent to an index that is not on the stage, a client gets nowhere, and the proxy tells where it wanted to go."""
    stub = StubIndex()
    with open_seat(tmp_path, stub, "testpypi", upload_address(tmp_path, "testpypi")) as (seat, proxy):
        elsewhere = "testpypi" if client.name == "twine" else "own"
        lost = Seat(
            seat.folder, elsewhere, "https://packages.example.test/legacy/", seat.simple_url, seat.proxy_url, seat.ca_file,
            seat.token_request_url, seat.token_request_token,
        )  # fmt: skip
        if client.name == "twine":  # its addresses are its own: so it is the stage that must not know them
            proxy.names = frozenset()
        try:
            run = client.upload([wheel], lost)
        except OSError:
            assert client.name == "fake"
        else:
            assert not run.ok
        refused = [request for request in proxy.requests if not request.allowed]
    assert refused
    assert not [request for request in proxy.requests if request.allowed]
    assert stub.files == {}


def test_the_environment_holds_no_credential(tmp_path: Path) -> None:
    """Only what GitHub gives a job, a proxy for every scheme, and folders of its own."""
    with seat_for(tmp_path, StubIndex(), "pypi") as seat:
        environment = job_environment(seat, {})
    secretive = [
        name for name in environment if any(word in name.upper() for word in ("PASSWORD", "SECRET", "USERNAME", "TOKEN"))
    ]
    assert sorted(secretive) == ["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"]
    assert {environment[name] for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy")} == {seat.proxy_url}
    assert environment["HOME"].startswith(str(tmp_path))
    assert "PYTHONPATH" not in environment


def test_names_its_version(client: Client) -> None:
    """A report names what ran."""
    assert client.version()[0].isdigit()


@pytest.mark.usefixtures("only_long")
def test_fetches_a_release_back(fetcher: Fetcher, wheel: Path, tmp_path: Path) -> None:
    """The file that arrives is the file that was uploaded."""
    stub = StubIndex(files={wheel.name: wheel.read_bytes()})
    into = tmp_path / "into"
    into.mkdir()
    with seat_for(tmp_path, stub, "pypi") as seat:
        run = fetcher.fetch("demo", "1.0", [wheel], into, seat)
    assert run.ok, run.output
    assert (into / wheel.name).read_bytes() == wheel.read_bytes()
    assert {agent.partition("/")[0] for agent, _, _ in stub.requests} == {fetcher.name}


@pytest.mark.usefixtures("only_long")
def test_an_absent_release_is_told(fetcher: Fetcher, wheel: Path, tmp_path: Path) -> None:
    """Nothing there is an outcome, not a crash."""
    into = tmp_path / "into"
    into.mkdir()
    with seat_for(tmp_path, StubIndex(), "pypi") as seat:
        run = fetcher.fetch("demo", "1.0", [wheel], into, seat)
    assert not run.ok
    assert list(into.iterdir()) == []


def test_twine_does_only_the_public_indexes() -> None:
    """Its own rule: on another index it never tries Trusted Publishing."""
    assert {name: bool(Twine().not_here(name)) for name in ("pypi", "testpypi", "own")} == {
        "pypi": False,
        "testpypi": False,
        "own": True,
    }
    assert Uv().not_here("own") == ""


def test_a_missing_client_is_named_with_the_remedy() -> None:
    """One clear line: which client, and how to install it."""
    with pytest.raises(Broken) as caught:
        Uv("no-such-client").version()
    assert str(caught.value) == (
        'client not installed: `no-such-client`: a rehearsal runs the real one. Install it: pip install "trustpub[rehearse]"'
    )


def test_a_client_that_hangs_is_stopped(tmp_path: Path) -> None:
    """The time limit ends the program and what it started, and is told."""
    run = programs.run(["sh", "-c", "echo begun; sleep 60 & sleep 60"], {"PATH": "/usr/bin:/bin"}, tmp_path, timeout=0.5)
    assert (run.ok, run.exit_code) == (False, 124)
    assert run.output.startswith("begun\n")


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        (f"::add-mask::{UPLOAD_TOKEN}", "::add-mask::[removed]"),
        (f"Authorization: Basic {'X' * 40}=", "Authorization: Basic [removed]"),
        (f"jwt {id_token('pypi')}", "jwt [ID token removed]"),
        (f'{{"token": "{UPLOAD_TOKEN}"}}', '{"token": "[upload token removed]"}'),
        ("password hunter22", "password [removed]"),
        (f"\x1b[33mWARNING\x1b[0m {UPLOAD_TOKEN[:12]}\x1b[1m{UPLOAD_TOKEN[12:]}\x1b[0m   ", "WARNING [upload token removed]"),
        ("Uploading pypi-attestations-0.0.30.tar.gz", "Uploading pypi-attestations-0.0.30.tar.gz"),
    ],
)
def test_redaction(printed: str, shown: str) -> None:
    """Tokens go, by value and by shape; a project whose name begins like a token stays."""
    assert programs.redact(printed, ["hunter22", ""]) == shown


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (["demo-1.0.tar.gz"], ["--no-build-isolation"]),
        (["demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl"], ["--only-binary=:all:"]),
        (
            ["demo-1.0-cp39-abi3-win_arm64.whl"],
            [
                "--only-binary=:all:",
                "--platform",
                "win_arm64",
                "--implementation",
                "cp",
                "--abi",
                "abi3",
                "--python-version",
                "39",
            ],
        ),
    ],
)
def test_pip_is_told_which_file_to_take(names: list[str], options: list[str]) -> None:
    """A wheel for another platform is asked for by its own tags."""
    assert choice([Path(name) for name in names]) == options


def test_a_distribution_tells_its_name_version_and_kind(wheel: Path) -> None:
    """File name and metadata, as an upload form needs them."""
    found = read_distribution(wheel)
    assert json.loads(json.dumps(found.fields)) == {
        "metadata_version": "2.1",
        "name": "demo",
        "version": "1.0",
        "filetype": "bdist_wheel",
        "pyversion": "py3",
    }
