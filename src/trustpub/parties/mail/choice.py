"""Which post an index has: its mail server, or the outbox of one that has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trustpub.parties.mail.port import Post

OUTBOX = "outbox"
"""The folder's name in the data folder."""


def post_of(server: str | None, sender: str, data: Path, environment: Mapping[str, str]) -> Post:
    """The post of `[mail] server` and `sender`; without a server, a folder in the data folder. Raises `BadInput`."""
    if server is None:
        from trustpub.parties.mail.outbox import Outbox

        return Outbox(data / OUTBOX, sender)
    from trustpub.parties.mail.smtp import SmtpPost, server_of

    return SmtpPost(server_of(server, environment), sender)
