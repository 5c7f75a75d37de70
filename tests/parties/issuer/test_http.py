"""Fetching one document: its limits, against servers that break them."""

from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from trustpub.errors import Unreachable
from trustpub.parties.called import is_here, is_public, is_reachable
from trustpub.parties.issuer.discovery import LARGEST_DOCUMENT
from trustpub.parties.issuer.http import fetch

Speak = Callable[[socket.socket, bytes], object]


@contextmanager
def listening(speak: Speak, tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """A loopback server that reads one request per connection and then lets `speak` answer: its port and the requests."""
    requests: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    # The server's own limit, so that a test that fails cannot hang.
    server.settimeout(20)

    def run() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.settimeout(20)
                    stream = tls.wrap_socket(connection, server_side=True) if tls else connection
                    with stream:
                        request = stream.recv(65536)
                        requests.append(request)
                        speak(stream, request)
                except OSError:
                    continue

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield str(server.getsockname()[1]), requests
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(20)


def saying(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> Speak:
    """An answer with a length, status and further headers."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return lambda stream, request: stream.sendall("\r\n".join(lines).encode() + body)


def dripping(head: bytes, drip: bytes) -> Speak:
    """An answer that begins with `head` and then never ends, one `drip` after the other."""

    def speak(stream: socket.socket, request: bytes) -> None:
        stream.sendall(head)
        for _ in range(400):
            stream.sendall(drip)
            time.sleep(0.05)

    return speak


def test_a_document_comes_back_as_it_is() -> None:
    """The body, asked for plainly and with no more headers than needed."""
    with listening(saying(b'{"a": 1}')) as (port, requests):
        assert b'{"a": 1}' == fetch(f"http://127.0.0.1:{port}/keys?x=1", headers={"Authorization": "Bearer x"})
    head, _, _ = requests[0].partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    assert b"GET /keys?x=1 HTTP/1.1" == first
    names = {line.partition(b":")[0].lower() for line in rest}
    assert {b"host", b"user-agent", b"accept", b"accept-encoding", b"authorization"} == names


@pytest.mark.parametrize("length", [LARGEST_DOCUMENT, LARGEST_DOCUMENT + 1])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_document_has_a_largest_size(length: int, zipped: bool) -> None:
    """Exactly 256 KiB pass, one byte more does not, counted after decompression."""
    body = b" " * length
    speak = saying(gzip.compress(body), "200 OK", "Content-Encoding: gzip") if zipped else saying(body)
    with listening(speak) as (port, _):
        if length <= LARGEST_DOCUMENT:
            assert body == fetch(f"http://127.0.0.1:{port}/")
        else:
            with pytest.raises(Unreachable, match="more than 262144 bytes"):
                fetch(f"http://127.0.0.1:{port}/")


def test_a_bomb_does_not_explode() -> None:
    """A gigabyte of zeros in a megabyte is refused, and never held."""
    bomb = gzip.compress(bytes(2**24)) * 64
    with listening(saying(bomb, "200 OK", "Content-Encoding: gzip")) as (port, _):
        fetch_fails(port)
        tracemalloc.start()
        try:
            fetch_fails(port)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert 8 * 2**20 > peak


def fetch_fails(port: str) -> None:
    """The document on this port is too large."""
    with pytest.raises(Unreachable, match="more than"):
        fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    """Only identity and gzip are read."""
    with listening(saying(b"x", "200 OK", f"Content-Encoding: {encoding}")) as (port, _), pytest.raises(Unreachable, match="enc"):
        fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("body", [b"no gzip", gzip.compress(b"{}" * 100)[:-9], b""], ids=["none", "cut", "empty"])
def test_broken_gzip_is_refused(body: bytes) -> None:
    """A damaged or cut body is no document."""
    with listening(saying(body, "200 OK", "Content-Encoding: gzip")) as (port, _), pytest.raises(Unreachable):
        fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "status", ["201 Created", "204 No Content", "206 Partial Content", "304 Not Modified", "404 Not Found", "500 Oops"]
)
def test_only_200_is_an_answer(status: str) -> None:
    """Every other status is a failure, whatever its body says."""
    with listening(saying(b"{}", status)) as (port, _), pytest.raises(Unreachable, match=f"answered {status[:3]}"):
        fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 Moved"])
def test_no_redirect_is_followed(status: str) -> None:
    """Wherever it points, to another host or to itself."""
    with listening(saying()) as (other, asked):
        speak = saying(b"", status, f"Location: http://127.0.0.1:{other}/")
        with listening(speak) as (port, requests), pytest.raises(Unreachable, match=f"answered {status[:3]}"):
            fetch(f"http://127.0.0.1:{port}/")
    assert (0, 1) == (len(asked), len(requests))


SLOW: dict[str, Speak] = {
    "silence": lambda stream, request: stream.recv(1),
    "trickling header": dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "trickling body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "trickling chunks": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@pytest.mark.parametrize("name", SLOW)
def test_the_whole_fetch_has_one_limit(name: str) -> None:
    """A server that sends a little all the time gets no more time than one that says nothing."""
    start = time.monotonic()
    with listening(SLOW[name]) as (port, _):
        with pytest.raises(Unreachable):
            fetch(f"http://127.0.0.1:{port}/", seconds=0.5)
        assert 2 > time.monotonic() - start


def test_a_silent_handshake_has_the_limit_too() -> None:
    """A port that accepts and says nothing about TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        start = time.monotonic()
        with pytest.raises(Unreachable):
            fetch(f"https://127.0.0.1:{server.getsockname()[1]}/", seconds=0.5, tls=ssl.create_default_context())
    assert 2 > time.monotonic() - start


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nA" + b"a" * 200_000],
)
def test_a_broken_answer_is_no_answer(answer: bytes) -> None:
    """Nonsense, endless headers and a body that stops too early."""
    with listening(lambda stream, request: stream.sendall(answer)) as (port, _), pytest.raises(Unreachable):
        fetch(f"http://127.0.0.1:{port}/")


def test_a_closed_port_is_unreachable() -> None:
    """Nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Unreachable) as problem:
        fetch(f"http://127.0.0.1:{port}/keys?secret=1")
    assert "secret" not in str(problem.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "keys",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "data:,x",
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:0/",
        "https://user@example.com/",
        "https:///keys",
        "https://exam ple.com/",
        "https://example.com/\n",
        "https://ex\u00e4mple.com/",
        "https://example.com\\@127.0.0.1/",
    ],
    ids=repr,
)
def test_an_odd_address_is_never_called(url: str) -> None:
    """Another scheme, plain http to anywhere but loopback, and addresses that two readers read differently."""
    with pytest.raises(Unreachable):
        fetch(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.2",
        "0.0.0.0",
        "[::]",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "224.0.0.1",
    ],
)
def test_an_inner_address_is_never_called(host: str) -> None:
    """No spelling of an address inside this machine or its network is called for an issuer that nobody configured."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        with pytest.raises(Unreachable, match="no address that may be called"):
            fetch(f"https://{host}:{server.getsockname()[1]}/", tls=ssl.create_default_context())
        with pytest.raises(TimeoutError):
            server.accept()


PUBLIC = ["140.82.112.3", "2606:50c0:8000::153", "::ffff:140.82.112.3", "64:ff9b::8c52:7003"]
INSIDE = ["10.1.2.3", "172.16.0.1", "192.168.1.1", "fd12::1", "100.64.0.1", "::ffff:10.0.0.1"]
LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]
NEVER = [
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "fe80::1",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::a9fe:a9fe",
]


