"""One port, two protocols, prompt ends: over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from trustpub.errors import Broken
from trustpub.main.ca import Authority, make_authority
from trustpub.main.listener import RunningServer, address, bind


class Echo:
    """Answers with the scheme it was asked by; first waits when the path says so."""

    def __init__(self) -> None:
        self.closed_in = ""
        self.waiting = threading.Event()

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        seconds = {"/slow": 0.3, "/never": 60.0}.get(scope["path"])
        if seconds:
            self.waiting.set()
            await asyncio.sleep(seconds)
        body = scope["scheme"].encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    async def close(self) -> None:
        self.closed_in = threading.current_thread().name


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates for the TLS half."""
    return make_authority(tmp_path_factory.mktemp("ca"), ["localhost"], dt.datetime.now(dt.UTC))


Start = Callable[..., RunningServer]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers that end with the test."""
    started: list[RunningServer] = []

    def one(app: Echo | None = None, tls: ssl.SSLContext | None = None, dual: bool = False) -> RunningServer:
        server = RunningServer(app or Echo(), bind("127.0.0.1", 0), "http://127.0.0.1", tls=tls, dual=dual)
        started.append(server)
        return server

    yield one
    for server in started:
        server.stop()


def connect(server: RunningServer, tls: ssl.SSLContext | None = None) -> socket.socket:
    """A connection, in TLS when a context is given."""
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    return tls.wrap_socket(plain, server_hostname="127.0.0.1") if tls else plain


def ask(connection: socket.socket, path: str = "/") -> bytes:
    """One request, closing; the whole answer."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    while chunk := connection.recv(65536):
        answer += chunk
    connection.close()
    return answer


def test_one_port_speaks_tls_and_plain(start: Start, authority: Authority) -> None:
    """Uv asks for its token over https and uploads over the scheme it was given, at one port."""
    server = start(tls=authority.server_context(), dual=True)
    assert ask(connect(server)).endswith(b"\r\n\r\nhttp")
    assert ask(connect(server, authority.client_context())).endswith(b"\r\n\r\nhttps")


def test_the_first_byte_is_looked_at_and_not_taken(start: Start, authority: Authority) -> None:
    """A request that arrives byte by byte is whole."""
    server = start(tls=authority.server_context(), dual=True)
    with connect(server) as connection:
        for byte in b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n":
            connection.sendall(bytes([byte]))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_a_silent_client_keeps_nobody_waiting(start: Start, authority: Authority) -> None:
    """Ten clients that say nothing, then one that does."""
    server = start(tls=authority.server_context(), dual=True)
    silent = [connect(server) for _ in range(10)]
    assert ask(connect(server)).endswith(b"http")
    for connection in silent:
        connection.close()


def test_a_broken_handshake_ends_only_its_own_connection(start: Start, authority: Authority) -> None:
    """A first byte that promises TLS and a rest that is none."""
    server = start(tls=authority.server_context(), dual=True)
    with connect(server) as connection:
        connection.sendall(b"\x16nonsense that is no handshake at all")
        while connection.recv(65536):
            pass  # perhaps an alert, then the end
    assert ask(connect(server, authority.client_context())).endswith(b"https")


def test_without_a_certificate_a_handshake_is_turned_away(start: Start) -> None:
    """A dual port that has no context closes instead of answering TLS in plain text."""
    server = start(dual=True)
    with connect(server) as connection:
        connection.sendall(b"\x16\x03\x01")
        with contextlib.suppress(ConnectionResetError):
            assert b"" == connection.recv(100)


