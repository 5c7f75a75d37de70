"""The cache folder of this person on this machine, and small files kept in it.

Where it is, platformdirs knows. On Linux the answer is two variables long, and asking the library takes as long as half a check,
so the plain case is answered here: the same answer, which a test compares.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def cache_folder(environment: Mapping[str, str] = os.environ) -> str:
    """Say where this person's caches of trustpub lie. The folder may not exist yet."""
    if sys.platform == "linux" and "ANDROID_DATA" not in environment and not hasattr(sys, "getandroidapilevel"):
        named, home = environment.get("XDG_CACHE_HOME", ""), environment.get("HOME", "")
        base = named if named.startswith("/") else f"{home.rstrip('/')}/.cache" if home.startswith("/") else ""
        if base:
            return f"{base}trustpub" if base.endswith("/") else f"{base}/trustpub"
    from platformdirs import user_cache_dir

    return user_cache_dir("trustpub")


MOST_ENTRIES = 200
MOST_BYTES = 32 << 20
LARGEST = 8 << 20
"""How large one entry may be: a larger one is not worth keeping."""


def load(folder: str, name: str) -> bytes | None:
    """Return an entry, or None when there is none that can be read."""
    path = os.path.join(folder, name)
    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
        os.utime(path)  # what was asked for stays longest
    except OSError:
        return None
    return data if len(data) <= LARGEST else None


def store(folder: str, name: str, data: bytes) -> None:
    """Keep an entry, whole or not at all, readable by nobody else; a folder that cannot be written keeps nothing."""
    if len(data) > LARGEST:
        return
    temporary = os.path.join(folder, f"{name}.{os.getpid()}.new")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            stream.write(data)
        os.replace(temporary, os.path.join(folder, name))
        _bound(folder)
    except OSError:
        return


def _bound(folder: str) -> None:
    """Drop the entries that were asked for longest ago. Another process may drop the same ones meanwhile."""
    with os.scandir(folder) as found:
        entries = sorted(((entry.stat(), entry.path) for entry in found), key=lambda each: each[0].st_mtime_ns, reverse=True)
    room = MOST_BYTES
    for number, (status, path) in enumerate(entries, 1):
        room -= status.st_size
        if room < 0 or number > MOST_ENTRIES:
            with suppress(OSError):
                os.unlink(path)
