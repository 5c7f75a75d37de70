"""The examples can be taken as they are: nginx, systemd and our own reader of settings find nothing wrong with them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.markdown import ROOT
from trustpub.main.listener import GRACE_SECONDS, KEEP_ALIVE_SECONDS, LAST_CALL_SECONDS
from trustpub.settings import MIB, Limits, load
from trustpub.web.api.legacy import SLACK

DEPLOY = ROOT / "deploy"
CONFIGURATIONS = [DEPLOY / "nginx.conf", DEPLOY / "compose" / "nginx.conf"]


def seconds(text: str, name: str) -> int:
    """The value of a line `NAME 10s` or `NAME=10`."""
    found = re.search(rf"\b{name}\b[ =:]+(\d+)", text)
    assert found is not None, name
    return int(found[1])


def told(*arguments: str) -> tuple[int, str]:
    """A program's status and what it complained about."""
    ran = subprocess.run(arguments, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stderr


def test_the_settings_are_read() -> None:
    """Every key is known, and the proxy that they trust is the one of the compose file."""
    settings = load(Path("nowhere"), DEPLOY / "compose" / "index.toml")
    composed: Any = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    assert ("s3://trustpub", True) == (settings.bucket, (settings.database or "").startswith("postgresql://"))
    assert list(settings.trusted_proxies) == [composed["services"]["proxy"]["networks"]["default"]["ipv4_address"]]


def test_settings_in_a_comment_are_read(tmp_path: Path) -> None:
    """An example in a comment is an example, too."""
    commented = re.findall(r"(?m)^#   (.*)$", CONFIGURATIONS[0].read_text())
    (tmp_path / "index.toml").write_text("\n".join(commented))
    found = load(tmp_path / "data", tmp_path / "index.toml")
    assert (("127.0.0.1",), "accel", Path("/srv/trustpub")) == (found.trusted_proxies, found.sending.send, found.blobs)


@pytest.mark.parametrize("name", ["nginx.conf", "compose/nginx.conf", "compose/compose.yaml", "trustpub.service"])
def test_times_fit_together(name: str) -> None:
    """Who stops us waits long enough; who is in front of us closes idle connections first."""
    path = DEPLOY / name
    text = path.read_text()
    longest = GRACE_SECONDS + LAST_CALL_SECONDS
    if path.suffix == ".conf":
        assert seconds(text, "keepalive_timeout") < min(KEEP_ALIVE_SECONDS, LAST_CALL_SECONDS)
    elif path.suffix == ".service":
        assert seconds(text, "TimeoutStopSec") > longest
    else:
        assert seconds(text, "stop_grace_period") > longest


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda path: path.parent.name)
def test_nginx_takes_what_we_take(configuration: Path) -> None:
    """Less, and its own refusal, which says nothing, would be what people see; more is never asked for."""
    assert Limits().file_size + SLACK == seconds(configuration.read_text(), "client_max_body_size") * MIB


def test_nginx_sends_files_with_the_headers_of_the_reference() -> None:
    """The location in the reference is the one of the example."""
    example = re.search(r"(?ms)^ *location /blobs/ \{.*?^    \}", CONFIGURATIONS[0].read_text())
    assert example is not None
    assert example[0] in (ROOT / "docs" / "reference" / "settings.md").read_text()


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """Except for the program, which is not installed here; and it calls the unit well protected."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not here")
    unit = tmp_path / "trustpub.service"
    program = "/opt/trustpub/bin/trustpub"
    text = (DEPLOY / "trustpub.service").read_text()
    assert program in text
    unit.write_text(text.replace(program, "/bin/true"))
    assert (0, "") == told(tool, "verify", str(unit))
    assert 0 == told(tool, "security", "--offline=true", "--threshold=20", str(unit))[0]
    shutil.copytree(DEPLOY / "trustpub.service.d", tmp_path / "trustpub.service.d")
    assert (0, "") == told(tool, "verify", str(unit))


def test_nginx_reads_the_files_and_nobody_else_does(tmp_path: Path) -> None:
    """What is made in the folder of the comment, under the mask that is set: its group reads, others do not."""
    addition = (DEPLOY / "trustpub.service.d" / "files.conf").read_text()
    found = re.search(r"install -d .* -m (\d+) /srv/trustpub", addition)
    mask = re.search(r"(?m)^UMask=(\d+)$", addition)
    assert found is not None
    assert mask is not None
    place = tmp_path / "files"
    place.mkdir()
    place.chmod(int(found[1], 8))
    code = (
        "import hashlib, pathlib, sys; from trustpub.storage.blobs import LocalBlobs;"
        "blobs = LocalBlobs(pathlib.Path(sys.argv[1]));"
        "temp = blobs.temp(); temp.write(b'x'); blobs.adopt(temp, hashlib.sha256(b'x').hexdigest())"
    )
    subprocess.run([sys.executable, "-c", code, str(place)], check=True, umask=int(mask[1], 8))
    modes = {path.stat().st_mode & 0o7777 for path in place.rglob("*") if path.is_file()}
    assert {0o640} == modes
    assert {0o2750} == {path.stat().st_mode & 0o7777 for path in place.rglob("*") if path.is_dir()}


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda path: path.parent.name)
def test_nginx_finds_nothing_wrong(configuration: Path, tmp_path: Path) -> None:
    """Without its certificate, and with names that this machine can find."""
    tool = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if tool is None:
        pytest.skip("nginx is not here")
    text = configuration.read_text()
    text = re.sub(r"(?m)^ *(listen .*ssl|ssl_certificate.*);\n", "", text)  # keys are not what is tested here
    text = re.sub(r"index([123]):8080", r"127.0.0.1:808\1", text)
    text = text.replace("/var/log/nginx/", f"{tmp_path}/")
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{text}\n}}\n")
    assert (0, "") == told(tool, "-t", "-q", "-p", str(tmp_path), "-c", str(whole))
