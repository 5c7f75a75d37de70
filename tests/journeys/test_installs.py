"""Real installers and the two ways in which an index is not alone: another one behind it, and a gate before it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from tests.distributions import wheel_of
from tests.web.site import Site
from trustpub.domain.tokens import READ_PREFIX, digest, mint
from trustpub.settings import Upstream
from trustpub.storage.database import Connection
from trustpub.storage.tables import read_tokens, readers

UV = Path(sys.executable).parent / "uv"
TOKEN = mint(READ_PREFIX, b"j" * 32)
Installer = Callable[[str, str, Path, dict[str, str]], "subprocess.CompletedProcess[str]"]


def uv(simple: str, project: str, home: Path, more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Into the folder `site` below this home."""
    command = [str(UV), "pip", "install", "--no-config", "--no-cache", "--python", sys.executable, "--default-index", simple]
    return run([*command, "--target", str(home / "site"), project], home, {"UV_HTTP_RETRIES": "0", **more})


def pip(simple: str, project: str, home: Path, more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Into the folder `site` below this home."""
    command = [sys.executable, "-m", "pip", "install", "--isolated", "--no-cache-dir", "--disable-pip-version-check"]
    return run([*command, "--retries", "0", "--index-url", simple, "--target", str(home / "site"), project], home, more)


def run(command: list[str], home: Path, more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """One installer, in a home of its own and with nobody there to answer questions."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PIP_NO_INPUT": "1", **more}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test with each installer; pip takes seconds, so only a run with `--long` holds it."""
    if "install" in metafunc.fixturenames:
        both = [pytest.param(uv, id="uv"), pytest.param(pip, id="pip")]
        metafunc.parametrize("install", both if metafunc.config.getoption("--long") else both[:1])


def publish(site: Site, project: str, version: str, content: str) -> None:
    """A wheel with one module of this content and its metadata beside it, as an upload leaves it."""
    name, body = wheel_of(project, version, {f"{project}.py": content.encode()})
    metadata = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n".encode()
    site.publish(name, body, project=project, version=version, metadata=metadata)


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Site]:
    """The index behind."""
    with Site(tmp_path / "behind") as site:
        yield site


@pytest.fixture
def front(tmp_path: Path, behind: Site) -> Iterator[Site]:
    """The index that people ask."""
    with Site(tmp_path / "front", upstream=Upstream(f"{behind.server.url}/simple", deny=("secret*",))) as site:
        yield site


def test_an_installer_gets_what_is_only_behind(front: Site, behind: Site, tmp_path: Path, install: Installer) -> None:
    """The file comes through the front, which has it from then on."""
    publish(behind, "theirs", "1.0", "FROM = 'behind'")
    done = install(f"{front.server.url}/simple/", "theirs", tmp_path, {})
    assert (0, "FROM = 'behind'") == (done.returncode, (tmp_path / "site" / "theirs.py").read_text()), done.stderr
    assert all(record.user_agent.startswith("trustpub/") for record in behind.records)


def test_an_installer_never_gets_ours_from_there(front: Site, behind: Site, tmp_path: Path, install: Installer) -> None:
    """Dependency confusion: a higher version of our name, in our spelling or another, on the index behind."""
    publish(front, "ours", "1.0", "FROM = 'front'")
    publish(behind, "ours", "99.0", "FROM = 'behind'")
    for number, spelling in enumerate(("ours", "Ours", "OURS")):
        home = tmp_path / str(number)
        home.mkdir()
        done = install(f"{front.server.url}/simple/", spelling, home, {})
        assert (0, "FROM = 'front'") == (done.returncode, (home / "site" / "ours.py").read_text()), done.stderr
    assert 0 != install(f"{front.server.url}/simple/", "ours==99.0", tmp_path, {}).returncode
    assert [] == behind.records


def test_an_installer_gets_nothing_that_a_rule_leaves_out(front: Site, behind: Site, tmp_path: Path, install: Installer) -> None:
    """And nothing while nobody answers behind."""
    publish(behind, "secret", "1.0", "")
    assert 0 != install(f"{front.server.url}/simple/", "secret", tmp_path, {}).returncode
    assert [] == behind.records
    behind.server.stop()
    assert 0 != install(f"{front.server.url}/simple/", "theirs", tmp_path, {}).returncode
    assert 503 in [record.status for record in front.records]


def let_in(connection: Connection) -> None:
    """One read token."""
    row = {"identity": "i", "provider": "github", "issuer": "x", "lookup": "x", "kin": "x", "fields": "{}", "by": "hana"}
    connection.execute(insert(readers), {**row, "created": 1.0})
    connection.execute(insert(read_tokens), {"digest": digest(TOKEN), "reader_id": 1, "created": 1.0, "expires": 4_000_000_000})


def test_an_installer_with_a_token_reads_a_private_index(tmp_path: Path, install: Installer) -> None:
    """From the address and from a netrc file; without one it learns nothing."""
    with Site(tmp_path / "private", private=True) as site:
        site.write(let_in)
        publish(site, "inner", "1.0", "FROM = 'private'")
        host, simple = f"127.0.0.1:{site.server.port}", f"http://127.0.0.1:{site.server.port}/simple/"
        for number, (address, netrc) in enumerate(
            (
                (simple.replace(host, f"__token__:{TOKEN}@{host}"), ""),
                (simple, f"machine 127.0.0.1 login anybody password {TOKEN}\n"),
            )
        ):
            home = tmp_path / str(number)
            home.mkdir()
            (home / ".netrc").write_text(netrc)
            (home / ".netrc").chmod(0o600)
            done = install(address, "inner", home, {"NETRC": str(home / ".netrc")})
            assert (0, True) == (done.returncode, (home / "site" / "inner.py").is_file()), done.stderr
            assert TOKEN not in done.stdout + done.stderr
        assert 0 != install(simple, "inner", tmp_path, {}).returncode
