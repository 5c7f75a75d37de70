"""How each client is told to upload what was built, with a token of this index: its own options, its own variables."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OWN = Path(sys.executable).parent
FETCHED = ROOT / ".cache" / "clients" / "bin"


@dataclass(frozen=True)
class Job:
    """What a client is given: a project's folder with `dist/`, the upload address, and a token."""

    folder: Path
    upload: str
    token: str

    @property
    def files(self) -> list[str]:
        """Everything that was built."""
        return sorted(str(path) for path in (self.folder / "dist").iterdir())


@dataclass(frozen=True)
class Call:
    """One command with the variables that it takes."""

    command: list[str]
    variables: dict[str, str]


def uv(job: Job) -> Call:
    """`uv publish` reads its token from the environment."""
    return Call([str(OWN / "uv"), "publish", "--publish-url", job.upload, *job.files], {"UV_PUBLISH_TOKEN": job.token})


def twine(job: Job) -> Call:
    """The client that everybody compares with."""
    variables = {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": job.token, "TWINE_REPOSITORY_URL": job.upload}
    return Call([str(OWN / "twine"), "upload", "--non-interactive", "--disable-progress-bar", *job.files], variables)


def pdm(job: Job) -> Call:
    """PDM uploads what lies in `dist`."""
    variables = {"PDM_PUBLISH_REPO": job.upload, "PDM_PUBLISH_USERNAME": "__token__", "PDM_PUBLISH_PASSWORD": job.token}
    return Call([str(FETCHED / "pdm"), "publish", "--no-build", "-d", "dist"], variables)


def hatch(job: Job) -> Call:
    """Hatch takes the files as arguments."""
    variables = {"HATCH_INDEX_REPO": job.upload, "HATCH_INDEX_USER": "__token__", "HATCH_INDEX_AUTH": job.token}
    return Call([str(FETCHED / "hatch"), "publish", "--no-prompt", *job.files], variables)


def poetry(job: Job) -> Call:
    """Poetry knows repositories by name."""
    variables = {"POETRY_REPOSITORIES_OWN_URL": job.upload, "POETRY_PYPI_TOKEN_OWN": job.token}
    return Call([str(FETCHED / "poetry"), "publish", "--no-interaction", "-r", "own", "--dist-dir", "dist"], variables)


def flit(job: Job) -> Call:
    """Flit builds what it uploads, with its own backend in its own process."""
    variables = {"FLIT_INDEX_URL": job.upload, "FLIT_USERNAME": "__token__", "FLIT_PASSWORD": job.token}
    return Call([str(FETCHED / "flit"), "publish"], variables)


def maturin(job: Job) -> Call:
    """Maturin also uploads what others built."""
    variables = {"MATURIN_REPOSITORY_URL": job.upload, "MATURIN_USERNAME": "__token__", "MATURIN_PASSWORD": job.token}
    return Call([str(FETCHED / "maturin"), "upload", "--non-interactive", *job.files], variables)


CLIENTS: dict[str, Callable[[Job], Call]] = {
    "uv": uv,
    "twine": twine,
    "pdm": pdm,
    "hatch": hatch,
    "poetry": poetry,
    "flit": flit,
    "maturin": maturin,
}


def run(call: Call, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a client with nothing of this machine's user around it: no configuration, no cache, no keyring, no other index."""
    environment = {
        "PATH": f"{FETCHED}:{OWN}:{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        "NO_PROXY": "127.0.0.1",
        "LANG": "C.UTF-8",
        "CI": "true",
        **call.variables,
    }
    return subprocess.run(call.command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=180)
