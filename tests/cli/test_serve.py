"""`trustpub serve` as a process of its own: one line when it listens, one line when it cannot."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.inside import inside
from trustpub.main.listener import bind

TRUSTPUB = (sys.executable, "-c", "import sys; from trustpub.main.console import main; sys.exit(main())")


@contextmanager
def serving(*args: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running server and its address."""
    server = subprocess.Popen([*TRUSTPUB, "serve", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        assert server.stderr is not None
        line = server.stdout.readline()
        assert line, server.stderr.read()
        ready = json.loads(line)
        assert ready["ready"] is True
        yield server, ready["url"]
    finally:
        server.kill()
        server.communicate()


def refused(*args: str) -> tuple[int, str, str]:
    """Status, stdout and stderr of a server that does not start."""
    done = subprocess.run([*TRUSTPUB, "serve", *args], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr


def refused_here(folder: Path, *args: str) -> tuple[int, str, str]:
    """The same of what is refused before anything could start, without a process."""
    done = inside("serve", *args, home=folder)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_when_told(tmp_path: Path, wish: signal.Signals) -> None:
    """Port 0 becomes the real one; the exit status is 0, and nothing else is printed."""
    with serving("--data", str(tmp_path / "data"), "--port", "0") as (server, url):
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port or 0, timeout=10)
        connection.request("GET", "/_/oidc/audience")
        assert b'{"audience":"trustpub"}' == connection.getresponse().read()
        server.send_signal(wish)
        out, err = server.communicate(timeout=20)
        connection.close()
        assert (0, "", "") == (server.returncode, out, err)


def test_the_configuration_counts(tmp_path: Path) -> None:
    """A file beside the data."""
    (tmp_path / "index.toml").write_text('[index]\naudience = "acme"\n')
    with serving("--data", str(tmp_path / "data"), "--port", "0", "--config", str(tmp_path / "index.toml")) as (_, url):
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(url).port or 0, timeout=10)
        connection.request("GET", "/_/oidc/audience")
        assert b'{"audience":"acme"}' == connection.getresponse().read()
        connection.close()


def test_a_port_in_use_is_one_line_and_status_2(tmp_path: Path) -> None:
    """No traceback, no half-started server."""
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        status, out, err = refused("--data", str(tmp_path / "data"), "--port", str(port))
    expected = (
        f"trustpub: cannot listen on `127.0.0.1:{port}`: address already in use. Choose another one with `--host` or `--port`\n"
    )
    assert (2, "", expected) == (status, out, err)


def test_a_data_folder_below_a_regular_file_is_one_line_and_status_2(tmp_path: Path) -> None:
    """Named, with what is in the way."""
    (tmp_path / "file").touch()
    status, out, err = refused_here(tmp_path, "--data", str(tmp_path / "file" / "data"), "--port", "0")
    why = f"`{tmp_path / 'file'}` is a regular file. Name a folder with --data"
    assert (2, "", f"trustpub: data folder `{tmp_path / 'file' / 'data'}`: {why}\n") == (status, out, err)


def test_a_data_folder_that_cannot_be_made_is_one_line_and_status_2() -> None:
    """Found when it is opened; nobody can make a folder among the devices' own files, root included."""
    status, out, err = refused("--data", "/proc/self/data", "--port", "0")
    assert (2, "", 1) == (status, out, len(err.splitlines()))


def test_a_wrong_setting_is_one_line_and_status_2(tmp_path: Path) -> None:
    """With the nearest right one."""
    (tmp_path / "index.toml").write_text("[index]\naudiance = 'x'\n")
    status, out, err = refused_here(tmp_path, "--data", str(tmp_path / "data"), "--config", str(tmp_path / "index.toml"))
    assert (2, "", 1) == (status, out, len(err.splitlines()))
    assert "unknown key `index.audiance` (did you mean `audience`?)" in err


@pytest.mark.parametrize("args", [(), ("--data",), ("--data", "x", "--port", "70000"), ("--data", "x", "--nonsense")])
def test_wrong_usage_is_status_2(tmp_path: Path, args: tuple[str, ...]) -> None:
    """As everywhere."""
    assert 2 == refused_here(tmp_path, *args)[0]
