"""`/account/two-factor/`: the second step of signing in, by authenticator app, security key or recovery code.

A security key takes two posts: the first gets what the browser has to ask the key, the second brings the key's answer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.sign_in import AFTERWARDS
from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import SECOND_STEP

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.accounts import NewSession
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Values, Visit

TEMPLATE = "account/second_step.html"
CEREMONY = "account/key_answer.html"
KEY = f"{SECOND_STEP}key/"
RECOVERY = f"{SECOND_STEP}recovery-code/"


def routes(site: Site) -> list[Route]:
    """One page, three ways through it."""
    return [
        site.route(SECOND_STEP, get=show, post=by_code, who=Who.HALF),
        site.route(KEY, get=show, post=by_key, who=Who.HALF),
        site.route(RECOVERY, get=show, post=by_recovery_code, who=Who.HALF),
    ]


def show(visit: Visit) -> Response:
    """The ways that this person has; whoever is through already goes on."""
    if visit.caller.level == "full":
        return visit.see_other(visit.next_path(AFTERWARDS))
    return visit.page(TEMPLATE, **_values(visit))


def by_code(visit: Visit) -> Response:
    """The code of an authenticator app."""
    return _through(visit, visit.site.accounts.sign_in.totp(visit.caller, visit.form.text("code")))


def by_recovery_code(visit: Visit) -> Response:
    """A recovery code."""
    came = visit.site.accounts.sign_in.recovery_code(visit.caller, visit.form.text("recovery_code"))
    if isinstance(came, NotDone):  # the page has two fields for codes
        came = replace(came, problems=tuple(replace(each, field=each.field and "recovery_code") for each in came.problems))
    return _through(visit, came, note="recovery-used")


def by_key(visit: Visit) -> Response:
    """What to ask the security key, or its answer."""
    if visit.form.has("answer"):
        return _through(visit, visit.site.accounts.sign_in.key(visit.caller, visit.form["answer"]))
    options = visit.site.accounts.sign_in.key_options(visit.caller)
    if isinstance(options, NotDone):
        return visit.refused(options, TEMPLATE, back=SECOND_STEP, **_values(visit))
    then = visit.next_path(AFTERWARDS)
    return visit.page(CEREMONY, options=options, asks="get", to=KEY, label="", next=then, back=SECOND_STEP)


def _through(visit: Visit, came: NewSession | NotDone, note: str = "") -> Response:
    if isinstance(came, NotDone):
        return visit.refused(came, TEMPLATE, back=SECOND_STEP, **_values(visit))
    return visit.site.began(visit, came, visit.see_other(visit.next_path(AFTERWARDS), note))


def _values(visit: Visit) -> Values:
    return {"factors": visit.site.accounts.second_factors.listed(visit.caller), "next": visit.next_path(AFTERWARDS)}
