"""Where the public indexes are: the one place that knows, and it knows from the standard tools, not from a constant of ours.

PyPI's upload address is what distlib's `PyPIRCFile` has by default. Its web host is that host without `upload.`, TestPyPI is
`test.` before the web host, and every other address follows. distlib is imported only when an address is asked for and nothing is
remembered.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trustpub.errors import BadInput, Broken
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLIC = ("pypi", "testpypi")
_CACHE_FILE = "addresses.json"


class IndexAddresses(NamedTuple):
    """The addresses of one index: uploads, pages for people, and the simple API; each ends with a slash."""

    upload: str
    web: str
    simple: str


def default_upload() -> str:
    """Ask distlib for PyPI's upload address."""
    from distlib.util import PyPIRCFile

    return str(PyPIRCFile.DEFAULT_REPOSITORY)


def derive(upload: str) -> dict[str, IndexAddresses]:
    """Derive every address from PyPI's upload address. Raises `Broken` when it is not of the expected form."""
    from urllib.parse import urlsplit

    parts = urlsplit(upload)
    host = parts.hostname or ""
    web_host = host.removeprefix("upload.")
    if parts.scheme != "https" or web_host == host or "." not in web_host or parts.path != "/legacy/":
        raise Broken("PyPI's upload address", why="distlib names one of an unexpected form", next_step="Upgrade distlib")
    test_host = f"test.{web_host}"
    return {
        "pypi": IndexAddresses(upload, f"https://{web_host}/", f"https://{web_host}/simple/"),
        "testpypi": IndexAddresses(f"https://{test_host}/legacy/", f"https://{test_host}/", f"https://{test_host}/simple/"),
    }


def beside_upload(upload: str) -> IndexAddresses:
    """Where an index of one's own is, from its upload address: what stands before `legacy/`, or the whole address."""
    address = upload.rstrip("/") + "/"
    base = address.removesuffix("legacy/") if address.endswith("/legacy/") else address
    return IndexAddresses(address, base, f"{base}simple/")


class Addresses:
    """Answers where `pypi` and `testpypi` are. Remembers the answer in `cache`; a broken memory is thrown away and made again."""

    def __init__(self, cache: str | os.PathLike[str], source: Callable[[], str] = default_upload) -> None:
        self._file = os.path.join(cache, _CACHE_FILE)
        self._source = source
        self._known: dict[str, IndexAddresses] | None = None

    def upload(self, name: str) -> str:
        """Return the upload address of `pypi` or `testpypi`. Raises `BadInput` for any other name."""
        return self._of(name).upload

    def web(self, name: str) -> str:
        """Return the address of the pages for people, with a slash at the end."""
        return self._of(name).web

    def simple(self, name: str) -> str:
        """Return the address of the simple API, with a slash at the end."""
        return self._of(name).simple

    def host(self, name: str) -> str:
        """Return the host that takes uploads."""
        from urllib.parse import urlsplit

        return urlsplit(self._of(name).upload).hostname or ""

    def name_of(self, url: str) -> str | None:
        """Say which public index an upload address belongs to, or None. Compared by scheme and host, as the clients do.

        PyPI's web host is taken for PyPI too: old instructions gave it as the upload address, and it is the same index.
        """
        from urllib.parse import urlsplit

        try:
            parts = urlsplit(url.strip())
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or port not in (None, 80, 443):
            return None
        for name in PUBLIC:
            if host and host in (self.host(name), urlsplit(self._of(name).web).hostname):
                return name
        return None

    def _of(self, name: str) -> IndexAddresses:
        if name not in PUBLIC:
            raise BadInput(f"index `{name}`", why="not one of PyPI's own", next_step=f"Use one of: {', '.join(PUBLIC)}")
        if self._known is None:
            self._known = self._remembered() or self._learn()
        return self._known[name]

    def _remembered(self) -> dict[str, IndexAddresses] | None:
        import json

        try:
            with open(self._file, "rb") as stream:
                saved = json.load(stream)
            return derive(saved["upload"]) if isinstance(saved["upload"], str) else None
        except (OSError, ValueError, KeyError, TypeError, RecursionError, Broken):
            return None

    def _learn(self) -> dict[str, IndexAddresses]:
        upload = self._source()
        known = derive(upload)
        self._remember(upload)
        return known

    def _remember(self, upload: str) -> None:
        """Write the memory whole or not at all; without a writable cache the next run asks again."""
        import json

        temporary = f"{self._file}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self._file), exist_ok=True)
            with open(temporary, "w", encoding="utf-8") as stream:
                stream.write(json.dumps({"upload": upload}))
            os.replace(temporary, self._file)
        except OSError:
            return
