"""What the guide "Run it" says of one machine with nginx, done: real clients over https, and files that nginx sends."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.distributions import wheel_of
from tests.docs.markdown import ENGLISH, Page
from tests.journeys.clients.publishing import OWN
from tests.journeys.front.installers import INSTALLERS
from tests.journeys.front.nginx import NAME
from tests.journeys.front.packages import Package, built
from tests.journeys.front.world import URL, World
from tests.web.forms import body, headers, part
from trustpub.settings import MIB, Limits
from trustpub.web.api.legacy import SLACK


def settings() -> str:
    """Those that the guide shows for files that nginx sends, with this test's name and folder; and each request is logged."""
    (shown,) = [each for each in Page(ENGLISH / "run-it.md").blocks("toml") if "accel" in each]
    return f"{shown.replace('packages.example.com', NAME).replace('/srv/trustpub', 'files')}\n[log]\nrequests = true\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The index, with one account."""
    with World(tmp_path_factory.mktemp("front"), settings()) as made:
        made.admin("user", "add", "hana", "--email", "hana@acme.example")
        yield made


@pytest.fixture(scope="module")
def package(world: World) -> Package:
    """One that was uploaded: the wheel by twine, the sdist by uv."""
    found = built(world.folder / "package", "lamp-big")
    token = world.token("upload")
    twine = [str(OWN / "twine"), "upload", "--non-interactive", "--disable-progress-bar", str(found.wheel)]
    uv = [str(OWN / "uv"), "publish", "--publish-url", f"{URL}/legacy/", str(found.sdist)]
    asked = {"TWINE_REPOSITORY_URL": f"{URL}/legacy/", "TWINE_USERNAME": "__token__", "TWINE_PASSWORD": token}
    for command, variables in ((twine, asked), (uv, {"UV_PUBLISH_TOKEN": token})):
        done = world.run(command, world.folder / "home", **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        assert token not in done.stdout + done.stderr
    return found


@pytest.mark.parametrize("installer", INSTALLERS)
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_was_uploaded_is_installed(
    world: World, package: Package, tmp_path: Path, installer: str, kind: str, only_long: None
) -> None:
    """By its hash, from nginx's folder; the metadata is read before the wheel."""
    before = len(world.asked())
    done = world.run(INSTALLERS[installer](package, tmp_path, f"{URL}/simple/", sdist=kind == "sdist"), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f'FROM = "{kind}"\n' == (tmp_path / "site" / f"{package.module}.py").read_text()
    asked = [path.rpartition("/")[2] for path in world.asked()[before:] if path.startswith("/files/")]
    assert (package.wheel if kind == "wheel" else package.sdist).name == asked[-1]
    assert kind == "sdist" or [f"{package.wheel.name}.metadata", package.wheel.name] == asked


@pytest.mark.parametrize("installer", INSTALLERS)
def test_bytes_that_nginx_has_wrong_are_not_installed(
    world: World, package: Package, tmp_path: Path, installer: str, only_long: None
) -> None:
    """The page says the hash, and the page comes from the index."""
    good = package.wheel.read_bytes()
    (blob,) = [each for each in (world.folder / "files" / "blobs").glob("*/*") if each.read_bytes() == good]
    time_of_first_member = 10  # which no reader of ZIP files compares with anything
    blob.write_bytes(good[:time_of_first_member] + bytes([good[time_of_first_member] ^ 1]) + good[time_of_first_member + 1 :])
    try:
        command = INSTALLERS[installer](package, tmp_path, f"{URL}/simple/", sdist=False)
        done = world.run(command, tmp_path, UV_HTTP_RETRIES="0")
    finally:
        blob.write_bytes(good)
    assert done.returncode != 0
    assert "hash" in (done.stdout + done.stderr).lower()
    assert not (tmp_path / "site" / f"{package.module}.py").exists()


@pytest.mark.parametrize("size", [1000, 3 * MIB])
def test_people_read_why_they_were_refused(world: World, tmp_path: Path, size: int, only_long: None) -> None:
    """Twine shows the reason in the status line and nothing else; nginx passes it on, of large uploads too."""
    name, data = wheel_of("refused", "1.0", {"refused.bin": random.Random(size).randbytes(size)})
    (tmp_path / name).write_bytes(data)
    nobody = {"TWINE_REPOSITORY_URL": f"{URL}/legacy/", "TWINE_USERNAME": "__token__", "TWINE_PASSWORD": "pypi-nobody"}
    twine = [str(OWN / "twine"), "upload", "--non-interactive", "--disable-progress-bar", str(tmp_path / name)]
    done = world.run(twine, tmp_path / "home", **nobody)
    assert done.returncode == 1
    assert "403" in done.stdout + done.stderr
    assert "authentication information" in " ".join((done.stdout + done.stderr).split())


def test_every_link_is_https(world: World, package: Package, only_long: None) -> None:
    """Of pages for programs and of redirects, whose address the index knows from its settings."""
    listed = json.loads(world.ask("GET", f"/simple/{package.project}/", {"Accept": "application/vnd.pypi.simple.v1+json"}).body)
    for file in listed["files"]:
        assert file["url"].startswith(f"{URL}/files/")
    html = world.ask("GET", f"/simple/{package.project}/", {"Accept": "text/html"}).body.decode()
    assert html.count(f'href="{URL}/files/') == len(listed["files"]) == 2
    about = json.loads(world.ask("GET", f"/pypi/{package.project}/json").body)
    assert [f"{URL}/files/"] * 2 == [each["url"][: len(f"{URL}/files/")] for each in about["urls"]]
    moved = [world.ask("GET", "/simple/Lamp_Big/"), world.ask("POST", "/legacy", {}, b"")]
    assert [f"{URL}/simple/lamp-big/", f"{URL}/legacy/"] == [answer.headers["location"] for answer in moved]


def test_pages_are_told_to_stay_on_https(world: World, only_long: None) -> None:
    """HSTS for a year; and the cookie of a session is `Secure`, with the prefix that only https has."""
    page = world.ask("GET", "/account/login/", {"Accept": "text/html"})
    assert (200, "max-age=31536000") == (page.status, page.headers["strict-transport-security"])
    form = {"Origin": URL, "Content-Type": "application/x-www-form-urlencoded"}
    world.admin("user", "add", "juno", "--email", "juno@acme.example", "--password-stdin", told="seven grey geese over Gapyeong")
    body = b"username=juno&password=seven+grey+geese+over+Gapyeong"
    answer = world.ask("POST", "/account/login/", form, body)
    name, _, rest = answer.headers["set-cookie"].partition("=")
    assert (303, "__Host-trustpub") == (answer.status, name)
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(rest.split("; "))
    assert "/" == answer.headers["location"][0]
    assert 403 == world.ask("POST", "/account/login/", {**form, "Origin": f"http://{NAME}"}, body).status


def test_a_file_that_is_too_large_is_refused_in_our_words(world: World, only_long: None) -> None:
    """Also of more bytes than nginx would keep: they pass through it, and it is the index that says how much is too much."""
    token = world.token("upload")
    size = Limits().file_size + MIB
    fields = [part(b":action", b"file_upload"), part(b"content", bytes(size), filename=b"lamp_big-3-py3-none-any.whl")]
    answer = world.ask("POST", "/legacy/", headers(token), body(fields))
    assert (400, "application/json") == (answer.status, answer.headers["content-type"])
    assert b"File too large" in answer.body


def test_what_nobody_takes_nginx_refuses_before_it_comes(world: World, only_long: None) -> None:
    """Not one byte of the body is waited for."""
    length = {**headers(world.token("upload")), "Content-Length": str(Limits().file_size + SLACK + 1)}
    assert 413 == world.ask("POST", "/legacy/", length, b"x").status


def test_who_sends_it_all_the_same_hears_so(world: World, only_long: None) -> None:
    """Clients read no answer before they have sent everything: nginx takes it, and throws it away."""
    size = Limits().file_size + SLACK + MIB
    assert 413 == world.ask("POST", "/legacy/", headers(world.token("upload")), bytes(size)).status


def test_an_upload_passes_nginx_while_it_comes(world: World, only_long: None) -> None:
    """Nginx keeps no copy: the index has the first megabytes before the client has sent the last."""
    token, size = world.token("upload"), 8 * MIB
    sent = body([part(b":action", b"file_upload"), part(b"content", bytes(size), filename=b"lamp_big-3-py3-none-any.whl")])
    connection = world.connected()
    try:
        connection.putrequest("POST", "/legacy/")
        for name, value in {**headers(token), "Content-Length": str(len(sent))}.items():
            connection.putheader(name, value)
        connection.endheaders(sent[: size // 2])
        until = time.monotonic() + 10
        while received(world) < size // 4:
            assert time.monotonic() < until, f"the index has {received(world)} bytes of {size // 2}"
            time.sleep(0.02)
        assert [] == [each for each in (world.folder / "client_body").rglob("*") if each.is_file()]
        connection.send(sent[size // 2 :])
        answer = connection.getresponse()
        assert 400 == answer.status
        answer.read()
    finally:
        connection.close()


def received(world: World) -> int:
    """Bytes of uploads that the index has on its disk, and no file of which is there yet."""
    return sum(each.stat().st_size for each in (world.folder / "files").rglob(".*") if each.is_file())
