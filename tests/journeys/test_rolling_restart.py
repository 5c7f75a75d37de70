"""Stopping a server: what is under way ends, and restarting one after the other behind a proxy loses nothing."""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from trustpub.main.listener import turn_away

TRUSTPUB = (sys.executable, "-c", "import sys; from trustpub.main.console import main; sys.exit(main())")


class Server:
    """One `trustpub serve` that trusts proxies of this machine, on a port that it keeps over restarts."""

    def __init__(self, folder: Path, port: int = 0, *, proxied: bool = True) -> None:
        self._folder = folder
        self._proxied = proxied
        self.port = port
        self.start()

    def start(self) -> None:
        """Start, and wait until it listens."""
        config = self._folder / "index.toml"
        config.write_text('[proxy]\ntrusted = ["127.0.0.1"]\n' if self._proxied else "")
        command = [*TRUSTPUB, "serve", "--data", str(self._folder / "data"), "--config", str(config), "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = urlsplit(json.loads(self.process.stdout.readline())["url"]).port or 0

    def end(self) -> int:
        """Tell it to end, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()
        return status


@contextlib.contextmanager
def running(folder: Path, *, proxied: bool = True) -> Iterator[Server]:
    """A server, killed at the end if it still runs."""
    server = Server(folder, proxied=proxied)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        if server.process.stdout:
            server.process.stdout.close()


def test_a_request_under_way_ends_and_readiness_is_told(tmp_path: Path) -> None:
    """A body that is half sent when the signal comes is answered when it is whole; on its connection, and as the last."""
    with running(tmp_path) as server:
        uploading, idle = (http.client.HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(2))
        idle.request("GET", "/healthz")
        idle.getresponse().read()
        uploading.putrequest("POST", "/_/oidc/mint-token")
        uploading.putheader("Content-Length", "20")
        uploading.endheaders()
        uploading.send(b'{"token": ')
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", server.port), 0.5).close()
        idle.request("GET", "/readyz")
        ready = idle.getresponse()
        assert (503, b'{"status":"stopping"}', "close") == (ready.status, ready.read(), ready.getheader("connection"))
        uploading.send(b'"garbage"}')
        answer = uploading.getresponse()
        assert (422, "close") == (answer.status, answer.getheader("connection"))
        answer.read()
        assert 0 == server.process.wait(5)
        for each in (uploading, idle):
            each.close()


def test_a_second_signal_cuts(tmp_path: Path) -> None:
    """For who cannot wait."""
    with running(tmp_path) as server:
        stuck = socket.create_connection(("127.0.0.1", server.port))
        stuck.sendall(b"POST /_/oidc/mint-token HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert server.process.poll() is None
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert 0 == server.process.wait(10)
        assert time.monotonic() - began < 3
        stuck.close()


@pytest.mark.skipif(sys.platform != "linux", reason="a packet filter of Linux")
def test_new_connections_are_turned_away_and_old_ones_are_not() -> None:
    """The filter drops what begins a connection, and nothing of one that is there."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        inside = socket.create_connection(listening.getsockname())
        turn_away(listening)
        accepted, _ = listening.accept()
        inside.sendall(b"still here")
        assert b"still here" == accepted.recv(100)
        with pytest.raises(TimeoutError):
            socket.create_connection(listening.getsockname(), 0.3)
        inside.close()
        accepted.close()


def test_a_rolling_restart_loses_nothing(tmp_path: Path, long_run: bool) -> None:
    """Three processes behind nginx, one after the other restarted under load: every request has its answer, POSTs too."""
    nginx = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if not long_run or nginx is None:
        pytest.skip("takes a minute, and nginx: --long")
    folders = [tmp_path / str(number) for number in range(3)]
    for folder in folders:
        folder.mkdir()
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running(folder)) for folder in folders]
        port = stack.enter_context(proxy(nginx, tmp_path, [server.port for server in servers]))
        over, counts = threading.Event(), [0] * 8
        failures: list[str] = []
        clients = [threading.Thread(target=ask_on, args=(port, number, over, failures, counts)) for number in range(8)]
        for client in clients:
            client.start()
        for _ in range(2):
            for server in servers:
                time.sleep(1.0)
                assert 0 == server.end()
                server.start()
        over.set()
        for client in clients:
            client.join()
    assert [] == failures
    assert min(counts) > 100


def ask_on(port: int, number: int, over: threading.Event, failures: list[str], counts: list[int]) -> None:
    """Reads and writes in turn, over connections that are kept; whatever is no answer of ours is a failure."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    while not over.is_set():
        try:
            if counts[number] % 2:
                connection.request("POST", "/_/oidc/mint-token", b'{"token": "garbage"}')
                expected = 422
            else:
                connection.request("GET", "/simple/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
                expected = 200
            answer = connection.getresponse()
            answer.read()
            if answer.status != expected:
                failures.append(f"{answer.status} instead of {expected}")
        except (OSError, http.client.HTTPException) as problem:
            failures.append(repr(problem))
            connection.close()
        counts[number] += 1
        time.sleep(0.005)
    connection.close()


@contextlib.contextmanager
def proxy(nginx: str, folder: Path, ports: list[int]) -> Iterator[int]:
    """Nginx with our own example, on a free port."""
    from tests.docs.markdown import ROOT

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    text = (ROOT / "deploy" / "compose" / "nginx.conf").read_text().replace("listen 8080", f"listen 127.0.0.1:{port}")
    text = text.replace("/var/log/nginx/", f"{folder}/")
    for number, each in enumerate(ports, 1):
        text = text.replace(f"index{number}:8080", f"127.0.0.1:{each}")
    bodies = "".join(f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    places = f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
    whole = f"{places}http {{\naccess_log off;\n{bodies}{text}\n}}\n"
    (folder / "nginx.conf").write_text(whole)
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()
