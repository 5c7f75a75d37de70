"""The door to the index behind: whom it calls, what it believes, and when it stops waiting."""

from __future__ import annotations

import gzip
import ipaddress
import json
import subprocess
import sys
import time

import pytest

from tests.parties.loopback import Speak, cut, dripping, hanging_up, listening, saying, silent
from trustpub.errors import Unreachable
from trustpub.parties.upstream.http import REDIRECTS, HttpUpstream
from trustpub.parties.upstream.page import TYPE
from trustpub.parties.upstream.port import UpstreamPage

PAGE = json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": []}).encode()
KIND = f"Content-Type: {TYPE}"


def refused(*script: Speak) -> str:
    """Why a page was not read from a server that follows this script."""
    with listening(*script) as server, pytest.raises(Unreachable) as caught:
        HttpUpstream(f"{server.base}/simple", page_seconds=0.5).page("demo")
    return str(caught.value)


def test_a_page_is_asked_for_in_json_and_with_nothing_else() -> None:
    """One GET; no cookie, no credentials, not even of a netrc file or a proxy."""
    with listening(saying(PAGE, "200 OK", KIND)) as server:
        assert isinstance(HttpUpstream(f"{server.base}/simple").page("demo"), UpstreamPage)
    [request] = server.requests
    names = sorted(line.partition(b":")[0].lower() for line in request.split(b"\r\n")[1:] if line)
    assert request.startswith(b"GET /simple/demo/ HTTP/1.1")
    assert [b"accept", b"accept-encoding", b"host", b"user-agent"] == names


def test_a_compressed_page_is_read() -> None:
    """As asked for; half of one is an error."""
    packed = gzip.compress(PAGE)
    with listening(saying(packed, "200 OK", KIND, "Content-Encoding: gzip")) as server:
        assert isinstance(HttpUpstream(f"{server.base}/simple").page("demo"), UpstreamPage)
    assert "ends too early" in refused(saying(packed[:-9], "200 OK", KIND, "Content-Encoding: gzip"))


@pytest.mark.parametrize(
    "speak",
    [
        saying(PAGE), saying(PAGE, "200 OK", "Content-Type: text/html"), saying(b"", "500 No"), saying(b"", "401 No"),
        saying(b"", "304 Not Modified"), saying(PAGE, "200 OK", KIND, "Content-Encoding: br"), saying(b"{}", "200 OK", KIND),
        cut, hanging_up, silent, dripping(b"HTTP/1.1 200 OK\r\n" + KIND.encode() + b"\r\n\r\n", b" "),
    ],
)  # fmt: skip
def test_anything_else_is_no_answer(speak: Speak) -> None:
    """Other types, errors, half answers, and none within the time."""
    began = time.monotonic()
    assert "127.0.0.1" in refused(speak)
    assert time.monotonic() - began < 2


def test_redirects_are_followed_a_few_times_and_not_everywhere() -> None:
    """On this machine because the index is here; never to another scheme, and not for ever."""
    moved = saying(b"", "302 Found", "Location: /elsewhere/")
    with listening(moved, saying(PAGE, "200 OK", KIND)) as server:
        page = HttpUpstream(f"{server.base}/simple").page("demo")
    assert isinstance(page, UpstreamPage)
    assert f"{server.base}/elsewhere/" == page.url
    with listening(moved) as server, pytest.raises(Unreachable, match="too many redirects"):
        HttpUpstream(f"{server.base}/simple").page("demo")
    assert REDIRECTS + 1 == len(server.requests)
    for place in ("http://files.example/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "", "https://user@x.example/"):
        assert "redirects to what may not be called" in refused(saying(b"", "302 Found", f"Location: {place}"))


@pytest.mark.parametrize("url", ["http://behind.example/simple", "ftp://behind.example", "https://u:p@behind.example/", "x"])
def test_an_address_that_may_not_be_called_is_refused_at_once(url: str) -> None:
    """Before anything is looked up."""
    with pytest.raises(Unreachable):
        HttpUpstream(url)


@pytest.mark.parametrize(
    ("host", "address", "inside", "allowed"),
    [
        ("behind.example", "93.184.216.34", False, True),
        ("behind.example", "10.1.2.3", False, True),
        ("behind.example", "127.0.0.1", False, False),
        ("behind.example", "169.254.169.254", False, False),
        ("files.example", "93.184.216.34", False, True),
        ("files.example", "10.1.2.3", False, False),
        ("files.example", "10.1.2.3", True, True),
        ("files.example", "127.0.0.1", True, False),
        ("files.example", "169.254.169.254", True, False),
        ("files.example", "::ffff:10.1.2.3", False, False),
        ("localhost", "127.0.0.1", False, False),
        ("localhost", "127.0.0.1", True, True),
    ],
)
def test_which_addresses_may_be_connected_to(host: str, address: str, inside: bool, allowed: bool) -> None:
    """A page of a public index cannot send us into our own network; the cloud's own address is never called."""
    upstream = HttpUpstream("https://behind.example/simple")
    if inside:
        upstream.learn(ipaddress.ip_address("10.0.0.1"))
    assert allowed is upstream._allowed(host)(ipaddress.ip_address(address))
    assert (inside or (host == "behind.example" and address == "10.1.2.3")) is upstream.inside


def test_the_client_is_loaded_by_the_first_request_only() -> None:
    """An index that has none behind it never pays for it."""
    code = "import sys, trustpub.parties.upstream.http; sys.exit(any(m in sys.modules for m in ('httpx2', 'httpcore2')))"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
