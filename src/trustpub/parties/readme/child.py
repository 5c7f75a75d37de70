"""The process that renders READMEs: one after the other over one socket, under limits, with nothing that it could give away.

It holds no open file but the socket, cannot write one, and ends when the index closes the socket or has had nothing for it for a
while: READMEs are asked for rarely, because what became of one is remembered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.confined import allow, confined
from trustpub.parties.frames import Gone, receive, send
from trustpub.parties.readme.port import LONGEST, SECONDS, Markup

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

MEMORY = 512 * 1024 * 1024
IDLE = 60.0
"""Seconds without work until the process ends; the next README starts another."""


def serve(channel: socket.socket) -> None:
    """Answer until the other side closes, or nothing comes."""
    from trustpub.parties.readme.rendering import rendered

    channel.settimeout(IDLE)
    while True:
        try:
            asked = receive(channel, LONGEST)
        except (Gone, OSError):
            return
        match asked:
            case [str(markup), str(text)]:
                allow(SECONDS, MEMORY)
                send(channel, _safely(Markup(markup), text, rendered))
            case _:
                return


def _safely(markup: Markup, text: str, rendered: Callable[[Markup, str], str | None]) -> str | None:
    """None for whatever goes wrong inside: the libraries raise what they like over text from strangers."""
    try:
        return rendered(markup, text)
    except Exception:  # noqa: BLE001 - see above
        return None


def main() -> None:
    """Serve on the socket that the process was given."""
    channel, _ = confined()
    allow(SECONDS, MEMORY)
    with channel:
        serve(channel)


if __name__ == "__main__":
    main()
