"""What a distribution file says about itself: name, version, kind, metadata, hash."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from dataclasses import dataclass
from email.parser import BytesParser
from typing import TYPE_CHECKING

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Distribution:
    """One sdist or wheel, as its own file name and metadata describe it. `sha256` is hex, `project` is normalised."""

    path: Path
    project: str
    version: str
    filetype: str
    pyversion: str
    name: str
    metadata_version: str
    sha256: str

    @property
    def fields(self) -> dict[str, str]:
        """The form fields that an upload of this file cannot do without, digests excepted."""
        return {
            "metadata_version": self.metadata_version,
            "name": self.name,
            "version": self.version,
            "filetype": self.filetype,
            "pyversion": self.pyversion,
        }


def read_distribution(path: Path) -> Distribution:
    """Read one file; errors.BadInput names it when it is not a distribution."""
    wheel = path.name.endswith(".whl")
    try:
        project, pyversion = _wheel_name(path.name) if wheel else (parse_sdist_filename(path.name)[0], "source")
        metadata = _wheel_metadata(path) if wheel else _sdist_metadata(path)
    except (
        InvalidWheelFilename,
        InvalidSdistFilename,
        OSError,
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        KeyError,
    ) as problem:
        raise BadInput(f"not a distribution: `{path.name}`", why=str(problem).strip("'\"") or type(problem).__name__) from problem
    name, version = metadata.get("Name"), metadata.get("Version")
    if not isinstance(name, str) or not isinstance(version, str):
        raise BadInput(f"not a distribution: `{path.name}`", why="its metadata has no Name and Version")
    return Distribution(
        path=path,
        project=canonicalize_name(project),
        version=version,
        filetype="bdist_wheel" if wheel else "sdist",
        pyversion=pyversion,
        name=name,
        metadata_version=str(metadata.get("Metadata-Version", "2.1")),
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _wheel_name(filename: str) -> tuple[str, str]:
    project, _version, _build, tags = parse_wheel_filename(filename)
    return project, ".".join(sorted({tag.interpreter for tag in tags}))


def _wheel_metadata(path: Path) -> Message:
    with zipfile.ZipFile(path) as archive:
        inside = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA") and name.count("/") == 1]
        if not inside:
            raise KeyError("it has no METADATA")
        with archive.open(inside[0]) as file:
            return BytesParser().parsebytes(file.read(_LIMIT), headersonly=True)


def _sdist_metadata(path: Path) -> Message:
    if path.suffix == ".zip":
        raise KeyError("a .zip sdist is refused by PyPI; use .tar.gz")
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if member.isfile() and member.name.count("/") == 1 and member.name.endswith("/PKG-INFO"):
                file = archive.extractfile(member)
                if file is not None:
                    return BytesParser().parsebytes(file.read(_LIMIT), headersonly=True)
    raise KeyError("it has no PKG-INFO")
