"""The process that verifies, seen from the index: started when the first attestation comes, kept, replaced when it went wrong."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import signal
import subprocess
import sys
import threading
from socket import SHUT_RDWR
from typing import TYPE_CHECKING

from trustpub.errors import BadInput, Broken
from trustpub.parties.attestations.child import SECONDS
from trustpub.parties.attestations.port import LONGEST, Attested, NotAttested
from trustpub.parties.confined import end, start
from trustpub.parties.frames import Gone, be_patient, receive, send

if TYPE_CHECKING:
    from pathlib import Path
    from socket import socket

    from trustpub.domain.claims import JSON
    from trustpub.parties.attestations.port import Statements

JOBS_EACH = 500
"""Uploads after which the process is replaced, so that nothing that piles up in it lasts."""
PATIENCE = 60
"""Seconds for which it may be silent, at its start or beyond a job's processor time: a loaded machine is slow, not broken."""

MISSING = (
    "This index cannot verify attestations, and keeps none that it has not verified. "
    "Ask its operator to install `trustpub[attest]`, or upload without attestations."
)
STUCK = "Unknown error while trying to verify included attestations: it takes too much time or memory"
HINT = "Give the `trusted_root.json` of the signing service, or leave the setting out."
_MODULE = "trustpub.parties.attestations.child"


class _Child:
    """One process and the socket to it; ready when it is made. Raises Broken."""

    def __init__(self, trust_root: Path | None) -> None:
        self._process: subprocess.Popen[bytes]
        self.channel: socket
        paths = [path for path in sys.path if path]
        self._process, self.channel = start(_MODULE, paths, str(trust_root or ""))
        self.jobs = 0
        self.working = False
        be_patient(self.channel, SECONDS + PATIENCE)
        try:
            told = receive(self.channel, LONGEST)
        except (Gone, OSError):
            told = ["broken", "it ended or stayed silent before its first file"]
        if told != ["ready"]:
            self.end()
            why = str(told[1]) if isinstance(told, list) and len(told) == 2 else "it cannot be understood"
            raise Broken("attestations cannot be verified", why=why, next_step="Look at `[attestations] trust_root`.")

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ran_out_of_time(self) -> bool:
        """Whether it, which has closed its side, ended because it took more processor time than it may."""
        try:
            return self._process.wait(1) == -signal.SIGXCPU
        except subprocess.TimeoutExpired:
            return False

    def end(self) -> None:
        """Let it go, whatever it does."""
        self.channel.close()
        end(self._process, PATIENCE, kill=True)


class ProcessAttestor:
    """One verifying process for the whole index. Any number of threads may call; they take turns of some milliseconds."""

    def __init__(self, trust_root: Path | None = None, jobs_each: int = JOBS_EACH) -> None:
        self._trust_root = trust_root
        self._jobs_each = jobs_each
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process that is there now, if any."""
        child = self._child
        return None if child is None else child.pid

    @property
    def busy(self) -> bool:
        """Whether it is verifying something now."""
        child = self._child
        return child is not None and child.working

    def verify(self, statements: Statements) -> Attested | NotAttested:
        """Verify these; a process that stays silent, or dies over them twice, makes them not attested and touches nobody else."""
        with self._lock:
            answer = self._answer(statements)
            if answer is None and not self._closed:
                answer = self._answer(statements)  # somebody ended it, perhaps not because of these
        if not (isinstance(answer, list) and len(answer) == 2 and isinstance(answer[1], str)):
            return NotAttested(STUCK)
        return Attested(answer[1]) if answer[0] == "true" else NotAttested(answer[1])

    def _answer(self, statements: Statements) -> JSON:
        """What the process says; None when it was ended by something else than its limit of time."""
        child = self._given(statements)
        child.working = True
        try:
            answer = receive(child.channel, LONGEST)
        except (Gone, ConnectionError):
            spent = self._closed or child.ran_out_of_time
            self._let_go()
            return ["false", STUCK] if spent else None
        except OSError:
            self._let_go()
            return ["false", STUCK]
        child.working = False
        if child.jobs >= self._jobs_each:
            self._let_go()
        return answer

    def close(self) -> None:
        """End the process; whatever it is doing is given up."""
        self._closed = True
        child = self._child
        if child is not None:
            with contextlib.suppress(OSError):
                child.channel.shutdown(SHUT_RDWR)  # wakes whoever waits for an answer, who then lets it go
        with self._lock:
            self._let_go()

    def _given(self, statements: Statements) -> _Child:
        """A process that has taken the job. One that was killed while it was idle says nothing about this file."""
        text, filename, sha256, signer = statements.text, statements.filename, statements.sha256, statements.signer
        while True:
            child = self._child or self._new()
            child.jobs += 1
            fresh = child.jobs == 1
            try:
                send(child.channel, [text, filename, sha256, list(signer)])
            except OSError:
                self._let_go()
                if fresh:
                    raise Broken("attestations cannot be verified", why="the process that verifies dies at once") from None
            else:
                return child

    def _new(self) -> _Child:
        if self._closed:
            raise Broken("no attestation can be verified any more", why="the index is stopping")
        self._child = _Child(self._trust_root)
        return self._child

    def _let_go(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


class NoAttestor:
    """Stands where the libraries are not installed: says so, and accepts nothing unverified."""

    def verify(self, _: Statements) -> NotAttested:
        """Refuse, with what to do."""
        return NotAttested(MISSING)

    def close(self) -> None:
        """Nothing to close."""


def attestor(trust_root: Path | None, *, required: bool = False) -> ProcessAttestor | NoAttestor:
    """What this installation can do about attestations. Loads nothing and starts nothing.

    Raises BadInput for settings that no upload could ever meet: a trust root that is none, or libraries that are not there.
    """
    if not _installed():
        if trust_root is not None or required:
            why = "verifying attestations needs libraries that are not installed"
            raise BadInput("[attestations]", why=why, next_step="Install them: pip install 'trustpub[attest]'")
        return NoAttestor()
    if trust_root is not None:
        _check_file(trust_root)
    return ProcessAttestor(trust_root)


def _check_file(trust_root: Path) -> None:
    """Look at the file as far as that costs nothing: a wrong path is found at the start, not at a release."""
    try:
        told = json.loads(trust_root.read_bytes())
    except (OSError, ValueError) as problem:
        why = f"`{trust_root}` cannot be read as JSON"
        raise BadInput("[attestations] trust_root", why=why, next_step=HINT) from problem
    if not isinstance(told, dict) or not {"tlogs", "certificateAuthorities"} <= set(told):
        raise BadInput("[attestations] trust_root", why=f"`{trust_root}` holds no keys of a signing service", next_step=HINT)


def _installed() -> bool:
    with contextlib.suppress(ImportError, ValueError):
        return importlib.util.find_spec("pypi_attestations") is not None
    return False
