"""`POST /account/language/`: the switch in the footer. Kept in this browser, and in the account of whoever is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.auth.cookie import LANGUAGE, YEAR, cookie_name, set_cookie
from trustpub.web.pages.languages import LANGUAGES

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/account/language/"


def routes(site: Site) -> list[Route]:
    """The switch."""
    return [site.route(PATH, post=switch)]


def switch(visit: Visit) -> Response:
    """Remember the language, and show the page again from which it was chosen."""
    tag = visit.form.text("language")
    answer = visit.see_other(visit.next_path("/"))
    if tag in LANGUAGES:
        if visit.who is not None and visit.who.level == "full":
            visit.site.accounts.profile.change(visit.who, {"language": tag})
        name = cookie_name(visit.origin, visit.site.root, LANGUAGE)
        answer.headers.append("set-cookie", set_cookie(name, tag, secure=visit.secure, seconds=YEAR))
    return answer
