"""The gate of a private index: whoever reads shows a token first, and nobody else learns what there is.

Who is signed in follows the links of our own pages (`LINKED`) with the session that the pages have.

It stands before everything that is read by programs (`READS`). Pages for people ask for a session themselves, uploads and the
API for a token of their own kind; health, discovery and the exchange stay open, for they are how one gets in.
"""

from __future__ import annotations

import asyncio
import binascii
from base64 import b64decode
from typing import TYPE_CHECKING

from trustpub.domain.tokens import API_PREFIX, digest, parse
from trustpub.usecases.read_right import may_read
from trustpub.usecases.token_uses import TokenUses
from trustpub.usecases.upload_credential import LONGEST, Admission
from trustpub.web.answers import refusal
from trustpub.web.auth.session_reader import may_have_session
from trustpub.web.protocol import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from trustpub.storage.database import Database

READS = frozenset({"simple", "files", "pypi", "integrity", "rss"})
"""First words of the paths that programs read."""
LINKED = frozenset({"files", "integrity", "rss"})
"""Those that pages link to."""
MARKED = frozenset({"simple", "files"})
"""Those whose answers are made to be kept by nobody but their reader; the answers of the others are marked here."""
ONLY_READER = b"private, no-cache"


def shown_token(authorization: str) -> Admission | None:
    """The token in an Authorization header: Basic with any user name (a netrc file needs one) or none, or Bearer."""
    scheme, _, value = authorization.strip().partition(" ")
    if len(value) > LONGEST:
        return None
    kind, text = scheme.lower(), value
    if kind == "basic":
        try:
            user, _, text = b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError):
            return None
        text = text or user  # `https://TOKEN@index.example/simple/`
    elif kind not in ("bearer", "token"):
        return None
    token = parse(text.strip())
    return None if token is None else Admission(digest(token.text), personal=token.prefix == API_PREFIX)


class Private:
    """Lets readers through who show a token that is valid now: one lookup each time, so that a revoked one ends at once."""

    def __init__(
        self,
        app: ASGIApp,
        database: Database,
        pool: Executor,
        clock: Callable[[], float],
        realm: str,
        by_session: Callable[[Scope], bool],
    ) -> None:
        self._app = app
        self._database = database
        self._pool = pool
        self._clock = clock
        self._by_session = by_session
        self._uses = TokenUses(database, clock)
        words = "".join(character for character in realm if character.isascii() and character.isprintable())
        self._challenge = f'Basic realm="{words.translate({34: None, 92: None})}", charset="UTF-8"'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 401 before anything is looked up, so that a name that exists looks like one that does not."""
        word = scope["path"][1:].partition("/")[0]
        if word not in READS:
            await self._app(scope, receive, send)
        elif await self._may_read(scope, word):
            await self._app(scope, receive, send if word in MARKED else _marked(send))
        else:
            await self._refuse(scope, receive, send)

    async def _may_read(self, scope: Scope, word: str) -> bool:
        shown = [value for name, value in scope["headers"] if name == b"authorization"]
        admission = shown_token(shown[0].decode("latin-1")) if len(shown) == 1 else None
        if admission is None:
            if shown or word not in LINKED or not may_have_session(scope):
                return False
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._by_session, scope)
        if self._database.path is not None:  # microseconds on this machine; a database server is asked from a thread
            return self._ask(admission)
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, admission)

    def _ask(self, admission: Admission) -> bool:
        with self._database.read() as connection:
            good = may_read(connection, admission, self._clock())
        if good and admission.personal:
            self._uses.note(admission.digest)
        return good

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = refusal(
            401,
            "token-first",
            "this index is private: send a token that may read as the password, with any user name",
            message="Reading needs a token",
            headers={"www-authenticate": self._challenge, "cache-control": "no-store"},
        )
        await answer(scope, receive, send)


def _marked(send: Send) -> Send:
    """Tell caches on the way that the answer is for its reader alone."""

    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [each for each in message["headers"] if each[0] != b"cache-control"]
            message = {key: value for key, value in message.items() if key != WHOLE}
            message["headers"] = [*headers, (b"cache-control", ONLY_READER)]
        await send(message)

    return marked
