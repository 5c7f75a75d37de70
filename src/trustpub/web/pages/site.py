"""The pages of one index: what they share, and what happens to each request before its page sees it.

    def routes(site: Site) -> list[Route]:
        return [site.route("/manage/projects/", get=show, post=change, who=Who.FULL)]

A request's host must be ours, a POST must come from one of our own pages, a form must be readable; then, in the pool, the
session's cookie says who it is, `who` decides whether that is enough, and the page's function answers (`visit.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Match, Route

from trustpub.usecases.accounts import needs
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.web.answers import not_found, uploads_elsewhere
from trustpub.web.auth.cookie import cookie_name, drop_cookie, read_cookie, set_cookie
from trustpub.web.auth.own_origin import is_private, own_origin
from trustpub.web.auth.own_path import own_path
from trustpub.web.auth.same_origin import from_own_page
from trustpub.web.door import is_browser
from trustpub.web.pages.apology import apology
from trustpub.web.pages.form import EMPTY, Form, Unreadable, posted
from trustpub.web.pages.rendering import Rendering
from trustpub.web.pages.static import Static
from trustpub.web.pages.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from trustpub.usecases.accounts import Accounts, Caller, NewSession
    from trustpub.usecases.projects import Projects
    from trustpub.usecases.publishing import Publishing
    from trustpub.web.service import Service

Answer = Callable[[Visit], Response]

NOT_OUR_HOST = (
    "This index does not know itself by the name in the request's Host header. "
    "Whoever runs it: write the address that people use into the configuration, `[index] url`."
)


class Who(Enum):
    """Whom a page is for."""

    ANYBODY = "anybody"
    READER = "reader"  # anybody, but on a private index only those who are signed in
    HALF = "half"  # gave the password; a second factor may still be owed
    FULL = "full"  # is signed in
    PROVEN = "proven"  # is signed in and gave the password within the last half hour
    ADMIN = "admin"  # the same, and runs the index


class Site:
    """What all pages of one index share."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.settings = service.settings
        self.name = service.settings.name
        self.root = service.base
        self.static = Static(self.root)
        self.render = Rendering(self.root, self.static.path)

    @property
    def accounts(self) -> Accounts:
        """People."""
        return self.service.accounts

    @property
    def projects(self) -> Projects:
        """Projects, as their people manage them."""
        return self.service.projects

    @property
    def publishing(self) -> Publishing:
        """Publishers."""
        return self.service.publishing

    @property
    def now(self) -> float:
        """Seconds since the epoch."""
        return self.service.clock()

    def route(self, path: str, *, get: Answer | None = None, post: Answer | None = None, who: Who = Who.ANYBODY) -> Route:
        """A page at this path. At least one of `get` and `post`; another method is answered with 405."""
        return _PageRoute(self, path, get, post, who)

    def nowhere(self, routes: Iterable[BaseRoute]) -> ASGIApp:
        """Answers what no page does: the way to the address with a slash at its end, or that there is nothing here."""
        pages = tuple(routes)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            with_slash = {**scope, "path": scope["path"] + "/"}
            found = any(route.matches(with_slash)[0] is Match.FULL for route in pages)
            shown = await self.answer(scope, receive, partial(_nowhere, found), Who.ANYBODY)
            await shown(scope, receive, send)

        return answer

    async def answer(self, scope: Scope, receive: Receive, page: Answer, who: Who, *, shown: bool = True) -> Response:
        """Everything before the page, then the page. `shown`: a GET of this path shows something to come back to."""
        origin = own_origin(scope, self.settings.url)
        if origin is None:
            if is_browser(scope):
                return apology(scope, 400, self.name, self.root)
            return PlainTextResponse(NOT_OUR_HOST, 400, {"cache-control": "no-store"})
        form, early = EMPTY, ""
        status = 403
        if scope["method"] == "POST":
            if not is_private(origin):
                early = "plain-http"
            elif not from_own_page(scope, origin):
                early = "other-site"
            else:
                try:
                    form = await posted(scope, receive)
                except Unreadable as problem:
                    early, status = problem.words, problem.status
        if early:
            work = partial(self._early, scope, origin, status, early)
        else:
            work = partial(self._late, scope, origin, form, page, who, shown)
        return await asyncio.get_running_loop().run_in_executor(self.service.pool, work)

    def _early(self, scope: Scope, origin: str, status: int, words: str) -> Response:
        """A refusal before anything of the request was believed; the rest of its body is not waited for."""
        answer = Visit(self, scope, origin).trouble(status, words)
        answer.headers["connection"] = "close"
        return answer

    def _late(self, scope: Scope, origin: str, form: Form, page: Answer, who: Who, shown: bool) -> Response:
        visit = Visit(self, scope, origin, form)
        visit.who = self._caller(visit)
        asked = self._asked(visit.who, who)
        if asked is not None:
            return visit.refused(asked, back="" if shown else _above(visit.path))
        if who is Who.ADMIN and not visit.caller.user.admin:
            return visit.nothing_here()
        return page(visit)

    def _asked(self, caller: Caller | None, who: Who) -> NotDone | None:
        """What has to be done before this page, None when nothing has."""
        if who is Who.ANYBODY or (who is Who.READER and not self.settings.private):
            return None
        if caller is None:
            return not_done(401, "sign-in-first", "This page is for people who are signed in.")
        if who is Who.HALF:
            return None
        asked = needs(caller, self.now, verified=False, factor=False)
        proof_counts = who in (Who.PROVEN, Who.ADMIN)
        return asked if asked and (proof_counts or asked.code == "sign-in-first") else None

    # The session

    def _caller(self, visit: Visit) -> Caller | None:
        cookie = read_cookie(visit.scope, cookie_name(visit.origin, self.root))
        return self.accounts.sign_in.caller(cookie, visit.address) if cookie and is_private(visit.origin) else None

    def began(self, visit: Visit, session: NewSession, answer: Response) -> Response:
        """Give the browser its new session with this answer."""
        answer.headers.append("set-cookie", set_cookie(cookie_name(visit.origin, self.root), session.cookie, secure=visit.secure))
        return answer

    def ended(self, visit: Visit, answer: Response) -> Response:
        """Take the session from the browser with this answer."""
        answer.headers.append("set-cookie", drop_cookie(cookie_name(visit.origin, self.root), secure=visit.secure))
        return answer


