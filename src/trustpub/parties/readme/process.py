"""READMEs rendered in a process of their own: whatever one does to the libraries that read it, the index goes on."""

from __future__ import annotations

import threading

from trustpub.errors import Broken
from trustpub.parties.confined import end, folders_of, start
from trustpub.parties.frames import Gone, receive, send
from trustpub.parties.readme.port import LONGEST, SECONDS, Markup

PATIENCE = SECONDS + 7.0
"""Seconds until a silent process counts as stuck: a loaded machine is slow, not broken."""
TEXTS_EACH = 500
"""READMEs after which a process is replaced, so that nothing that piles up in one lasts."""
_MODULE = "trustpub.parties.readme.child"
_NEEDED = ("trustpub", "readme_renderer", "nh3", "comrak", "docutils", "pygments")


class _Child:
    """One process and the socket to it."""

    def __init__(self, patience: float) -> None:
        self._process, self._channel = start(_MODULE, folders_of(_NEEDED))
        self._channel.settimeout(patience)
        self.texts = 0

    @property
    def alive(self) -> bool:
        """Whether it still runs; an idle one ends by itself."""
        return self._process.poll() is None

    def render(self, markup: Markup, text: str) -> str | None:
        """Raises Gone and OSError when it died or stays silent over this text."""
        self.texts += 1
        send(self._channel, [markup.value, text])
        html = receive(self._channel, LONGEST)
        return html if isinstance(html, str) else None

    def end(self) -> None:
        """End it at once and wait until it is gone."""
        self._channel.close()
        end(self._process, PATIENCE, kill=True)


class RendererProcess:
    """A renderer whose one process is started at the first README and again whenever it is needed and gone."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._closed = False

    def render(self, markup: Markup, text: str) -> str | None:
        """Safe HTML, or None for what cannot be rendered; see `port.Renderer`."""
        with self._lock:
            child = self._ready()
            try:
                return child.render(markup, text)
            except (Gone, OSError):
                self._drop()
                return None

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._closed = True
            self._drop()

    def _ready(self) -> _Child:
        if self._closed:
            raise Broken("no README can be rendered any more", why="the index is stopping")
        if self._child is not None and (not self._child.alive or self._child.texts >= TEXTS_EACH):
            self._drop()
        if self._child is None:
            self._child = _Child(self._patience)
        return self._child

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()
