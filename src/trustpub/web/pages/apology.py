"""The page of a browser whose request broke: in the reader's language, without a template, a question to the database, or a form.

It is what is left when anything else may be what broke, so it needs nothing but the catalogue of words. It says what to do next,
and the number under which the log tells of the request; what broke, and how, is for the log alone.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup
from starlette.responses import Response

from trustpub.web.auth.cookie import LANGUAGE, cookie_name, read_cookie
from trustpub.web.auth.headers import security_headers
from trustpub.web.pages.languages import language
from trustpub.web.pages.static import Static
from trustpub.web.pages.words import said
from trustpub.web.protocol import numbered

if TYPE_CHECKING:
    from starlette.types import Scope

WORDS = {400: "host", 500: "crashed", 503: "unavailable"}
"""What is said at each status: `trouble.WORDS`."""

_PAGE = Markup("""\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{heading} · {index}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{style}</head>
<body>
<a class="skip" href="#main">{skip}</a>
<header class="top">
<div class="band"><a class="brand" href="{home}">{index}</a></div>
</header>
<main id="main" class="band" tabindex="-1">
<h1>{heading}</h1>
<p>{text}</p>
<p class="quiet">{number}</p>
<p>{again}<a href="{home}">{first}</a></p>
</main>
</body>
</html>
""")


def apology(scope: Scope, status: int, index: str, root: str) -> Response:
    """The page of this status (400, 500, 503); `index` is what the index is called, `root` stands before its paths."""
    tongue, key = _language(scope, root), f"trouble.{WORDS[status]}"
    again = Markup('<a href="">{}</a> · ').format(said(tongue, "trouble.again"))
    text = _PAGE.format(
        language=tongue,
        index=index,
        style=_style(root),
        skip=said(tongue, "shell.skip"),
        home=f"{root}/",
        heading=said(tongue, f"{key}.title"),
        text=said(tongue, key),
        number=said(tongue, "trouble.number", number=numbered(scope).decode("latin-1")),
        again=again if scope["method"] in ("GET", "HEAD") else "",
        first=said(tongue, "trouble.home"),
    )
    headers = {**security_headers(https=scope.get("scheme") == "https", secret=True), "content-language": tongue}
    return Response(text, status, headers, media_type="text/html")


def _language(scope: Scope, root: str) -> str:
    """What was chosen in this browser, else what it asks for; what an account says is in the database."""
    chosen = (read_cookie(scope, cookie_name(origin, root, LANGUAGE)) for origin in ("https://", "http://"))
    asked = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), "")
    return language(next(filter(None, chosen), ""), "", asked)


@cache
def _style(root: str) -> Markup:
    """The link to the style of all pages; nothing when its file cannot be read."""
    try:
        return Markup('<link rel="stylesheet" href="{}">\n').format(Static(root).path("app.css"))
    except OSError:
        return Markup("")
