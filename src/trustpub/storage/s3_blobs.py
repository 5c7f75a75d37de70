"""Blobs in an S3-compatible store: the same names as in a folder, for processes on any number of hosts.

The order is the promise here too: the whole object is put under its content address, the store is asked whether it has that many
bytes, and only then may a row name it. Putting the same bytes twice changes nothing, so it does not matter who comes first; a
store that refuses to create what is there only saves the second transfer. What is being received lies on this machine.

obstore is imported with the first request: an index that keeps its files in a folder never pays for it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
import time
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING, BinaryIO, cast

from trustpub.errors import Denied, Unreachable
from trustpub.storage.blobs import BLOCK, SIDECAR, Swept, Temp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from obstore.store import S3Store

    from trustpub.storage.blobs import Guard

WHOLE = 16 * 1024 * 1024
"""Bytes up to which an object is put by one request, with one checksum over all of it; larger ones go in parts of this size."""
CONNECT = timedelta(seconds=5)
REQUEST = timedelta(seconds=60)
"""How long one request may take, its bytes included."""
RETRYING = timedelta(seconds=20)
"""How long a failing request is tried again, waiting a little longer each time."""
DELETING = timedelta(seconds=20)
"""How long a removal may take. It is never tried again: each request might be carried out late."""
ADDRESS_LIFE = timedelta(minutes=10)
"""How long an address leads to a blob."""

PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between two looks at a blob that was just put and is not seen whole."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class S3Blobs:
    """Blobs in a bucket: `PREFIX/blobs/aa/<sha256>`, with what is received in the local folder `tmp/` below `root`.

    Keys come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and their fellows). What the store does not do in
    time, or refuses, is `Unreachable`.
    """

    removes_at_once = False

    def __init__(self, root: Path, bucket: str, *, endpoint: str | None = None, region: str = "us-east-1") -> None:
        self._bucket, _, self._prefix = bucket.removeprefix("s3://").partition("/")
        self._endpoint = endpoint
        self._region = region
        self._tmp = root / "tmp"
        self._tmp.mkdir(parents=True, exist_ok=True)

    def prepare(self) -> None:
        """Ask the store what it can do."""
        _ = self._creates_only

    def temp(self, sha256: str = "") -> Temp:
        """Open an empty temp file on this machine. It is never synced: the store's copy is the durable one."""
        path = str(self._tmp / f".{secrets.token_hex(16)}")
        return Temp(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), _needless)

    def adopt(self, temp: Temp, sha256: str) -> None:
        """Put the temp file into the store and see that it is there, whole; then close it."""
        key = self._key(sha256)
        refused_if_there = temp.size <= WHOLE and self._creates_only
        if refused_if_there or self._size(key) != temp.size:
            self._put(key, temp)
            self._see(key, temp)
        temp.discard()

    def _see(self, key: str, temp: Temp) -> None:
        """Wait until the store shows the blob whole: some write in place, and show a part while others put the same bytes."""
        for pause in PAUSES:
            if self._size(key) == temp.size:
                return
            time.sleep(pause)
        why = "a blob does not have the size of its content"
        raise Unreachable("the store of files", why=why, next_step="Try again in a moment")

    def open(self, sha256: str) -> BinaryIO:
        """Bring a blob into a nameless file here, and open that. Raises FileNotFoundError."""
        blob = cast("BinaryIO", tempfile.TemporaryFile(dir=self._tmp))  # noqa: SIM115 - the caller closes it
        try:
            with _asking():
                for piece in self._get(self._key(sha256)):
                    blob.write(piece)
            blob.seek(0)
        except BaseException:
            blob.close()
            raise
        return blob

    def path(self, _sha256: str) -> None:
        """Nowhere on this machine."""
        return

    def blocks(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, piece by piece, over one request. Raises FileNotFoundError."""
        import obstore
        from obstore.exceptions import BaseError

        key, skip = self._key(sha256), 0
        with _asking():
            try:
                pieces = self._get(key, (start, end) if start else None)
            except BaseError:
                # Some stores answer a part with 200 for 206, which obstore does not take: then everything comes.
                pieces, skip = iter(obstore.get(self._store, key).stream(min_chunk_size=BLOCK)), start
            left = end - start
            for piece in pieces:
                wanted = memoryview(piece)[skip:][:left]
                skip = max(0, skip - len(piece))
                left -= len(wanted)
                if wanted:
                    yield bytes(wanted)
                if not left:
                    return

    def address(self, sha256: str) -> str:
        """A signed address of the blob, good for some minutes. Nobody is asked for it."""
        import obstore

        with _asking():
            return obstore.sign(self._store, "GET", self._key(sha256), ADDRESS_LIFE)

    def sidecar(self, sha256: str) -> bytes | None:
        """The sidecar of a blob, or None when it has none (yet)."""
        with _asking():
            try:
                return b"".join(self._get(self._key(sha256) + SIDECAR))
            except FileNotFoundError:
                return None

    def keep_sidecar(self, sha256: str, data: bytes) -> None:
        """Put these bytes beside a blob, over what was there."""
        import obstore

        with _asking():
            obstore.put(self._store, self._key(sha256) + SIDECAR, data, use_multipart=False)

    def names(self) -> Iterator[str]:
        """The SHA-256 of every blob that is there."""
        return (name for name, _ in self._listed() if _SHA256.fullmatch(name))

    def delete(self, sha256: str) -> None:
        """Take a blob and its sidecar away, the blob last. Raises Denied and Unreachable, as `Blobs` says."""
        key = self._key(sha256)
        for each in (key + SIDECAR, key):
            with _asking(), contextlib.suppress(FileNotFoundError):
                self._delete(each)

    def _delete(self, key: str) -> None:
        """Ask once. obstore asks for a list of one key: what its answer says of the key is in the error's text alone."""
        import obstore
        from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

        try:
            obstore.delete(self._deleting, key)
        except BaseError as problem:
            said = str(problem).partition("\n")[0]
            if said.endswith("(code: NoSuchKey)"):
                return
            if isinstance(problem, PermissionDeniedError | UnauthenticatedError) or said.endswith("(code: AccessDenied)"):
                step = "Let its key remove objects (`s3:DeleteObject`)"
                raise Denied("the store of files", why=_why(problem), next_step=step) from problem
            raise

    def sweep(self, before: float, guard: Guard) -> Swept:
        """Remove temp files and blobs that nobody touched since `before` and nobody names: see `LocalBlobs.sweep`.

        It ends with the first removal that fails: the store is not well, and the next round finds the rest.
        """
        temps, candidates, last = self._sweep_temps(before), 0, ""
        for name, modified in self._listed():
            sha256 = name.removesuffix(SIDECAR)
            beside, last = sha256 == last, name  # stores list by name: a sidecar comes right behind its blob
            if modified >= before or not _SHA256.fullmatch(sha256):
                continue
            if name == sha256:
                candidates += 1
                guard(sha256, partial(self.delete, sha256))
            elif not beside and self._size(self._key(sha256)) is None:
                guard(sha256, partial(self.delete, sha256))  # its blob was deleted while it was written
        return Swept(temps, candidates)

    def _sweep_temps(self, before: float) -> int:
        found = 0
        for path in self._tmp.glob(".*"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_ctime < before:
                    path.unlink()
                    found += 1
        return found

    def _listed(self) -> Iterator[tuple[str, float]]:
        """The name and the last change of every object that is ours."""
        import obstore

        with _asking():
            for some in obstore.list(self._store, "blobs"):
                for each in some:
                    yield each["path"].rpartition("/")[2], each["last_modified"].timestamp()

    def _put(self, key: str, temp: Temp) -> None:
        import obstore
        from obstore.exceptions import AlreadyExistsError

        with _asking(), os.fdopen(os.dup(temp.fd), "rb") as file:
            file.seek(0)
            if temp.size > WHOLE:
                obstore.put(self._store, key, file, use_multipart=True, chunk_size=WHOLE, max_concurrency=2)
                return
            with contextlib.suppress(AlreadyExistsError):  # whose size is looked at next
                mode = "create" if self._creates_only else "overwrite"
                obstore.put(self._store, key, file.read(), mode=mode, use_multipart=False)  # type: ignore[arg-type]

    def _size(self, key: str) -> int | None:
        """How many bytes are under this key; None when there is nothing."""
        import obstore

        with _asking():
            try:
                return obstore.head(self._store, key)["size"]
            except FileNotFoundError:
                return None

    def _get(self, key: str, part: tuple[int, int] | None = None) -> Iterator[bytes]:
        import obstore

        answer = obstore.get(self._store, key, options={"range": part} if part else {})
        return (bytes(piece) for piece in answer.stream(min_chunk_size=BLOCK))

    def _key(self, sha256: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("a blob is named by 64 lower-case hexadecimal digits")
        return f"blobs/{sha256[:2]}/{sha256}"

    @cached_property
    def _creates_only(self) -> bool:
        """Whether the store refuses to create an object that is there: asked once, with an object of its own."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError

        key = f"probe/{secrets.token_hex(16)}"
        with _asking():
            try:
                obstore.put(self._store, key, b"", mode="create", use_multipart=False)
                obstore.put(self._store, key, b"", mode="create", use_multipart=False)
            except AlreadyExistsError:
                return True
            except BaseError:
                # Either it does not know the question, or it is not well: then this one fails too.
                obstore.put(self._store, key, b"", use_multipart=False)
            finally:
                with contextlib.suppress(BaseError):
                    obstore.delete(self._store, key)
        return False

    @cached_property
    def _store(self) -> S3Store:
        return self._opened(REQUEST, retries=4)

    @cached_property
    def _deleting(self) -> S3Store:
        return self._opened(DELETING, retries=0)

    def _opened(self, request: timedelta, retries: int) -> S3Store:
        from obstore.store import S3Store

        return S3Store(
            self._bucket,
            prefix=self._prefix or None,
            endpoint=self._endpoint,
            region=self._region,
            checksum_algorithm="sha256",
            client_options={"connect_timeout": CONNECT, "timeout": request, "allow_http": True},
            retry_config={
                "max_retries": retries,
                "retry_timeout": RETRYING,
                "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=3), "base": 2.0},
            },
        )


@contextlib.contextmanager
def _asking() -> Iterator[None]:
    """Say `Unreachable` for whatever the store does not do. Its own text is cut: it repeats requests.

    A bucket that is not there is no blob that is not there, though obstore has one word for both.
    """
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as problem:
        if "<Code>NoSuchBucket</Code>" not in str(problem):
            raise
        step = "Make it, or name another in `[index] blobs`"
        raise Unreachable("the store of files", why="it has no such bucket", next_step=step) from problem
    except BaseError as problem:
        raise Unreachable("the store of files", why=_why(problem), next_step="See whether it runs, then try again") from problem


def _why(problem: BaseException) -> str:
    return str(problem).partition("\n")[0].partition("?")[0][:200]


def _needless(_fd: int) -> None:
    """Sync nothing."""
