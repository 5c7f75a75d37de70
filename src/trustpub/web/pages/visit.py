"""One visit to one page: who came, what they sent, and the few ways to answer.

A page is a function `(visit) -> Response`. It runs in the pool, so it calls use cases directly and may wait for them.

    visit.caller              who is signed in (pages that ask for somebody), `visit.who` is None for strangers
    visit.form, visit.query   what was posted, what stands in the address: `text(name)`, `has(name)`, `number(name)`
    visit.part("name")        a part of the path
    visit.page(template, **values)            answer with a page; `secret=True` when it shows a secret or its address holds one
    visit.see_other(path, note="...")         after success: on to a page, which shows `note.KEY` of the catalogue
    visit.refused(not_done, template, **values)   the same page again with the problems at their fields and the values kept;
                                              without a template a page of its own; "sign in first" and such lead there
    visit.nothing_here()      404
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from starlette.responses import Response

from trustpub.web.auth.cookie import LANGUAGE, cookie_name, read_cookie
from trustpub.web.auth.headers import security_headers
from trustpub.web.auth.own_path import own_path
from trustpub.web.pages.form import EMPTY, Form, Unreadable, parsed
from trustpub.web.pages.languages import LANGUAGES, language
from trustpub.web.pages.words import WORDS, problem_said
from trustpub.web.protocol import numbered

if TYPE_CHECKING:
    from starlette.types import Scope

    from trustpub.usecases.accounts import Caller
    from trustpub.usecases.not_done import NotDone
    from trustpub.web.pages.site import Site

SIGN_IN = "/account/login/"
SECOND_STEP = "/account/two-factor/"
PROVE = "/account/reauthenticate/"
PROFILE = "/manage/account/"
FACTORS = "/manage/account/two-factor/"
LED_TO = {"verify-email-first": PROFILE, "second-factor-first": FACTORS}
"""What is asked of somebody before they may go on, and the page where they do it."""
Values = dict[str, Any]
"""What a template is given: nothing checks it there, so nothing is promised here."""
NEVER_KEPT = frozenset({"password", "password_again", "old_password", "code", "answer"})
"""Fields that are empty when a form comes back."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is wrong, ready for the page: `general` texts, and those of one field."""

    general: tuple[str, ...] = ()
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.general or self.fields)

    def of(self, name: str) -> tuple[str, ...]:
        """The texts at one field."""
        return self.fields.get(name, ())


