"""The cache of `check`: what was checked before and has not changed since is not checked again.

An entry is found by everything that the command line and the checkout themselves say: version and sources of trustpub, options,
origin, default branch, the declaration, every workflow file. It holds the state of all else that the analysis looked at, and
counts only while each of these is as it was. States are digests of content.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from trustpub.parties import seen
from trustpub.parties.cache import load, store
from trustpub.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trustpub.parties.git import Checkout
    from trustpub.usecases.report import Report
    from trustpub.workflows.source import Source


def cached(checkout: Checkout, options: Iterable[str], folder: str, analyse: Callable[[], Report]) -> Report:
    """Return the report that `analyse` would make, from the cache in `folder` where it holds it, else made and kept.

    `options` is whatever `analyse` depends on beside the checkout. A cache that is broken or not writable is passed over.
    """
    name = f"{seen.digest(_identity(checkout, options))}.json"
    known = _known(load(folder, name), checkout)
    if known is not None:
        return known
    ledger = seen.Ledger(checkout.root)
    with seen.watched(ledger):
        report = analyse()
    if seen.OUTSIDE not in ledger.states.values():
        _keep(report, ledger, folder, name)
    return report


def _keep(report: Report, ledger: seen.Ledger, folder: str, name: str) -> None:
    from trustpub.usecases.stored_report import dump

    text = dump(report)
    if text is not None:
        import json

        states = json.dumps(ledger.states, ensure_ascii=True)
        store(folder, name, f'{{"states":{states},"report":{text}}}\n'.encode("ascii"))


def _known(data: bytes | None, checkout: Checkout) -> Report | None:
    if data is None:
        return None
    import json

    from trustpub.usecases.stored_report import restore

    try:
        entry = json.loads(data)
        if not all(seen.state(checkout.root, name) == was for name, was in entry["states"].items()):
            return None
        return restore(entry["report"], _Quotes(checkout))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None


class _Quotes:
    """Gives the text of files that a report quotes, read once."""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout
        self._sources: dict[str, Source] = {}

    def __call__(self, path: str) -> Source:
        if path not in self._sources:
            from trustpub.parties.files import CheckoutFiles
            from trustpub.workflows.source import Source

            data = self._checkout.files.get(path)
            if data is None:
                data = CheckoutFiles(self._checkout.root).read(path) or b""
            self._sources[path] = Source(path, data.decode("utf-8", "replace"))
        return self._sources[path]


def _identity(checkout: Checkout, options: Iterable[str]) -> Iterator[bytes]:
    """Yield everything that an entry is found by."""
    words = [__version__, sys.version, checkout.root, checkout.path, *(checkout.origin or ()), checkout.default_branch or ""]
    yield from (os.fsencode(word) for word in (*words, "options", *options, "sources", *_sources()))
    for path, data in (*checkout.files.items(), *((checkout.declaration,) if checkout.declaration else ())):
        yield os.fsencode(path)
        yield data


_ELSEWHERE = ("__pycache__", "cli", "main", "storage", "web", "issuer", "clients", "archives")
"""Our own folders of which an analysis needs nothing."""


def _sources() -> Iterator[str]:
    """Yield size and time of each of our own files: whoever changes a rule wants to see what it says now."""
    waiting = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.name.endswith(".py"):
                    status = entry.stat()
                    yield f"{entry.name} {status.st_size} {status.st_mtime_ns}"
                elif entry.name not in _ELSEWHERE and entry.is_dir():
                    waiting.append(entry.path)
