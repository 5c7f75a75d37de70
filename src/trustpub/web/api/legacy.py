"""`POST /legacy/`: the upload, in the one shape that every client speaks.

Clients show either the reason phrase (twine, the publish action) or the JSON's `code` (uv), so a refusal says its text in both.
A client that is refused before its body was read would only see a broken connection: so the body is read to its end first, up to
the limit. A small upload is one hop to a thread, a large one is written block by block while it comes.
Mirrors: warehouse/forklift/legacy.py @6b62157.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeAlias, TypeVar, TypeVarTuple, Unpack

from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from trustpub.usecases.upload import Stored, UploadRefused, credential
from trustpub.web.answers import NO_STORE, JsonAnswer, moved, not_allowed, origin
from trustpub.web.batches import Batches
from trustpub.web.guard import RETRY_AFTER
from trustpub.web.multipart import Digests, Spool, Unreadable, UploadForm, boundary_of, received
from trustpub.web.protocol import WHOLE, whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from starlette.routing import BaseRoute
    from starlette.types import Message, Receive, Scope, Send

    from trustpub.domain.claims import JSON
    from trustpub.usecases.upload import Admission, Upload
    from trustpub.usecases.upload_received import Received
    from trustpub.web.service import Service

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_Asked: TypeAlias = "tuple[UploadForm, str | None]"
_Outcome: TypeAlias = "Stored | UploadRefused"

PATH = "/legacy/"
SLACK = 20 * 1024 * 1024
"""Bytes that a body may have beside its file."""
BLOCK = 1024 * 1024
"""Bytes of a file that are kept in memory before they go to a thread, and up to which a body counts as small."""
TINY = 128 * 1024
"""Bytes of a body up to which uploads that wait are stored together: none of them takes long enough to hold up the others."""
LARGE = 1 << 62
"""The length of a body that does not say it, or says too much."""
SILENCE = 60.0
"""Seconds for which a client may send nothing."""
SLOWEST = 1024
"""Bytes a second on average, once the first `SILENCE` is over: a byte now and then would hold a connection for days."""

GONE = {
    "submit": "Project pre-registration is no longer required or supported, upload your files instead.",
    "submit_pkg_info": "Project pre-registration is no longer required or supported, upload your files instead.",
    "doc_upload": "Uploading documentation is no longer supported.",
}
WITHOUT_SLASH = "An upload was attempted to /legacy but the expected upload URL is /legacy/ (with a trailing slash)"
STALLED = "Upload payload stopped coming."
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Upload</title>
<p>This is the address to which clients upload files. Give it to yours, for example as <code>uv publish --publish-url</code> or
<code>twine upload --repository-url</code>. Files are listed below <a href="/simple/">/simple/</a>.
</html>
"""


def routes(service: Service) -> list[BaseRoute]:
    """The address, and the address without the slash at its end, which clients often ask first."""
    return [Route(PATH, Legacy(service)), Route(PATH.rstrip("/"), LegacyWithoutSlash(service))]


class Legacy:
    """The upload as an ASGI callable: Starlette's own reading of forms spools and parses differently."""

    def __init__(self, service: Service, silence: float = SILENCE) -> None:
        self._service = service
        self._silence = silence
        self._together: Batches[_Asked, _Outcome] = Batches(partial(_store_all, service.upload), service.pool)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] == "POST":
            body = _Body(receive, self._service.upload.file_size + SLACK, self._silence)
            answer: Response = await _Incoming(self._service, self._together, scope, body).answer()
        elif scope["method"] in ("GET", "HEAD"):
            answer = HTMLResponse(PAGE)
        else:
            answer = not_allowed("GET, HEAD, POST")
        await answer(scope, receive, send)


class LegacyWithoutSlash:
    """Sends clients to the right address: absolutely, because uv cannot follow a relative one."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST":
            await moved(scope, self._service.settings.url, PATH)(scope, receive, send)
            return
        body = _Body(receive, self._service.upload.file_size + SLACK, SILENCE)
        location = origin(scope, self._service.settings.url) + PATH
        headers = {"location": location, **_closing(whole=await body.drain())}
        answer = refusal(UploadRefused(308, WITHOUT_SLASH), headers)
        await answer(scope, receive, send)


class _Stored(Response):
    """The answer to an upload that went well: nothing, in one piece, as clients expect it."""

    def __init__(self) -> None:
        super().__init__(b"", 200, media_type="text/plain")
        self._start: Message = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        self._start[WHOLE] = whole(self._start, b"")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; any number of times."""
        await send(self._start)
        await send({"type": "http.response.body"})


STORED = _Stored()
UNDECIDED = UploadRefused(503, "The upload came to no end.")
"""Stands for an upload whose outcome is still to come."""