def test_a_tls_server_speaks_only_tls(start: Start, authority: Authority) -> None:
    """Without `dual` the port has one protocol."""
    server = start(tls=authority.server_context())
    assert ask(connect(server, authority.client_context())).endswith(b"https")
    with connect(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert not connection.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("dual", [False, True])
def test_stop_frees_the_port_and_the_thread_at_once(start: Start, dual: bool) -> None:
    """Also while clients hold connections open."""
    app = Echo()
    server = start(app, dual=dual)
    idle, half = connect(server), connect(server)
    half.sendall(b"GET / HT")
    assert ask(connect(server)).endswith(b"http")
    before = time.monotonic()
    server.stop()
    assert time.monotonic() - before < 1
    assert app.closed_in == f"trustpub-serve-{server.port}"
    assert app.closed_in not in {thread.name for thread in threading.enumerate()}
    bind("127.0.0.1", server.port).close()
    idle.close()
    half.close()


def test_stop_lets_a_request_under_way_end(start: Start) -> None:
    """What was begun is answered, if it does not take too long."""
    app = Echo()
    server = start(app)
    answers: list[bytes] = []
    client = threading.Thread(target=lambda: answers.append(ask(connect(server), "/slow")))
    client.start()
    assert app.waiting.wait(10)
    server.stop()
    client.join()
    assert answers[0].endswith(b"http")


def test_stop_cuts_off_a_request_that_never_ends(start: Start) -> None:
    """After the grace, the end comes anyway."""
    app = Echo()
    server = start(app)
    with connect(server) as connection:
        connection.sendall(b"GET /never HTTP/1.1\r\nHost: here\r\n\r\n")
        assert app.waiting.wait(10)
        before = time.monotonic()
        server.stop()
        assert time.monotonic() - before < 5
        assert not connection.recv(100).startswith(b"HTTP/1.1 200")


def test_stopping_twice_is_stopping_once(start: Start) -> None:
    """`release` is called once, after the server has ended."""
    released: list[str] = []
    app = Echo()
    server = RunningServer(app, bind("127.0.0.1", 0), "", release=lambda: released.append(app.closed_in))
    server.stop()
    server.stop()
    assert [f"trustpub-serve-{server.port}"] == released


def test_many_servers_live_in_one_process(start: Start) -> None:
    """A rehearsal has one for each leg, a test run dozens."""
    servers = [start() for _ in range(8)]
    assert 8 == len({server.port for server in servers})
    assert all(ask(connect(server)).endswith(b"http") for server in servers)


def test_a_port_in_use_is_one_clear_line() -> None:
    """Which address, why, and what to do."""
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Broken) as problem:
            bind("127.0.0.1", port)
    assert str(problem.value).startswith(f"cannot listen on `127.0.0.1:{port}`: address already in use. ")
    assert 2 == problem.value.exit_status


def test_a_host_that_is_not_ours_is_one_clear_line() -> None:
    """TEST-NET-1 belongs to nobody."""
    with pytest.raises(Broken, match=r"cannot listen on `192\.0\.2\.1:0`: cannot assign requested address"):
        bind("192.0.2.1", 0)


@pytest.mark.parametrize(
    ("host", "tls", "expected"), [("127.0.0.1", False, "http://127.0.0.1:{}"), ("::1", True, "https://[::1]:{}")]
)
def test_the_address_names_the_real_port(host: str, tls: bool, expected: str) -> None:
    """Port 0 becomes what the system chose; an IPv6 host stands in brackets."""
    with bind("127.0.0.1", 0) as listening:
        assert expected.format(listening.getsockname()[1]) == address(listening, host, tls=tls)


def test_the_date_header_is_there_from_the_first_answer(start: Start) -> None:
    """Caches need it; uvicorn's own server would set it as well."""
    assert b"\r\ndate: " in ask(connect(start()))


def test_a_server_that_cannot_start_is_broken_and_leaves_nothing() -> None:
    """The thread's problem arrives where the server was asked for; a datagram socket listens to nobody."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.bind(("127.0.0.1", 0))
    released: list[bool] = []
    with pytest.raises(Broken, match="the server did not start"):
        RunningServer(Echo(), listening, "", release=lambda: released.append(True))
    assert [True] == released


def test_localhost_is_where_clients_look() -> None:
    """Also where the name means IPv6 first."""
    with bind("localhost", 0) as listening:
        assert "127.0.0.1" == listening.getsockname()[0]


def test_a_name_that_is_no_host_is_one_clear_line() -> None:
    """Found by the resolver, not by the socket."""
    with pytest.raises(Broken, match=r"cannot listen on `host\.invalid:0`: "):
        bind("host.invalid", 0)


def test_a_head_that_never_ends_is_cut_off(start: Start, long_run: bool) -> None:
    """Twenty seconds for one head, however busily its bytes trickle in."""
    if not long_run:
        pytest.skip("takes half a minute: --long")
    server = start()
    with connect(server) as connection:
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 60:
                connection.sendall(b"GET / HTTP/1.1\r\n" if time.monotonic() - began < 0.5 else b"x: y\r\n")
                time.sleep(1)
        assert 19 < time.monotonic() - began < 30
