"""How pip and uv are told to install one project, from its wheel or from its sdist, and to take no bytes but those."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from tests.journeys.clients.publishing import OWN
from tests.journeys.front.packages import Package


def requirement(package: Package, home: Path) -> str:
    """A file that asks for this package, and takes no bytes but those that were built."""
    home.mkdir(parents=True, exist_ok=True)
    hashes = [hashlib.sha256(each.read_bytes()).hexdigest() for each in (package.wheel, package.sdist)]
    path = home / "requirements.txt"
    path.write_text(f"{package.project}==1!2.0 {' '.join(f'--hash=sha256:{each}' for each in hashes)}\n")
    return str(path)


def pip(package: Package, home: Path, simple: str, *, sdist: bool) -> list[str]:
    """Into the folder `site` below this home."""
    command = [sys.executable, "-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check", "--retries", "0"]
    command += ["--index-url", simple, "--target", str(home / "site")]
    if sdist:
        return [*command, "--no-binary", package.project, "--require-hashes", "-r", requirement(package, home)]
    return [*command, package.project]  # told hashes, it would not read the metadata first; those of the page count as well


def uv(package: Package, home: Path, simple: str, *, sdist: bool) -> list[str]:
    """Into the folder `site` below this home."""
    command = [str(OWN / "uv"), "pip", "install", "--no-cache", "--python", sys.executable, "--default-index", simple]
    command += ["--target", str(home / "site"), "--require-hashes", "-r", requirement(package, home)]
    return [*command, *(["--no-binary", package.project] if sdist else [])]


INSTALLERS: dict[str, Callable[..., list[str]]] = {"pip": pip, "uv": uv}