class _Body:
    """The body of one request: read piece by piece, or to its end without looking at it."""

    __slots__ = ("_begun", "_limit", "_loop", "_more", "_receive", "_silence", "_size")

    def __init__(self, receive: Receive, limit: int, silence: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._receive = receive
        self._limit = limit
        self._silence = silence
        self._size = 0
        self._more = True

    async def chunks(self) -> AsyncIterator[bytes]:
        """The pieces. Raises Unreadable beyond the limit, TimeoutError when they come too slowly, ClientDisconnect."""
        while self._more:
            chunk = await self._next()
            if self._size > self._limit:
                raise Unreadable("Upload payload is too large.")
            yield chunk

    async def drain(self) -> bool:
        """Read the rest, that its sender may come to read our answer; whether this was all of it."""
        with contextlib.suppress(TimeoutError):
            while self._more and self._size <= self._limit:
                await self._next()
        return not self._more

    async def _next(self) -> bytes:
        async with asyncio.timeout(self._silence):
            message = await self._receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        self._size += len(chunk)
        self._more = message.get("more_body", False)
        if self._more and self._size < (self._loop.time() - self._begun - self._silence) * SLOWEST:
            raise TimeoutError
        return chunk


class _Incoming:
    """One upload request, from its head to its answer."""

    def __init__(self, service: Service, together: Batches[_Asked, _Outcome], scope: Scope, body: _Body) -> None:
        headers = dict(scope["headers"])
        self._service = service
        self._together = together
        self._upload = service.upload
        self._body = body
        self._loop = asyncio.get_running_loop()
        self._content_type: bytes = headers.get(b"content-type", b"")
        authorization = headers.get(b"authorization")
        self._authorization = None if authorization is None else authorization.decode("latin-1")
        length = headers.get(b"content-length", b"")
        self._length = int(length) if length.isdigit() and len(length) < 8 else LARGE

    async def answer(self) -> Response:
        """Read, store, and say what came of it."""
        try:
            outcome = await self._take()
        except Unreadable as problem:
            outcome = UploadRefused(400, problem.what)
        except TimeoutError:
            return refusal(UploadRefused(408, STALLED), _closing(whole=False))
        if isinstance(outcome, UploadRefused):
            return refusal(outcome, _closing(whole=await self._body.drain()))
        return STORED

    async def _take(self) -> Stored | UploadRefused:
        form = UploadForm(boundary_of(self._content_type), self._upload.file_size)
        if self._length <= BLOCK:
            async for chunk in self._body.chunks():
                form.feed(chunk)
            if self._length <= TINY and not form.one("attestations"):  # those take long enough to hold up others
                return await self._together((form, self._authorization))
            return await self._run(self._store, form, None)
        admission = await self._run(self._upload.admit, self._authorization)
        if isinstance(admission, UploadRefused):
            return admission
        return await self._take_large(form)

    async def _take_large(self, form: UploadForm) -> Stored | UploadRefused:
        """Write and hash one block in a thread while the next one comes."""
        spool = Spool(await self._run(self._upload.temp))
        writing: asyncio.Future[None] | None = None
        try:
            async for chunk in self._body.chunks():
                if form.feed(chunk) >= BLOCK:
                    if writing is not None:
                        await writing
                    writing = self._run(spool.absorb, form.take())
            if writing is not None:
                await writing
            return await self._run(self._store, form, spool)
        finally:
            if writing is not None and not writing.done():
                await asyncio.wait([writing])  # its thread still uses the descriptor that is closed next
            spool.temp.discard()

    def _store(self, form: UploadForm, spool: Spool | None) -> Stored | UploadRefused:
        """The rest of an upload in one thread, from its credential to its answer."""
        read = _read(self._upload, form, self._authorization, spool)
        return read if isinstance(read, UploadRefused) else self._upload.accept(*read)

    def _run(self, function: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> asyncio.Future[T]:
        return self._loop.run_in_executor(self._service.pool, function, *arguments)


def _store_all(upload: Upload, asked: Sequence[_Asked]) -> Sequence[_Outcome | Exception]:
    """The rest of several small uploads in one thread."""
    outcomes: list[_Outcome | Exception] = []
    ready: list[tuple[int, tuple[Admission, Received]]] = []
    for place, (form, authorization) in enumerate(asked):
        try:
            read = _read(upload, form, authorization, None)
        except Exception as problem:  # noqa: BLE001 - it belongs to the one whose upload it is
            outcomes.append(problem)
            continue
        outcomes.append(read if isinstance(read, UploadRefused) else UNDECIDED)
        if not isinstance(read, UploadRefused):
            ready.append((place, read))
    for (place, _), outcome in zip(ready, upload.accept_all([read for _, read in ready]), strict=True):
        outcomes[place] = outcome
    return outcomes


def _read(
    upload: Upload, form: UploadForm, authorization: str | None, spool: Spool | None
) -> tuple[Admission, Received] | UploadRefused:
    """A form that has come whole: who sends it, and the file. Without a spool the file still lies in memory."""
    form.finish()
    refused = _action_problem(form.one(":action"))
    if refused is not None:
        return refused
    admission = credential(authorization)
    if isinstance(admission, UploadRefused):
        return admission
    return admission, spool.received(form) if spool else _received_at_once(upload, form)


def _received_at_once(upload: Upload, form: UploadForm) -> Received:
    """The finished upload whose file still lies in memory: its hash is known before it is written."""
    block = form.take()
    digests = Digests()
    digests.update(block)
    temp = upload.temp(digests.sha256.hexdigest())
    try:
        temp.write(block)
    except BaseException:
        temp.discard()
        raise
    return received(form, temp, digests)


def refusal(refused: UploadRefused, headers: Mapping[str, str]) -> JsonAnswer:
    """A refusal in every place where a client may look for its text: the status line, `code`, `message`, `errors`."""
    if refused.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {**headers, "retry-after": RETRY_AFTER}
    reason = refused.reason
    content: JSON = {
        "message": reason,
        "code": f"{refused.status} {reason}",
        "title": HTTPStatus(refused.status).phrase,
        "errors": [{"code": "upload-refused", "description": reason}],
    }
    return JsonAnswer(content, refused.status, {**NO_STORE, **headers}, reason=reason)


def _action_problem(action: str) -> UploadRefused | None:
    if action == "file_upload":
        return None
    if action in GONE:
        return UploadRefused(410, GONE[action])
    return UploadRefused(400, "Unknown :action: use file_upload.")


def _closing(*, whole: bool) -> dict[str, str]:
    """A connection with the rest of a body in it cannot be used for another request."""
    return {} if whole else {"connection": "close"}
