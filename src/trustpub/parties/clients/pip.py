"""pip, unmodified: `pip download` from the stage's simple index."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename

from trustpub.parties.clients import programs
from trustpub.parties.clients.environment import job_environment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from packaging.tags import Tag

    from trustpub.parties.clients.port import ClientRun, Seat


class Pip:
    """Fetches the release back, as anybody who installs it will."""

    name = "pip"

    def version(self) -> str:
        """The version that `pip --version` prints."""
        return programs.version_of(self.name, words=_pip())

    def fetch(self, project: str, version: str, dists: Sequence[Path], into: Path, seat: Seat) -> ClientRun:
        """Download one file of the release: a wheel when there is one, else the sdist.

        No dependency, no configuration, no cache: what arrives came from the stage. A wheel for another platform is asked for by
        its own tags, because what is rehearsed is the release, not this machine.
        """
        words = [
            *_pip(),
            *(
                "download",
                "--index-url",
                seat.simple_url,
                "--no-deps",
                "--isolated",
                "--no-cache-dir",
                "--disable-pip-version-check",
            ),
            *("--progress-bar", "off", "--no-input", "--ignore-requires-python", "--dest", str(into)),
            *choice(dists),
            f"{project}=={version}",
        ]
        return programs.run(words, job_environment(seat, {"PIP_CONFIG_FILE": "/dev/null", "NO_COLOR": "1"}), seat.folder)


def choice(dists: Sequence[Path]) -> list[str]:
    """The options that make pip take one of these files; without a wheel it reads the sdist with what is installed here."""
    wheels = sorted(path.name for path in dists if path.suffix == ".whl")
    if not wheels:
        return ["--no-build-isolation"]
    tags = {name: parse_wheel_filename(name)[3] for name in wheels}
    here = frozenset(sys_tags())
    if any(here & tags[name] for name in wheels):
        return ["--only-binary=:all:"]
    return ["--only-binary=:all:", *_foreign(min(tags[wheels[0]], key=str))]


def _foreign(tag: Tag) -> list[str]:
    digits = "".join(letter for letter in tag.interpreter if letter.isdigit())
    letters = tag.interpreter.removesuffix(digits)
    return [
        *("--platform", tag.platform, "--implementation", letters, "--abi", tag.abi),
        *(("--python-version", digits) if digits else ()),
    ]


def _pip() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-P", "-m", "pip"]
    return [programs.find("pip")]
