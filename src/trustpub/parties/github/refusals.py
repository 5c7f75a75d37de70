"""What GitHub says when it will not: its words, and the permission that would change its mind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.untold import Untold
from trustpub.errors import Denied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.wire import Response

_SAID_WITHOUT_A_WORD = {"", "Not Found", "Forbidden"}


@dataclass(frozen=True, slots=True)
class Refused:
    """A read that GitHub did not answer. `message` is GitHub's own, `untold` what becomes of it."""

    status: int
    message: str
    untold: Untold


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: in words (`the environments of ...`), and the permission that GitHub's description names for it."""

    of: str
    needs: str
    signed_in: bool


def refused(response: Response, asked: Asked) -> Refused:
    """Say why a read was not answered."""
    message = message_of(response)
    if "upgrade to" in message.lower():
        # A plan, not a permission: no other token would be told more.
        return Refused(response.status, message, Untold(f"GitHub's plan does not offer {asked.of} here: {message}"))
    whom = "to this token" if asked.signed_in else "without a token"
    words = "" if message in _SAID_WITHOUT_A_WORD else f": {message}"
    if _single_sign_on(response):
        words = ": the organization wants this token authorized for single sign-on"
    return Refused(
        response.status, message, Untold(f"GitHub does not show {asked.of} {whom}{words}", _permission(response, asked.needs))
    )


def denied(response: Response, asked: Asked) -> Denied:
    """Say why a change was not made."""
    message = message_of(response)
    why = f"GitHub refused it ({response.status}){f': {message}' if message else ''}"
    permission = _permission(response, asked.needs) if response.status in {401, 403, 404} else ""
    if not asked.signed_in:
        step = "Sign in with `gh auth login`, or set `GH_TOKEN`"
    elif _single_sign_on(response):
        step = "Authorize the token for the organization's single sign-on, in the token's settings on GitHub"
    elif "upgrade to" in message.lower() or response.status == 422:
        permission, step = "", "Leave out what the plan of this repository does not offer, or change it by hand on GitHub"
    elif permission:
        step = f"Use a token that has the permission {permission}, of somebody who may administer the repository"
    else:
        step = "Look at the repository's settings on GitHub, then run this again"
    return Denied(asked.of, why=why, next_step=step, permission=permission)


def message_of(response: Response) -> str:
    """GitHub's own words, on one line: the message, and what it says of each field."""
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    words = [_words(body.get("message")), *(_words(each) for each in (errors if isinstance(errors, list) else [errors]))]
    return "; ".join(word for word in dict.fromkeys(words) if word)


def _words(said: object) -> str:
    if isinstance(said, dict):
        said = said.get("message") or " ".join(str(said[key]) for key in ("resource", "field", "code") if key in said)
    if not isinstance(said, str):
        return ""
    return "".join(each if each.isprintable() else " " for each in said[:300]).strip().rstrip(".")


def _single_sign_on(response: Response) -> bool:
    return response.headers.get("x-github-sso", "").startswith("required")


def _permission(response: Response, needs: str) -> str:
    """Name what the token lacks: a scope for a classic token, else a permission as GitHub's settings spell it."""
    scopes = _scope_missing(response.headers)
    accepted = response.headers.get("x-accepted-github-permissions", "")
    if scopes or not accepted:
        return scopes or needs
    ways = (way.split(",") for way in accepted.split(";"))
    return " or ".join(" and ".join(_spelled(each) for each in way) for way in ways)


def _scope_missing(headers: Mapping[str, str]) -> str:
    if "x-oauth-scopes" not in headers:
        return ""  # not a classic token: it has no scopes
    held, accepted = ({each.strip() for each in headers.get(name, "").split(",")} - {""} for name in _SCOPES)
    return "" if held & accepted else " or ".join(sorted(accepted))


_SCOPES = ("x-oauth-scopes", "x-accepted-oauth-scopes")


def _spelled(permission: str) -> str:
    """`actions_variables=read` -> `Actions variables: read`."""
    name, _, level = permission.strip().partition("=")
    words = "".join(each if each.isalnum() else " " for each in name)[:60].capitalize()
    return f"{words}: {level}" if level.isalpha() else words
