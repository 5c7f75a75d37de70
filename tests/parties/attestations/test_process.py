"""One contract for the attestor in a process and the one in tests; and what only a process can do."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.parties.attestations.signing import FILENAME, ISSUER, SHA256, Signing, trust_root
from trustpub.domain.attestations import Signer
from trustpub.errors import BadInput, Broken
from trustpub.parties.attestations.fake import FakeAttestor
from trustpub.parties.attestations.port import Attested, Attestor, NotAttested, Statements
from trustpub.parties.attestations.process import MISSING, STUCK, NoAttestor, ProcessAttestor, attestor

SIGNER = Signer("GitHub", ISSUER, "acme/tiny", "pypi.yml", "pypi", "42")
TRUE = Statements(json.dumps([Signing().attestation()]), FILENAME, SHA256, SIGNER)
FALSE = Statements('[{"forged": 1}]', FILENAME, SHA256, SIGNER)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trust root of our own service."""
    file = tmp_path_factory.mktemp("trust") / "root.json"
    file.write_text(trust_root())
    return file


@pytest.fixture(scope="module")
def process(root: Path) -> Iterator[ProcessAttestor]:
    """One process for the tests that leave it alive."""
    made = ProcessAttestor(root)
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["process", "fake"])
def test_true_and_forged(process: ProcessAttestor, kind: str) -> None:
    """The contract: provenance for what is true, words for what is not."""
    made: Attestor = process if kind == "process" else FakeAttestor()

    found = made.verify(TRUE)

    assert isinstance(found, Attested)
    assert json.loads(found.provenance)["attestation_bundles"][0]["publisher"]["kind"] == "GitHub"
    assert isinstance(made.verify(FALSE), NotAttested)


def test_it_knows_nothing_and_can_write_nothing(process: ProcessAttestor) -> None:
    """No descriptor but the socket, no environment, no file that grows, limits on time and memory."""
    assert isinstance(process.verify(TRUE), Attested)

    limits = Path(f"/proc/{process.pid}/limits").read_text()
    rows = {line[:25].strip(): line[26:47].strip() for line in limits.splitlines()}
    assert rows["Max file size"] == "0"
    assert rows["Max core file size"] == "0"
    assert int(rows["Max address space"]) <= 1024**3
    assert int(rows["Max cpu time"]) <= 30
    assert Path(f"/proc/{process.pid}/environ").read_bytes() == b""
    opened = {str(link.readlink()) for link in Path(f"/proc/{process.pid}/fd").iterdir()}
    assert {name.partition(":")[0] for name in opened} == {"/dev/null", "socket"}


def test_threads_take_turns(process: ProcessAttestor) -> None:
    """Each gets its own answer."""
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(process.verify, [TRUE, FALSE] * 20))

    assert [isinstance(each, Attested) for each in found] == [True, False] * 20


@pytest.mark.usefixtures("only_long")
def test_killed_while_idle_and_worn_out(root: Path) -> None:
    """A process that was killed is nobody's fault; one that has done its share is replaced."""
    made = ProcessAttestor(root, jobs_each=2)
    try:
        assert isinstance(made.verify(TRUE), Attested)
        first = made.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
        assert isinstance(made.verify(TRUE), Attested)
        assert made.pid != first
        assert isinstance(made.verify(TRUE), Attested)
        assert made.pid is None
    finally:
        made.close()


def test_killed_over_a_file(root: Path) -> None:
    """They are given to a fresh process once: somebody else may have ended the first."""
    made = ProcessAttestor(root)
    try:
        assert isinstance(made.verify(TRUE), Attested)
        pid = made.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        found: list[Attested | NotAttested] = []
        thread = threading.Thread(target=lambda: found.append(made.verify(TRUE)))
        thread.start()
        while not made.busy:
            thread.join(0.005)
        os.kill(pid, signal.SIGKILL)
        thread.join(30)
        assert isinstance(found[0], Attested)
        assert made.pid not in (None, pid)
    finally:
        made.close()


def test_closing_does_not_wait_for_what_hangs(root: Path) -> None:
    """What is under way is given up, the process is gone, and nothing is verified afterwards."""
    made = ProcessAttestor(root)
    assert isinstance(made.verify(TRUE), Attested)
    pid = made.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    found: list[Attested | NotAttested] = []
    thread = threading.Thread(target=lambda: found.append(made.verify(TRUE)))
    thread.start()
    while not made.busy:
        thread.join(0.005)
    made.close()
    thread.join(30)

    assert found == [NotAttested(STUCK)]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(Broken):
        made.verify(TRUE)


def test_nothing_is_started_before_the_first_attestation() -> None:
    """An index without attestations pays nothing."""
    made = attestor(None)
    assert isinstance(made, ProcessAttestor)
    assert made.pid is None
    made.close()


@pytest.mark.usefixtures("only_long")
@pytest.mark.parametrize("content", [None, "{}"])
def test_a_trust_root_that_cannot_be_used(tmp_path: Path, content: str | None) -> None:
    """The operator is told which setting to look at; nobody's file is blamed."""
    file = tmp_path / "root.json"
    if content is not None:
        file.write_text(content)
    made = ProcessAttestor(file)

    with pytest.raises(Broken, match=r"\[attestations\] trust_root"):
        made.verify(TRUE)
    made.close()


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read as JSON"), ("x", "cannot be read"), ("[]", "no keys")])
def test_a_trust_root_that_is_none_is_found_at_the_start(tmp_path: Path, content: str | None, words: str) -> None:
    """The setting is named before anybody uploads."""
    file = tmp_path / "root.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(BadInput, match=words) as found:
        attestor(file)
    assert found.value.what == "[attestations] trust_root"


@pytest.mark.usefixtures("only_long")
def test_without_the_libraries() -> None:
    """Nothing is believed, and it is said what to install."""
    assert NoAttestor().verify(TRUE) == NotAttested(MISSING)
