"""Large files that the store sends after a redirect to a signed address: what clients do, and what each side hears."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import s3
from tests.journeys.clients.publishing import OWN
from tests.journeys.front.installers import INSTALLERS
from tests.journeys.front.nginx import NAME
from tests.journeys.front.packages import Package, built
from tests.journeys.front.recording import Recording, Request
from tests.journeys.front.world import URL, World
from trustpub.storage import s3_blobs

pytestmark = pytest.mark.s3

SETTINGS = """
[index]
url = "https://pypi.example"
private = true
blobs = "s3://orchay/files"

[s3]
endpoint = "{endpoint}"

[proxy]
trusted = ["127.0.0.1"]

[files]
send = "redirect"

[log]
requests = true
"""


@dataclass(frozen=True)
class Place:
    """An index with its store, what was put there, and two tokens."""

    world: World
    store: s3.Store
    heard: Recording
    package: Package
    reading: str
    uploading: str

    def fetched(self) -> list[Request]:
        """What came to the store with a signed address."""
        return [each for each in self.heard.requests() if "X-Amz-Signature=" in each.target]

    def address(self) -> str:
        """Where a reader is sent for the wheel."""
        answer = self.world.ask("GET", self.path(), {"Authorization": f"Bearer {self.reading}"})
        assert answer.status == 302
        return answer.headers["location"]

    def path(self) -> str:
        """The wheel's own address."""
        page = self.world.ask(
            "GET", f"/simple/{self.package.project}/", {"Authorization": f"Bearer {self.reading}"}
        ).body.decode()
        (found,) = [each.split('"')[0] for each in page.split('href="') if each.startswith(URL) and ".whl#" in each]
        return found.removeprefix(URL).partition("#")[0]


@pytest.fixture(scope="module", params=["moto", "rclone"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One index with each store."""
    folder = tmp_path_factory.mktemp("store")
    kind = s3.moto if request.param == "moto" else s3.rclone_store
    with (
        kind(folder) as store,
        Recording(urlsplit(store.endpoint).port or 0) as heard,
        World(folder, SETTINGS.format(endpoint=heard.url), store.environment) as world,
    ):
        world.admin("user", "add", "hana", "--email", "hana@acme.example")
        package = built(folder / "package", "lamp-big")
        uploading, reading = world.token("upload"), world.token("read")
        asked = {"TWINE_REPOSITORY_URL": f"{URL}/legacy/", "TWINE_USERNAME": "__token__", "TWINE_PASSWORD": uploading}
        twine = [str(OWN / "twine"), "upload", "--non-interactive", "--disable-progress-bar", *package.files]
        done = world.run(twine, folder / "home", **asked)
        assert done.returncode == 0, done.stdout + done.stderr
        yield Place(world, store, heard, package, reading, uploading)


@pytest.mark.parametrize("installer", INSTALLERS)
@pytest.mark.parametrize("told", ["in the address", "netrc"])
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_reader_installs_from_the_store(place: Place, tmp_path: Path, installer: str, told: str, kind: str) -> None:
    """With the token for the index, which the store never hears."""
    simple = f"{URL}/simple/"
    if told == "netrc":
        netrc = tmp_path / ".netrc"
        netrc.write_text(f"machine {NAME} login __token__ password {place.reading}\n")
        netrc.chmod(0o600)
    else:
        simple = f"https://__token__:{place.reading}@{NAME}/simple/"
    before = len(place.fetched())

    done = place.world.run(INSTALLERS[installer](place.package, tmp_path, simple, sdist=kind == "sdist"), tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f'FROM = "{kind}"\n' == (tmp_path / "site" / f"{place.package.module}.py").read_text()
    fetched = place.fetched()[before:]
    assert fetched
    for each in fetched:
        assert not {"authorization", "cookie", "referer"} & set(each.headers)
        assert place.reading not in str(each)
    assert place.reading not in done.stdout + done.stderr
    assert "X-Amz-Signature" not in done.stdout + done.stderr


def test_an_address_is_good_for_ten_minutes_and_one_file(place: Place) -> None:
    """It names its end, which the signature covers; nobody on the way may keep the redirect or tell where it came from."""
    answer = place.world.ask("GET", place.path(), {"Authorization": f"Bearer {place.reading}"})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (302, b"", ["600"]) == (answer.status, answer.body, query["X-Amz-Expires"])
    assert ("no-store", "no-referrer") == (answer.headers["cache-control"], answer.headers["referrer-policy"])
    with urllib.request.urlopen(answer.headers["location"], timeout=30) as found:
        assert place.package.wheel.read_bytes() == found.read()


def test_an_address_that_was_changed_or_is_over_leads_nowhere(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """For a store that looks at signatures; moto does not."""
    for name, value in place.store.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3_blobs, "ADDRESS_LIFE", timedelta(seconds=1))
    short = s3_blobs.S3Blobs(tmp_path, "s3://orchay/files", endpoint=place.heard.url).address(place.path().split("/")[4])
    assert 200 == status(short)
    good = place.address()
    changed = good[:-1] + ("0" if good[-1] != "0" else "1")
    time.sleep(2.2)
    found = [status(each) for each in (short, short.replace("Expires=1&", "Expires=600&"), changed)]
    assert all(each in (400, 403) for each in found) or place.store.kind == "moto"
    assert 200 == status(good)


def status(address: str) -> int:
    """What the store says."""
    try:
        with urllib.request.urlopen(address, timeout=30) as found:
            return int(found.status)
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nobody_is_sent_to_the_store_without_a_token(place: Place, method: str) -> None:
    """Neither with none, nor with a wrong one, nor with one where none is read; and nobody asks the store."""
    wrong = place.reading[:-1] + ("0" if place.reading[-1] != "0" else "1")
    path = place.path()
    before = len(place.heard.requests())
    shown = [{}, {"Authorization": f"Bearer {wrong}"}, {"Authorization": "Basic x"}, {"Cookie": f"trustpub={place.reading}"}]
    for headers in shown:
        for each in (path, f"{path}?token={place.reading}", path.replace("lamp", "limp")):
            answer = place.world.ask(method, each, headers)
            assert (401, None) == (answer.status, answer.headers.get("location"))
    assert [] == place.heard.requests()[before:]


def test_a_signature_is_in_no_log_and_no_metric(place: Place) -> None:
    """Neither the index's nor nginx's; nor the keys of the store, nor a token, also one in a query."""
    query = parse_qs(urlsplit(place.address()).query)
    place.world.ask("GET", f"{place.path()}?token={place.reading}")
    with urllib.request.urlopen(f"http://127.0.0.1:{place.world.index}/metrics", timeout=30) as found:
        told = {"metrics": found.read().decode()}
    told |= {path.name: path.read_text() for path in place.world.folder.glob("*.log") if path.name != "s3.log"}
    assert {"index.log", "access.log", "error.log", "metrics"} == set(told)
    assert ["/files/" in told[name] for name in ("index.log", "access.log")] == [True, True]
    signed = [query["X-Amz-Signature"][0], query["X-Amz-Credential"][0], "X-Amz", *place.store.environment.values()]
    for secret in (*signed, place.reading, place.uploading):
        assert [] == [name for name, text in told.items() if secret in text]
