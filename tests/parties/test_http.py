"""Sending one request: its limits, against servers on this machine that break them; and what is never said of it."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.parties.loopback import Speak, cut, dripping, hanging_up, listening, saying, silent
from trustpub.errors import Unreachable
from trustpub.parties import http
from trustpub.parties.http import send
from trustpub.parties.wire import Request, is_callable, origin, shown
from trustpub.version import __version__

CANARY = "canary-3f1b"
SECRET = {"Authorization": f"Bearer {CANARY}"}


def test_the_whole_answer_comes_back_with_header_names_in_lower_case() -> None:
    """Status, headers and body."""
    with listening(saying(b"hello", "201 Created", "X-Some-Thing: A")) as server:
        answer = send(Request("GET", f"{server.base}/x"))

    assert (201, "A", b"hello") == (answer.status, answer.headers["x-some-thing"], answer.body)


def test_method_headers_and_body_go_out_with_the_name_of_this_program() -> None:
    """A server can see who calls."""
    with listening(saying()) as server:
        send(Request("PUT", f"{server.base}/x?y=1", {"X-Mine": "1"}, b"payload"))

    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert "PUT /x?y=1 HTTP/1.1" == lines[0]
    assert {"X-Mine: 1", f"User-Agent: trustpub/{__version__}"} <= set(lines)
    assert b"payload" == body


def test_a_redirect_is_an_answer_like_any_other() -> None:
    """Following is for those who know what the token belongs to."""
    with listening(saying(b"", "302 Found", "Location: /elsewhere")) as server:
        answer = send(Request("GET", f"{server.base}/x"))

    assert (302, "/elsewhere", 1) == (answer.status, answer.headers["location"], len(server.requests))


def test_one_connection_serves_many_requests_and_keeps_no_cookies() -> None:
    """A second handshake for each of fifty reads would be felt; a cookie would be state that nobody asked for."""
    with listening(saying(b"{}", "200 OK", "Set-Cookie: session=1; Path=/")) as server:
        for _ in range(3):
            send(Request("GET", f"{server.base}/x"))

    assert (1, 3) == (server.connections, len(server.requests))
    assert not [each for each in server.requests if b"cookie" in each.lower()]


def test_a_packed_answer_is_unpacked() -> None:
    """Only gzip is asked for."""
    with listening(saying(gzip.compress(b"hello"), "200 OK", "Content-Encoding: gzip")) as server:
        assert b"hello" == send(Request("GET", server.base)).body
    assert b"accept-encoding: gzip\r\n" in server.requests[0].lower()


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_another_packing_is_refused(encoding: str) -> None:
    """What was not asked for may be a bomb."""
    with listening(saying(b"x", "200 OK", f"Content-Encoding: {encoding}")) as server, pytest.raises(Unreachable, match="packed"):
        send(Request("GET", server.base))


def test_an_answer_that_is_too_large_is_refused_after_it_is_unpacked() -> None:
    """Three million zeros are three thousand bytes on the wire."""
    bomb = gzip.compress(b"\0" * (3 << 20))
    with listening(saying(bomb, "200 OK", "Content-Encoding: gzip")) as server, pytest.raises(Unreachable) as caught:
        send(Request("GET", server.base), largest=1 << 20)

    assert "its answer has more than 1 MiB" == caught.value.why


def unreachable(url: str, seconds: float = 20) -> Unreachable:
    """What is said when there is no answer."""
    with pytest.raises(Unreachable) as caught:
        send(Request("GET", f"{url}/path?token={CANARY}", SECRET), seconds=seconds)
    said = [str(caught.value), repr(caught.value), caught.value.detail, str(caught.value.__cause__)]
    assert not [text for text in said if CANARY in text]
    assert f"`{url}/path`" == caught.value.what
    assert 3 == caught.value.exit_status
    assert caught.value.next_step
    return caught.value


def test_a_refused_connection_is_called_so() -> None:
    """Nobody listens at a port that was just closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert "the connection was refused" == unreachable(f"http://127.0.0.1:{port}").why


SLOW: list[Speak] = [
    silent,
    dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
]


@pytest.mark.parametrize("speak", SLOW, ids=["silent", "headers", "body"])
def test_a_slow_answer_ends_at_the_deadline(speak: Speak) -> None:
    """However it is slow: each read alone would be quick enough."""
    with listening(speak) as server:
        began = time.monotonic()
        problem = unreachable(server.base, seconds=0.4)

    assert "no complete answer within 0.4 s" == problem.why
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("speak", [cut, hanging_up], ids=["in the middle", "at once"])
def test_a_cut_answer_is_no_answer(speak: Speak) -> None:
    """Half a document is not read."""
    with listening(speak) as server:
        assert "the connection was cut before the answer was whole" == unreachable(server.base).why


def test_a_cut_packed_answer_is_no_answer() -> None:
    """A stream that ends too early is seen by its length alone: the packing would let it pass."""
    packed = gzip.compress(bytes(range(256)) * 40)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()

    def speak(stream: socket.socket) -> None:
        stream.sendall(head + packed[:60])
        hanging_up(stream)

    with listening(speak) as server:
        assert "cut" in unreachable(server.base).why


