"""The pages for people: a file a page, loaded when the first person comes (`web/door.py`).

To add one: write `web/pages/NAME.py` with `routes(site) -> list[Route]`, its template in `web/templates/`, its words in
`web/pages/words/`, and name the module in `PAGES`. `site.py` and `visit.py` say what a page is given.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from trustpub.web.service import Service

PAGES = (
    "language",
    "sign_in",
    "second_step",
    "sign_out",
    "register",
    "verify_email",
    "forgotten_password",
    "new_password",
    "proof",
    "profile",
    "password",
    "second_factors",
    "authenticator",
    "security_keys",
    "recovery_codes",
    "sessions",
    "api_tokens",
    "account_log",
    "users",
    "home",
    "search",
    "project",
    "rss",
    "your_projects",
    "publishing",
    "project_publishing",
    "project_releases",
    "project_people",
    "project_settings",
    "project_log",
    "admin_projects",
)
"""The modules in this folder that hold pages."""


def load(service: Service) -> ASGIApp:
    """All pages of one index as an application. Blocks: templates are read and compiled."""
    from starlette.routing import Router

    from trustpub.web.pages.site import Site

    site = Site(service)
    routes = [route for name in PAGES for route in import_module(f"trustpub.web.pages.{name}").routes(site)]
    return Router([site.static.route(), *routes], redirect_slashes=False, default=site.nowhere(routes))
