"""The token with which GitHub is asked: from the environment, else from GitHub's own command line client.

Mirrors: github 6 (the order that `gh` and its relatives use). What a token looks like is never checked: GitHub changes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.errors import BadInput
from trustpub.parties.github.api import is_cloud

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OURS = "TRUSTPUB_GITHUB_TOKEN"
CLOUD = (OURS, "GH_TOKEN", "GITHUB_TOKEN")
"""The variables for github.com and GHE.com, first one first."""
ENTERPRISE = (OURS, "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
"""The variables for every other host: a token for github.com must not reach one."""


def find_token(host: str, environment: Mapping[str, str], run: Callable[[list[str]], str | None]) -> str | None:
    """Find the token for a host, None when there is none.

    `run` runs a program and returns its first line; `GH_PATH` says where `gh` is. Raises `BadInput` for text that cannot be sent.
    """
    for variable in CLOUD if is_cloud(host) else ENTERPRISE:
        if token := environment.get(variable, "").strip():
            return _sendable(token, f"`{variable}`", "Set it to the token alone, on one line")
    token = (run([environment.get("GH_PATH") or "gh", "auth", "token", "--hostname", host]) or "").strip()
    return _sendable(token, "`gh auth token`", "Run `gh auth login`, or set `GH_TOKEN`") if token else None


def _sendable(token: str, source: str, step: str) -> str:
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise BadInput(source, why="its text cannot be a token", next_step=step)
    return token
