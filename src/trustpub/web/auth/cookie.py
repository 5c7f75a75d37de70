"""The session cookie: read strictly, written so that neither a script, nor another site, nor a sibling host can touch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope

SESSION = "trustpub"
LANGUAGE = "trustpub-language"
YEAR = 31_536_000
LONGEST = 512


def cookie_name(origin: str, path: str, name: str = SESSION) -> str:
    """How the cookie is called.

    Over https with the prefix that lets only this very host set it (no sibling of its domain can toss one in); of several indexes
    on one host each has its own, because that prefix asks for `Path=/`.
    """
    own = name + path.replace("/", "-")
    return f"__Host-{own}" if origin.startswith("https://") else own


def read_cookie(scope: Scope, name: str) -> str:
    """The value of this cookie; empty when there is none, when there are two, or when it is longer than any of ours."""
    found: list[str] = []
    for header, value in scope["headers"]:
        if header == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, _, told = part.strip().partition("=")
                if key == name:
                    found.append(told)
    return found[0] if len(found) == 1 and len(found[0]) <= LONGEST else ""


def set_cookie(name: str, value: str, *, secure: bool, seconds: int | None = None) -> str:
    """The header that sets it; without `seconds` it ends with the browser."""
    age = "" if seconds is None else f"; Max-Age={seconds}"
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{'; Secure' if secure else ''}"


def drop_cookie(name: str, *, secure: bool) -> str:
    """The header that makes a browser forget it."""
    return set_cookie(name, "", secure=secure, seconds=0)