@dataclass
class Visit:
    """One request for a page. `origin` is the address of ours that it was sent to."""

    site: Site
    scope: Scope
    origin: str
    form: Form = field(default_factory=Form)
    who: Caller | None = None

    @property
    def caller(self) -> Caller:
        """Who is signed in. Only for pages whose route asks for somebody."""
        if self.who is None:
            raise LookupError("a page that shows a person's own things must ask for somebody who is signed in")
        return self.who

    @property
    def path(self) -> str:
        """The path of this page, as addresses within this index are written."""
        return quote(self.scope["path"], safe="/~!$&'()*+,;=:@")

    @property
    def again(self) -> str:
        """The address that shows this page again, for the switch of languages; not what a form's answer showed once."""
        query = self.scope["query_string"].decode("latin-1")
        shown = [part for part in query.split("&") if part and not part.startswith("note=")]
        return self.path + ("?" + "&".join(shown) if shown else "")

    @property
    def posted(self) -> bool:
        """Whether a form was sent."""
        return bool(self.scope["method"] == "POST")

    @cached_property
    def query(self) -> Form:
        """What stands behind the question mark; nothing when it cannot be read."""
        try:
            return parsed(self.scope["query_string"])
        except Unreadable:
            return EMPTY

    @cached_property
    def language(self) -> str:
        """The language of the answer."""
        own = self.who.user.language if self.who else ""
        cookie = read_cookie(self.scope, cookie_name(self.origin, self.site.root, LANGUAGE))
        return language(own, cookie, self.header(b"accept-language"))

    def header(self, wanted: bytes) -> str:
        """A header's text; empty when it is not there."""
        return next((value.decode("latin-1") for name, value in self.scope["headers"] if name == wanted), "")

    @property
    def agent(self) -> str:
        """What the browser calls itself, for the person's own list of sessions."""
        return self.header(b"user-agent")[:300]

    @property
    def address(self) -> str:
        """Where the request came from."""
        client = self.scope.get("client")
        return client[0] if client else ""

    @property
    def number(self) -> str:
        """The number of this request, by which the operator finds it in the log."""
        return numbered(self.scope).decode("latin-1")

    @property
    def secure(self) -> bool:
        """Whether this is https."""
        return self.origin.startswith("https://")

    def part(self, name: str) -> str:
        """A part of the path, as the route names it."""
        return str(self.scope["path_params"][name])

    def next_path(self, otherwise: str) -> str:
        """Where to go afterwards: the field or query `next`, if it is a path of this index, else `otherwise`."""
        return own_path(self.form.text("next") or self.query.text("next"), otherwise)

    # Answers

    def page(
        self, template: str, status: int = 200, *, secret: bool = False, problems: Shown | None = None, **values: object
    ) -> Response:
        """A page. In its template: `visit`, `caller`, `form` (values to show in fields), `problems`, `note`, and `values`."""
        given = {"form": self._kept(), "problems": problems or Shown(), "note": self._note(), **values}
        text = self.site.render(template, self.language, {**self._always(), **given})
        keep = self.who is None and not self.posted and not secret
        headers = security_headers(https=self.secure, secret=secret, keep=keep)
        headers["content-language"] = self.language
        return Response(text, status, headers, media_type="text/html")

    def see_other(self, path: str, note: str = "") -> Response:
        """On to another page of this index, with a GET; `note` is the key of what it then says first."""
        if note:
            path += ("&" if "?" in path else "?") + urlencode({"note": note})
        headers = security_headers(https=self.secure, secret=True)
        return Response(b"", 303, {**headers, "location": self.site.root + path}, media_type="text/plain")

    def refused(self, why: NotDone, template: str = "", *, secret: bool = False, back: str = "", **values: object) -> Response:
        """The page again with what is wrong, or a page about it; or the way to what has to be done first.

        `back` is the page to come back to afterwards, where this page's own path shows nothing.
        """
        first = self._first(why.code, back or (self.path if self.posted else self.again))
        if first is not None:
            return first
        if not template:
            return self.trouble(why.status, problems=self.shown(why))
        answer = self.page(template, why.status, secret=secret, problems=self.shown(why), **values)
        if why.retry_after:
            answer.headers["retry-after"] = str(why.retry_after)
        return answer

    def trouble(self, status: int, words: str = "", problems: Shown | None = None) -> Response:
        """A page that says why there is no other: by the key `trouble.WORDS`, or by the problems."""
        return self.page("trouble.html", status, words=words, problems=problems)

    def nothing_here(self) -> Response:
        """There is no such page, or none for this visitor: the two look the same."""
        return self.trouble(404, "nothing")

    def shown(self, why: NotDone) -> Shown:
        """A refusal's problems in this visitor's language, each at its field."""
        general: list[str] = []
        fields: dict[str, tuple[str, ...]] = {}
        for each in why.problems:
            text = problem_said(self.language, each.code, each.description, each.field)
            if each.field:
                fields[each.field] = (*fields.get(each.field, ()), text)
            else:
                general.append(text)
        return Shown(tuple(general), fields)

    def _first(self, code: str, here: str) -> Response | None:
        if code == "sign-in-first":
            over = self.posted and self.who is None
            return self.see_other(with_next(SECOND_STEP if self.who else SIGN_IN, here), "session-over" if over else "")
        if code == "prove-it-is-you":
            return self.see_other(with_next(PROVE, here))
        return self.see_other(LED_TO[code], note=code) if code in LED_TO and LED_TO[code] != self.path else None

    def _always(self) -> dict[str, object]:
        return {"visit": self, "caller": self.who, "index": self.site.name, "languages": LANGUAGES}

    def _kept(self) -> dict[str, str]:
        return {name: value for name, value in self.form.items() if name not in NEVER_KEPT}

    def _note(self) -> str:
        note = self.query.text("note")
        return note if f"note.{note}" in WORDS else ""


def with_next(path: str, then: str) -> str:
    """The address of a page that leads on to another one."""
    return f"{path}?{urlencode({'next': then})}"
