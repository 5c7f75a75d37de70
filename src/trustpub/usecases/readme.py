"""The README of a release, ready for a page: rendered once, remembered by its SHA-256, and never in anybody's way.

Rendering has threads of its own and a short queue: while somebody's README takes its three seconds, other pages do not wait for
it, and a README that would have to wait too long is shown as it is written.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from trustpub.errors import Broken
from trustpub.parties.readme.port import MOST_TEXT, Markup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON
    from trustpub.parties.readme.port import Renderer

REMEMBERED = 16 * 1024 * 1024
"""Characters of HTML that are kept."""
MOST_WAITING = 4
"""READMEs that wait to be rendered, and people who wait for one."""
PATIENCE = 2.0
"""Seconds that somebody waits for a README before it is shown as it is written."""
_OVERRIDES = {code: f"\N{REPLACEMENT CHARACTER}U+{code:04X}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Characters that reorder the text around them: code must not look other than it is."""


@dataclass(frozen=True, slots=True)
class Readme:
    """A README: safe `html`, or, when that is empty, `text` to be shown as it is written."""

    html: str
    text: str


class Readmes:
    """Renders READMEs behind one cache. Any number of threads may ask."""

    def __init__(self, renderer: Renderer, remembered: int = REMEMBERED) -> None:
        self._renderer = renderer
        self._most = remembered
        self._kept = 0
        self._known: OrderedDict[str, str] = OrderedDict()
        self._going: dict[str, Future[Readme]] = {}
        self._lock = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._pool = ThreadPoolExecutor(1, "trustpub-readme")

    def of(self, metadata: Mapping[str, JSON]) -> Future[Readme]:
        """The README in a release's metadata; nothing is waited for here."""
        written, kind = _written(metadata), metadata.get("description_content_type")
        markup = markup_of(kind if isinstance(kind, str) else "")
        if markup is None or not written.strip() or len(written) > MOST_TEXT:
            return _at_once(Readme("", written))
        return self._found(markup, written)

    def now(self, metadata: Mapping[str, JSON], patience: float = PATIENCE) -> Readme:
        """The README for a page that is about to be sent. Waits, but not for long, and not when others wait already."""
        future = self.of(metadata)
        if future.done():
            return future.result()
        if not self._waiting.acquire(blocking=False):
            return Readme("", _written(metadata))
        try:
            return future.result(patience)
        except (TimeoutError, CancelledError):  # cancelled: the index is stopping
            return Readme("", _written(metadata))
        finally:
            self._waiting.release()

    def close(self) -> None:
        """Render nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._renderer.close()
        self._pool.shutdown()

    def _found(self, markup: Markup, text: str) -> Future[Readme]:
        key = sha256(f"{markup}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return _at_once(Readme(known, text))
            if key in self._going:
                return self._going[key]
            if len(self._going) >= MOST_WAITING:
                return _at_once(Readme("", text))
            future = self._going[key] = self._pool.submit(self._render, key, markup, text)
            return future

    def _render(self, key: str, markup: Markup, text: str) -> Readme:
        html: str | None = None
        try:
            html = self._renderer.render(markup, text) or ""
        except Broken:  # nobody to render it now: shown as it is written, and tried again at the next visit
            return Readme("", text)
        finally:
            with self._lock:
                self._going.pop(key, None)
                if html is not None:
                    self._remember(key, html)
        return Readme(html, text)

    def _remember(self, key: str, html: str) -> None:
        self._known[key] = html
        self._kept += len(html) + len(key)
        while self._kept > self._most and self._known:
            oldest, gone = self._known.popitem(last=False)
            self._kept -= len(gone) + len(oldest)


def markup_of(content_type: str) -> Markup | None:
    """The markup that a `Description-Content-Type` names; None for plain text and for what nobody knows.

    Without one it is reStructuredText, as PyPI takes it.
    """
    kind, *parameters = [part.strip() for part in content_type.split(";")]
    if kind.lower() in ("", "text/x-rst"):
        return Markup.RST
    if kind.lower() != "text/markdown":
        return None
    told = dict(part.partition("=")[::2] for part in parameters)
    variant = {name.strip().lower(): value.strip().strip('"') for name, value in told.items()}.get("variant", Markup.GFM.value)
    return Markup.COMMON_MARK if variant.lower() == "commonmark" else Markup.GFM


def _written(metadata: Mapping[str, JSON]) -> str:
    text = metadata.get("description")
    return text.translate(_OVERRIDES) if isinstance(text, str) else ""


def _at_once(readme: Readme) -> Future[Readme]:
    future: Future[Readme] = Future()
    future.set_result(readme)
    return future
