"""Where the API of a GitHub is: github.com, GHE.com, or an Enterprise Server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trustpub.errors import BadInput
from trustpub.parties.wire import is_callable

if TYPE_CHECKING:
    from collections.abc import Mapping

DOT_COM = "github.com"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.IGNORECASE)


def api_of(host: str, environment: Mapping[str, str]) -> str:
    """Return the base address of a host's API, without a slash at its end.

    `GITHUB_API_URL` decides when it speaks of this host: `GITHUB_SERVER_URL` says of which, github.com when it is not set. GitHub
    sets both in every job. Raises `BadInput` when the host is none, or when an address cannot be one.
    """
    if not _HOST.fullmatch(host):
        raise BadInput("GitHub's host", why=f"`{host}` is not the name of a host", next_step="Write it like `github.com`")
    stated = environment.get("GITHUB_API_URL", "").rstrip("/")
    if stated and _host_of(environment.get("GITHUB_SERVER_URL", "")) == host.lower():
        return _checked(stated)
    if host.lower() == DOT_COM:
        return "https://api.github.com"
    return f"https://api.{host}" if is_cloud(host) else f"https://{host}/api/v3"


def is_cloud(host: str) -> bool:
    """Whether GitHub itself runs this host: github.com, or a company's own part of GHE.com."""
    return host.lower() == DOT_COM or host.lower().endswith(".ghe.com")


def is_github(host: str, environment: Mapping[str, str]) -> bool:
    """Whether a host is known to be a GitHub: it is GitHub's own, or the environment names it (`GH_HOST`, `GITHUB_SERVER_URL`).

    A checkout's remote alone proves nothing: whoever made the checkout could have tokens sent to a host of theirs.
    """
    named = {environment.get("GH_HOST", "").lower(), _host_of(environment.get("GITHUB_SERVER_URL", ""))}
    return is_cloud(host) or host.lower() in named - {""}


def _host_of(server: str) -> str:
    try:
        return urlsplit(server).netloc.lower() if server else DOT_COM
    except ValueError:
        return ""


def _checked(api: str) -> str:
    if not is_callable(api) or "?" in api or "#" in api:
        raise BadInput(
            "`GITHUB_API_URL`",
            why="it is not the address of an API",
            next_step="Write it like `https://api.github.com` (plain http only on this machine), or unset it",
        )
    return api