class _PageRoute(Route):
    """One page's address: every method of it is answered by the page, or by a page that names those that are known."""

    def __init__(self, site: Site, path: str, get: Answer | None, post: Answer | None, who: Who) -> None:
        known = {"GET": get, "HEAD": get, "POST": post}
        answers = {method: page for method, page in known.items() if page is not None}

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            page = answers.get(scope["method"])
            if page is None and scope["method"] not in known and not is_browser(scope):
                answer: Response = Response(b"", 405, {"allow": ", ".join(answers)}, media_type="text/plain")
            elif page is None and scope["method"] == "POST" and _uploads(scope):
                answer = uploads_elsewhere(", ".join(answers))
            elif page is None:
                answer = await site.answer({**scope, "method": "GET"}, receive, lambda visit: visit.trouble(405, "method"), who)
                answer.headers["allow"] = ", ".join(answers)
            else:
                answer = await site.answer(scope, receive, page, who, shown=get is not None)
            await answer(scope, receive, send)

        super().__init__(path, _Application(application), methods=[*answers])

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the path alone."""
        match, child = super().matches(scope)
        return (Match.FULL if match is Match.PARTIAL else match), child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await self.app(scope, receive, send)


def _uploads(scope: Scope) -> bool:
    """Whether a program sent this, as clients that upload do: uv takes HTML too, but brings a token, which no browser does."""
    return not is_browser(scope) or any(name == b"authorization" for name, _ in scope["headers"])


class _Application:
    """An ASGI function as an object, which Starlette does not wrap."""

    def __init__(self, call: ASGIApp) -> None:
        self._call = call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._call(scope, receive, send)


def _above(path: str) -> str:
    """The page that holds the form that is sent to this path."""
    return path.rstrip("/").rpartition("/")[0] + "/"


def _nowhere(found_with_slash: bool, visit: Visit) -> Response:
    if found_with_slash and not visit.posted:
        query = visit.scope["query_string"].decode("latin-1")
        return visit.see_other(own_path(f"{visit.path}/" + (f"?{query}" if query else ""), "/"))
    if "text/html" not in visit.header(b"accept"):
        return not_found()
    return visit.nothing_here()
