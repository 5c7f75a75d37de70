"""The cache folder of this person on this machine, and small files kept in it.

Where it is, platformdirs knows. On Linux the answer is two variables long, and asking the library takes as long as half a check,
so the plain case is answered here: the same answer, which a test compares.
"""

from __future__ import annotations

import os
import sys
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