@pytest.mark.parametrize("text", PUBLIC + INSIDE + LOOPBACK + NEVER)
def test_addresses_are_sorted(text: str) -> None:
    """Public ones for everybody, inner ones for configured hosts, loopback where the address says so, the rest for nobody."""
    address = ipaddress.ip_address(text)
    assert (text in PUBLIC) == is_public(address)
    assert (text in PUBLIC + INSIDE) == is_reachable(address)
    assert (text in LOOPBACK) == is_here(address)


def context_for(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's TLS for one self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    certificate = builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    file = folder / "server.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=certificate.decode())


def test_a_certificate_is_checked_against_the_name(tmp_path: Path) -> None:
    """The connection goes to a checked address, the certificate must carry the name; an unknown one is refused."""
    server, client = context_for(tmp_path, "localhost")
    with listening(saying(b'{"over": "tls"}'), server) as (port, _):
        assert {"over": "tls"} == json.loads(fetch(f"https://localhost:{port}/", tls=client))
        with pytest.raises(Unreachable):
            fetch(f"https://127.0.0.1:{port}/", tls=client)
        with pytest.raises(Unreachable):
            fetch(f"https://localhost:{port}/")


def test_no_proxy_is_used(tmp_path: Path) -> None:
    """Whatever the environment says: an issuer's keys come from the issuer."""
    code = "import sys; from trustpub.parties.issuer.http import fetch; print(fetch(sys.argv[1]).decode())"
    with listening(saying(b"direct")) as (port, _), listening(saying(b"proxied")) as (proxy, asked):
        place = f"http://127.0.0.1:{proxy}"
        environment = {"HTTP_PROXY": place, "http_proxy": place, "ALL_PROXY": place, "HTTPS_PROXY": place, "HOME": str(tmp_path)}
        run = subprocess.run(
            [sys.executable, "-c", code, f"http://127.0.0.1:{port}/"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ("direct\n", 0) == (run.stdout, len(asked))


def test_the_client_is_loaded_by_the_first_fetch() -> None:
    """Starting a server does not pay for the HTTP client."""
    code = "import sys, trustpub.parties.issuer.http; sys.exit(any(m in sys.modules for m in ('httpx2', 'httpcore2')))"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
