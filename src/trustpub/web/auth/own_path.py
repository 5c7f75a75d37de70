"""Where a visitor may be sent on to: a path of this very server, never another one."""

from __future__ import annotations

import re

LONGEST = 2000
_OWN = re.compile(r"/(?!/)[\x21-\x5b\x5d-\x7e]*", re.ASCII)
"""One slash, then what an address is written with: no second slash at the start (another host), no backslash (which browsers
read as a slash), no blank, no control character."""


def own_path(told: str, otherwise: str) -> str:
    """`told`, when it leads nowhere else; else `otherwise`."""
    return told if len(told) <= LONGEST and _OWN.fullmatch(told) else otherwise
