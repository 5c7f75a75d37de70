"""The example's whole rehearsal in an empty network namespace: real uv, twine, pip and build, and no network to reach."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trustpub.usecases.controls import CONTROLS
from trustpub.usecases.rehearsal import STEPS

ROOT = Path(__file__).resolve().parents[2]
TRUSTPUB = Path(sys.executable).with_name("trustpub")

LOOPBACK_UP = """
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
    flags = struct.unpack("16sh", fcntl.ioctl(any_socket, 0x8913, struct.pack("16sh", b"lo", 0)))[1]
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", flags | 1))
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Bring the loopback interface up (SIOCGIFFLAGS, SIOCSIFFLAGS with IFF_UP) without needing `ip`, then become the program."""

SEALED = ["unshare", "-rn", sys.executable, "-c", LOOPBACK_UP]

SECRETS = {
    "an ID token": r"eyJ[\w-]{10,}\.[\w-]{10,}",
    "an upload token": r"pypi-(tp|api)_\w+",
    "an upload token as a password": r"X190b2tlbl9f[\w+/=]+",
    "a request token": r"(?<![0-9a-f])[0-9a-f]{48}(?![0-9a-f])",
}


def leaked(text: str) -> list[str]:
    """Which kinds of secrets a text holds."""
    return [name for name, shape in SECRETS.items() if re.search(shape, text)]


def network_namespaces() -> bool:
    """Whether this machine lets an ordinary process make an empty network namespace."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*SEALED, "/bin/true"], capture_output=True, check=False).returncode == 0


needs_namespaces = pytest.mark.skipif(not network_namespaces(), reason="`unshare -rn` is not permitted here: no empty network")


def rehearse(*args: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run `trustpub rehearse` without a network, in a home of its own."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    words = [*SEALED, str(TRUSTPUB), "rehearse", *args]
    return subprocess.run(words, env=environment, cwd=home, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example: a rehearsal must not need to write into a checkout, but a build may."""
    folder = tmp_path_factory.mktemp("journey")
    shutil.copytree(ROOT / "examples" / "orchay", folder / "orchay")
    return folder


@needs_namespaces
def test_the_namespace_is_empty() -> None:
    """The seal of this test: from inside, no address outside can be reached."""
    reach = "import socket; socket.create_connection(('192.0.2.1', 443), timeout=5)"
    done = subprocess.run([*SEALED, sys.executable, "-c", reach], capture_output=True, text=True, check=False)
    assert "Network is unreachable" in done.stderr


@needs_namespaces
def test_the_example_is_green_without_a_network(example: Path) -> None:
    """Both legs: five steps, uv, twine and pip green, every control refused; and no token in anything that was written."""
    report = example / "report.json"
    done = rehearse("orchay", "--no-isolation", "--format", "json", "--output", str(report), home=example)
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    assert (found["ok"], found["project"]) == (True, "orchay")
    assert [leg["index"] for leg in found["legs"]] == ["pypi", "testpypi"]
    for leg in found["legs"]:
        assert [(step["name"], step["ok"]) for step in leg["steps"]] == [(name, True) for name in STEPS]
        assert {name: client["ok"] for name, client in leg["clients"].items()} == {"uv": True, "twine": True, "pip": True}
        assert [(control["name"], control["refused"]) for control in leg["controls"]] == [(each.name, True) for each in CONTROLS]
        assert leg["refused_hosts"] == []
        assert leg["publisher"]["environment"] == leg["index"]
    for written in (done.stdout, done.stderr, report.read_text()):
        assert leaked(written) == []


@needs_namespaces
@pytest.mark.usefixtures("only_long")
@pytest.mark.parametrize("form", ["text", "html"])
def test_reports_for_people_hold_no_token(example: Path, form: str) -> None:
    """One leg, every format: what a person reads or passes on is free of tokens."""
    done = rehearse("orchay", "--no-isolation", "--index", "testpypi", "--format", form, home=example)
    assert done.returncode == 0, done.stderr
    assert "testpypi" in done.stdout
    for written in (done.stdout, done.stderr):
        assert leaked(written) == []


@pytest.mark.usefixtures("only_long")
@needs_namespaces
def test_a_publisher_that_differs_is_found(example: Path, tmp_path: Path) -> None:
    """The declared environment is another one: exit 1, PyPI's code, the field, both values, and a fix."""
    shutil.copytree(example / "orchay", tmp_path / "orchay")
    declaration = tmp_path / "orchay" / "trustpub.toml"
    declaration.write_text(declaration.read_text().replace('environment = "pypi"', 'environment = "release"'))
    done = rehearse("orchay", "--no-isolation", "--index", "pypi", "--format", "json", home=tmp_path)
    assert done.returncode == 1, done.stderr
    (leg,) = json.loads(done.stdout)["legs"]
    (reason,) = leg["reasons"]
    assert (reason["code"], reason["field"], reason["expected"], reason["got"]) == (
        "invalid-publisher",
        "environment",
        "release",
        "pypi",
    )
    assert reason["fix"]
    assert [step["ok"] for step in leg["steps"]] == [True, True, True, False, False]