def test_what_is_no_http_is_no_answer() -> None:
    """A mail server answers, too."""
    with listening(lambda stream: stream.sendall(b"500 what?\r\n\r\n")) as server:
        assert "cut" in unreachable(server.base).why


def test_a_name_that_cannot_be_looked_up_is_called_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason lies two causes below what the client raises."""
    monkeypatch.setenv("no_proxy", "*")
    problem = httpx2.ConnectError(f"for {CANARY}")
    problem.__cause__ = socket.gaierror(-2, "Name or service not known")

    said = http._unreachable(f"https://host.invalid/x?{CANARY}", problem, 20)

    assert ("`https://host.invalid/x`", "its name cannot be looked up") == (said.what, said.why)


def test_a_host_that_takes_no_connection_is_called_so() -> None:
    """It is given up before the whole time is over."""
    said = http._unreachable("https://host.invalid/x", httpx2.ConnectTimeout(CANARY), 20)

    assert "no connection within 8 s" == said.why


def test_a_server_without_tls_is_called_so() -> None:
    """It speaks plain text at once."""
    with listening(saying(), greeting=b"220 mail ESMTP\r\n") as server:
        assert "no TLS connection came about" == unreachable(server.base.replace("http:", "https:")).why


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that nobody has vouched for."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = builder.add_extension(alternative, critical=False).sign(key, SHA256())
    pem = tmp_path / "server.pem"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def test_a_certificate_that_nobody_vouches_for_is_called_so(self_signed: ssl.SSLContext) -> None:
    """And the request, with its token, is not sent."""
    with listening(saying(), tls=self_signed) as server:
        problem = unreachable(server.base)

    assert problem.why.startswith("its certificate is not trusted: ")
    assert [] == server.requests


@pytest.mark.parametrize(
    "url",
    [
        "http://github.example/x",
        "ftp://127.0.0.1/x",
        "https://",
        "https://user:word@127.0.0.1/",
        "https://a b/",
        "x",
        "https://a:0/",
    ],
)
def test_what_is_not_called(url: str) -> None:
    """Plain http to another machine, other schemes, users in addresses."""
    with pytest.raises(Unreachable, match="only https is called") as caught:
        send(Request("GET", url))
    assert "word" not in str(caught.value)


@pytest.fixture
def afresh() -> Iterator[Callable[[], None]]:
    """Forget the clients of this process, before a test that changes the environment and after it."""

    def forget() -> None:
        for loopback, secure in ((True, False), (True, True), (False, True)):
            http._client(loopback, secure).close()
        http._client.cache_clear()

    forget()
    yield forget
    forget()


def test_a_proxy_of_the_environment_is_honoured(monkeypatch: pytest.MonkeyPatch, afresh: object) -> None:
    """It sees to which host a request goes, and nothing of its content."""
    with listening(saying(b"", "403 Forbidden")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.base)
        problem = unreachable("https://github.example")

    assert "the proxy of this machine did not let the request through" == problem.why
    assert proxy.requests[0].startswith(b"CONNECT github.example:443 ")
    assert CANARY.encode() not in proxy.requests[0]


def test_a_proxy_that_is_not_there_is_blamed_itself(monkeypatch: pytest.MonkeyPatch, afresh: object) -> None:
    """The host that was asked for was never looked for."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("https_proxy", f"http://me:{CANARY}@127.0.0.1:{server.getsockname()[1]}")
    problem = unreachable("https://github.example")

    assert ("the proxy of this machine cannot be reached", "Check `HTTPS_PROXY` and `NO_PROXY`") == (
        problem.why,
        problem.next_step,
    )


def test_no_proxy_stands_between_this_machine_and_itself(monkeypatch: pytest.MonkeyPatch, afresh: object) -> None:
    """A fake and an index of one's own are reached whatever the environment says."""
    with listening(saying(b"", "403 Forbidden")) as proxy, listening(saying(b"here")) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.base)
        assert b"here" == send(Request("GET", server.base)).body

    assert [] == proxy.requests


def test_no_log_level_tells_an_address_or_a_header(caplog: pytest.LogCaptureFixture, afresh: object) -> None:
    """The address of a job's log is a credential for a minute."""
    caplog.set_level(logging.DEBUG)
    with listening(saying(b"", "302 Found", f"Location: https://logs.example/?sig={CANARY}")) as server:
        send(Request("GET", f"{server.base}/?{CANARY}", SECRET))

    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://a.example/b?c=d", "https://a.example/b"),
        ("https://me:word@a.example:8443/b", "https://a.example:8443/b"),
        ("http://[::1]:80/b", "http://[::1]:80/b"),
        ("https://a.example/\x1b[2J", "https://a.example/?[2J"),
        ("https://[", "an address that is none"),
    ],
)
def test_an_address_is_shown_without_what_may_be_a_credential(url: str, text: str) -> None:
    """Nor does it move a terminal's cursor."""
    assert text == shown(url)


def test_an_origin_is_scheme_host_and_port() -> None:
    """A port that is left out is the scheme's."""
    assert origin("https://A.example/x") == origin("https://a.example:443/y") != origin("http://a.example:443/")
    assert is_callable("http://localhost:8000/x")
