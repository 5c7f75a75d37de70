"""Source distributions: a sound .tar.gz with one folder at the top and PKG-INFO in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.archives.port import Unacceptable
from trustpub.parties.archives.tars import Tar

if TYPE_CHECKING:
    from trustpub.parties.archives.port import Job


class Sdist:
    """One source distribution, walked; `check` looks at the rest. Raises Unacceptable."""

    def __init__(self, data: memoryview, job: Job) -> None:
        self._cap = job.limits.metadata
        self._top = ""
        self._tar = Tar(data, job.limits, self._wanted)

    def check(self) -> bytes:
        """Check the top folder and return its PKG-INFO as it stands there."""
        if self._tar.tops != {self._top}:
            raise _two_tops()
        return self.metadata()

    def metadata(self) -> bytes:
        """PKG-INFO as it stands in the top folder."""
        path = f"{self._top}/PKG-INFO"
        if path not in self._tar.kept:
            raise Unacceptable(f"Invalid distribution file. PKG-INFO not found at {path}")
        return self._tar.kept[path]

    def _wanted(self, name: str) -> int:
        """Keep the top folder's PKG-INFO; the first file says which folder that is, and a file elsewhere ends the walk."""
        top, slash, rest = name.partition("/")
        if not slash or self._top not in ("", top):
            raise _two_tops()
        self._top = top
        return self._cap if rest == "PKG-INFO" else 0

    def licence_path(self, licence: str) -> str:
        """Where a file that PKG-INFO names as `License-File` must lie."""
        return f"{self._top}/{licence}"

    def __contains__(self, name: str) -> bool:
        return name in self._tar.files


def _two_tops() -> Unacceptable:
    return Unacceptable("Invalid distribution file. Incorrect number of top-level directories in sdist")
