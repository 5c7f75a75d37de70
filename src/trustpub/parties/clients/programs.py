"""Finding and running other people's programs: no shell, a fresh environment, a time limit, and no token in what they printed."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trustpub.errors import Broken
from trustpub.parties.clients.port import ClientRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIMEOUT = 300.0
"""Seconds one client may take: PyPI's own upload limit is longer, but the other side is on this machine."""

INSTALL = 'Install it: pip install "trustpub[rehearse]"'

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LINE_ENDS = re.compile(r"[ \t\r]+$", re.MULTILINE)
_SECRETS = (
    (re.compile(r"(::add-mask::)\S+"), r"\1[removed]"),
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "[ID token removed]"),
    (re.compile(r"pypi-(?:tp_|api_|Ag)[\w-]{8,}"), "[upload token removed]"),
    (re.compile(r"(?i)(basic|bearer)\s+[\w+/=.-]{16,}"), r"\1 [removed]"),
)


def redact(text: str, secrets: Sequence[str] = ()) -> str:
    """Remove every token from a program's output: known secrets by value, masks, ID tokens and upload tokens by shape.

    Colours go first, so that none can hide a token, and with them the blanks that fill lines up to a terminal's width.
    """
    text = _LINE_ENDS.sub("", _COLOURS.sub("", text))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[removed]")
    for shape, instead in _SECRETS:
        text = shape.sub(instead, text)
    return text


def find(name: str) -> str:
    """The program called `name`: the one beside this Python first, else the one on PATH. errors.Broken when there is neither."""
    beside = Path(sys.executable).parent / name
    if beside.is_file() and os.access(beside, os.X_OK):
        return str(beside)
    found = shutil.which(name)
    if found is None:
        raise Broken(f"client not installed: `{name}`", why="a rehearsal runs the real one", next_step=INSTALL)
    return found


def run(
    words: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    *,
    secrets: Sequence[str] = (),
    timeout: float = TIMEOUT,
) -> ClientRun:
    """Run a program in `folder` with exactly this environment; its whole process group dies at the time limit (exit code 124)."""
    try:
        process = subprocess.Popen(
            list(words),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as problem:
        raise Broken(f"client does not start: `{Path(words[0]).name}`", why=problem.strerror or str(problem)) from problem
    with process:
        output, late = _wait(process, timeout)
    text = redact(output.decode("utf-8", "replace"), secrets)
    if late:
        return ClientRun(ok=False, exit_code=124, output=f"{text}\nstopped after {timeout:g} seconds", command=_shown(words))
    return ClientRun(ok=process.returncode == 0, exit_code=process.returncode, output=text, command=_shown(words))


def version_of(name: str, *, words: Sequence[str] | None = None) -> str:
    """The version a program prints: the first thing in its `--version` that looks like one."""
    command = [*(words or [find(name)]), "--version"]
    printed = run(command, {"PATH": os.environ.get("PATH", os.defpath), "HOME": "/nonexistent"}, Path("/"), timeout=60)
    match = re.search(r"\d+(\.\w+)+", printed.output)
    if not printed.ok or match is None:
        raise Broken(f"client does not work: `{name} --version`", detail=printed.output[-2000:], next_step=INSTALL)
    return match.group()


def _wait(process: subprocess.Popen[bytes], timeout: float) -> tuple[bytes, bool]:
    try:
        return process.communicate(timeout=timeout)[0], False
    except subprocess.TimeoutExpired:
        _kill(process)
        return process.communicate()[0], True
    except BaseException:
        _kill(process)
        raise


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _shown(words: Sequence[str]) -> tuple[str, ...]:
    """The words as a person would type them: programs by name, files without their folder."""
    return tuple(Path(word).name if word.startswith("/") else word for word in words)
