"""Paths below the API's address, made of names that somebody else has chosen."""

from __future__ import annotations

import re
from urllib.parse import quote

from trustpub.errors import BadInput

_SLUG = re.compile(r"([A-Za-z0-9_.-]+)/([A-Za-z0-9_.-]+)")


def repository(slug: str) -> str:
    """Return the path of `owner/name`. Raises `BadInput` when it is not of that form."""
    parts = _SLUG.fullmatch(slug)
    if not parts or {".", ".."} & {*parts.groups()}:
        raise BadInput("the repository", why=f"`{slug}` is not of the form `owner/name`", next_step="Write it like `octo/demo`")
    return f"/repos/{slug}"


def segment(name: str) -> str:
    """Encode a name as one part of a path, slashes included. Raises `BadInput` for one that would lead elsewhere."""
    if name in {"", ".", ".."}:
        raise BadInput("a name on GitHub", why=f"`{name}` cannot be one", next_step="Correct the name")
    return quote(name, safe="")


def workflow(path: str) -> str:
    """Encode a workflow file's name: GitHub wants it without its folder."""
    return segment(path.rpartition("/")[2])
